"""A database that cannot be trusted, built anew: only rows that our own tables could hold are taken over.

The file is opened to be read and nothing else. Of its tables only those with our names are read, and they have to be
tables: views, triggers, virtual tables and whatever else it holds are never touched. Each cell has to be of the kind
that its column is of, or its row stays behind. A newer or older version's columns are taken as far as they are known.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reverb_plugin.clock import Clock
from reverb_plugin.store.schema import HEAD, metadata
from reverb_plugin.store.store import Store, open_store
from reverb_plugin.support.cells import Column, UnfitError, columns_of
from reverb_plugin.support.reading import plain_text

MOST_ROWS = 200_000
MOST_CELL_BYTES = 1_000_000
MOST_SECONDS = 30.0
STEPS_BETWEEN_LOOKS = 10_000
MOST_BYTES = 100_000_000
"""More than the largest part of a bundle: cells may share their place in a file that was made to grow without end."""

AT_ONCE = 50

_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The database, and what of the other one could not be taken over, in words."""

    store: Store
    notes: Sequence[str]


@dataclass(slots=True)
class _Taken:
    """What became of the rows of a table."""

    read: int = 0
    kept: int = 0
    size: int = 0
    trouble: str = ""


def rebuild(content: bytes | None, folder: Path, environment: str, clock: Clock) -> Rebuilt:
    """The database in ``folder``, made of the other one's ``content``; an empty one when there is none.

    Raises:
        StoreError: the folder cannot be written.
    """
    store = open_store(folder, environment, clock)
    store.queue_status()  # makes the tables
    store.close()
    if content is None:
        return Rebuilt(store, ["The bundle holds no database, so the pages are empty."])
    source = folder / "untrusted.sqlite3"
    source.write_bytes(content)
    try:
        return Rebuilt(store, list(_copy(source, store.path)))
    finally:
        source.unlink()


def _copy(source: Path, target: Path) -> Iterator[str]:
    """Takes over what can be; gives what cannot, in words."""
    made = sqlite3.connect(target)
    try:
        try:
            read = _open(source)
        except sqlite3.Error as error:
            yield f"The bundle's database cannot be read: {error}."
            return
        try:
            yield from _copy_tables(read, made)
        finally:
            read.close()
        made.execute("DELETE FROM exchanges WHERE entry_id NOT IN (SELECT id FROM sync_log)")
        made.commit()
    finally:
        made.close()


def _open(source: Path) -> sqlite3.Connection:
    read = sqlite3.connect(f"{source.as_uri()}?mode=ro&immutable=1", uri=True)
    read.text_factory = lambda content: content.decode("utf-8", "replace")
    read.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_CELL_BYTES)
    read.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    try:
        for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "query_only=ON"):
            read.execute(f"PRAGMA {pragma}").close()
    except sqlite3.Error:
        read.close()
        raise
    give_up_at = time.monotonic() + MOST_SECONDS
    read.set_progress_handler(lambda: time.monotonic() > give_up_at, STEPS_BETWEEN_LOOKS)
    read.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY)
    return read


def _copy_tables(read: sqlite3.Connection, made: sqlite3.Connection) -> Iterator[str]:
    try:
        present = _tables(read)
    except sqlite3.Error as error:
        yield f"The bundle's database is damaged: {error}."
        return
    version = _find_version(read) if "alembic_version" in present else None
    if version != HEAD:
        which = f"of version {version}" if version else "of no known version"
        yield f"The bundle's database is {which}, this plugin's is {HEAD}: what only one of them knows is not shown."
    left = MOST_BYTES
    for name in metadata.tables:
        if name not in present:
            yield f"The bundle's database has no table {name}."
            continue
        taken = _copy_table(read, made, name, left)
        left -= taken.size
        if taken.kept < taken.read:
            yield f"{taken.read - taken.kept:,} rows of the table {name} cannot be meant and are left out."
        if taken.trouble:
            yield f"The table {name} could not be read to its end: {taken.trouble}."


def _tables(read: sqlite3.Connection) -> frozenset[str]:
    """The names of plain tables: a virtual one has no page of its own."""
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0"
    return frozenset(row[0] for row in read.execute(query).fetchmany(MOST_ROWS))


def _find_version(read: sqlite3.Connection) -> str | None:
    try:
        row = read.execute('SELECT "version_num" FROM "alembic_version" NOT INDEXED LIMIT 1').fetchone()
    except sqlite3.Error:
        return None
    return row[0] if row is not None and isinstance(row[0], str) and row[0].isalnum() else None


def _copy_table(read: sqlite3.Connection, made: sqlite3.Connection, name: str, most_bytes: int) -> _Taken:
    taken, columns = _Taken(), columns_of(name)
    try:
        there = {entry[0] for entry in read.execute(f'SELECT * FROM "{name}" LIMIT 0').description}  # noqa: S608
        known = [column.name for column in columns if column.name in there]
        names = ", ".join(f'"{each}"' for each in known)
        cursor = read.execute(f'SELECT {names} FROM "{name}" NOT INDEXED LIMIT {MOST_ROWS}')  # noqa: S608 - our names
        while rows := cursor.fetchmany(AT_ONCE):
            taken.size += sum(len(cell) for row in rows for cell in row if isinstance(cell, str | bytes))
            if taken.size > most_bytes:
                taken.trouble = "the database is larger than that of any bundle"
                break
            _insert(made, name, list(_fitting(columns, known, rows)))
            taken.read += len(rows)
    except (sqlite3.Error, ValueError, MemoryError) as error:
        taken.trouble = plain_text(str(error))
    taken.kept = made.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
    return taken


def _fitting(
    columns: Sequence[Column], known: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterator[tuple[Any, ...]]:
    """The rows that our table can hold, with all of its columns."""
    for row in rows:
        cells = dict(zip(known, row, strict=True))
        with suppress(UnfitError):
            yield tuple(each.read(cells[each.name]) if each.name in cells else each.empty for each in columns)


def _insert(made: sqlite3.Connection, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """One of two rows with the same key stays."""
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        made.executemany(f'INSERT OR IGNORE INTO "{name}" VALUES ({marks})', rows)  # noqa: S608 - our names
