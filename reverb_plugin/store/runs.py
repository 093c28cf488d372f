"""Runs: mass syncs and drift checks, the listings they have read, and the rows of their plans."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import IntegrityError

from reverb_plugin.store.schema import ACTIVE_RUN_STATES, run_listings, run_rows, runs

READING, COMPARING, PLANNED, APPLYING, PAUSED = "reading", "comparing", "planned", "applying", "paused"
DONE, CANCELLED = "done", "cancelled"
MASS_SYNC, DRIFT_CHECK, SETTLEMENT = "mass sync", "drift check", "settlement"

ROW_PLANNED, ROW_QUEUED, ROW_DONE = "planned", "queued", "done"
ROW_FAILED, ROW_MOVED, ROW_ASIDE = "failed", "moved", "aside"


@dataclass(frozen=True, slots=True)
class Run:
    """One mass sync, drift check, or settlement of drift that was found.

    It is *reading* listings, *comparing* them with the shop's products, *planned* (a preview that can be opened and
    applied), *applying*, *paused*, *done* or *cancelled*. ``brake`` says why it needs a person's word. Unless it is to
    ``apply_when_planned``, somebody sees the plan first, and each listing is read again before its write.
    """

    id: int
    kind: str
    state: str
    started_by: str
    created_at: datetime
    planned_at: datetime | None
    applied_at: datetime | None
    finished_at: datetime | None
    apply_when_planned: bool
    confirmed: bool
    next_link: str | None
    listings_total: int | None
    after_sku: str | None
    live_listings: int
    unchanged: int
    products: int
    brake: str | None
    message: str

    @property
    def is_active(self) -> bool:
        """Whether it keeps others from starting."""
        return self.state in ACTIVE_RUN_STATES


@dataclass(frozen=True, slots=True)
class RunRow:
    """One row of a plan, with what became of it.

    ``requests`` is what it costs to send it; ``begun`` how often a worker began with it and did not live to say how it
    ended; ``tried`` whether any of it may have been sent already.
    """

    id: int
    run_id: int
    sku: str
    title: str
    action: str
    is_grave: bool
    state: str
    begun: int
    tried: bool
    requests: int
    listing_id: str | None
    listing_url: str | None
    differences: tuple[Mapping[str, str], ...]
    method: str | None
    path: str | None
    body: Mapping[str, Any] | None
    seen: Mapping[str, Any] | None
    message: str


@dataclass(frozen=True, slots=True)
class RunListing:
    """A listing that a run has read."""

    listing_id: str
    sku: str
    near_sku: str
    is_live: bool
    listing: Mapping[str, Any]


_listing_row: ColumnClause[int] = literal_column("run_listings.rowid")  # SQLite's own number of a row
_RUN_COLUMNS = tuple(Run.__dataclass_fields__)
_ROW_COLUMNS = tuple(RunRow.__dataclass_fields__)


def start(
    connection: Connection, environment: str, kind: str, started_by: str, now: datetime, *, apply: bool, confirmed: bool
) -> int | None:
    """A new run's number; None while another one is active (the database refuses a second)."""
    values = {
        "environment": environment,
        "kind": kind,
        "state": READING,
        "started_by": started_by,
        "created_at": now,
        "apply_when_planned": apply,
        "confirmed": confirmed,
        "live_listings": 0,
        "unchanged": 0,
        "products": 0,
        "message": "",
    }
    try:
        return int(connection.execute(insert(runs).values(values).returning(runs.c.id)).scalar_one())
    except IntegrityError:
        return None


def start_settlement(
    connection: Connection, environment: str, started_by: str, now: datetime, rows: Sequence[Mapping[str, Any]]
) -> int | None:
    """A run whose plan is given: it begins with being applied. None while another one is active."""
    run_id = start(connection, environment, SETTLEMENT, started_by, now, apply=False, confirmed=True)
    if run_id is not None:
        values = {"state": APPLYING, "planned_at": now, "applied_at": now}
        connection.execute(update(runs).where(runs.c.id == run_id).values(values))
        add_rows(connection, run_id, rows)
    return run_id


