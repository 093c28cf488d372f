"""Time, randomness and waiting come in through one small object, so that tests can own them."""

import random
import threading
import time
from datetime import UTC, datetime


class Clock:
    """The real clock of this machine."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back; only differences mean anything."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``; nothing happens for zero or less."""
        if seconds > 0:
            time.sleep(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until ``event`` is set, for ``seconds`` at most; whether it is set."""
        return event.wait(max(seconds, 0.0))

    def random(self) -> float:
        """A number in [0, 1) for jitter; never for secrets."""
        return random.random()  # noqa: S311 - jitter needs no cryptography
