"""The sync log: one row for each attempt, append-only, for people. Retention deletes in small chunks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from reverb_plugin.changes import Kind, Outcome
from reverb_plugin.errors import FieldError
from reverb_plugin.store.schema import log_days, sync_log, utc_text

CHUNK = 1_000
"""Rows deleted in one transaction: a larger one keeps other writers waiting."""

SUCCESSES = (Outcome.CREATED, Outcome.UPDATED, Outcome.ENDED, Outcome.UNCHANGED)
LOOK_BACK_ROWS = 50
LAST_LETTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One attempt: what was done for which SKU, how it ended, what Reverb said, and what it cost."""

    created_at: datetime
    environment: str
    kind: str
    action: str
    outcome: str
    reason: str
    sku: str
    message: str
    product_id: str | None = None
    product_url: str | None = None
    listing_id: str | None = None
    listing_url: str | None = None
    code: str | None = None
    errors: tuple[FieldError, ...] = ()
    http_status: int | None = None
    request_id: str | None = None
    requests: int = 0
    attempt: int = 1
    duration_seconds: float = 0.0
    product_title: str | None = None
    id: int | None = None

    @property
    def cursor(self) -> "Cursor":
        """Where this row stands in the log."""
        return self.created_at, self.id or 0


Cursor = tuple[datetime, int]
"""Where a row stands: its time, and its id among those of one moment."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which rows to show; None leaves a condition out.

    ``since`` is the first moment that counts, ``until`` the first one that no longer does. ``before`` is the last row
    of the page before, ``after`` the first row of the page behind; only one of them is given.
    """

    sku: str | None = None
    outcome: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: Cursor | None = None
    after: Cursor | None = None

    @property
    def is_open(self) -> bool:
        """Every row matches, wherever the page begins."""
        return all(each is None for each in (self.sku, self.outcome, self.kind, self.since, self.until))


_COLUMNS = tuple(LogEntry.__dataclass_fields__)
_INSERT = insert(sync_log)
_new_day = upsert(log_days).values(attempts=1)
_COUNT = _new_day.on_conflict_do_update(
    index_elements=["environment", "day", "outcome"], set_={"attempts": log_days.c.attempts + 1}
)
_PLACE = tuple_(sync_log.c.created_at, sync_log.c.id)


def append(connection: Connection, entry: LogEntry) -> int:
    """Adds a row and counts it for its day; its id."""
    values = {name: getattr(entry, name) for name in _COLUMNS if name != "id"}
    values["errors"] = [{"field": error.field, "message": error.message} for error in entry.errors]
    entry_id = connection.execute(_INSERT, values).lastrowid
    day = {"environment": entry.environment, "day": utc_text(entry.created_at)[:10], "outcome": entry.outcome}
    connection.execute(_COUNT, day)
    return entry_id


def page(connection: Connection, chosen: LogFilter, limit: int) -> Sequence[LogEntry]:
    """The ``limit`` rows that match and are newest, or next to ``after``; newest first.

    They are found by their key and never by counting.
    """
    query = _matching(select(sync_log), chosen)
    if chosen.after is not None:
        nearest = query.where(_place(chosen.after) < _PLACE).order_by(sync_log.c.created_at, sync_log.c.id)
        return [_entry(row) for row in connection.execute(nearest.limit(limit))][::-1]
    if chosen.before is not None:
        query = query.where(_place(chosen.before) > _PLACE)
    newest = query.order_by(sync_log.c.created_at.desc(), sync_log.c.id.desc()).limit(limit)
    return [_entry(row) for row in connection.execute(newest)]


def find(connection: Connection, entry_id: int) -> LogEntry | None:
    """The row of this id."""
    row = connection.execute(select(sync_log).where(sync_log.c.id == entry_id)).one_or_none()
    return None if row is None else _entry(row)


def of_order(
    connection: Connection,
    environment: str,
    order_ids: Collection[str],
    sku: str,
    page: str | None,
    since: datetime | None,
    limit: int,
) -> Sequence[LogEntry]:
    """The newest rows about an order: an attempt that did not get to its SKU carries one of its ids in place of it."""
    by_id = sync_log.c.sku.in_(order_ids) & sync_log.c.kind.in_([Kind.IMPORT_ORDER, Kind.SHIP_ORDER])
    by_sku = (sync_log.c.sku == sku) & (sync_log.c.created_at >= since)
    moved = sync_log.c.kind == Kind.MOVE_STOCK
    mine = by_id | by_sku & (moved if page is None else moved | (sync_log.c.listing_url == page))
    query = select(sync_log).where(sync_log.c.environment == environment, mine)
    newest = query.order_by(sync_log.c.created_at.desc(), sync_log.c.id.desc()).limit(limit)
    return [_entry(row) for row in connection.execute(newest)]


