"""Spans: the places in a text that must not leave, and how they are taken out."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """``value`` is what was found, in one spelling for all: it decides the pseudonym."""

    start: int
    end: int
    kind: str
    value: str


def merged(spans: Iterable[Span]) -> Sequence[Span]:
    """The spans in order, those that overlap as one that goes by the name of the largest."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end)):
        if found and span.start < found[-1].end:
            last = found[-1]
            larger = last if last.end - last.start >= span.end - span.start else span
            found[-1] = larger._replace(start=last.start, end=max(last.end, span.end))
        else:
            found.append(span)
    return found


def replaced(text: str, spans: Sequence[Span], name: Callable[[Span], str]) -> str:
    """``text`` with the name of each span in its place."""
    pieces, done = [], 0
    for span in spans:
        pieces += [text[done : span.start], name(span)]
        done = span.end
    return "".join([*pieces, text[done:]])
