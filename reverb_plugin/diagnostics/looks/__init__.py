"""What is a secret or somebody's own by its looks."""

from collections.abc import Iterator

from reverb_plugin.diagnostics.looks import numbers, people, secrets, streets
from reverb_plugin.diagnostics.looks.pattern import Style
from reverb_plugin.diagnostics.spans import Span

__all__ = ["Style", "find_all"]

_FAMILIES = (*secrets.FAMILIES, *people.FAMILIES, *streets.FAMILIES, *numbers.FAMILIES)


def find_all(text: str, style: Style) -> Iterator[Span]:
    """Everything in ``text`` that has the looks."""
    lowered = text.lower()
    for family in _FAMILIES:
        yield from family.find(text, lowered, style)
    yield from numbers.find_ibans(text)
