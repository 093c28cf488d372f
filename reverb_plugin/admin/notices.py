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
    "secret-made": Notice("The secret path is made. Ask Reverb to call it."),
    "secret-forgotten": Notice("Reverb can no longer call; orders are found by looking.", "quiet"),
    "secret-missing": Notice("There is no secret path yet: make one first.", "warn"),
    "category-saved": Notice("The category is saved."),
    "category-forgotten": Notice("The category is no longer saved."),
    "noted": Notice("It is noted and will be sent next."),
    "woken": Notice("It is tried again."),
    "nothing-waits": Notice("Nothing of it waits for a person any more.", "quiet"),
    "excluded": Notice("It is left alone from now on; its listing stays as it is."),
    "included": Notice("It is taken up again. Sync it now, or save it in the shop."),
    "set-elsewhere": Notice("The list of excluded SKUs is not decided on this page, so nothing was changed.", "warn"),
    "adopted": Notice("The listing is linked. Nothing was sent."),
    "settling": Notice("It is being settled."),
    "taking": Notice("The shop takes over what Reverb shows, one after the other."),
    "looking": Notice("The orders on Reverb are read next."),
    "orders-off": Notice("Orders are off, so nothing is read.", "warn"),
    "restocked": Notice("It is noted what goes back into stock."),
    "order-done": Notice("The order asks for nothing more of that."),
    "order-by-hand": Notice("It counts as placed in the shop, and is not tried any more."),
    "parcel-noted": Notice("It is noted; Reverb is told next."),
    "parcel-known": Notice("That was noted before, so nothing is sent a second time.", "quiet"),
    "run-started": Notice("It has begun."),
    "run-sending": Notice("It is being sent."),
    "run-active": Notice("One is under way already, so no second one was started.", "warn"),
    "run-too-soon": Notice("The last mass sync was not long ago. A preview is possible at any time.", "warn"),
    "run-begun-already": Notice("This plan cannot be sent any more.", "warn"),
    "confirm-first": Notice("Nothing was sent: tick that you have looked at the rows.", "warn"),
    "run-paused": Notice("It is paused.", "quiet"),
    "run-resumed": Notice("It goes on."),
    "run-cancelled": Notice("It is cancelled. What was sent stays as it is.", "quiet"),
    "run-not-so": Notice("It has moved on meanwhile, so nothing was changed.", "warn"),
    "checked": Notice("Everything was looked at.", "quiet"),
    "repaired": Notice("That was done, and everything was looked at again.", "quiet"),
    "update-looking": Notice("The package index is being asked.", "quiet"),
    "update-started": Notice("The update has begun. This page is gone for a moment when it is done."),
    "update-not-started": Notice("The update could not be started; one may be under way.", "warn"),
    "update-moved": Notice("There is another version meanwhile. Look at what it changes first.", "warn"),
    "update-skipped": Notice("You are told of the version after it.", "quiet"),
    "update-later": Notice("You are told again in a week.", "quiet"),
    "newer-check": Notice("There is a newer drift check. Settle what that one found.", "warn"),
}
"""By code; one line each, in the order of the pages."""


def find_notice(code: str | None) -> Notice | None:
    """The notice of this code; anybody may have written the address, so an unknown code says nothing."""
    return NOTICES.get(code or "")
