"""The outbox: changes still to be told to Reverb, one row for each kind and key.

A job is *pending* until it is due and a worker leases it, *leased* while a worker is at it, and *parked* when it
waits for a person. A settled job's row is deleted; its history is in the sync log. A change that arrives while
the job is leased raises its revision, so that settling the older revision makes it pending again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, delete, exists, func, literal, select, update
from sqlalchemy.dialects.sqlite import insert

from reverb_plugin.changes import Change, Kind, Priority, Reason, Scope
from reverb_plugin.store.schema import outbox

PENDING, LEASED, PARKED = "pending", "leased", "parked"


@dataclass(frozen=True, slots=True)
class Job:
    """A job. ``attempts`` counts the tries before this one; ``lease_id`` is empty while it is not leased."""

    id: int
    kind: Kind
    key: str
    scope: Scope
    reason: Reason
    attempts: int
    lease_id: str
    create_sent_at: datetime | None
    refused_fingerprint: str | None


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """A job that waits for a person, and why."""

    id: int
    kind: Kind
    key: str
    attempts: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the last try of a job failed; ``is_parked`` says that it waits for a person."""

    message: str
    is_parked: bool


_new = insert(outbox).values(
    kind=bindparam("kind"),
    key=bindparam("key"),
    scope=bindparam("scope"),
    reason=bindparam("reason"),
    priority=bindparam("priority"),
    available_at=bindparam("available_at"),
    created_at=bindparam("now"),
    state=PENDING,
    revision=1,
    attempts=0,
)
# Reused for every call: building a statement anew costs more than the commit.
_RECORD = _new.on_conflict_do_update(
    index_elements=["kind", "key"],
    set_={
        "revision": outbox.c.revision + 1,
        "scope": case((_new.excluded.scope == Scope.ALL, _new.excluded.scope), else_=outbox.c.scope),
        # Only a product that was saved lifts a tombstone: what joins it must not hide that it was.
        "reason": case((outbox.c.reason == Reason.PRODUCT_SAVED, outbox.c.reason), else_=_new.excluded.reason),
        "priority": func.min(outbox.c.priority, _new.excluded.priority),
        "state": case((outbox.c.state == PARKED, PENDING), else_=outbox.c.state),
        "attempts": case((outbox.c.state == PARKED, 0), else_=outbox.c.attempts),
        "available_at": func.min(outbox.c.available_at, _new.excluded.available_at),
    },
).returning(outbox.c.revision)
_RECORD_MISSING = _new.on_conflict_do_nothing(index_elements=["kind", "key"])

_busy = outbox.alias("busy")
_IS_FREE = (outbox.c.state == PENDING) & ~exists(
    select(literal(1)).where(_busy.c.key == outbox.c.key, _busy.c.state == LEASED)
)
# One look into the index for each priority; the least of all rows would have to be searched for.
_FIRST_DUE = select(
    *(
        select(outbox.c.available_at)
        .where(_IS_FREE, outbox.c.priority == int(priority))
        .order_by(outbox.c.available_at, outbox.c.id)
        .limit(1)
        .scalar_subquery()
        for priority in Priority
    )
)


def _lease_of(chosen: Any) -> Any:
    due = select(outbox.c.id).where(chosen, outbox.c.available_at <= bindparam("now"))
    first = due.order_by(outbox.c.priority, outbox.c.available_at, outbox.c.id).limit(1)
    return (
        update(outbox)
        .where(outbox.c.id == first.scalar_subquery())
        .values(
            state=LEASED,
            lease_id=bindparam("lease_id"),
            leased_until=bindparam("leased_until"),
            leased_revision=outbox.c.revision,
        )
        .returning(outbox)
    )


_LEASE = _lease_of(_IS_FREE)
_LEASE_NO_QUANTITY = _lease_of(_IS_FREE & outbox.c.kind.not_in([Kind.PUSH_PRODUCT, Kind.APPLY_ROW]))


def record(connection: Connection, change: Change, now: datetime) -> bool:
    """Notes a change; True when it joined a row that was there already."""
    return bool(connection.execute(_RECORD, _values(change, now)).scalar_one() > 1)


def record_missing(connection: Connection, change: Change, now: datetime) -> None:
    """Notes a change of which no row is there any more; one that is there stays as it is."""
    connection.execute(_RECORD_MISSING, _values(change, now))


