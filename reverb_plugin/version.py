"""The one place that says which version this is."""

import re
from pathlib import Path

__version__ = "0.1.0"

_LINE = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)


def find_other_version() -> str | None:
    """The version that is installed now, when this process runs another one: it began before an update."""
    try:
        found = _LINE.search(Path(__file__).read_text())
    except OSError:  # an update is replacing it
        return None
    return found[1] if found is not None and found[1] != __version__ else None
