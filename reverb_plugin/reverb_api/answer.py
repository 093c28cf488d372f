"""One HTTP answer of Reverb, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass

OK_STATUSES = range(200, 300)


class UnreadableError(Exception):
    """An answer that cannot be understood; never leaves this package, see :func:`problems.unreadable`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request got back.

    ``headers`` has lowercase names; ``json`` is None when the body is empty or no JSON; ``text`` is the first part of
    the body for people. ``path`` is without the query.
    """

    status: int
    method: str
    path: str
    headers: Mapping[str, str]
    json: object = None
    text: str = ""
    duration_seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Reverb accepted the request; that is not yet success, see :func:`problems.check_written`."""
        return self.status in OK_STATUSES

    @property
    def request_id(self) -> str | None:
        """Reverb's own name for this request, which its support can look up."""
        return self.headers.get("x-request-id")
