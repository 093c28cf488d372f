"""A look at the database file as it lies there: nothing is made, migrated or repaired, and no lock is kept.

The store would bring an older file to the newest version, and make one that is missing; who looks for a cause must not.
"""

import os
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import JSON

from reverb_plugin.store.schema import HEAD, UtcTime, metadata

HEADER = b"SQLite format 3\0"
STEPS = 20_000
"""Of SQLite's machine, between two looks at the clock."""

MOST_COMPLAINTS = 5
_WRONG: Mapping[type, str] = {
    JSON: "NOT json_valid({})",
    UtcTime: "{0} NOT GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:*Z'",
}
"""How a value is known that a column of this type cannot hold."""

NEWER_KINDS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class FileLook:
    """What was seen of a database file.

    ``trouble`` says why it could not be read at all; ``is_locked`` that another process kept us from it. ``version`` is
    None for a file that does not say it; ``missing`` are tables and columns of this code's version that are not
    there. ``complaints`` are SQLite's own about what is damaged, and
    ``is_whole`` says that there was time to look at all of it. ``wait_seconds`` is how long a writer has to wait
    for its turn.
    """

    exists: bool
    size_bytes: int = 0
    trouble: str = ""
    is_locked: bool = False
    version: str | None = None
    missing: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()
    is_whole: bool = False
    wait_seconds: float = 0.0
    write_trouble: str = ""

    @property
    def damage(self) -> str:
        """What is damaged, in SQLite's words; empty when nothing was found."""
        if self.complaints:
            return self.complaints[0]
        if self.missing:
            return f"{self.missing[0]} is missing"
        return self.trouble


def look_at(path: Path, *, patience_seconds: float = 2.0, integrity_seconds: float = 2.0) -> FileLook:
    """Looks at the file for at most so long; whatever is wrong with it is part of the answer."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return FileLook(exists=False)
    except OSError as error:
        return FileLook(exists=True, trouble=str(error))
    if size == 0:
        return FileLook(exists=True)
    try:
        with closing(_open(path)) as raw:
            return _look_inside(raw, size, patience_seconds, integrity_seconds)
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        return FileLook(exists=True, size_bytes=size, trouble=str(error), is_locked=_is_busy(error))


def _open(path: Path) -> sqlite3.Connection:
    # Never "rwc": a file that has vanished meanwhile must not come back empty. A file that may not be written is read.
    mode = "rw" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK) else "ro"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=0.2, isolation_level=None)


def _look_inside(raw: sqlite3.Connection, size: int, patience: float, integrity: float) -> FileLook:
    names = {row[0] for row in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    version = None
    if "alembic_version" in names:
        row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
        version = None if row is None else str(row[0])
    missing = tuple(_missing(raw, names))
    complaints, is_whole = _check(raw, integrity)
    if not complaints and not missing and version == HEAD:
        complaints = _unreadable(raw, integrity / 3)
    wait, trouble, is_locked = _try_to_write(raw, patience)
    return FileLook(
        exists=True,
        size_bytes=size,
        version=version,
        missing=missing,
        complaints=complaints,
        is_whole=is_whole,
        wait_seconds=wait,
        write_trouble=trouble,
        is_locked=is_locked,
    )


def _missing(raw: sqlite3.Connection, names: set[str]) -> Iterator[str]:
    for name, table in metadata.tables.items():
        if name not in names:
            yield f"the table {name}"
        else:
            known = {row[1] for row in raw.execute(f"PRAGMA table_info({name})")}
            yield from (f"the column {column.name} of {name}" for column in table.columns if column.name not in known)


def _unreadable(raw: sqlite3.Connection, seconds: float) -> tuple[str, ...]:
    """Values that are none of what their column holds, as far as there is time to look."""
    found = []
    with _for(raw, seconds), suppress(sqlite3.OperationalError):
        for table in metadata.tables.values():
            for column in table.columns:
                wrong = _WRONG.get(type(column.type))
                where = f"{column.name} IS NOT NULL AND {wrong.format(column.name)}" if wrong else "FALSE"
                query = f"SELECT 1 FROM {table.name} WHERE {where} LIMIT 1"  # noqa: S608 - names of our own schema
                if raw.execute(query).fetchone():
                    found.append(f"a value in the column {column.name} of {table.name} cannot be read")
    return tuple(found[:MOST_COMPLAINTS])


def _check(raw: sqlite3.Connection, seconds: float) -> tuple[tuple[str, ...], bool]:
    """SQLite's complaints, and whether it came to the end."""
    found: list[str] = []
    with _for(raw, seconds):
        try:
            for (text,) in raw.execute(f"PRAGMA integrity_check({MOST_COMPLAINTS})"):
                found += [line for line in str(text).splitlines() if line not in {"ok", ""}]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                return tuple(found), False
            raise
    return tuple(line for line in found if not line.startswith("***"))[:MOST_COMPLAINTS], True


@contextmanager
def _for(raw: sqlite3.Connection, seconds: float) -> Iterator[None]:
    ends_at = time.monotonic() + seconds
    raw.set_progress_handler(lambda: time.monotonic() > ends_at, STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


def _try_to_write(raw: sqlite3.Connection, patience: float) -> tuple[float, str, bool]:
    """How long a writer waits for its turn, what keeps it from writing, and whether that is another process.

    It takes the turn and gives it back; nothing is written.
    """
    began_at = time.monotonic()
    while True:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            waited = time.monotonic() - began_at
            if _is_busy(error) and waited < patience:
                time.sleep(0.02)
                continue
            return waited, str(error), _is_busy(error)
        raw.execute("ROLLBACK")
        return time.monotonic() - began_at, "", False


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def holders(path: Path) -> tuple[int, ...]:
    """The processes that hold a lock for writing on the file, as far as the operating system tells."""
    inodes = set()
    for each in (path, *(path.with_name(path.name + kind) for kind in NEWER_KINDS)):
        try:
            inodes.add(each.stat().st_ino)
        except OSError:
            continue
    try:
        locks = Path("/proc/locks").read_text()
    except OSError:
        return ()
    found = re.findall(r"\bWRITE +(\d+) [0-9a-f]+:[0-9a-f]+:(\d+) ", locks)
    return tuple(dict.fromkeys(int(pid) for pid, inode in found if int(inode) in inodes))


def can_reindex(look: FileLook) -> bool:
    """Only indexes are damaged: they can be made anew out of the tables."""
    return bool(look.complaints) and all("index" in each for each in look.complaints)


def reindex(path: Path) -> None:
    """Makes all indexes anew; raises sqlite3.Error when it cannot be done."""
    with closing(_open(path)) as raw:
        raw.execute("PRAGMA busy_timeout = 5000")
        raw.execute("REINDEX")
