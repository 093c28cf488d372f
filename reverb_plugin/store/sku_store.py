"""What is remembered of SKUs, page by page: the link, how the last attempt ended, what waits. One query each."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from reverb_plugin.changes import Kind
from reverb_plugin.errors import FieldError
from reverb_plugin.store import links, sync_log
from reverb_plugin.store.engine import Database
from reverb_plugin.store.links import Link
from reverb_plugin.store.outbox import LEASED, PARKED
from reverb_plugin.store.schema import links as links_table
from reverb_plugin.store.schema import outbox
from reverb_plugin.store.schema import sync_log as log_table
from reverb_plugin.store.sync_log import LogEntry


@dataclass(frozen=True, slots=True)
class LastOutcome:
    """How the last attempt for a SKU ended; ``id`` is its row in the sync log."""

    id: int
    created_at: datetime
    outcome: str
    message: str
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A job for a SKU that is still to be done; one that ``is_parked`` waits for a person."""

    kind: str
    is_parked: bool
    is_leased: bool
    message: str


@dataclass(frozen=True, slots=True)
class SkuState:
    """All that is remembered of one SKU; ``job`` is a parked one, if there is any."""

    link: Link | None = None
    last: LastOutcome | None = None
    job: WaitingJob | None = None

    @property
    def complaint(self) -> str:
        """Why it waits for a person, field by field; empty when it does not."""
        if self.job is None or not self.job.is_parked:
            return ""
        errors = self.last.errors if self.last is not None else ()
        return " ".join([self.job.message or "It could not be sent.", *(f"{error}." for error in errors)])


_asked = func.json_each(bindparam("skus")).table_valued("value", name="asked")
_of_sku = (log_table.c.sku == _asked.c.value) & (log_table.c.environment == bindparam("environment"))
_newest = (
    select(log_table.c.id)
    .where(_of_sku)
    .order_by(log_table.c.created_at.desc(), log_table.c.id.desc())
    .limit(1)
    .correlate(_asked)
)
# One look into the index for each SKU, however long its history is.
_LAST = select(*(log_table.c[name] for name in ("id", "sku", "created_at", "outcome", "message", "errors"))).where(
    log_table.c.id.in_(select(_newest.scalar_subquery()).select_from(_asked))
)


class SkuStore:
    """The SKUs of one environment."""

    def __init__(self, database: Database, environment: str) -> None:
        self._database = database
        self._environment = environment

    def states(self, skus: Sequence[str]) -> Mapping[str, SkuState]:
        """What is remembered of each of these SKUs."""
        with self._database.read() as connection:
            linked = links.find_all(connection, self._environment, skus)
            last = self._last(connection, skus)
            jobs = _jobs(connection, skus)
        return {sku: SkuState(linked.get(sku), last.get(sku), jobs.get(sku)) for sku in skus}

    def find_listed(self, skus: Collection[str]) -> set[str]:
        """Those of the SKUs that have a listing."""
        listed = select(links_table.c.sku).where(
            links_table.c.environment == self._environment,
            links_table.c.sku.in_(list(skus)),
            links_table.c.listing_id.is_not(None),
        )
        with self._database.read() as connection:
            return set(connection.execute(listed).scalars())

    def links(self, after_sku: str = "", limit: int = 500) -> Sequence[Link]:
        """What is remembered of SKUs, by SKU, those behind ``after_sku``."""
        chosen = select(links_table.c.sku).where(
            links_table.c.environment == self._environment, links_table.c.sku > after_sku
        )
        with self._database.read() as connection:
            skus = connection.execute(chosen.order_by(links_table.c.sku).limit(limit)).scalars().all()
            found = links.find_all(connection, self._environment, skus)
        return [found[sku] for sku in skus]

    def deleted(self, after_sku: str = "", limit: int = 50, *, contains: str = "") -> Sequence[Link]:
        """The tombstones by SKU, those behind ``after_sku``; only SKUs that hold ``contains``, whatever its case."""
        chosen = select(links_table.c.sku).where(
            links_table.c.environment == self._environment,
            links_table.c.sku > after_sku,
            links_table.c.deleted_at.is_not(None),
        )
        if contains:
            chosen = chosen.where(links_table.c.sku.icontains(contains, autoescape=True))
        with self._database.read() as connection:
            skus = connection.execute(chosen.order_by(links_table.c.sku).limit(limit)).scalars().all()
            found = links.find_all(connection, self._environment, skus)
        return [found[sku] for sku in skus]

    def parked(self, after_sku: str = "", limit: int = 50, *, contains: str = "") -> Sequence[str]:
        """The SKUs of which a job waits for a person, those behind ``after_sku``."""
        chosen = select(outbox.c.key).where(
            outbox.c.state == PARKED, outbox.c.kind != Kind.RUN_STEP, outbox.c.key > after_sku
        )
        if contains:
            chosen = chosen.where(outbox.c.key.icontains(contains, autoescape=True))
        with self._database.read() as connection:
            return connection.execute(chosen.distinct().order_by(outbox.c.key).limit(limit)).scalars().all()

    def adopt(self, link: Link, entry: LogEntry) -> bool:
        """Links a SKU to a listing, with a row in the sync log; False when another SKU has that listing."""
        taken = select(links_table.c.sku).where(
            links_table.c.environment == self._environment,
            links_table.c.listing_id == link.listing_id,
            links_table.c.sku != link.sku,
        )
        with self._database.write() as connection:
            if connection.execute(taken.limit(1)).first() is not None:
                return False
            links.save(connection, self._environment, link)
            sync_log.append(connection, entry)
            return True

    def _last(self, connection: Connection, skus: Sequence[str]) -> Mapping[str, LastOutcome]:
        rows = connection.execute(_LAST, {"skus": json.dumps(list(skus)), "environment": self._environment})
        return {row.sku: _last_outcome(row) for row in rows}


def _last_outcome(row: Row[Any]) -> LastOutcome:
    errors = tuple(FieldError(each["field"], each["message"]) for each in row.errors)
    return LastOutcome(row.id, row.created_at, row.outcome, row.message, errors)


def _jobs(connection: Connection, skus: Sequence[str]) -> Mapping[str, WaitingJob]:
    """The keys of steps of a run are numbers, which are SKUs too."""
    columns = outbox.c.key, outbox.c.kind, outbox.c.state, outbox.c.error_message
    chosen = outbox.c.key.in_(list(skus)), outbox.c.kind != Kind.RUN_STEP
    jobs: dict[str, WaitingJob] = {}
    for row in connection.execute(select(*columns).where(*chosen)):
        if row.key not in jobs or row.state == PARKED:
            jobs[row.key] = WaitingJob(row.kind, row.state == PARKED, row.state == LEASED, row.error_message or "")
    return jobs
