"""How fast we may ask: one slot after the other, slower after a 429, faster again after good answers.

Pure: values in, values out. Times are seconds since the epoch, so that several processes can share one pace.
"""

from dataclasses import dataclass, replace

# After a 429 without Retry-After: 1, 2, 4 .. 60 seconds.
LONGEST_BACKOFF_SECONDS = 60.0
# Nothing makes us wait longer: a wrong Retry-After or a clock that was set back must not stop a shop for days.
LONGEST_WAIT_SECONDS = 3600.0
SLOWEST = 30  # times the base interval
SPEED_UP = 0.9  # what one good answer leaves of the interval


@dataclass(frozen=True, slots=True)
class Pace:
    """Where the row of slots stands.

    ``next_at`` is the next free slot, ``interval_seconds`` the distance between two slots, ``blocked_until`` the end
    of the pause that Reverb asked for, ``refusals`` the number of 429 in a row.
    """

    next_at: float = 0.0
    interval_seconds: float = 0.0
    blocked_until: float = 0.0
    refusals: int = 0


def reserve(pace: Pace, now: float, base_interval_seconds: float) -> tuple[Pace, float]:
    """Take the next slot: the pace without it, and the seconds to wait for it."""
    slot = min(max(now, pace.next_at, pace.blocked_until), now + LONGEST_WAIT_SECONDS)
    interval = max(pace.interval_seconds, base_interval_seconds)
    return replace(pace, next_at=slot + interval, interval_seconds=interval), slot - now


def slowed(pace: Pace, now: float, retry_after_seconds: float | None, base_interval_seconds: float) -> Pace:
    """The pace after a 429: pause as long as Reverb says, else ever longer, and double the interval."""
    asked = None if retry_after_seconds is None else min(retry_after_seconds, LONGEST_WAIT_SECONDS)
    if now < pace.blocked_until <= now + LONGEST_WAIT_SECONDS:
        # Requests that were under way when the pause began: together they are one refusal.
        return replace(pace, blocked_until=max(pace.blocked_until, now + (asked or 0.0)))
    backoff = min(2.0 ** min(pace.refusals, 10), LONGEST_BACKOFF_SECONDS)
    interval = max(pace.interval_seconds, base_interval_seconds) * 2
    return replace(
        pace,
        interval_seconds=min(interval, base_interval_seconds * SLOWEST),
        blocked_until=now + (backoff if asked is None else asked),
        refusals=pace.refusals + 1,
    )


def sped_up(pace: Pace, base_interval_seconds: float) -> Pace:
    """The pace after a good answer: a step back to the base; the same object when there is nothing to change."""
    interval = max(pace.interval_seconds * SPEED_UP, base_interval_seconds)
    if not pace.refusals and interval == pace.interval_seconds:
        return pace
    return replace(pace, interval_seconds=interval, refusals=0)
