"""The attempts of the last days as bars: where each stands in a drawing, which the page stretches to its own width."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reverb_plugin.changes import Outcome
from reverb_plugin.store.log_store import Day

WIDTH, HEIGHT = 700, 140
GAP = 0.32
LEAST = 2.0
"""One failure among thousands is seen as well."""

TONES = {Outcome.REFUSED: "bad", Outcome.DEFERRED: "warn"}
ORDER = ("good", "warn", "bad")


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a day's bar."""

    tone: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class DayColumn:
    """One day: its figures by tone, and the pieces of its bar from the ground up."""

    day: date
    counts: dict[str, int]
    bars: tuple[Bar, ...]

    @property
    def total(self) -> int:
        """All attempts of the day."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of ``width`` by ``height``; ``most`` is what its height stands for."""

    width: int
    height: int
    most: int
    columns: tuple[DayColumn, ...]

    @property
    def total(self) -> int:
        """All attempts that are shown."""
        return sum(column.total for column in self.columns)


def draw(days: Sequence[Day]) -> Chart:
    """The bars for these days, side by side."""
    counts = [_by_tone(day) for day in days]
    most = _round_up(max((sum(each.values()) for each in counts), default=0))
    step = WIDTH / max(len(days), 1)
    columns = tuple(
        DayColumn(day.day, each, _bars(each, number * step, step, most))
        for number, (day, each) in enumerate(zip(days, counts, strict=True))
    )
    return Chart(WIDTH, HEIGHT, most, columns)


def _by_tone(day: Day) -> dict[str, int]:
    counts = dict.fromkeys(ORDER, 0)
    for outcome, number in day.outcomes.items():
        counts[TONES.get(Outcome(outcome), "good")] += number
    return counts


def _bars(counts: dict[str, int], x: float, step: float, most: int) -> tuple[Bar, ...]:
    ground, bars = float(HEIGHT), []
    left, width = round(x + step * GAP / 2, 1), round(step * (1 - GAP), 1)
    for tone, number in counts.items():
        if number:
            height = max(HEIGHT * number / most, LEAST)
            ground -= height
            bars.append(Bar(tone, left, round(ground, 1), width, round(height, 1)))
    return tuple(bars)


def _round_up(number: int) -> int:
    """The next number that a person would write at an axis; at least 10."""
    size = 10
    while True:
        for factor in (1, 2, 5):
            if number <= size * factor:
                return size * factor
        size *= 10
