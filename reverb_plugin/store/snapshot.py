"""The database as a bundle reads it: as it is, whatever its state, while others go on writing.

Nothing is made, migrated or locked: in WAL a reader holds up no writer. Only the tables and columns of ours are read,
the newest rows first. What is damaged ends its table early, and the rest goes on.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from sqlalchemy import JSON, String

from reverb_plugin.changes import Outcome
from reverb_plugin.errors import StoreError
from reverb_plugin.store.schema import metadata, utc_text

VERSION_TABLE = "alembic_version"
AT_ONCE = 200
STEPS = 20_000
"""Of SQLite's machine, between two looks at the clock."""

MOST_NAMED = 500
MOST_LETTERS = 50_000
MOST_JSON_LETTERS = 500_000
TROUBLED = (Outcome.REFUSED, Outcome.DEFERRED)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which rows are wanted: of one SKU, and from a moment on."""

    sku: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """``order`` brings first what counts most; ``most`` rows are taken. Columns to narrow by may be empty."""

    order: str
    most: int
    sku: str = ""
    since: str = ""


PLANS: Mapping[str, _Plan] = {
    VERSION_TABLE: _Plan("version_num", 3),
    "settings": _Plan("name", 500),
    "sender": _Plan("id", 10),
    "remote_state": _Plan("environment", 10),
    "order_polls": _Plan("environment", 10),
    "runs": _Plan("id DESC", 50, "", "created_at"),
    "log_days": _Plan("day DESC", 1_000),
    "cache": _Plan("name", 200),
    "outbox": _Plan("state = 'parked' DESC, id DESC", 2_000, "key"),
    "sync_log": _Plan("created_at DESC, id DESC", 2_500, "sku", "created_at"),
    "links": _Plan("rowid DESC", 1_500, "sku"),
    "exchanges": _Plan("entry_id DESC, number", 2_000),
    "orders": _Plan("seen_at DESC", 1_000, "sku", "seen_at"),
    "shipments": _Plan("id DESC", 500, "", "recorded_at"),
    "stock": _Plan("rowid DESC", 2_000, "sku"),
    "run_rows": _Plan("run_id DESC, is_grave DESC, id", 2_000, "sku"),
    "run_listings": _Plan("run_id DESC, listing_id", 1_000, "sku"),
}
"""What of each table goes into a bundle. What is small comes first, then what counts most: the time may not suffice."""

MOST_TROUBLES = 500


@dataclass(slots=True)
class Excerpt:
    """The rows that were taken of a table; ``trouble`` says what cut them short."""

    table: str
    columns: Sequence[str]
    rows: list[Row] = field(default_factory=list)
    trouble: str = ""


@dataclass(slots=True)
class Seen:
    """What was taken so far, to which other tables belong: rows of the log, those with trouble first, and SKUs."""

    entries: list[int] = field(default_factory=list)
    troubles: list[int] = field(default_factory=list)
    troubled_skus: dict[str, None] = field(default_factory=dict)


class Snapshot:
    """A database file that is only looked at; a context manager.

    Args:
        path: the file.
        is_over: asked now and then; when it says True, what is being read ends.

    ``lacks_newest`` says that there is a journal of newer changes which could not be read.

    Raises:
        StoreError: the file cannot be opened, or is no database.
    """

    def __init__(self, path: Path, is_over: Callable[[], bool] = lambda: False) -> None:
        self.path = path
        self._is_over = is_over
        self._raw, is_journal_read = _open(path)
        self.lacks_newest = not is_journal_read and _size(path.with_name(f"{path.name}-wal")) > 0
        self._raw.set_progress_handler(is_over, STEPS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._raw.close()

    def columns(self, table: str) -> Sequence[str]:
        """The columns of ours that the table has; none when there is no such table."""
        try:
            there = {row[1] for row in self._raw.execute(f"PRAGMA table_info({_quoted(table)})")}
        except sqlite3.Error:
            return ()
        ours = ["version_num"] if table == VERSION_TABLE else [column.name for column in metadata.tables[table].columns]
        return [name for name in ours if name in there]

    def count(self, table: str, most: int) -> int | None:
        """How many rows the table has, counted up to ``most``; None when it cannot be read."""
        try:
            query = f"SELECT count(*) FROM (SELECT 1 FROM {_quoted(table)} LIMIT ?)"  # noqa: S608 - names of ours
            number: int = self._raw.execute(query, (most,)).fetchone()[0]
        except sqlite3.Error:
            return None
        return number

    def matching(self, table: str, narrowing: Narrowing) -> int | None:
        """How many rows would be taken of a table; None when it cannot be read."""
        plan, columns = PLANS[table], self.columns(table)
        where, values, most = next(_queries(table, plan, narrowing, Seen(), columns), ("", (), plan.most))
        try:
            query = f"SELECT count(*) FROM (SELECT 1 FROM {_quoted(table)} {where} LIMIT ?)"  # noqa: S608 - names of ours
            number: int = self._raw.execute(query, (*values, most)).fetchone()[0]
        except sqlite3.Error:
            return None
        return number

    def pragma(self, name: str) -> Any:
        """The answer of a pragma that only reads; None when it cannot be had."""
        try:
            row = self._raw.execute(f"PRAGMA {name}").fetchone()
        except sqlite3.Error:
            return None
        return None if row is None else row[0]

    def values(self, table: str, columns: Sequence[str], most: int) -> Iterator[tuple[Any, ...]]:
        """Cells of the newest rows; what cannot be read is left out."""
        there = self.columns(table)
        if not set(columns) <= set(there):
            return
        names = ", ".join(map(_quoted, columns))
        query = f"SELECT {names} FROM {_quoted(table)} ORDER BY rowid DESC LIMIT ?"  # noqa: S608
        try:
            yield from self._raw.execute(query, (most,))
        except sqlite3.Error:
            return

    def excerpt(self, table: str, narrowing: Narrowing, seen: Seen, most_letters: int) -> Excerpt:
        """What of a table goes into a bundle; ``seen`` is told what other tables are read by.

        It is read at one go: a reader that stays in the midst of a table would have writers carry on a growing WAL.
        """
        excerpt = Excerpt(table, self.columns(table))
        if not excerpt.columns:
            excerpt.trouble = "there is no such table, or it cannot be read"
        left = most_letters
        for row in self._rows(excerpt, PLANS[table], narrowing, seen) if excerpt.columns else ():
            left -= sum(len(cell) for cell in row.values() if isinstance(cell, str))
            if left < 0:
                excerpt.trouble = "it is too large"
                break
            excerpt.rows.append(row)
            _note(table, row, seen)
        return excerpt

    def _rows(self, excerpt: Excerpt, plan: _Plan, narrowing: Narrowing, seen: Seen) -> Iterator[Row]:
        table, taken = excerpt.table, set()
        for where, values, most in _queries(table, plan, narrowing, seen, excerpt.columns):
            for row in self._select(excerpt, plan, where, values, most):
                key = tuple(row[name] for name in _key(table, excerpt.columns))
                if key not in taken:
                    taken.add(key)
                    yield row

    def _select(self, excerpt: Excerpt, plan: _Plan, where: str, values: Sequence[Any], most: int) -> Iterator[Row]:
        """In the plan's order; from the other end when the file is damaged there."""
        names = ", ".join(_bounded(excerpt.table, name) for name in excerpt.columns)
        query = f"SELECT {names} FROM {_quoted(excerpt.table)} {where}"  # noqa: S608 - names of ours, values as parameters
        for order in (plan.order, "rowid"):
            try:
                cursor = self._raw.execute(f"{query} ORDER BY {order} LIMIT ?", (*values, most))
                while rows := cursor.fetchmany(AT_ONCE):
                    for row in rows:
                        yield dict(zip(excerpt.columns, row, strict=True))
            except (sqlite3.Error, OverflowError) as error:
                excerpt.trouble = "there was no more time" if self._is_over() else str(error)
                if self._is_over():
                    return
            else:
                return