def _values(change: Change, now: datetime) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "key": change.key,
        "scope": change.scope,
        "reason": change.reason,
        "priority": int(change.priority),
        "available_at": now + timedelta(seconds=change.delay_seconds),
        "now": now,
    }


def is_noted(connection: Connection, kind: Kind, key: str) -> bool:
    """Whether there is such a job."""
    query = select(outbox.c.id).where(outbox.c.kind == kind, outbox.c.key == key)
    return connection.execute(query).scalar() is not None


def lease(
    connection: Connection, lease_id: str, now: datetime, seconds: float, *, orders_first: bool = False
) -> Job | None:
    """Claims the most urgent job that is due and whose key no other job is leased for.

    ``orders_first``: none that would send a quantity.
    """
    row = connection.execute(
        _LEASE_NO_QUANTITY if orders_first else _LEASE,
        {"now": now, "lease_id": lease_id, "leased_until": now + timedelta(seconds=seconds)},
    ).one_or_none()
    return None if row is None else _job(row)


def note_create_sent(connection: Connection, job: Job, now: datetime) -> None:
    """Remembers, before it happens, that a listing is being created: the answer may get lost."""
    connection.execute(update(outbox).where(_is_ours(job)).values(create_sent_at=now))


def complete(connection: Connection, job: Job, now: datetime) -> bool:
    """Ends the job; when a change arrived meanwhile it is pending again. False when the job is no longer ours."""
    ours = _is_ours(job)
    done = connection.execute(delete(outbox).where(ours, outbox.c.revision == outbox.c.leased_revision))
    return done.rowcount == 1 or _give_back(connection, job, now, attempts=0, create_sent_at=None)


def defer(
    connection: Connection,
    job: Job,
    now: datetime,
    until: datetime,
    *,
    counts: bool,
    code: str,
    message: str,
    create_sent_at: datetime | None,
) -> bool:
    """Makes the job pending again, due at ``until``, or at once when a change arrived meanwhile.

    ``counts`` says whether this was one of its tries. False when the job is no longer ours.
    """
    return _give_back(
        connection,
        job,
        case((_SUPERSEDED, literal(now, outbox.c.available_at.type)), else_=literal(until, outbox.c.available_at.type)),
        attempts=outbox.c.attempts + (1 if counts else 0),
        error_code=code,
        error_message=message,
        create_sent_at=create_sent_at,
    )


def park(
    connection: Connection,
    job: Job,
    now: datetime,
    *,
    code: str,
    message: str,
    refused_fingerprint: str | None,
    create_sent_at: datetime | None,
) -> bool:
    """Stops the job until a person or a new change wakes it; a change that arrived meanwhile wakes it at once.

    False when the job is no longer ours.
    """
    return _give_back(
        connection,
        job,
        now,
        state=case((_SUPERSEDED, PENDING), else_=PARKED),
        attempts=case((_SUPERSEDED, 0), else_=outbox.c.attempts + 1),
        create_sent_at=create_sent_at,
        refused_fingerprint=refused_fingerprint,
        error_code=code,
        error_message=message,
    )


def release(connection: Connection, job: Job, now: datetime) -> None:
    """Gives a job back that was leased and not begun."""
    _give_back(connection, job, now, create_sent_at=job.create_sent_at)


def forget_parked(connection: Connection, sku: str) -> None:
    """Nobody has to care any more for what is parked for a SKU."""
    parked_of_sku = outbox.c.key == sku, outbox.c.state == PARKED, outbox.c.kind != Kind.RUN_STEP
    connection.execute(delete(outbox).where(*parked_of_sku))


def forget_parked_step(connection: Connection, run_id: int) -> None:
    """Nobody has to care any more for the step that a run of this number could not do."""
    step = outbox.c.kind == Kind.RUN_STEP, outbox.c.key == str(run_id), outbox.c.state == PARKED
    connection.execute(delete(outbox).where(*step))


def reap(
    connection: Connection, now: datetime, ends_before: datetime, keeper: str | None = None
) -> Sequence[tuple[Kind, str]]:
    """Takes back the jobs whose lease ends before a moment, except those of ``keeper``; kind and key of each."""
    expired = outbox.c.leased_until < ends_before
    if keeper is not None:
        expired &= ~_is_of(keeper)
    return _take_back(connection, expired, now)


def reap_of(connection: Connection, owner: str, now: datetime) -> Sequence[tuple[Kind, str]]:
    """Takes back all jobs of a process that is no more; kind and key of each."""
    return _take_back(connection, _is_of(owner), now)


