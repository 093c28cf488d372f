"""A pattern: how a value looks that must not leave, and in which texts it is looked for."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from reverb_plugin.diagnostics.folding import compact
from reverb_plugin.diagnostics.spans import Span

Check = Callable[[str], bool]


class Style(Enum):
    """What a text is: prose of anybody, the title of a product (full of capitals and years), a key such as a SKU, or
    joined lines, where only counts what shows its own end.
    """

    FREE = "free"
    TITLE = "title"
    KEY = "key"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Pattern:
    """``group`` of ``regex`` is hidden where ``check`` agrees. ``styles`` are the texts it is meant for."""

    kind: str
    regex: re.Pattern[str]
    group: int | str = 0
    check: Check | None = None
    styles: frozenset[Style] = frozenset(Style)

    def find(self, text: str) -> Iterator[Span]:
        """Where it stands in ``text``."""
        for match in self.regex.finditer(text):
            value = match[self.group]
            if value and (self.check is None or self.check(value)):
                yield Span(match.start(self.group), match.end(self.group), self.kind, compact(value) or value)


class Family:
    """Patterns that are looked for only in a text that holds one of these ``words`` (in small letters), or ``when``."""

    def __init__(self, words: tuple[str, ...], *patterns: Pattern, when: str = "") -> None:
        self._words = words
        self._when = re.compile(when) if when else None
        self._by_style = {style: tuple(each for each in patterns if style in each.styles) for style in Style}

    def find(self, text: str, lowered: str, style: Style) -> Iterator[Span]:
        """Where its values stand in ``text``, which is ``lowered`` in small letters."""
        patterns = self._by_style[style]
        if patterns and self._may_be_in(text, lowered):
            for each in patterns:
                yield from each.find(text)

    def _may_be_in(self, text: str, lowered: str) -> bool:
        for word in self._words:
            if word in lowered:
                return True
        return self._when is not None and self._when.search(text) is not None


ONLY_FREE = frozenset({Style.FREE})
NOT_KEY = frozenset({Style.FREE, Style.TITLE})
NOT_TITLE = frozenset({Style.FREE, Style.KEY})
NOT_JOINED = frozenset(Style) - {Style.JOINED}

_LETTERS = [chr(code) for code in (*range(0xC0, 0x250), *range(0x370, 0x530))]
CAPITAL = "A-Z" + "".join(letter for letter in _LETTERS if letter.isupper())
SMALL = "a-z" + "".join(letter for letter in _LETTERS if letter.islower())
"""Letters of names in Latin, Greek and Cyrillic, for a set in a regular expression."""


def pattern(
    kind: str,
    regex: str,
    *,
    group: int | str = 0,
    check: Check | None = None,
    styles: frozenset[Style] = frozenset(Style),
) -> Pattern:
    """A pattern; ``regex`` as a text."""
    return Pattern(kind, re.compile(regex), group, check, styles)
