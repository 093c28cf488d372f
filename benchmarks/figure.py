"""One measured figure beside its goal, and the small sums that lead to it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured. The goal is the most it may be, or the least with ``at_least``."""

    what: str
    measured: float
    goal: float
    unit: str = ""
    at_least: bool = False

    @property
    def ratio(self) -> float:
        """The measured to the goal."""
        return self.measured / self.goal if self.goal else float(self.measured > 0)

    @property
    def is_met(self) -> bool:
        """Whether it is as good as it should be."""
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that ``percent`` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]
