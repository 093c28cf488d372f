"""The sync log: one row for each attempt, append-only, for people. Retention deletes in small chunks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, literal, select, tuple_

from reverb_plugin.errors import FieldError
from reverb_plugin.store.schema import sync_log, utc_text

CHUNK = 1_000
"""Rows deleted in one transaction: a larger one keeps other writers waiting."""


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
    id: int | None = None


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which rows to show; None leaves a condition out. ``before`` is the last row of the page before."""

    sku: str | None = None
    outcome: str | None = None
    before: tuple[datetime, int] | None = None


_COLUMNS = tuple(LogEntry.__dataclass_fields__)
_INSERT = insert(sync_log)


def append(connection: Connection, entry: LogEntry) -> None:
    """Adds a row; it gets an id of its own."""
    values = {name: getattr(entry, name) for name in _COLUMNS if name != "id"}
    values["errors"] = [{"field": error.field, "message": error.message} for error in entry.errors]
    connection.execute(_INSERT, values)


def page(connection: Connection, chosen: LogFilter, limit: int) -> Sequence[LogEntry]:
    """The newest ``limit`` rows that match, found by their key and never by counting."""
    query = select(sync_log)
    if chosen.sku is not None:
        query = query.where(sync_log.c.sku == chosen.sku)
    if chosen.outcome is not None:
        query = query.where(sync_log.c.outcome == chosen.outcome)
    if chosen.before is not None:
        moment, row_id = chosen.before
        last = tuple_(literal(utc_text(moment)), literal(row_id))
        query = query.where(tuple_(sync_log.c.created_at, sync_log.c.id) < last)
    newest = query.order_by(sync_log.c.created_at.desc(), sync_log.c.id.desc()).limit(limit)
    return [_entry(row) for row in connection.execute(newest)]


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


def _entry(row: Row[Any]) -> LogEntry:
    values = {name: getattr(row, name) for name in _COLUMNS}
    errors = tuple(FieldError(error["field"], error["message"]) for error in row.errors)
    return LogEntry(**values | {"errors": errors})