def find(connection: Connection, environment: str, run_id: int) -> Run | None:
    """The run of this number."""
    chosen = select(runs).where(runs.c.id == run_id, runs.c.environment == environment)
    row = connection.execute(chosen).one_or_none()
    return None if row is None else _run(row)


def find_active(connection: Connection, environment: str) -> Run | None:
    """The run that is under way."""
    chosen = select(runs).where(runs.c.environment == environment, runs.c.state.in_(ACTIVE_RUN_STATES))
    row = connection.execute(chosen).one_or_none()
    return None if row is None else _run(row)


def newest(connection: Connection, environment: str, kind: str, limit: int) -> Sequence[Run]:
    """The newest runs of a kind."""
    chosen = select(runs).where(runs.c.environment == environment, runs.c.kind == kind)
    return [_run(row) for row in connection.execute(chosen.order_by(runs.c.id.desc()).limit(limit))]


def find_last_applied_at(connection: Connection, environment: str, kind: str) -> datetime | None:
    """When a run of this kind last began to send."""
    chosen = runs.c.environment == environment, runs.c.kind == kind
    return connection.execute(select(func.max(runs.c.applied_at, type_=runs.c.applied_at.type)).where(*chosen)).scalar()


def find_usual_products(connection: Connection, environment: str, kind: str) -> int | None:
    """How many products the last complete run found; one that was held back and not confirmed is no measure."""
    complete = runs.c.environment == environment, runs.c.kind == kind, runs.c.planned_at.is_not(None)
    query = select(runs.c.products).where(*complete, runs.c.brake.is_(None) | runs.c.confirmed)
    return connection.execute(query.order_by(runs.c.id.desc()).limit(1)).scalar()


def change(connection: Connection, run: Run, **values: Any) -> bool:
    """Changes a run that is in the state it was seen in; False when that would make it a second active one."""
    chosen = update(runs).where(runs.c.id == run.id, runs.c.state == run.state)
    try:
        return connection.execute(chosen.values(values)).rowcount == 1
    except IntegrityError:
        return False


def add_listings(connection: Connection, run_id: int, listings: Iterable[RunListing]) -> None:
    """Keeps listings that were read; one that moved to another page while paging counts once."""
    values = [
        {
            "run_id": run_id,
            "listing_id": each.listing_id,
            "sku": each.sku,
            "near_sku": each.near_sku,
            "listing": dict(each.listing),
            "is_live": each.is_live,
            "matched": False,
        }
        for each in listings
    ]
    if values:
        statement = upsert(run_listings)
        newest = {name: statement.excluded[name] for name in ("sku", "near_sku", "listing", "is_live")}
        connection.execute(statement.on_conflict_do_update(set_=newest), values)


def count_listings(connection: Connection, run_id: int) -> int:
    """How many listings the run has read."""
    query = select(func.count()).select_from(run_listings).where(run_listings.c.run_id == run_id)
    return connection.execute(query).scalar_one()


def count_live(connection: Connection, run_id: int) -> int:
    """How many of the listings that the run has read are live."""
    live = run_listings.c.run_id == run_id, run_listings.c.is_live
    query = select(func.count()).select_from(run_listings).where(*live)
    return connection.execute(query).scalar_one()


def listings_near(connection: Connection, run_id: int, near_skus: Iterable[str]) -> Sequence[RunListing]:
    """The listings whose SKU is one of these but for case and blanks."""
    chosen = select(run_listings).where(
        run_listings.c.run_id == run_id, run_listings.c.near_sku.in_(set(near_skus) - {""})
    )
    return [_listing(row) for row in connection.execute(chosen)]


def match(connection: Connection, run_id: int, listing_ids: Iterable[str]) -> None:
    """Notes that these listings belong to a product of the shop."""
    values = [{"one": listing_id} for listing_id in listing_ids]
    if values:
        chosen = (run_listings.c.run_id == run_id) & (run_listings.c.listing_id == bindparam("one"))
        connection.execute(update(run_listings).where(chosen).values(matched=True), values)


