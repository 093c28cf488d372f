"""The database file: one held connection for each process, guarded by one lock, safe across fork.

A write transaction begins IMMEDIATE: one that reads first and writes later fails at once with "database is locked"
under WAL, whatever the busy timeout. Waiting for another process is done here and not by SQLite's own busy handler,
which sleeps up to 100 ms at a time: the steps are random, and the shorter the longer one has waited, so that nobody
waits for long (docs/decisions/0003-waiting-for-the-database.md).

SQLite forbids to carry a connection across a fork: it is closed before, and the fork waits for the transaction that is
under way. A child that got one all the same must not open the file again: both would take the other's locks for
their own.
"""

import functools
import itertools
import logging
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from packaging.version import Version
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from reverb_plugin.clock import Clock
from reverb_plugin.errors import StoreError, StoreLockedError
from reverb_plugin.guard import Outage

OLDEST_SQLITE = Version("3.35")  # UPDATE ... RETURNING
FIRST_STEP_SECONDS = 0.004
SHORTEST_STEP_SECONDS = 0.0001
_WRITE, _READ = "BEGIN IMMEDIATE", "BEGIN"
FORK_PATIENCE_SECONDS = 5.0
"""Longer than a transaction waits for another process."""

logger = logging.getLogger(__name__)


class Database:
    """The plugin's SQLite file.

    Args:
        path: the file; it and its folder are made when they are missing, for their owner alone.
        is_ready: asked on each new connection before its first use.
        prepare: run in a write transaction when it is not.
        clock: where waiting and randomness come from.
        patience_seconds: how long a transaction waits for another process before :class:`StoreLockedError`.
    """

    def __init__(
        self,
        path: Path,
        is_ready: Callable[[Connection], bool],
        prepare: Callable[[Connection], None],
        clock: Clock,
        *,
        patience_seconds: float = 2.0,
    ) -> None:
        self.path = path
        self._is_ready = is_ready
        self._prepare = prepare
        self._clock = clock
        self._patience_seconds = patience_seconds
        self._lock = threading.RLock()
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        self._user: int | None = None  # the thread that is in a transaction
        self._pid = os.getpid()
        self._hurries: dict[object, float] = {}  # in seconds, of those that are in a hurry now
        self._outage = Outage(logger, "The plugin's database cannot be used", "The plugin's database can be used again")
        _databases.add(self)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction: committed at the end, rolled back when the body raises.

        Raises:
            StoreLockedError: another process held the database for too long.
            StoreError: the file cannot be opened, read or written.
        """
        with self._transaction(_WRITE) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; raises as :meth:`write` does."""
        with self._transaction(_READ) as connection:
            yield connection

    @contextmanager
    def hurried(self, seconds: float) -> Iterator[None]:
        """Meanwhile no thread waits for another process longer than that: this one may be waiting for it.

        Only the opening of the file takes its time: another process may be making the tables.
        """
        hurry = object()
        self._hurries[hurry] = seconds
        try:
            yield
        finally:
            self._hurries.pop(hurry, None)  # a forked child has forgotten it

    def close(self) -> None:
        """Closes the connection; the next transaction opens it again."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        if self._user == threading.get_ident():
            with _named(self.path), self._aside(begin) as connection:
                yield connection
        else:
            with self._told(begin), _named(self.path), self._lock, self._used(begin) as connection:
                yield connection

    @contextmanager
    def _told(self, begin: str) -> Iterator[None]:
        """Says in the log when trouble begins and when it is over; that reading works does not say that it is."""
        try:
            yield
        except StoreError as error:
            self._outage.down(error.message)
            raise
        if begin == _WRITE:
            self._outage.up()

    @contextmanager
    def _used(self, begin: str) -> Iterator[Connection]:
        self._user = threading.get_ident()
        try:
            with self._begun(self._held(), begin, self._patience) as connection:
                yield connection
        except (DBAPIError, sqlite3.Error, OSError) as error:
            if not _is_busy(error):
                self._drop()
            raise
        finally:
            self._user = None

    @contextmanager
    def _aside(self, begin: str) -> Iterator[Connection]:
        """A transaction in the midst of another one of this thread: a signal handler or finaliser of the host called.

        It must not join the other one, which may still be rolled back, nor wait for it.
        """
        connection = self._open()
        try:
            with self._begun(connection, begin, lambda: 0.0):
                yield connection
        finally:
            connection.close()

    @contextmanager
    def _begun(self, connection: Connection, begin: str, patience: Callable[[], float]) -> Iterator[Connection]:
        raw = connection.connection.driver_connection
        assert raw is not None  # noqa: S101 - an open connection has one
        self._begin(raw, begin, patience)
        try:
            yield connection
            raw.execute("COMMIT")
        finally:
            if raw.in_transaction:
                raw.execute("ROLLBACK")

    def _patience(self) -> float:
        """Who has waited in vain does not keep the host waiting again before the database is back."""
        if self._outage.cause is not None:
            return 0.0
        hurries = () if self._connection is None else tuple(self._hurries.values())
        return min(self._patience_seconds, *hurries) if hurries else self._patience_seconds

    def _begin(self, raw: sqlite3.Connection, begin: str, patience: Callable[[], float]) -> None:
        def begin_now() -> None:
            raw.execute(begin)
            if begin == _READ:
                raw.execute("SELECT 1 FROM sqlite_schema").fetchone()  # takes the snapshot now

        self._insist(raw, begin_now, patience)

    def _insist(self, raw: sqlite3.Connection, act: Callable[[], object], patience: Callable[[], float]) -> None:
        """Does what another process prevents for a moment; ``patience`` may be lost while we wait."""
        started_at = self._clock.monotonic()
        for tries in itertools.count(1):
            try:
                act()
            except sqlite3.OperationalError as error:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
                if not _is_busy(error) or self._clock.monotonic() - started_at >= patience():
                    raise
                step = max(FIRST_STEP_SECONDS / tries, SHORTEST_STEP_SECONDS)
                self._clock.sleep(step * self._clock.random())
            else:
                return

    def _held(self) -> Connection:
        if self._pid != os.getpid():
            self._after_fork_in_child()
        if self._connection is None:
            connection = self._open()
            try:
                self._make_ready(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _make_ready(self, connection: Connection) -> None:
        """Without the right to write when there is nothing to do: another process may hold it for long."""
        with self._begun(connection, _READ, self._patience):
            is_ready = self._is_ready(connection)
        if not is_ready:
            with self._begun(connection, _WRITE, self._patience):
                self._prepare(connection)

    def _open(self) -> Connection:
        if Version(sqlite3.sqlite_version) < OLDEST_SQLITE:
            raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old; {OLDEST_SQLITE} or newer is needed")
        if self.path in _torn:
            raise StoreError(
                "this process was forked in the midst of a transaction, or without Python's knowledge (uWSGI needs "
                "py-call-uwsgi-fork-hooks or lazy-apps); it cannot use the database"
            )
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.touch(mode=0o600)
        if self._engine is None:
            self._engine = create_engine(
                "sqlite://", creator=self._connect, poolclass=NullPool, isolation_level="AUTOCOMMIT"
            )
        return self._engine.connect()

    def _connect(self) -> sqlite3.Connection:
        raw = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                # Several processes that make a new file's journal a WAL refuse each other.
                self._insist(raw, functools.partial(raw.execute, f"PRAGMA {pragma}"), self._patience)
        except sqlite3.Error:
            raw.close()
            raise
        return raw

    def _drop(self) -> None:
        """After trouble the next transaction begins with a new connection: the file may have been replaced."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _before_fork(self) -> None:
        if self._lock.acquire(timeout=FORK_PATIENCE_SECONDS) and self._user is None:
            self.close()

    def _after_fork_in_parent(self) -> None:
        try:
            self._lock.release()
        except RuntimeError:
            return  # the fork did not wait any longer for it

    def _after_fork_in_child(self) -> None:
        self._lock = threading.RLock()
        self._user = None
        self._hurries.clear()
        self._pid = os.getpid()
        if self._connection is not None:
            _torn[self.path] = self._connection  # closing it here would harm the parent
            self._connection = None


_databases: "weakref.WeakSet[Database]" = weakref.WeakSet()
_torn: dict[Path, Connection] = {}
"""Files that this process must not open, and the connection of its parent that it came with."""


def _before_fork() -> None:
    for database in tuple(_databases):
        database._before_fork()  # noqa: SLF001 - the module's own class


def _after_fork_in_parent() -> None:
    for database in tuple(_databases):
        database._after_fork_in_parent()  # noqa: SLF001


def _after_fork_in_child() -> None:
    for database in tuple(_databases):
        database._after_fork_in_child()  # noqa: SLF001


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)


def _is_busy(error: Exception) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return False
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Gives trouble with the file its name."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as error:
        raise _store_error(error, path) from error


def _store_error(error: Exception, path: Path) -> StoreError:
    if _is_busy(error):
        return StoreLockedError(f"{path} is locked by another process")
    return StoreError(f"{path}: {error.orig if isinstance(error, DBAPIError) else error}")