def _open(path: Path) -> tuple[sqlite3.Connection, bool]:
    """To be read only, and whether its journal is read as well.

    Where nothing may be written, SQLite needs to be told that nobody else writes either; then it reads no journal.
    """
    if not path.exists():
        raise StoreError(f"There is no database in {path.parent}")
    trouble: Exception | None = None
    for mode, reads_journal in (("mode=ro", True), ("mode=ro&immutable=1", False)):
        try:
            raw = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=0.5, isolation_level=None)
        except sqlite3.Error as error:
            trouble = error
            continue
        try:
            raw.text_factory = _text
            raw.execute("PRAGMA query_only=ON")
            raw.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except (sqlite3.Error, OSError) as error:
            raw.close()
            trouble = error
        else:
            return raw, reads_journal
    raise StoreError(f"{path}: {trouble}") from trouble


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _queries(
    table: str, plan: _Plan, narrowing: Narrowing, seen: Seen, columns: Sequence[str]
) -> Iterator[tuple[str, Sequence[Any], int]]:
    """Conditions, their values and the most rows: first what counts most."""
    conditions: list[str] = []
    values: list[Any] = []
    if narrowing.sku is not None and plan.sku in columns:
        conditions.append(f"{_quoted(plan.sku)} = ?")
        values.append(narrowing.sku)
    if narrowing.since is not None and plan.since in columns:
        conditions.append(f"{_quoted(plan.since)} >= ?")
        values.append(utc_text(narrowing.since))
    if table == "exchanges":
        entries = [*seen.troubles, *seen.entries]
        for first in range(0, len(entries), MOST_NAMED):
            some = entries[first : first + MOST_NAMED]
            yield f"WHERE entry_id IN ({_marks(some)})", some, plan.most
        return
    if table in {"links", "stock"} and seen.troubled_skus:
        some_skus = list(seen.troubled_skus)[:MOST_NAMED]
        yield _where([*conditions, f"sku IN ({_marks(some_skus)})"]), [*values, *some_skus], plan.most
    yield _where(conditions), values, plan.most
    for outcome in TROUBLED if table == "sync_log" else ():
        yield _where([*conditions, "outcome = ?"]), [*values, outcome], MOST_TROUBLES


def _note(table: str, row: Row, seen: Seen) -> None:
    if table == "sync_log":
        if isinstance(row.get("id"), int):
            (seen.troubles if row.get("outcome") in TROUBLED else seen.entries).append(row["id"])
        is_troubled = row.get("outcome") in TROUBLED or row.get("code")
        if is_troubled and isinstance(row.get("sku"), str) and row["sku"]:
            seen.troubled_skus.setdefault(row["sku"])
    elif table == "outbox" and row.get("state") == "parked" and isinstance(row.get("key"), str):
        seen.troubled_skus.setdefault(row["key"])


def _key(table: str, columns: Sequence[str]) -> Sequence[str]:
    if table == VERSION_TABLE:
        return columns
    return [column.name for column in metadata.tables[table].primary_key.columns if column.name in columns] or columns


def _bounded(table: str, name: str) -> str:
    """The column, without the rest of what is longer than anything that we write."""
    kind = None if table == VERSION_TABLE else metadata.tables[table].columns[name].type
    most = MOST_JSON_LETTERS if isinstance(kind, JSON) else MOST_LETTERS if isinstance(kind, String) else None
    return _quoted(name) if most is None else f"substr({_quoted(name)}, 1, {most})"


def _where(conditions: Sequence[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
