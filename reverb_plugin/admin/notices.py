"""What a page says after a form was sent. There is no session: the code travels in the address, never a free text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, and whether it is good news."""

    text: str
    tone: Literal["good", "warn", "bad", "quiet"] = "good"


NOTICES: Mapping[str, Notice] = {
    "settings-saved": Notice("Saved."),
    "settings-unchanged": Notice("Nothing was changed, so nothing was saved.", "quiet"),
    "setting-locked": Notice("That is not decided on this page, so nothing was saved.", "warn"),
    "connection-tried": Notice("The connection was tried.", "quiet"),
    "token-missing": Notice("There is no token to try yet.", "warn"),
    "token-forgotten": Notice("The token is forgotten; nothing is sent without one.", "warn"),
    "category-saved": Notice("The category is saved."),
    "category-forgotten": Notice("The category is no longer saved."),
}
"""By code; one line each, in the order of the pages."""


def find_notice(code: str | None) -> Notice | None:
    """The notice of this code; anybody may have written the address, so an unknown code says nothing."""
    return NOTICES.get(code or "")
