"""Courtesy: a long piece of work that lets the threads beside it have their turn, and knows when its time is over.

Python gives another thread its turn within five milliseconds only, and a short write of the worker needs a dozen turns.
"""

import time

AT_A_STRETCH_SECONDS = 0.001
PAUSE_SECONDS = 0.00005


class Courtesy:
    """Args:
    seconds: how long the work may take.
    """

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._paused_at = time.monotonic()

    @property
    def left_seconds(self) -> float:
        """How much time there is yet."""
        return max(0.0, self._ends_at - time.monotonic())

    def is_over(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._ends_at

    def pause(self) -> None:
        """Steps aside for a moment when it has been at work for one; to be called often."""
        if time.monotonic() - self._paused_at >= AT_A_STRETCH_SECONDS:
            time.sleep(PAUSE_SECONDS)
            self._paused_at = time.monotonic()
