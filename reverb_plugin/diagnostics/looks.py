"""A pattern: how a value looks that must not leave, and in which texts it is looked for."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from reverb_plugin.diagnostics.folding import compact
from reverb_plugin.diagnostics.spans import Span

Check = Callable[[str], bool]


class Style(Enum):
    """What a text is: prose of anybody, the title of a product (full of capitals and years), or a key such as a SKU."""

    FREE = "free"
    TITLE = "title"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Pattern:
    """``group`` of ``regex`` is hidden where ``check`` agrees.

    The text is not looked at unless it holds one of the ``signs``. ``styles`` are the texts it is meant for.
    """

    kind: str
    regex: re.Pattern[str]
    signs: tuple[str, ...] = ()
    group: int = 0
    check: Check | None = None
    styles: frozenset[Style] = frozenset(Style)

    def find(self, text: str) -> Iterator[Span]:
        """Where it stands in ``text``."""
        if self.signs and not any(sign in text for sign in self.signs):
            return
        for match in self.regex.finditer(text):
            value = match[self.group]
            if value and (self.check is None or self.check(value)):
                yield Span(match.start(self.group), match.end(self.group), self.kind, compact(value) or value)


ONLY_FREE = frozenset({Style.FREE})
NOT_KEY = frozenset({Style.FREE, Style.TITLE})


def pattern(
    kind: str,
    regex: str,
    *signs: str,
    group: int = 0,
    check: Check | None = None,
    styles: frozenset[Style] = frozenset(Style),
) -> Pattern:
    """A pattern; ``regex`` as a text."""
    return Pattern(kind, re.compile(regex), signs, group, check, styles)
