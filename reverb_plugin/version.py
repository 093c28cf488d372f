"""The one place that says which version this is."""

import re
from pathlib import Path

__version__ = "0.1.0"

_LINE = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)


def find_installed() -> str | None:
    """The version that is installed now: after an update another than the one this process runs. None when unknown."""
    try:
        found = _LINE.search(Path(__file__).read_text())
    except OSError:
        return None
    return found and found[1]
