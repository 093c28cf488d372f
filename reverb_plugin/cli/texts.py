"""Small texts: times and counts as a person reads them, and what others wrote made safe for a terminal."""

from datetime import datetime

from reverb_plugin.errors import find_hint
from reverb_plugin.texts import counted, duration

__all__ = ["counted", "duration", "hint_for", "local_time", "printable"]


def printable(text: str) -> str:
    """``text`` in one line and without control characters: a message of Reverb or of the shop may hold any."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def local_time(moment: datetime) -> str:
    """The time on this machine's clock, to the second."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def hint_for(code: str | None, environment: str) -> str | None:
    """What to do next about the error with this ``code``, in the environment it came from."""
    return find_hint(code, environment) if code else None
