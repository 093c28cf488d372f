"""The guest's manners: our errors stay ours, and an outage is told once when it begins and once when it ends."""

import logging
import os
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_watchers: list[Callable[[Exception], None]] = []


@contextmanager
def watched(watcher: Callable[[Exception], None]) -> Iterator[None]:
    """Shows ``watcher`` each error that is swallowed meanwhile; tests use it to raise them again."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def swallowed(error: Exception) -> None:
    """Called wherever an error is kept from the host."""
    for watcher in tuple(_watchers):
        watcher(error)


_at_work = threading.local()


@contextmanager
def at_work_on(sku: str) -> Iterator[None]:
    """Meanwhile the plugin calls the host about ``sku``; the host's own hooks may fire and call us back."""
    _at_work.sku = sku
    try:
        yield
    finally:
        _at_work.sku = None


def is_echo(sku: str) -> bool:
    """Whether news of ``sku`` comes out of our own call: answering it with another call would never end."""
    return getattr(_at_work, "sku", None) == sku


def find_open_transaction() -> str:
    """The database of the host's whose transaction is open now, as far as it can be seen from outside: a Django's."""
    django = sys.modules.get("django.db")
    if django is None:
        return ""
    try:
        opened = [each.alias for each in django.connections.all(initialized_only=True) if each.in_atomic_block]
    except Exception:  # noqa: BLE001 - a Django that is not set up, or another one than we know
        return ""
    return f"Django's {opened[0]}" if opened else ""


class ForkSafeLock:
    """A lock that is free in a forked child, whoever held it in the parent.

    A thread may take it again: a signal handler of the host calls us in the midst of ourselves.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *exc_info: object) -> None:
        self._lock.release()

    def free(self) -> None:
        """Begins anew, unless the thread that forked holds it and will give it back."""
        if self._lock.acquire(blocking=False):
            self._lock.release()
        else:
            self._lock = threading.RLock()


_locks: "weakref.WeakSet[ForkSafeLock]" = weakref.WeakSet()


def _free_locks() -> None:
    for lock in tuple(_locks):
        lock.free()


os.register_at_fork(after_in_child=_free_locks)


class Outage:
    """Says in the log once that something is down and once that it is back.

    Args:
        logger: where to say it.
        down: what to say when it begins, before the cause.
        up: what to say when it is over.
    """

    def __init__(self, logger: logging.Logger, down: str, up: str) -> None:
        self._logger = logger
        self._down = down
        self._up = up
        self._cause: str | None = None
        self._lock = ForkSafeLock()

    @property
    def cause(self) -> str | None:
        """Why it is down now; None when it is not."""
        return self._cause

    def down(self, cause: str) -> None:
        """It is down; logged when it was not before."""
        with self._lock:
            first, self._cause = self._cause is None, cause
        if first:
            self._logger.warning("%s: %s", self._down, cause)

    def up(self) -> None:
        """It works; logged when it did not before."""
        if self._cause is None:
            return
        with self._lock:
            was_down, self._cause = self._cause is not None, None
        if was_down:
            self._logger.info("%s", self._up)