def count(connection: Connection, chosen: LogFilter, most: int) -> int:
    """How many rows match, wherever the page begins; it stops counting at ``most``."""
    matching = _matching(select(literal(1)).select_from(sync_log), chosen).limit(most)
    return connection.execute(select(func.count()).select_from(matching.subquery())).scalar_one()


def next_sku(connection: Connection, prefix: str, after: str) -> str | None:
    """The first SKU behind ``after`` that begins with ``prefix``."""
    query = select(func.min(sync_log.c.sku)).where(
        sync_log.c.sku > after, sync_log.c.sku >= prefix, sync_log.c.sku < prefix + LAST_LETTER
    )
    found: str | None = connection.execute(query).scalar_one()
    return found


def last_success_at(connection: Connection, environment: str) -> datetime | None:
    """The time of the newest success, looked for among the newest of each kind of success only."""
    newest = (
        select(sync_log.c.created_at, sync_log.c.environment)
        .where(sync_log.c.outcome == outcome)
        .order_by(sync_log.c.created_at.desc(), sync_log.c.id.desc())
        .limit(LOOK_BACK_ROWS)
        .subquery()
        for outcome in SUCCESSES
    )
    times = union_all(*(select(each.c.created_at).where(each.c.environment == environment) for each in newest))
    newest_time = func.max(times.subquery().c.created_at, type_=sync_log.c.created_at.type)
    return connection.execute(select(newest_time)).scalar()


def days(connection: Connection, environment: str, first_day: str) -> Sequence[tuple[str, str, int]]:
    """Day, outcome and number of attempts, from ``first_day`` on; days are those of UTC."""
    query = select(log_days.c.day, log_days.c.outcome, log_days.c.attempts).where(
        log_days.c.environment == environment, log_days.c.day >= first_day
    )
    return [(row.day, row.outcome, row.attempts) for row in connection.execute(query.order_by(log_days.c.day))]


def _matching(query: Select[Any], chosen: LogFilter) -> Select[Any]:
    for name in ("sku", "outcome", "kind"):
        if (value := getattr(chosen, name)) is not None:
            query = query.where(_compared(sync_log.c[name], chosen) == value)
    if chosen.since is not None:
        query = query.where(sync_log.c.created_at >= chosen.since)
    if chosen.until is not None:
        query = query.where(sync_log.c.created_at < chosen.until)
    return query


def _compared(column: Column[str], chosen: LogFilter) -> ColumnElement[str]:
    """SQLite does not know that a SKU has few rows and an outcome many: beside a SKU, no other index shall be used."""
    return column if chosen.sku is None or column is sync_log.c.sku else column.concat("")


def _place(cursor: Cursor) -> Any:
    moment, row_id = cursor
    return tuple_(literal(utc_text(moment)), literal(row_id))


def first_at(connection: Connection, environment: str) -> datetime | None:
    """The time of the oldest row of an environment."""
    oldest = select(sync_log.c.created_at).where(sync_log.c.environment == environment)
    return connection.execute(oldest.order_by(sync_log.c.created_at, sync_log.c.id).limit(1)).scalar()


def trim(connection: Connection, now: datetime, *, keep_days: int, keep_rows: int) -> int:
    """Deletes at most :data:`CHUNK` of the oldest rows that are too old or too many; how many it was."""
    oldest = select(sync_log.c.id).order_by(sync_log.c.created_at, sync_log.c.id)
    too_old = oldest.where(sync_log.c.created_at < now - timedelta(days=keep_days)).limit(CHUNK)
    deleted = connection.execute(delete(sync_log).where(sync_log.c.id.in_(too_old))).rowcount
    too_many = connection.execute(select(func.count()).select_from(sync_log)).scalar_one() - keep_rows
    room = CHUNK - deleted
    if too_many > 0 and room > 0:
        surplus = oldest.limit(min(too_many, room))
        deleted += connection.execute(delete(sync_log).where(sync_log.c.id.in_(surplus))).rowcount
    return deleted


def trim_days(connection: Connection, now: datetime, keep_days: int) -> None:
    """Forgets the figures of days whose rows are too old."""
    oldest = utc_text(now - timedelta(days=keep_days))[:10]
    connection.execute(delete(log_days).where(log_days.c.day < oldest))


def _entry(row: Row[Any]) -> LogEntry:
    values = {name: getattr(row, name) for name in _COLUMNS}
    errors = tuple(FieldError(error["field"], error["message"]) for error in row.errors)
    return LogEntry(**values | {"errors": errors})
