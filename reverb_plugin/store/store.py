"""The store: every transaction the plugin makes, by name. Each method is one transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from reverb_plugin.changes import Change, Kind, shipment_noted
from reverb_plugin.clock import Clock
from reverb_plugin.errors import StoreLockedError
from reverb_plugin.store import (
    backup,
    cache,
    exchanges,
    links,
    migrate,
    orders,
    outbox,
    remote_state,
    runs,
    saved_settings,
    sender,
    shipments,
    stock,
    sync_log,
)
from reverb_plugin.store.cache import Cached
from reverb_plugin.store.check_store import CheckStore
from reverb_plugin.store.engine import Database
from reverb_plugin.store.exchanges import Exchange
from reverb_plugin.store.links import Link
from reverb_plugin.store.log_store import LogStore
from reverb_plugin.store.order_history import OrderHistory
from reverb_plugin.store.order_store import OrderStore
from reverb_plugin.store.outbox import Job, ParkedJob, Trouble
from reverb_plugin.store.remote_state import RemoteState
from reverb_plugin.store.run_store import RowResult, RunStore
from reverb_plugin.store.sender import Sender
from reverb_plugin.store.shipments import ShipmentRow
from reverb_plugin.store.sku_store import SkuStore
from reverb_plugin.store.stock import StockShown
from reverb_plugin.store.sync_log import CHUNK, LogEntry, LogFilter

FILE_NAME = "reverb-plugin.sqlite3"
HOLD_FILE = "update/journal.json"
"""While it is there nobody but the update itself may migrate the database: the old version may have to come back."""

TOO_EARLY = "hook in a transaction"
"""What was last seen of it is kept under this name."""

SENDS_NOTHING = frozenset({Kind.RUN_STEP, Kind.POLL_ORDERS, Kind.IMPORT_ORDER, Kind.MOVE_STOCK, Kind.SHIP_ORDER})
"""Jobs that change no listing."""


def open_store(folder: Path, environment: str, clock: Clock) -> "Store":
    """The store in ``folder``; the file is opened, and brought to the newest version, when it is first used."""

    def bring_up(connection: Connection) -> None:
        if (folder / HOLD_FILE).exists() and migrate.is_old(connection):
            raise StoreLockedError("the plugin is being updated; its database is migrated when that is done")
        migrate.migrate(connection)

    return Store(Database(folder / FILE_NAME, migrate.is_current, bring_up, clock), environment, clock)


@dataclass(frozen=True, slots=True)
class Done:
    """The job is finished."""


@dataclass(frozen=True, slots=True)
class Later:
    """The job is tried again after ``delay_seconds``; ``counts`` says whether this was one of its tries."""

    delay_seconds: float
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Park:
    """The job waits for a person, or for the product to change from ``refused_fingerprint``."""

    refused_fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """Everything that is remembered of one attempt; it is written in one transaction or not at all.

    ``forget`` names SKUs whose links are removed before ``link`` is saved. ``create_sent_at`` is kept for the next
    try: since then a listing may exist that we got no answer about. When ``product_is_gone``, nobody has to care any
    more for what is parked for its SKU. ``entry`` is None for a step that people need not see; ``row`` is what became
    of the row of a mass sync. ``exchanges`` belong to ``entry``; their texts hold no secret any more. ``shown`` is what
    Reverb now shows of the stock.
    """

    next: Done | Later | Park
    entry: LogEntry | None
    link: Link | None = None
    forget: tuple[str, ...] = ()
    follow_up: Change | None = None
    create_sent_at: datetime | None = None
    product_is_gone: bool = False
    row: RowResult | None = None
    exchanges: tuple[Exchange, ...] = ()
    shown: StockShown | None = None


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """The outbox in figures."""

    pending: int
    leased: int
    parked: int
    oldest_at: datetime | None


class Store:
    """All that the plugin remembers.

    Args:
        database: where it is kept.
        environment: whose links and remote state are meant: ``sandbox`` or ``production``.
        clock: what time it is.

    Every method raises :class:`~reverb_plugin.errors.StoreError` when the database cannot be used.
    """

    def __init__(self, database: Database, environment: str, clock: Clock) -> None:
        self.environment = environment
        self._clock = clock
        self._database = database

    def of(self, environment: str) -> "Store":
        """The same database, with the links and the remote state of another environment."""
        return Store(self._database, environment, self._clock)

    @property
    def path(self) -> Path:
        """The database file."""
        return self._database.path

    @property
    def runs(self) -> RunStore:
        """Mass syncs and drift checks."""
        return RunStore(self._database, self.environment, self._clock)

    @property
    def skus(self) -> SkuStore:
        """What is remembered of SKUs, page by page."""
        return SkuStore(self._database, self.environment)

    @property
    def log(self) -> LogStore:
        """The sync log for a reader."""
        return LogStore(self._database, self.environment, self._clock)

    @property
    def orders(self) -> OrderStore:
        """Orders on Reverb, and the stock they move."""
        return OrderStore(self._database, self.environment, self._clock)

    @property
    def checks(self) -> CheckStore:
        """What only checks ask for."""
        return CheckStore(self._database, self.environment)

    @property
    def order_history(self) -> OrderHistory:
        """What became of orders."""
        return OrderHistory(self._database, self.environment)

    def close(self) -> None:
        """Lets go of the file; the next use opens it again."""
        self._database.close()

    def hurried(self, seconds: float) -> AbstractContextManager[None]:
        """Meanwhile no thread waits longer than that for another process: a buyer waits for this one."""
        return self._database.hurried(seconds)

    # What changed

    def record(
        self, changes: Iterable[Change], returned: Iterable[tuple[str, Mapping[str, int]]] = (), *, too_early: str = ""
    ) -> Sequence[bool]:
        """Notes changes; for each, whether it joined one that was noted already.

        ``returned`` are orders in the shop, each with what came back of it, by SKU. ``too_early`` names the
        transaction of the shop that was still open.
        """
        now = self._clock.now()
        with self._database.write() as connection:
            if too_early:
                cache.save(connection, self.environment, TOO_EARLY, too_early, now)
            for order_id, units in returned:
                orders.note_returned(connection, order_id, units)
            return [outbox.record(connection, change, now) for change in changes]

    def record_shipment(self, order_id: str, carrier: str, tracking_number: str) -> bool:
        """Remembers a parcel; False when it was known already."""
        now = self._clock.now()
        with self._database.write() as connection:
            outbox.record(connection, shipment_noted(order_id), now)
            return shipments.record(connection, order_id, carrier, tracking_number, now)

    def waiting_shipments(self, order_id: str) -> Sequence[ShipmentRow]:
        """The parcels of an order that Reverb was not told of yet."""
        with self._database.read() as connection:
            return shipments.waiting_of(connection, order_id)

    def rename_shipments(self, order_id: str, number: str) -> None:
        """Has the parcels of an order that were noted under the shop's id sent under Reverb's number."""
        with self._database.write() as connection:
            shipments.rename(connection, order_id, number, self._clock.now())
            outbox.record(connection, shipment_noted(number), self._clock.now())

    def end_shipment(self, shipment_id: int, state: str, provider: str | None, message: str) -> None:
        """What became of a parcel."""
        with self._database.write() as connection:
            shipments.end(connection, shipment_id, state, provider, message, self._clock.now())

    def queue_shipments(self) -> None:
        """Takes up the parcels that were noted while shipments were not sent."""
        with self._database.write() as connection:
            for order_id in shipments.forgotten(connection, CHUNK):
                outbox.record(connection, shipment_noted(order_id), self._clock.now())

    # Jobs

    def lease(self, lease_id: str, seconds: float, *, orders_first: bool = False) -> Job | None:
        """Claims the most urgent due job for ``seconds``; ``orders_first``: none that would send a quantity."""
        with self._database.write() as connection:
            return outbox.lease(connection, lease_id, self._clock.now(), seconds, orders_first=orders_first)

    def release(self, job: Job) -> None:
        """Gives back a job that was not begun."""
        with self._database.write() as connection:
            outbox.release(connection, job, self._clock.now())

    def reap(self) -> int:
        """Takes back the jobs of workers that died, whose last request may have reached Reverb; how many it was."""
        return self._reap(self._clock.now(), None)

    def reap_from_others(self, owner: str, ending_within_seconds: float) -> int:
        """Takes back what processes other than ``owner`` have leased, when the lease ends soon enough."""
        return self._reap(self._clock.now() + timedelta(seconds=ending_within_seconds), owner)

    def bury(self, owner: str) -> None:
        """Takes over from a process that is no more: its right to send, and the jobs it had leased."""
        with self._database.write() as connection:
            sender.give_up(connection, owner)
            self._mistrust(connection, outbox.reap_of(connection, owner, self._clock.now()))

    def _reap(self, ends_before: datetime, keeper: str | None) -> int:
        with self._database.write() as connection:
            reaped = outbox.reap(connection, self._clock.now(), ends_before, keeper)
            self._mistrust(connection, reaped)
            return len(reaped)

    @staticmethod
    def _mistrust(connection: Connection, reaped: Iterable[tuple[Kind, str]]) -> None:
        """What a worker was sending when it died may have arrived; the step of a run sends nothing."""
        for kind, key in reaped:
            if kind in SENDS_NOTHING or (kind is Kind.APPLY_ROW and not runs.was_tried(connection, key)):
                continue
            links.forget_sent(connection, key)

    def retry(self, sku: str | None = None) -> int:
        """Wakes the parked jobs of one SKU, or all; how many there were."""
        with self._database.write() as connection:
            return outbox.retry(connection, self._clock.now(), sku)

    def note_create_sent(self, job: Job) -> None:
        """Remembers, before it is sent, that a listing is being created."""
        with self._database.write() as connection:
            outbox.note_create_sent(connection, job, self._clock.now())

    def settle(self, job: Job, settlement: Settlement) -> None:
        """Ends an attempt: job, link and log row together.

        When the job was taken back meanwhile, another worker is at it: then only what happened is logged.
        """
        now = self._clock.now()
        with self._database.write() as connection:
            if self._end(connection, job, settlement, now):
                self._remember(connection, job, settlement, now)
            if settlement.entry is not None:
                entry_id = sync_log.append(connection, settlement.entry)
                exchanges.save(connection, entry_id, settlement.exchanges)

    def _remember(self, connection: Connection, job: Job, settlement: Settlement, now: datetime) -> None:
        for sku in settlement.forget:
            links.remove(connection, self.environment, sku)
        if settlement.link is not None:
            links.save(connection, self.environment, settlement.link)
        if settlement.product_is_gone:
            outbox.forget_parked(connection, job.key)
        if settlement.follow_up is not None:
            outbox.record(connection, settlement.follow_up, now)
        if settlement.row is not None:
            runs.end_row(connection, settlement.row.row_id, settlement.row.state, settlement.row.message)
        if settlement.shown is not None:
            stock.note_shown(connection, self.environment, settlement.shown, now)

    @staticmethod
    def _end(connection: Connection, job: Job, settlement: Settlement, now: datetime) -> bool:
        entry = settlement.entry
        known: dict[str, Any] = {
            "code": entry.code or "" if entry is not None else "",
            "message": entry.message if entry is not None else "",
            "create_sent_at": settlement.create_sent_at,
        }
        match settlement.next:
            case Done():
                return outbox.complete(connection, job, now)
            case Later(delay_seconds, counts):
                until = now + timedelta(seconds=delay_seconds)
                return outbox.defer(connection, job, now, until, counts=counts, **known)
            case Park(fingerprint):
                return outbox.park(connection, job, now, refused_fingerprint=fingerprint, **known)

    def queue_status(self) -> QueueStatus:
        """How much there is to do, and for how long it has been waiting."""
        with self._database.read() as connection:
            numbers = outbox.counts(connection)
            return QueueStatus(
                numbers[outbox.PENDING],
                numbers[outbox.LEASED],
                numbers[outbox.PARKED],
                outbox.oldest_due_at(connection),
            )

    def waiting_skus(self) -> Sequence[str]:
        """The SKUs of all jobs that are not parked; those of a run are its own affair."""
        with self._database.read() as connection:
            return outbox.waiting_skus(connection)

    def next_due_at(self) -> datetime | None:
        """When the next job is due."""
        with self._database.read() as connection:
            return outbox.next_due_at(connection)

    def parked_jobs(self, limit: int = 100) -> Sequence[ParkedJob]:
        """The jobs that wait for a person."""
        with self._database.read() as connection:
            return outbox.parked(connection, limit)

    def find_job(self, kind: Kind, key: str) -> Job | None:
        """The job as it is, leased or not."""
        with self._database.read() as connection:
            return outbox.find(connection, kind, key)

    def find_trouble(self, kind: Kind, key: str) -> Trouble | None:
        """Why a job does not get on; None when its last try went well, or there is no such job."""
        with self._database.read() as connection:
            return outbox.find_trouble(connection, kind, key)

    # Links

    def find_link(self, sku: str) -> Link | None:
        """What is remembered of a SKU."""
        with self._database.read() as connection:
            return links.find(connection, self.environment, sku)

    def replace_link(self, sku: str, link: Link | None) -> None:
        """From now on this is what is remembered of a SKU; None is nothing."""
        with self._database.write() as connection:
            links.remove(connection, self.environment, sku)
            if link is not None:
                links.save(connection, self.environment, link)

    def find_links(self, skus: Sequence[str]) -> Mapping[str, Link]:
        """What is remembered of these SKUs."""
        with self._database.read() as connection:
            return links.find_all(connection, self.environment, skus)

    def find_links_by_product(self, product_id: str) -> Sequence[Link]:
        """What is remembered of a product by its id in the shop."""
        with self._database.read() as connection:
            return links.find_by_product(connection, self.environment, product_id)

    def is_linked(self, listing_id: str) -> bool:
        """Whether the listing belongs to some SKU."""
        with self._database.read() as connection:
            return links.is_linked(connection, self.environment, listing_id)

    def count_links(self) -> int:
        """How many SKUs have a listing."""
        with self._database.read() as connection:
            return links.count(connection, self.environment)

    # The sync log

    def log_page(self, chosen: LogFilter | None = None, limit: int = 50) -> Sequence[LogEntry]:
        """The newest rows of the sync log that match."""
        with self._database.read() as connection:
            return sync_log.page(connection, chosen or LogFilter(), limit)

    def first_logged_at(self) -> datetime | None:
        """The time of the oldest row of the sync log of this environment."""
        with self._database.read() as connection:
            return sync_log.first_at(connection, self.environment)

    def trim_log(self, keep_days: int, keep_rows: int) -> int:
        """Deletes what retention no longer keeps, chunk by chunk; how many rows of the log it was."""
        now = self._clock.now()
        total = self._in_chunks(partial(sync_log.trim, now=now, keep_days=keep_days, keep_rows=keep_rows))
        self._in_chunks(partial(exchanges.trim, most_bytes=exchanges.MOST_BYTES, chunk=CHUNK))
        with self._database.write() as connection:
            sync_log.trim_days(connection, now, keep_days)
        return total

    def trim_backup(self, keep_days: int) -> None:
        """Deletes the backup of the last update when retention no longer keeps it."""
        backup.forget_old(self.path.parent, self._clock.now(), keep_days)

    def _in_chunks(self, trim: Callable[[Connection], int]) -> int:
        """Lets others write in between."""
        total = 0
        while True:
            with self._database.write() as connection:
                deleted = trim(connection)
            total += deleted
            if deleted < CHUNK:
                return total

    # Settings, sender, remote state

    def saved_settings(self) -> Mapping[str, str]:
        """The settings entered by a person, as text."""
        with self._database.read() as connection:
            return saved_settings.all_of_them(connection)

    def save_settings(self, texts: Mapping[str, str | None]) -> None:
        """Keeps the texts of settings, all of them or none; None forgets one."""
        with self._database.write() as connection:
            self._save_settings(connection, texts)

    def change_setting(self, name: str, change: Callable[[str | None], str]) -> None:
        """Replaces the text of a setting by what ``change`` makes of it, in one transaction."""
        with self._database.write() as connection:
            self._save_settings(connection, {name: change(saved_settings.all_of_them(connection).get(name))})

    def _save_settings(self, connection: Connection, texts: Mapping[str, str | None]) -> None:
        for name, text in texts.items():
            if text is None:
                saved_settings.remove(connection, name)
            else:
                saved_settings.save(connection, name, text, self._clock.now())

    def claim_sender(self, owner: str, version: str, seconds: float) -> bool:
        """Takes or extends the right to send; False when another process has it."""
        with self._database.write() as connection:
            return sender.claim(connection, owner, version, self._clock.now(), seconds)

    def seize_sender(self, owner: str, version: str, seconds: float) -> None:
        """Takes the right to send from whoever has it."""
        with self._database.write() as connection:
            sender.seize(connection, owner, version, self._clock.now(), seconds)

    def give_up_sender(self, owner: str) -> None:
        """Lets another process send."""
        with self._database.write() as connection:
            sender.give_up(connection, owner)

    def find_sender(self) -> Sender | None:
        """Which process may send now."""
        with self._database.read() as connection:
            return sender.find(connection, self._clock.now())

    def get_remote_state(self) -> RemoteState:
        """What is known of the way to Reverb."""
        with self._database.read() as connection:
            return remote_state.get(connection, self.environment)

    def change_remote_state(self, change: Callable[[RemoteState], RemoteState]) -> RemoteState:
        """Replaces the state by what ``change`` makes of it, in one transaction."""
        with self._database.write() as connection:
            state = change(remote_state.get(connection, self.environment))
            remote_state.save(connection, self.environment, state)
            return state

    # What was read once

    def find_cached(self, name: str) -> Cached | None:
        """What was kept under this name; its age is for the reader to judge."""
        with self._database.read() as connection:
            return cache.find(connection, self.environment, name)

    def save_cached(self, name: str, content: Any) -> None:
        """Keeps what JSON can say, in place of what was kept under this name."""
        with self._database.write() as connection:
            cache.save(connection, self.environment, name, content, self._clock.now())
