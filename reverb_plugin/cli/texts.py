"""Small texts: times and counts as a person reads them, and what others wrote made safe for a terminal."""

from datetime import datetime

from reverb_plugin.errors import find_hint

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def printable(text: str) -> str:
    """``text`` in one line and without control characters: a message of Reverb or of the shop may hold any."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def local_time(moment: datetime) -> str:
    """The time on this machine's clock, to the second."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def duration(seconds: float) -> str:
    """A span of time in its largest fitting unit: ``40 s``, ``3 min``, ``5 h``, ``2 days``."""
    if seconds < 2 * MINUTE:
        return f"{max(seconds, 0):.0f} s"
    if seconds < 2 * HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < 2 * DAY:
        return f"{seconds / HOUR:.0f} h"
    return f"{seconds / DAY:.0f} days"


def counted(count: int, noun: str, plural: str = "") -> str:
    """``1 change``, ``2 changes``."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"


def hint_for(code: str | None, environment: str) -> str | None:
    """What to do next about the error with this ``code``, in the environment it came from."""
    hint = find_hint(code) if code else None
    return hint and hint.replace("for this environment", f"for {environment}")
