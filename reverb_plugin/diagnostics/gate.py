"""The one way out: whatever leaves in a bundle has passed here, and leaves its secrets and people's data behind.

Three things give a value away: the key beside it, its looks, and that it is known to be one. What is taken out gets a
pseudonym, and is counted.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from reverb_plugin.diagnostics.folding import compact
from reverb_plugin.diagnostics.known import Known, KnownValues
from reverb_plugin.diagnostics.looks import Style, find_all
from reverb_plugin.diagnostics.personal_keys import find_kind, is_person
from reverb_plugin.diagnostics.pseudonyms import PATTERN, Pseudonyms
from reverb_plugin.diagnostics.runs import runs
from reverb_plugin.diagnostics.spans import Span, merged, replaced
from reverb_plugin.diagnostics.views import joined, unescaped
from reverb_plugin.redact import MASK

DEEPEST = 3
"""Encodings within encodings that are looked through."""

DEEPEST_STRUCTURE = 24
LONGEST = 40_000
"""Letters of one text that are looked at; what is beyond does not leave."""

PIECE = 4_000
OVERLAP = 400
REMEMBERED = 5_000
SHORT = 250

PLAIN = re.compile(r"[a-z]{1,12}(?:[-_ ][a-z]{1,12}){0,3}|[0-9]{1,9}|-?[0-9]{1,9}\.[0-9]{1,9}")
"""Words and numbers of machines: only a known value can hide in one."""

IDENTIFIER = re.compile(r"[\w.:/-]+")
"""What is no prose; names and numbers of telephones are looked for in prose alone."""

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PSEUDONYM = re.compile(PATTERN)
_UUID_IN_TEXT = re.compile(rf"(?i)(?<![\w-]){UUID.pattern}(?![\w-])")

TITLE_KEYS = frozenset(
    {
        "title",
        "product_title",
        "make",
        "model",
        "finish",
        "full_name",
        "display_name",
        "name",
        "categories",
        "condition",
    }
)
VERSIONS = "packages"
"""Below it are versions, some of which look like an address; what a package is called says nothing of its version."""

KEY_KEYS = frozenset({"sku", "key", "near_sku", "listing_id", "product_id", "number", "id", "slug", VERSIONS})
COUNTS = ("bytes", "size", "seconds", "count", "total", "rows", "kilobytes")
LEAST_BYTES = 6
"""So many numbers may be the bytes of a text."""

STAND_INS = frozenset({"", MASK, "current", "other", "(not kept)", "argument", "environment", "database", "default"})
"""What stands in place of a value already, or tells where it comes from."""


class Gate:
    """Makes texts and values fit to leave.

    Args:
        known: what must not leave wherever it stands.
        public: uuids that everybody may know, such as those of Reverb's categories.
        key: of the pseudonyms; made anew when none is given.
        pause: called often, so that others get their turn.
    """

    def __init__(
        self,
        known: Iterable[Known] = (),
        public: Iterable[str] = (),
        *,
        key: bytes | None = None,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._pause = pause
        self._known = KnownValues(known, pause)
        self._public = frozenset(uuid.lower() for uuid in public)
        self._pseudonyms = Pseudonyms(key)
        self._remembered: dict[tuple[str, Style], tuple[str, tuple[str, ...]]] = {}
        self._removed: Counter[tuple[str, str]] = Counter()

    @property
    def removed(self) -> Mapping[tuple[str, str], int]:
        """How often something of a kind was taken out where."""
        return self._removed

    def text(self, text: str, where: str, style: Style = Style.FREE) -> str:
        """``text`` as it may leave."""
        if len(text) < 3:  # noqa: PLR2004 - nothing can be told by two letters
            return text
        known = self._remembered.get((text, style)) if len(text) <= SHORT else None
        if known is None:
            known = self._cleared(text, style)
            if len(text) <= SHORT:
                if len(self._remembered) >= REMEMBERED:
                    self._remembered.clear()
                self._remembered[text, style] = known
        for kind in known[1]:
            self._removed[where, kind] += 1
        return known[0]

    def value(self, value: Any, where: str, *, key: str = "") -> Any:
        """What JSON can say, as it may leave; ``key`` is what it stands beside."""
        return self._value(value, where, key, of_person=False, depth=0)

    def shaped(self, text: str, shape: re.Pattern[str], where: str, style: Style = Style.KEY) -> str:
        """A text of a machine: it leaves as it is when it has the ``shape`` and nothing known stands in it."""
        if shape.fullmatch(text) is not None and next(self._behind_all(text), None) is None:
            return text
        return self.text(text, where, style)

    def hidden(self, value: Any, kind: str, where: str) -> Any:
        """What is a secret or somebody's own by the place where it was found; true, false and nothing say nothing."""
        if value is None or isinstance(value, bool) or (isinstance(value, str) and self._is_stand_in(value)):
            return value
        if isinstance(value, Mapping):
            return {self._key(name, where): self.hidden(each, kind, where) for name, each in value.items()}
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            return [self.hidden(each, kind, where) for each in value]
        self._removed[where, kind] += 1
        return self._pseudonyms.of(kind, compact(str(value)) or str(value))

    def _value(self, value: Any, where: str, key: str, *, of_person: bool, depth: int) -> Any:
        kind = find_kind(key, of_person=of_person) if key else None
        if kind is not None and (kind == "secret" or not isinstance(value, Mapping)):
            return self.hidden(value, kind, where)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return value if self._is_public_id(key, value) else self.text(value, where, _style_of(key))
        if isinstance(value, int | float):
            return self._number(value, where, key)
        if depth >= DEEPEST_STRUCTURE:
            return self._pseudonyms.of("deep", "")
        of_person = of_person or is_person(key)
        below = partial(self._value, where=where, of_person=of_person, depth=depth + 1)
        if isinstance(value, Mapping):
            return {
                self._key(name, where): below(each, key=key if key == VERSIONS else _key_of(str(name), value))
                for name, each in value.items()
            }
        if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray):
            return self._values(list(value), where, key, below)
        return self.text(str(value), where)

    def _values(self, values: Sequence[Any], where: str, key: str, below: Callable[..., Any]) -> Any:
        if len(values) >= LEAST_BYTES and all(isinstance(each, int) for each in values):
            text = str(values)
            cleared = self.text(text, where)
            return values if cleared == text else cleared
        return [below(each, key=name) for each, name in zip(values, _keys_of(key, values), strict=True)]

    def _key(self, name: object, where: str) -> str:
        text = str(name)
        return self.text(text, where, Style.KEY if IDENTIFIER.fullmatch(text) is not None else Style.FREE)

    def _is_public_id(self, key: str, value: str) -> bool:
        """A uuid where Reverb's API has one of a category or a condition."""
        return key.endswith(("uuid", "uuids")) and UUID.fullmatch(value) is not None and not self._known.find(value)

    @staticmethod
    def _is_stand_in(value: str) -> bool:
        return value in STAND_INS or _PSEUDONYM.fullmatch(value) is not None

    def _number(self, value: float, where: str, key: str) -> Any:
        """A long number may be somebody's card or telephone, unless its key says that it counts something."""
        if isinstance(value, int) and abs(value) >= 10**9:
            text = str(value)
            cleared = self.text(text, where, Style.KEY if key.endswith(COUNTS) else _style_of(key))
            return value if cleared == text else cleared
        return value

    def _cleared(self, text: str, style: Style) -> tuple[str, tuple[str, ...]]:
        spans = merged(self._in_windows(text[:LONGEST], style))
        cleared = replaced(text[:LONGEST], spans, self._name)
        if len(text) > LONGEST:
            cleared += "\n... and more"
        return cleared, tuple(span.kind for span in spans)

    def _in_windows(self, text: str, style: Style) -> Iterator[Span]:
        """A piece at a time: nobody has to wait for long while one is looked at."""
        for begin in range(0, max(len(text) - OVERLAP, 1), PIECE):
            self._pause()
            for span in self._found(text[begin : begin + PIECE + OVERLAP], style, 0):
                yield span._replace(start=begin + span.start, end=begin + span.end)

    def _name(self, span: Span) -> str:
        return self._pseudonyms.of(span.kind, span.value)

    def _found(self, text: str, style: Style, depth: int, *, glued: bool = False) -> Iterator[Span]:
        yield from self._known.find(text, glued=glued)
        if PLAIN.fullmatch(text) is not None:
            return
        yield from self._by_looks(text, style)
        if depth >= DEEPEST:
            return
        yield from self._behind_escapes(text, style, depth)
        yield from self._over_lines(text)
        yield from self._in_runs(text, style, depth)

    def _behind_all(self, text: str) -> Iterator[Span]:
        """What is known in a machine's text, or hidden in its base64 or hex: a fingerprint may be a name."""
        yield from self._known.find(text)
        yield from self._in_runs(text, Style.KEY, 0)

    def _in_runs(self, text: str, style: Style, depth: int) -> Iterator[Span]:
        """What is not text as a whole holds words by accident, so that names mean nothing there."""
        for run in runs(text):
            inner = style if run.whole else Style.KEY
            found = (
                Span(0, 0, "packed", run.text)
                if run.packed
                else next(self._found(run.text, inner, depth + 1, glued=True), None)
            )
            if found is not None:
                yield found._replace(start=run.start, end=run.end)

    def _by_looks(self, text: str, style: Style) -> Iterator[Span]:
        kept = [match.span() for match in _PSEUDONYM.finditer(text)]
        for span in find_all(text, style):
            if not any(start < span.end and span.start < end for start, end in kept):
                yield span
        if style is Style.FREE:
            for match in _UUID_IN_TEXT.finditer(text):
                if match[0].lower() not in self._public:
                    yield Span(match.start(), match.end(), "uuid", match[0].lower())

    def _behind_escapes(self, text: str, style: Style, depth: int) -> Iterator[Span]:
        for view in unescaped(text):
            for span in self._found(view.text, style, depth + 1):
                if span.end > span.start:
                    yield span._replace(start=view.starts[span.start], end=view.ends[span.end - 1])

    def _over_lines(self, text: str) -> Iterator[Span]:
        """What a line break has cut in two; what is known is found anyway."""
        for view in joined(text):
            for span in find_all(view.text, Style.JOINED):
                start, end = view.starts[span.start], view.ends[span.end - 1]
                if "\n" in text[start:end]:
                    yield span._replace(start=start, end=end)


def _key_of(name: str, value: Mapping[Any, Any]) -> str:
    """A header may come as an object of a name and a value: then the name is the key of the other."""
    other = value.get("name", value.get("key"))
    return other if name == "value" and isinstance(other, str) else name


def _keys_of(key: str, values: Sequence[Any]) -> Sequence[str]:
    """A header may come as a pair: then the first is the key of the second. Other values have the key of their list."""
    match values:
        case [str() as name, _] if find_kind(name, of_person=False) is not None:
            return [key, name]
    return [key] * len(values)


def _style_of(key: str) -> Style:
    if key in KEY_KEYS:
        return Style.KEY
    return Style.TITLE if key in TITLE_KEYS else Style.FREE
