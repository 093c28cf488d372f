"""Values that are known to be secret or somebody's own, found in a text in whatever encoding they stand there.

They are looked for in the compact text, so that case, separators and line breaks do not hide one. Of a secret all
spellings (hex, base64 at each alignment, percent, escapes) are known, and its pieces, too: a text may have been cut.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
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


class KnownValues:
    """All values that are known, ready to be looked for; ``pause`` is called for each."""

    def __init__(self, values: Iterable[Known], pause: Callable[[], None] = lambda: None) -> None:
        # Plain texts and numbers: tens of thousands of objects would keep the collector of garbage busy for long.
        self._values = list(dict.fromkeys(values))[:MOST_VALUES]
        self._spellings: dict[str, int] = {}
        self._words: dict[str, int] = {}
        self._has_pairs = False
        self._literals: list[Known] = []
        for number, known in enumerate(self._values):
            pause()
            self._add(number, known)
        self._beginnings = frozenset(spelling[:LEAST_LETTERS] for spelling in self._spellings)
        self._lengths = sorted({len(spelling) for spelling in self._spellings}, reverse=True)

    def find(self, text: str, *, glued: bool = False) -> Sequence[Span]:
        """Where known values stand in ``text``; spans may overlap. In a ``glued`` one nothing tells where words end."""
        if len(text) < LEAST_WORD:
            return ()
        found = [*self._find_words(text), *self._find_literals(text)]
        if self._spellings and len(text) >= LEAST_LETTERS:
            found += self._find_spellings(text, glued)
        return found

    def _add(self, number: int, known: Known) -> None:
        for spelling in _secret_spellings(known.value) if known.is_secret else _spellings(known.value):
            self._spellings.setdefault(spelling, number)
        letters = compact(known.value)
        if len(letters) < LEAST_LETTERS and len(known.value) >= LEAST_WORD:
            words = _WORD.findall(fold(known.value))
            self._add_word(" ".join(words), number)
            self._has_pairs = self._has_pairs or len(words) == 2  # noqa: PLR2004 - a short name
        if known.in_parts:
            for word in _WORD.findall(fold(known.value)):
                if word not in WORDS and not word.isdecimal():
                    self._add_word(word, number)
                    if len(word) >= LEAST_LETTERS:
                        self._spellings.setdefault(word, number)
        if known.is_secret and len(letters) < LEAST_LETTERS <= len(known.value):
            self._literals.append(known)  # signs for the most part

    def _add_word(self, word: str, number: int) -> None:
        if len(word) >= LEAST_WORD:
            self._words.setdefault(word, number)

    def _find_words(self, text: str) -> Iterator[Span]:
        if not self._words:
            return
        words = _WORD.findall(fold(text))
        pairs = [" ".join(pair) for pair in pairwise(words)] if self._has_pairs else []
        if self._words.keys().isdisjoint([*words, *pairs]):
            return
        found = list(_WORD.finditer(text))
        for first, last in (*zip(found, found, strict=True), *(pairwise(found) if self._has_pairs else ())):
            word = fold(first[0]) if first is last else f"{fold(first[0])} {fold(last[0])}"
            number = self._words.get(word)
            if number is not None:
                yield Span(first.start(), last.end(), self._values[number].kind, word)

    def _find_literals(self, text: str) -> Iterator[Span]:
        for known in self._literals:
            for match in re.finditer(re.escape(known.value), text):
                yield Span(match.start(), match.end(), known.kind, known.value)

    def _find_spellings(self, text: str, glued: bool) -> Sequence[Span]:
        letters = compact(text)
        beginnings = self._beginnings
        hits = [
            place
            for place in range(len(letters) - LEAST_LETTERS + 1)
            if letters[place : place + LEAST_LETTERS] in beginnings
        ]
        if not hits:
            return ()
        places = offsets(text)
        return [span for place in hits for span in self._at(text, letters, place, places, glued)]

    def _at(self, text: str, letters: str, place: int, places: Sequence[int], glued: bool) -> Iterator[Span]:
        """The longest value that begins at this letter."""
        for length in self._lengths:
            number = self._spellings.get(letters[place : place + length])
            if number is None or place + length > len(letters):
                continue
            known = self._values[number]
            start, end = places[place], places[place + length - 1] + 1
            if glued or known.is_secret or length >= SURE_LETTERS or _stands_alone(text, start, end):
                yield Span(start, end, known.kind, compact(known.value))
                return


def _spellings(value: str) -> Iterator[str]:
    """Compact; what is behind an encoding is found by looking through that."""
    letters = compact(value)
    if len(letters) >= LEAST_LETTERS:
        yield letters


def _secret_spellings(value: str) -> Iterator[str]:
    """With each piece of every spelling that is long enough to give the secret away."""
    for text in _encodings(value):
        letters = compact(text)
        if LEAST_LETTERS <= len(letters) < PIECE:
            yield letters
        for begin in range(len(letters) - PIECE + 1):
            yield letters[begin : begin + PIECE]


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
