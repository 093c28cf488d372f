"""What the checks ask of the database and nobody else does. Every method is one look, and bounded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select

from reverb_plugin.changes import Kind, Outcome, Reason
from reverb_plugin.store import sync_log
from reverb_plugin.store.engine import Database
from reverb_plugin.store.outbox import LEASED, PARKED
from reverb_plugin.store.schema import exchanges, outbox, run_rows, runs, sender, settings
from reverb_plugin.store.schema import sync_log as log_rows
from reverb_plugin.store.sync_log import LogEntry, LogFilter

MOST_PARKED = 5_000
NEWEST_ROWS = 2_000
NEWEST_RUNS = 10
NEWEST_EXCHANGES = 50
FEWEST_EXCHANGES = 5
MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """A job that waits for a person, in short."""

    kind: Kind
    key: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Flip:
    """A field of a listing that we set right and that Reverb showed wrong again: ``shown`` instead of ``wanted``."""

    sku: str
    field: str
    wanted: str
    shown: str


class CheckStore:
    """Facts about one environment, for checks."""

    def __init__(self, database: Database, environment: str) -> None:
        self._database = database
        self._environment = environment

    def leaseholders(self, now: datetime) -> Sequence[str]:
        """The processes that are sending a job now."""
        query = select(outbox.c.lease_id).where(outbox.c.state == LEASED, outbox.c.leased_until >= now)
        with self._database.read() as connection:
            leases = connection.execute(query).scalars().all()
        return list(dict.fromkeys(lease.rpartition(":")[0] for lease in leases if lease))

    def parked(self) -> Sequence[ParkedRow]:
        """The jobs that wait for a person, longest first."""
        columns = outbox.c.kind, outbox.c.key, outbox.c.error_code, outbox.c.error_message
        query = select(*columns).where(outbox.c.state == PARKED).order_by(outbox.c.available_at).limit(MOST_PARKED)
        with self._database.read() as connection:
            return [
                ParkedRow(Kind(row.kind), row.key, row.error_code or "", row.error_message or "")
                for row in connection.execute(query)
            ]

    def has_reason(self, reasons: Collection[Reason]) -> bool:
        """Whether anything was ever noted for one of these reasons, as far as the log reaches back."""
        in_log = select(literal(1)).where(log_rows.c.reason.in_(reasons)).limit(1)
        in_queue = select(literal(1)).where(outbox.c.reason.in_(reasons)).limit(1)
        with self._database.read() as connection:
            return any(connection.execute(query).scalar() for query in (in_queue, in_log))

    def told_skus(self, reasons: Collection[Reason], most: int) -> Sequence[LogEntry]:
        """The newest rows of SKUs whose newest row came of one of these reasons and was no failure."""
        with self._database.read() as connection:
            rows = sync_log.page(connection, LogFilter(), NEWEST_ROWS)
        newest: dict[str, LogEntry] = {}
        for row in rows:
            if row.environment == self._environment:
                newest.setdefault(row.sku, row)
        good = {Outcome.UNCHANGED, Outcome.UPDATED, Outcome.CREATED, Outcome.SKIPPED}
        return [row for row in newest.values() if row.reason in reasons and row.outcome in good][:most]

    def settings_saved_at(self, name: str | None = None) -> datetime | None:
        """When a person last saved a setting, or this one."""
        newest = select(func.max(settings.c.saved_at, type_=settings.c.saved_at.type))
        if name is not None:
            newest = newest.where(settings.c.name == name)
        with self._database.read() as connection:
            return connection.execute(newest).scalar()

    def count_edits(self, since: datetime) -> Sequence[tuple[str, int]]:
        """The SKUs whose quantity was edited on Reverb since, and how often, the most often first."""
        number = func.count()
        query = (
            select(log_rows.c.sku, number)
            .where(log_rows.c.created_at >= since, log_rows.c.reason == Reason.REVERB_EDIT)
            .where(log_rows.c.outcome == Outcome.MOVED)
            .where(log_rows.c.environment == self._environment)
            .group_by(log_rows.c.sku)
            .order_by(number.desc())
            .limit(MOST_PARKED)
        )
        with self._database.read() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    def usual_seconds(self, since: datetime) -> float:
        """How long an answer of Reverb took since, in the middle; 0 when too few are kept."""
        query = (
            select(exchanges.c.duration_seconds)
            .join(log_rows, log_rows.c.id == exchanges.c.entry_id)
            .where(log_rows.c.created_at >= since)
            .order_by(exchanges.c.entry_id.desc())
            .limit(NEWEST_EXCHANGES)
        )
        with self._database.read() as connection:
            taken = sorted(connection.execute(query).scalars())
        return taken[len(taken) // 2] if len(taken) >= FEWEST_EXCHANGES else 0.0

    def senders(self, now: datetime) -> Sequence[str]:
        """The processes with the right to send; there should be one at most."""
        with self._database.read() as connection:
            return connection.execute(select(sender.c.owner).where(sender.c.leased_until >= now)).scalars().all()

    def find_last_sender(self) -> str | None:
        """The process that has the right to send, or had it last and did not give it back."""
        with self._database.read() as connection:
            return connection.execute(select(sender.c.owner)).scalar()

    def flips(self) -> Sequence[Flip]:
        """Fields that were set right between two of the last runs and were wrong again, though the shop's stayed."""
        seen: dict[tuple[str, str], tuple[str, datetime]] = {}
        found = []
        with self._database.read() as connection:
            newest = (
                select(runs.c.id, runs.c.planned_at)
                .where(runs.c.environment == self._environment, runs.c.planned_at.is_not(None))
                .order_by(runs.c.id.desc())
                .limit(NEWEST_RUNS)
            )
            planned = {row.id: row.planned_at for row in connection.execute(newest)}
            rows = connection.execute(
                select(run_rows.c.run_id, run_rows.c.sku, run_rows.c.differences, run_rows.c.state)
                .where(run_rows.c.run_id.in_(planned), run_rows.c.body.is_not(None), run_rows.c.method.is_not("POST"))
                .order_by(run_rows.c.run_id, run_rows.c.id)
                .limit(MOST_ROWS)
            ).all()
            for row in rows:
                for difference in row.differences:
                    key = row.sku, difference["field"]
                    before = seen.get(key)
                    seen[key] = difference["new"], planned[row.run_id]
                    if before is None or before[0] != difference["new"]:
                        continue
                    between = LogFilter(
                        sku=row.sku, outcome=Outcome.UPDATED, since=before[1], until=planned[row.run_id]
                    )
                    if sync_log.count(connection, between, 1):
                        found.append(Flip(row.sku, difference["field"], difference["new"], difference["old"]))
        return found
