"""Values that are known to be secret or somebody's own, found in a text in whatever encoding they stand there.

All spellings of a value (raw, hex, base64 at each alignment, percent, escapes) are looked for in the compact text, so
that case, separators and line breaks do not hide one. Of a secret its pieces are found, too: a text may have been cut.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from reverb_plugin.diagnostics.folding import compact, fold, offsets
from reverb_plugin.diagnostics.spans import Span
from reverb_plugin.diagnostics.vocabulary import WORDS

LEAST_LETTERS = 6
"""The shortest spelling that is looked for anywhere; what is shorter has to stand as a word of its own."""

LEAST_WORD = 3
PIECE = 12
SURE_LETTERS = 9
"""A spelling this long is no accident within another word."""

MOST_VALUES = 20_000

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Known:
    """A value and what it is: ``kind`` names its pseudonyms. Of one ``in_parts`` each word is taken for itself, too."""

    kind: str
    value: str
    is_secret: bool = False
    in_parts: bool = False


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How a value may be written, compact. ``is_sure`` when it counts wherever it stands."""

    text: str
    known: Known
    is_sure: bool


class KnownValues:
    """All values that are known, ready to be looked for."""

    def __init__(self, values: Iterable[Known]) -> None:
        self._by_beginning: dict[str, list[_Spelling]] = {}
        self._words: dict[str, Known] = {}
        self._literals: list[Known] = []
        for known in list(dict.fromkeys(values))[:MOST_VALUES]:
            self._add(known)

    def find(self, text: str) -> Sequence[Span]:
        """Where known values stand in ``text``; spans may overlap."""
        found = [*self._find_words(text), *self._find_literals(text)]
        if self._by_beginning:
            found += self._find_spellings(text)
        return found

    def _add(self, known: Known) -> None:
        spellings = _secret_spellings(known) if known.is_secret else _spellings(known)
        for spelling in spellings:
            self._by_beginning.setdefault(spelling.text[:LEAST_LETTERS], []).append(spelling)
        letters = compact(known.value)
        if len(letters) < LEAST_LETTERS and len(known.value) >= LEAST_WORD:
            self._add_word(fold(known.value), known)
        if known.in_parts:
            for word in _WORD.findall(fold(known.value)):
                if word not in WORDS and not word.isdecimal():
                    self._add_word(word, known)
        if known.is_secret and len(letters) < LEAST_LETTERS <= len(known.value):
            self._literals.append(known)  # signs for the most part

    def _add_word(self, word: str, known: Known) -> None:
        if len(word) >= LEAST_WORD:
            self._words.setdefault(word, known)

    def _find_words(self, text: str) -> Iterator[Span]:
        if not self._words:
            return
        for match in _WORD.finditer(text):
            known = self._words.get(fold(match[0]))
            if known is not None:
                yield Span(match.start(), match.end(), known.kind, fold(match[0]))

    def _find_literals(self, text: str) -> Iterator[Span]:
        for known in self._literals:
            for match in re.finditer(re.escape(known.value), text):
                yield Span(match.start(), match.end(), known.kind, known.value)

    def _find_spellings(self, text: str) -> Sequence[Span]:
        letters = compact(text)
        beginnings = self._by_beginning
        found = []
        for place in range(len(letters) - LEAST_LETTERS + 1):
            spellings = beginnings.get(letters[place : place + LEAST_LETTERS])
            if spellings is not None:
                found += [(place, each) for each in spellings if letters.startswith(each.text, place)]
        if not found:
            return ()
        places = offsets(text)
        spans = [(places[place], places[place + len(each.text) - 1] + 1, each) for place, each in found]
        return [
            Span(start, end, each.known.kind, compact(each.known.value))
            for start, end, each in spans
            if each.is_sure or _stands_alone(text, start, end)
        ]


def _spellings(known: Known) -> Iterator[_Spelling]:
    for text in _encodings(known.value):
        letters = compact(text)
        if len(letters) >= LEAST_LETTERS:
            yield _Spelling(letters, known, is_sure=len(letters) >= SURE_LETTERS)


def _secret_spellings(known: Known) -> Iterator[_Spelling]:
    """With each piece of every spelling that is long enough to give the secret away."""
    for text in _encodings(known.value):
        letters = compact(text)
        if LEAST_LETTERS <= len(letters) < PIECE:
            yield _Spelling(letters, known, is_sure=True)
        for begin in range(len(letters) - PIECE + 1):
            yield _Spelling(letters[begin : begin + PIECE], known, is_sure=True)


def _encodings(value: str) -> Iterable[str]:
    """Each in the spelling that its compact form is made from; equal ones once."""
    raw = value.encode("utf-8", "surrogatepass")
    found = {compact(value): value}
    for text in (
        raw.hex(),
        value.encode("utf-16-le", "surrogatepass").hex(),
        "".join(f"x{byte:02x}" for byte in raw),
        "".join(f"u{ord(letter):04x}" for letter in value),
        "".join(f"x{ord(letter):x}" for letter in value),
        "".join(str(ord(letter)) for letter in value),
        quote(value, safe=""),
        json.dumps(value)[1:-1],
        *_base64s(raw),
        *_base64s(value.encode("utf-16-le", "surrogatepass")),
    ):
        found.setdefault(compact(text), text)
    return found.values()


def _base64s(raw: bytes) -> Iterator[str]:
    """At each of the three places where it may begin among others, without the letters that depend on those."""
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + raw).decode().rstrip("=")
        first = (shift * 8 + 5) // 6
        last = (shift + len(raw)) * 8 // 6
        yield text[first:last]


def _stands_alone(text: str, start: int, end: int) -> bool:
    return _is_edge(text, start) and _is_edge(text, end)


def _is_edge(text: str, place: int) -> bool:
    """Whether a word may begin or end between the two letters: also where case or kind of letter changes."""
    before, after = text[place - 1 : place], text[place : place + 1]
    if not before.isalnum() or not after.isalnum():
        return True
    return before.isdigit() != after.isdigit() or (before.islower() and after.isupper())
