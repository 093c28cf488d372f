"""Answers that end in time: every read of an answer, from its first byte to its last, keeps to one deadline.

The timeout of a socket begins anew with each byte, so that an answer that drips would go on for ever.
"""

import io
import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import Any

from reverb_plugin.clock import Clock


class TooSlowError(OSError):
    """The deadline is over; never leaves this package."""


class Deadline:
    """Until when one request with its whole answer has to be done: ``seconds`` from now."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._ends_at = clock.monotonic() + seconds

    def left_seconds(self) -> float:
        """How much time is left. Raises :class:`TooSlowError` when it is over."""
        left = self._ends_at - self._clock.monotonic()
        if left <= 0:
            raise TooSlowError(f"it took longer than {self._seconds:g} seconds")
        return left


_deadline: ContextVar[Deadline] = ContextVar("reverb_plugin_deadline")


@contextmanager
def reading_until(deadline: Deadline) -> Iterator[None]:
    """The answers whose reading begins inside keep to ``deadline``, also when they are read to their end later."""
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


class TimedResponse(HTTPResponse):
    """An answer that is read under the deadline of :func:`reading_until`; for ``HTTPConnection.response_class``."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_TimedStream(self.fp.detach(), sock, _deadline.get()))


class _TimedStream(io.RawIOBase):
    """A socket's stream that gives each read no more time than is left, and never more than the socket had."""

    def __init__(self, stream: io.RawIOBase, sock: socket.socket, deadline: Deadline) -> None:
        self._stream = stream
        self._sock = sock
        self._longest_seconds = sock.gettimeout() or math.inf
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(min(self._longest_seconds, self._deadline.left_seconds()))
        return self._stream.readinto(buffer)

    def close(self) -> None:
        """The stream holds the socket open until it is closed itself."""
        super().close()
        self._stream.close()
