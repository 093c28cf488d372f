"""The attempts of the last days as bars: where each stands in a drawing of a fixed size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reverb_plugin.changes import Outcome
from reverb_plugin.store.log_store import Day

WIDTH, HEIGHT = 700, 150
TOP, BOTTOM, LEFT = 8, 22, 40
GAP = 0.32
TONES = {Outcome.REFUSED: "bad", Outcome.DEFERRED: "warn"}
WORDS = {"good": "Went well", "warn": "Deferred", "bad": "Refused"}


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
    """One day: its figures by tone, the pieces of its bar from the ground up, and where its name stands."""

    day: date
    counts: dict[str, int]
    bars: tuple[Bar, ...]
    x: float
    is_named: bool

    @property
    def total(self) -> int:
        """All attempts of the day."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of ``width`` by ``height``; ``most`` is what its highest line stands for."""

    width: int
    height: int
    top: int
    ground: int
    left: int
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
    step = (WIDTH - LEFT) / max(len(days), 1)
    columns = tuple(
        _column(day.day, each, LEFT + number * step, step, most, is_named=(len(days) - 1 - number) % 2 == 0)
        for number, (day, each) in enumerate(zip(days, counts, strict=True))
    )
    return Chart(WIDTH, HEIGHT, TOP, HEIGHT - BOTTOM, LEFT, most, columns)


def _by_tone(day: Day) -> dict[str, int]:
    counts = dict.fromkeys(WORDS, 0)
    for outcome, number in day.outcomes.items():
        counts[TONES.get(Outcome(outcome), "good")] += number
    return counts


def _column(day: date, counts: dict[str, int], x: float, step: float, most: int, *, is_named: bool) -> DayColumn:
    ground, bars = float(HEIGHT - BOTTOM), []
    for tone, number in counts.items():
        if number:
            height = max((HEIGHT - BOTTOM - TOP) * number / most, 1.5)  # one failure among thousands is seen as well
            ground -= height
            bars.append(
                Bar(tone, round(x + step * GAP / 2, 1), round(ground, 1), round(step * (1 - GAP), 1), round(height, 1))
            )
    return DayColumn(day, counts, tuple(bars), round(x + step / 2, 1), is_named)


def _round_up(number: int) -> int:
    """The next number that a person would write at an axis; at least 10."""
    size = 10
    while True:
        for factor in (1, 2, 5):
            if number <= size * factor:
                return size * factor
        size *= 10
