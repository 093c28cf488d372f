"""The rate limit: so many requests in a window, then 429 until the window is over."""

import math
from datetime import timedelta
from email.utils import format_datetime

from reverb_plugin.clock import Clock
from reverb_plugin.simulator.behaviour import Behaviour


class RateLimit:
    """Counts requests in fixed windows, the first of which starts with the first request."""

    def __init__(self, clock: Clock, behaviour: Behaviour) -> None:
        self._clock = clock
        self._behaviour = behaviour
        self._started = -math.inf
        self._count = 0

    def admit(self) -> bool:
        """Whether one more request fits into the current window."""
        limit = self._behaviour.requests_per_minute
        if limit is None:
            return True
        if self._rest_seconds() <= 0:
            self._started, self._count = self._clock.monotonic(), 0
        window_share = self._behaviour.rate_window_seconds / 60
        if self._count >= limit * window_share:
            return False
        self._count += 1
        return True

    def retry_after(self) -> str | None:
        """The value of the Retry-After header, or None for no header."""
        return write_retry_after(self._behaviour.retry_after, max(self._rest_seconds(), 0.0), self._clock)

    def restart(self) -> None:
        """Begin a new window with the next request."""
        self._started = -math.inf

    def _rest_seconds(self) -> float:
        return self._started + self._behaviour.rate_window_seconds - self._clock.monotonic()


def write_retry_after(form: str | float | None, rest_seconds: float, clock: Clock) -> str | None:
    """A Retry-After value: ``"seconds"`` and ``"date"`` speak of ``rest_seconds``, anything else is sent as it is."""
    if form is None:
        return None
    if form == "seconds":
        return str(math.ceil(rest_seconds))
    if form == "date":
        at = clock.now() + timedelta(seconds=math.ceil(rest_seconds))
        return format_datetime(at.replace(microsecond=0), usegmt=True)
    return str(form)
