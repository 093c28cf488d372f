"""Small texts: times, counts and commands as a person reads them."""

import re

from markupsafe import Markup, escape

_CODE = re.compile(r"`([^`]+)`")
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


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


def commands(text: str) -> Markup:
    """The text with what stands in it between backticks, such as a command, as code in HTML."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it is escaped before
