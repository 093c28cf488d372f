"""What a page says after a form was sent. There is no session: the code travels in the address, never a free text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, and whether it is good news."""

    text: str
    tone: Literal["good", "warn", "bad", "quiet"] = "good"


NOTICES: Mapping[str, Notice] = {}
"""By code; one line each, in the order of the pages."""


def find_notice(code: str | None) -> Notice | None:
    """The notice of this code; anybody may have written the address, so an unknown code says nothing."""
    return NOTICES.get(code or "")