def leftovers(connection: Connection, run_id: int, limit: int) -> Sequence[RunListing]:
    """The next listings that belong to no product, as far as is noted."""
    chosen = select(run_listings).where(run_listings.c.run_id == run_id, ~run_listings.c.matched).limit(limit)
    return [_listing(row) for row in connection.execute(chosen)]


def forget_listings(connection: Connection, limit: int) -> int:
    """Deletes listings that were read for plans which are made or given up; how many it were."""
    active = select(runs.c.id).where(runs.c.state.in_((READING, COMPARING)))
    useless = select(_listing_row).where(run_listings.c.run_id.not_in(active)).limit(limit)
    return connection.execute(delete(run_listings).where(_listing_row.in_(useless))).rowcount


def forget_rows(connection: Connection, before: datetime, limit: int) -> int:
    """Deletes rows of runs that are not active and were begun before then, and of each drift check but the newest.

    Returns how many it were.
    """
    old = runs.c.created_at < before, runs.c.state.not_in(ACTIVE_RUN_STATES)
    connection.execute(
        update(runs).where(*old, runs.c.state == PLANNED).values(state=CANCELLED, message="It is too old to be kept.")
    )
    useless_runs = select(runs.c.id).where(and_(*old) | _is_superseded())
    useless = select(run_rows.c.id).where(run_rows.c.run_id.in_(useless_runs)).limit(limit)
    return connection.execute(delete(run_rows).where(run_rows.c.id.in_(useless))).rowcount


def _is_superseded() -> ColumnElement[bool]:
    newer = runs.alias("newer")
    is_newer = newer.c.environment == runs.c.environment, newer.c.kind == DRIFT_CHECK, newer.c.id > runs.c.id
    is_complete = newer.c.planned_at.is_not(None)
    ended_check = (runs.c.kind == DRIFT_CHECK) & runs.c.state.not_in(ACTIVE_RUN_STATES)
    return ended_check & exists().where(*is_newer, is_complete)


