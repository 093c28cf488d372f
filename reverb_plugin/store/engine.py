"""The database file: one held connection for each process, guarded by one lock, safe across fork.

A write transaction begins IMMEDIATE: one that reads first and writes later fails at once with "database is locked"
under WAL, whatever the busy timeout. Waiting for another process is done here in short random steps, because
SQLite's own busy handler sleeps up to 100 ms at a time.

Before a fork the connection is closed (SQLite forbids to carry one across), and a fork waits for the transaction
that is under way.
"""

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

OLDEST_SQLITE = Version("3.35")  # UPDATE ... RETURNING
STEP_SECONDS = 0.002
FORK_PATIENCE_SECONDS = 1.0


class Database:
    """The plugin's SQLite file.

    Args:
        path: the file; it and its folder are made when they are missing, for their owner alone.
        prepare: run in a write transaction on each new connection, before its first use.
        clock: where waiting and randomness come from.
        patience_seconds: how long a transaction waits for another process before :class:`StoreLockedError`.
    """

    def __init__(
        self,
        path: Path,
        prepare: Callable[[Connection], None],
        clock: Clock,
        *,
        patience_seconds: float = 2.0,
    ) -> None:
        self.path = path
        self._prepare = prepare
        self._clock = clock
        self._patience_seconds = patience_seconds
        self._lock = threading.RLock()
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        self._depth = 0
        _databases.add(self)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction: committed at the end, rolled back when the body raises.

        Raises:
            StoreLockedError: another process held the database for too long.
            StoreError: the file cannot be opened, read or written.
        """
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; raises as :meth:`write` does."""
        with self._transaction("BEGIN") as connection:
            yield connection

    def close(self) -> None:
        """Closes the connection; the next transaction opens it again."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with self._lock:
            if self._depth:  # a signal handler or finaliser of the host calls a hook in the midst of ours
                yield self._held()
                return
            try:
                connection = self._held()
                with self._begun(connection, begin):
                    yield connection
            except (DBAPIError, sqlite3.Error, OSError) as error:
                self._drop()
                raise _store_error(error, self.path) from error

    @contextmanager
    def _begun(self, connection: Connection, begin: str) -> Iterator[None]:
        raw = connection.connection.driver_connection
        assert raw is not None  # noqa: S101 - an open connection has one
        self._begin(raw, begin)
        self._depth = 1
        try:
            yield
            raw.execute("COMMIT")
        finally:
            self._depth = 0
            if raw.in_transaction:
                raw.execute("ROLLBACK")

    def _begin(self, raw: sqlite3.Connection, begin: str) -> None:
        give_up_at = self._clock.monotonic() + self._patience_seconds
        while True:
            try:
                raw.execute(begin)
                if begin == "BEGIN":
                    raw.execute("SELECT 1 FROM sqlite_schema").fetchone()  # takes the snapshot now
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or self._clock.monotonic() >= give_up_at:
                    raise
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
                self._clock.sleep(STEP_SECONDS * self._clock.random())
            else:
                return

    def _held(self) -> Connection:
        if self._connection is None:
            connection = self._open()
            with self._begun(connection, "BEGIN IMMEDIATE"):
                self._prepare(connection)
            self._connection = connection
        return self._connection

    def _open(self) -> Connection:
        if Version(sqlite3.sqlite_version) < OLDEST_SQLITE:
            raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old; {OLDEST_SQLITE} or newer is needed")
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.touch(mode=0o600)
        if self._engine is None:
            self._engine = create_engine(
                "sqlite://", creator=self._connect, poolclass=NullPool, isolation_level="AUTOCOMMIT"
            )
        return self._engine.connect()

    def _connect(self) -> sqlite3.Connection:
        raw = sqlite3.connect(self.path, timeout=self._patience_seconds, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=1"):
            raw.execute(f"PRAGMA {pragma}")
        return raw

    def _drop(self) -> None:
        """After trouble the next transaction begins with a new connection: the file may have been replaced."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def _before_fork(self) -> None:
        if self._lock.acquire(timeout=FORK_PATIENCE_SECONDS) and not self._depth:
            self.close()

    def _after_fork_in_parent(self) -> None:
        try:
            self._lock.release()
        except RuntimeError:
            return  # the fork did not wait any longer for it

    def _after_fork_in_child(self) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        if self._connection is not None:
            _abandoned.append(self._connection)  # closing the parent's connection here would harm the parent
            self._connection = None


_databases: "weakref.WeakSet[Database]" = weakref.WeakSet()
_abandoned: list[Connection] = []


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


def _is_busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _store_error(error: Exception, path: Path) -> StoreError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.OperationalError) and _is_busy(cause):
        return StoreLockedError(f"{path} is locked by another process")
    return StoreError(f"{path}: {cause}")
