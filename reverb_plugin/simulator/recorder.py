"""Everything the simulator was asked."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

LIMIT = 100_000
SECRETS = frozenset({"authorization", "x-auth-token"})


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request as it arrived and how it was answered.

    ``query`` holds each parameter's last value; ``body`` is the parsed JSON where it is JSON, else text; ``status``
    is None when the connection was dropped instead of an answer; ``at`` is ISO 8601 in UTC.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    status: int | None
    at: str
    duration_seconds: float
    request_id: str
    fault: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The request as plain data for the door."""
        return asdict(self)


def without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, with the token replaced by stars."""
    return {name: "***" if name.lower() in SECRETS else value for name, value in headers.items()}


class Recorder:
    """The newest 100,000 requests, oldest first."""

    def __init__(self) -> None:
        self._requests: deque[RecordedRequest] = deque(maxlen=LIMIT)
        self._lock = threading.Lock()

    def add(self, request: RecordedRequest) -> None:
        """Remember one request."""
        with self._lock:
            self._requests.append(request)

    def all(self) -> list[RecordedRequest]:
        """What was recorded so far, in the order of the answers."""
        with self._lock:
            return list(self._requests)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._requests.clear()