def add_rows(connection: Connection, run_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keeps rows of the plan."""
    if rows:
        common = {"run_id": run_id, "state": ROW_PLANNED, "begun": 0, "tried": False}
        connection.execute(insert(run_rows), [common | dict(row) for row in rows])


def rows(
    connection: Connection,
    run_id: int,
    *,
    action: str | None,
    state: str | None,
    sku: str | None = None,
    after_id: int,
    limit: int,
) -> Sequence[RunRow]:
    """Rows in their order, those behind ``after_id``."""
    chosen = select(run_rows).where(run_rows.c.run_id == run_id, run_rows.c.id > after_id)
    for column, value in ((run_rows.c.action, action), (run_rows.c.state, state), (run_rows.c.sku, sku)):
        if value is not None:
            chosen = chosen.where(column == value)
    return [_row(row) for row in connection.execute(chosen.order_by(run_rows.c.id).limit(limit))]


def queue_rows(connection: Connection, run_id: int, limit: int) -> Sequence[str]:
    """Takes the next planned rows that write something; their SKUs."""
    next_rows = (
        select(run_rows.c.id)
        .where(run_rows.c.run_id == run_id, run_rows.c.state == ROW_PLANNED, run_rows.c.body.is_not(None))
        .order_by(run_rows.c.id)
        .limit(limit)
    )
    taken = update(run_rows).where(run_rows.c.id.in_(next_rows)).values(state=ROW_QUEUED).returning(run_rows.c.sku)
    return list(connection.execute(taken).scalars())


def queued_skus(connection: Connection, run_id: int) -> Sequence[str]:
    """The SKUs of the rows that wait in the outbox, and of those that a worker died at."""
    query = select(run_rows.c.sku).where(run_rows.c.run_id == run_id, run_rows.c.state == ROW_QUEUED)
    return connection.execute(query.order_by(run_rows.c.id)).scalars().all()


def count_queued(connection: Connection, run_id: int) -> tuple[int, int]:
    """How many rows wait in the outbox, and how many more that a worker died at."""
    died = func.count(run_rows.c.id).filter(run_rows.c.begun > 0)
    query = select(func.count(run_rows.c.id) - died, died)
    row = connection.execute(query.where(run_rows.c.run_id == run_id, run_rows.c.state == ROW_QUEUED)).one()
    return row[0], row[1]


def find_queued_row(connection: Connection, run_id: int, sku: str) -> RunRow | None:
    """The row of a SKU that waits to be applied."""
    chosen = select(run_rows).where(run_rows.c.run_id == run_id, run_rows.c.sku == sku, run_rows.c.state == ROW_QUEUED)
    row = connection.execute(chosen).first()
    return None if row is None else _row(row)


def is_alone(connection: Connection, row: RunRow) -> bool:
    """Whether all that is still to be sent are rows that a worker died at, and this is the first of them."""
    waits = (run_rows.c.state == ROW_PLANNED) & run_rows.c.body.is_not(None)
    goes_first = (run_rows.c.state == ROW_QUEUED) & ((run_rows.c.begun == 0) | (run_rows.c.id < row.id))
    others = select(run_rows.c.id).where(run_rows.c.run_id == row.run_id, run_rows.c.id != row.id, waits | goes_first)
    return connection.execute(others.limit(1)).first() is None


def was_tried(connection: Connection, sku: str) -> bool:
    """Whether a row of this SKU that is not over, also of a run that was cancelled, was begun."""
    tried = run_rows.c.sku == sku, run_rows.c.state == ROW_QUEUED, run_rows.c.tried
    return connection.execute(select(run_rows.c.id).where(*tried).limit(1)).first() is not None


def begin_row(connection: Connection, row_id: int) -> None:
    """Counts, before it happens, that a row is begun: one that kills its worker is recognised by it."""
    connection.execute(update(run_rows).where(run_rows.c.id == row_id).values(begun=run_rows.c.begun + 1, tried=True))


def give_back_row(connection: Connection, row: RunRow) -> None:
    """The row is as it was before it was begun."""
    values = {"begun": row.begun, "tried": row.tried}
    connection.execute(update(run_rows).where(run_rows.c.id == row.id).values(values))


def end_row(connection: Connection, row_id: int, state: str, message: str) -> None:
    """What became of a row; it lives, so its beginnings no longer count."""
    values = {"state": state, "message": message, "begun": 0}
    connection.execute(update(run_rows).where(run_rows.c.id == row_id).values(values))


def count_grave(connection: Connection, run_id: int) -> int:
    """How many live listings the plan would end, zero or reprice."""
    query = select(func.count()).select_from(run_rows).where(run_rows.c.run_id == run_id, run_rows.c.is_grave)
    return connection.execute(query).scalar_one()


def count_requests(connection: Connection, run_id: int) -> int:
    """What sending the whole plan costs."""
    query = select(func.sum(run_rows.c.requests)).where(run_rows.c.run_id == run_id)
    return connection.execute(query).scalar() or 0


def row_counts(connection: Connection, run_id: int) -> Mapping[tuple[str, str], int]:
    """How many rows there are for each action and state."""
    query = (
        select(run_rows.c.action, run_rows.c.state, func.count())
        .where(run_rows.c.run_id == run_id)
        .group_by(run_rows.c.action, run_rows.c.state)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _run(row: Row[Any]) -> Run:
    return Run(*(getattr(row, name) for name in _RUN_COLUMNS))


def _row(row: Row[Any]) -> RunRow:
    values = {name: getattr(row, name) for name in _ROW_COLUMNS}
    return RunRow(**values | {"differences": tuple(row.differences)})


def _listing(row: Row[Any]) -> RunListing:
    return RunListing(row.listing_id, row.sku, row.near_sku, row.is_live, row.listing)
