"""The ways Reverb says no, with the bodies it says it with."""

from typing import Any

from reverb_plugin.simulator.listing import Listing

FILL_IN = "Please fill in all the fields required for submitting your listing to the marketplace."


class RefusalError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


def refuse(status: int, message: str, **more: Any) -> RefusalError:
    """The usual shape: a ``message``, and whatever belongs beside it."""
    return RefusalError(status, {"message": message, **more})


def bad_parameter(name: str, problem: str = "is invalid") -> RefusalError:
    """400 from Reverb's parameter check, which says ``error`` where others say ``message``."""
    return RefusalError(400, {"error": f"{name} {problem}"})


def not_a_choice(name: str) -> RefusalError:
    """400 for a value outside of an enumeration."""
    return bad_parameter(name, "does not have a valid value")


def not_found() -> RefusalError:
    """404."""
    return refuse(404, "Not found")


class InvalidListingError(Exception):
    """A listing that was not saved, and the complaints about it by field."""

    def __init__(self, listing: Listing, errors: dict[str, list[str]]) -> None:
        super().__init__(str(errors))
        self.listing = listing
        self.errors = errors