def _is_of(owner: str) -> Any:
    return outbox.c.lease_id.startswith(f"{owner}:", autoescape=True)


def _take_back(connection: Connection, chosen: Any, now: datetime) -> Sequence[tuple[Kind, str]]:
    values = _again(now, attempts=outbox.c.attempts + 1)
    taken = update(outbox).where(outbox.c.state == LEASED, chosen).values(values).returning(outbox.c.kind, outbox.c.key)
    return [(Kind(row.kind), row.key) for row in connection.execute(taken)]


def retry(connection: Connection, now: datetime, key: str | None) -> int:
    """Wakes the parked jobs of one key, or all; how many there were."""
    chosen = outbox.c.state == PARKED
    if key is not None:
        chosen &= outbox.c.key == key
    values = _again(now, attempts=0, refused_fingerprint=None)
    return connection.execute(update(outbox).where(chosen).values(values)).rowcount


def find_trouble(connection: Connection, kind: Kind, key: str) -> Trouble | None:
    """Why the job does not get on; None when its last try went well, or there is no such job."""
    query = select(outbox.c.error_message, outbox.c.state).where(outbox.c.kind == kind, outbox.c.key == key)
    row = connection.execute(query).one_or_none()
    return Trouble(row.error_message, row.state == PARKED) if row is not None and row.error_message else None


def find(connection: Connection, kind: Kind, key: str) -> Job | None:
    """The job, leased or not."""
    row = connection.execute(select(outbox).where(outbox.c.kind == kind, outbox.c.key == key)).one_or_none()
    return None if row is None else _job(row)


def counts(connection: Connection) -> Mapping[str, int]:
    """How many jobs there are in each state."""
    rows = connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    return {PENDING: 0, LEASED: 0, PARKED: 0} | {row[0]: row[1] for row in rows}


def waiting_skus(connection: Connection) -> Sequence[str]:
    """The SKUs of all jobs that are not parked, in order; those of a run are its own affair.

    Reading orders and telling Reverb of a parcel need no shop, whichever it is.
    """
    shopless = Kind.RUN_STEP, Kind.APPLY_ROW, Kind.POLL_ORDERS, Kind.SHIP_ORDER
    waits = outbox.c.state != PARKED, outbox.c.kind.not_in(shopless)
    return connection.execute(select(outbox.c.key).where(*waits).distinct().order_by(outbox.c.key)).scalars().all()


def oldest_due_at(connection: Connection) -> datetime | None:
    """Since when the oldest job that is not parked has been waiting."""
    query = select(func.min(outbox.c.created_at, type_=outbox.c.created_at.type)).where(outbox.c.state != PARKED)
    return connection.execute(query).scalar()


def next_due_at(connection: Connection) -> datetime | None:
    """When the next job can be leased; None when there is none."""
    moments = [moment for moment in connection.execute(_FIRST_DUE).one() if moment is not None]
    return min(moments, default=None)


def parked(connection: Connection, limit: int) -> Sequence[ParkedJob]:
    """The jobs that wait for a person, longest first."""
    rows = connection.execute(
        select(outbox).where(outbox.c.state == PARKED).order_by(outbox.c.available_at, outbox.c.id).limit(limit)
    )
    return [
        ParkedJob(row.id, Kind(row.kind), row.key, row.attempts, row.error_code or "", row.error_message or "")
        for row in rows
    ]


_SUPERSEDED = outbox.c.revision != outbox.c.leased_revision


def _give_back(connection: Connection, job: Job, available_at: Any, **more: Any) -> bool:
    values = _again(available_at, **more)
    return connection.execute(update(outbox).where(_is_ours(job)).values(values)).rowcount == 1


def _again(available_at: Any, **more: Any) -> dict[str, Any]:
    return {
        "state": PENDING,
        "available_at": available_at,
        "lease_id": None,
        "leased_until": None,
        "leased_revision": None,
    } | more


def _is_ours(job: Job) -> Any:
    """A worker whose lease was taken back must not touch what another one does now."""
    return (outbox.c.id == job.id) & (outbox.c.lease_id == job.lease_id)


def _job(row: Row[Any]) -> Job:
    return Job(
        row.id,
        Kind(row.kind),
        row.key,
        Scope(row.scope),
        Reason(row.reason),
        row.attempts,
        row.lease_id or "",
        row.create_sent_at,
        row.refused_fingerprint,
    )
