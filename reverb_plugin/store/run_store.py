"""Every transaction about runs, by name. Each method is one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from reverb_plugin.changes import Change, Kind, Priority, Reason, Scope, step_of_run
from reverb_plugin.clock import Clock
from reverb_plugin.store import links, outbox, runs
from reverb_plugin.store.engine import Database
from reverb_plugin.store.links import Link
from reverb_plugin.store.outbox import Trouble
from reverb_plugin.store.runs import Run, RunListing, RunRow
from reverb_plugin.store.sync_log import CHUNK

FEED_ROWS = 40
"""Rows of a run that wait in the outbox at once: a pause takes effect when these are through."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row of a plan."""

    row_id: int
    state: str
    message: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing a piece of the shop's catalogue gave; it is written in one transaction.

    ``after_sku`` is where the next piece begins, unless this is the last one; ``state`` is what the run is in now, with
    ``brake`` and ``message``.
    """

    rows: Sequence[Mapping[str, Any]]
    matched: Sequence[str]
    adopted: Sequence[Link]
    unchanged: int
    products: int
    after_sku: str | None
    state: str
    is_last: bool = False
    brake: str | None = None
    message: str = ""


class RunStore:
    """Mass syncs and drift checks of one environment."""

    def __init__(self, database: Database, environment: str, clock: Clock) -> None:
        self._database = database
        self._environment = environment
        self._clock = clock

    def start(self, kind: str, started_by: str, *, apply: bool, confirmed: bool) -> int | None:
        """Starts a run and queues its first step; None while another one is active."""
        now = self._clock.now()
        with self._database.write() as connection:
            self._make_way(connection, now)
            run_id = runs.start(connection, self._environment, kind, started_by, now, apply=apply, confirmed=confirmed)
            if run_id is not None:
                outbox.record(connection, step_of_run(run_id), now)
            return run_id

    def start_settlement(
        self, started_by: str, rows: Sequence[Mapping[str, Any]], settled: Sequence[int]
    ) -> int | None:
        """Starts to apply rows of a drift check, which are settled by that; None while another run is active."""
        now = self._clock.now()
        with self._database.write() as connection:
            self._make_way(connection, now)
            run_id = runs.start_settlement(connection, self._environment, started_by, now, rows)
            if run_id is not None:
                outbox.record(connection, step_of_run(run_id), now)
                for row_id in settled:
                    runs.end_row(connection, row_id, runs.ROW_DONE, f"Being settled by run {run_id}.")
            return run_id

    def _make_way(self, connection: Connection, now: datetime) -> None:
        """A drift check that waits for a person holds nothing else up: the next one looks anew."""
        run = runs.find_active(connection, self._environment)
        if run is None or run.kind != runs.DRIFT_CHECK:
            return
        trouble = outbox.find_trouble(connection, Kind.RUN_STEP, str(run.id))
        if trouble is not None and trouble.is_parked:
            message = f"It could not go on and made way: {trouble.message}"
            runs.change(connection, run, state=runs.CANCELLED, finished_at=now, message=message)
            outbox.forget_parked_step(connection, run.id)

    def settle_row(self, row_id: int, state: str, message: str, link: Link | None = None) -> None:
        """What became of a row that was not sent: the shop took over what Reverb shows, or should not."""
        with self._database.write() as connection:
            runs.end_row(connection, row_id, state, message)
            if link is not None:
                links.save(connection, self._environment, link)

    def find(self, run_id: int) -> Run | None:
        """The run of this number, in this environment."""
        with self._database.read() as connection:
            return runs.find(connection, self._environment, run_id)

    def find_active(self) -> Run | None:
        """The run that is under way."""
        with self._database.read() as connection:
            return runs.find_active(connection, self._environment)

    def newest(self, kind: str | None = None, limit: int = 20) -> Sequence[Run]:
        """The newest runs, of a kind or all."""
        with self._database.read() as connection:
            return runs.newest(connection, self._environment, kind, limit)

    def find_last_applied_at(self, kind: str) -> datetime | None:
        """When a run of this kind last began to send."""
        with self._database.read() as connection:
            return runs.find_last_applied_at(connection, self._environment, kind)

    def find_usual_products(self, kind: str) -> int | None:
        """How many products the last complete run of this kind found that the brake did not hold for good."""
        with self._database.read() as connection:
            return runs.find_usual_products(connection, self._environment, kind)

    def find_trouble(self, run_id: int) -> Trouble | None:
        """Why the next step of a run does not succeed; None when it does."""
        with self._database.read() as connection:
            return outbox.find_trouble(connection, Kind.RUN_STEP, str(run_id))

    def row_counts(self, run_id: int) -> Mapping[tuple[str, str], int]:
        """How many rows there are for each action and state."""
        with self._database.read() as connection:
            return runs.row_counts(connection, run_id)

    def rows(
        self,
        run_id: int,
        *,
        action: str | None = None,
        state: str | None = None,
        sku: str | None = None,
        after_id: int = 0,
        before_id: int | None = None,
        limit: int = 100,
    ) -> Sequence[RunRow]:
        """Rows of the plan in their order: the first behind ``after_id``, or the last before ``before_id``."""
        with self._database.read() as connection:
            return runs.rows(
                connection,
                run_id,
                action=action,
                state=state,
                sku=sku,
                after_id=after_id,
                before_id=before_id,
                limit=limit,
            )

    def queue_rows_to_take(self, row_ids: Sequence[int], skus: Sequence[str]) -> None:
        """These rows of a drift check are settled by the worker, which lets the shop take over what Reverb shows."""
        now = self._clock.now()
        with self._database.write() as connection:
            for row_id in row_ids:
                runs.end_row(connection, row_id, runs.ROW_QUEUED, "")
            for sku in skus:
                outbox.record(connection, Change(Kind.TAKE_QUANTITY, sku, Reason.BY_HAND, Scope.STOCK), now)

    def find_row_to_take(self, sku: str) -> RunRow | None:
        """The row of the last drift check whose quantity the worker shall let the shop take over."""
        with self._database.read() as connection:
            check = runs.find_last_check(connection, self._environment)
            if check is None:
                return None
            queued = runs.rows(
                connection, check.id, action="quantity", state=runs.ROW_QUEUED, sku=sku, after_id=0, limit=1
            )
            return next(iter(queued), None)

    def find_last_check(self) -> Run | None:
        """The newest drift check that is complete."""
        with self._database.read() as connection:
            return runs.find_last_check(connection, self._environment)

    # Planning

    def keep_page(self, run: Run, listings: Sequence[RunListing], next_link: str | None, total: int | None) -> None:
        """Keeps a page of listings and where the next one is, unless the run has gone on without it."""
        with self._database.write() as connection:
            now = runs.find(connection, self._environment, run.id)
            if now is None or (now.state, now.next_link) != (run.state, run.next_link):
                return
            runs.add_listings(connection, run.id, listings)
            state = runs.READING if next_link else runs.COMPARING
            runs.change(connection, now, next_link=next_link, listings_total=total, state=state)

    def keep_found(self, run: Run, listings: Sequence[RunListing]) -> None:
        """Keeps listings that were looked up one by one, because the pages did not hold them."""
        with self._database.write() as connection:
            now = runs.find(connection, self._environment, run.id)
            if now is not None and now.state == run.state:
                runs.add_listings(connection, run.id, listings)

    def keep_leftovers(self, run: Run, rows: Sequence[Mapping[str, Any]], listing_ids: Sequence[str]) -> bool:
        """Keeps rows about listings that belong to no product, and that they are done with; False: it is too late."""
        with self._database.write() as connection:
            now = runs.find(connection, self._environment, run.id)
            if now is None or (now.state, now.after_sku) != (run.state, run.after_sku):
                return False
            runs.add_rows(connection, run.id, rows)
            runs.match(connection, run.id, listing_ids)
            return True

    def count_grave(self, run_id: int) -> int:
        """How many live listings the plan would end, zero or reprice."""
        with self._database.read() as connection:
            return runs.count_grave(connection, run_id)

    def count_listings(self, run_id: int) -> int:
        """How many listings a run has read."""
        with self._database.read() as connection:
            return runs.count_listings(connection, run_id)

    def count_live(self, run_id: int) -> int:
        """How many of the listings that a run has read are live."""
        with self._database.read() as connection:
            return runs.count_live(connection, run_id)

    def count_requests(self, run_id: int) -> int:
        """What sending the whole plan costs."""
        with self._database.read() as connection:
            return runs.count_requests(connection, run_id)

    def known_of(
        self, run_id: int, skus: Sequence[str], near_skus: Sequence[str]
    ) -> tuple[Sequence[RunListing], Mapping[str, Link]]:
        """The listings with nearly these SKUs, and the links of exactly these SKUs."""
        with self._database.read() as connection:
            return runs.listings_near(connection, run_id, near_skus), links.find_all(
                connection, self._environment, skus
            )

    def match(self, run_id: int, listing_ids: Sequence[str]) -> None:
        """Notes that these listings belong to a product of the shop."""
        with self._database.write() as connection:
            runs.match(connection, run_id, listing_ids)

    def leftovers(self, run_id: int, limit: int) -> Sequence[RunListing]:
        """The next listings that belong to no product."""
        with self._database.read() as connection:
            return runs.leftovers(connection, run_id, limit)

    def keep_compared(self, seen: Run, compared: Compared) -> None:
        """Keeps a piece of the plan, the links to listings that were found, and how far the comparison is.

        Nothing is kept when the run has gone on without this piece, or was cancelled.
        """
        with self._database.write() as connection:
            run = runs.find(connection, self._environment, seen.id)
            if run is None or (run.state, run.after_sku) != (seen.state, seen.after_sku):
                return
            runs.add_rows(connection, run.id, compared.rows)
            runs.match(connection, run.id, compared.matched)
            for link in compared.adopted:
                self._adopt(connection, link)
            changes: dict[str, Any] = {
                "unchanged": run.unchanged + compared.unchanged,
                "products": run.products + compared.products,
                "after_sku": compared.after_sku,
                "state": compared.state,
                "brake": compared.brake,
                "message": compared.message or run.message,
            }
            if compared.state != runs.COMPARING:
                now = self._clock.now()
                changes |= {"planned_at": now, "live_listings": runs.count_live(connection, run.id)}
                changes |= {"applied_at": now} if compared.state == runs.APPLYING else {"finished_at": now}
            runs.change(connection, run, **changes)

    def _adopt(self, connection: Connection, link: Link) -> None:
        """What was learnt of the SKU since the listings were read is newer, and so is its tombstone."""
        known = links.find(connection, self._environment, link.sku)
        if known is None or (known.listing_id != link.listing_id and known.deleted_at is None):
            links.save(connection, self._environment, link)
        elif known.listing_id == link.listing_id:
            links.publish(connection, self._environment, link)

    def trim(self, keep_days: int) -> None:
        """Deletes, chunk by chunk, the listings of plans that are made and the rows of old runs."""
        before = self._clock.now() - timedelta(days=keep_days)
        self._in_chunks(lambda connection: runs.forget_listings(connection, CHUNK))
        self._in_chunks(lambda connection: runs.forget_rows(connection, before, CHUNK))

    def _in_chunks(self, forget: Callable[[Connection], int]) -> None:
        while True:
            with self._database.write() as connection:
                if forget(connection) < CHUNK:
                    return

    # Applying

    def apply(self, run_id: int, *, confirmed: bool) -> bool:
        """Begins to apply a plan; False while another run is active, or when it is no plan any more."""
        now = self._clock.now()
        with self._database.write() as connection:
            self._make_way(connection, now)
            run = runs.find(connection, self._environment, run_id)
            values = {"state": runs.APPLYING, "applied_at": now, "finished_at": None, "confirmed": confirmed}
            begun = (
                run is not None
                and run.state == runs.PLANNED
                and runs.change(connection, run, apply_when_planned=False, **values)
            )
            if begun:
                outbox.record(connection, step_of_run(run_id), now)
            return begun

    def feed(self, run_id: int) -> bool:
        """Moves the next rows of the plan into the outbox; whether any row is still to be done."""
        now = self._clock.now()
        with self._database.write() as connection:
            queued, died = runs.count_queued(connection, run_id)
            room = FEED_ROWS - queued  # those that a worker died at wait for the others to be through
            fed = runs.queue_rows(connection, run_id, room) if room > 0 else []
            for sku in fed:
                outbox.record(connection, _row_change(sku), now)
            return bool(queued or died or fed)

    def find_queued_row(self, run_id: int, sku: str) -> RunRow | None:
        """The row of a SKU that waits to be applied."""
        with self._database.read() as connection:
            return runs.find_queued_row(connection, run_id, sku)

    def is_alone(self, row: RunRow) -> bool:
        """Whether no other row of its run has to be sent before this one, which a worker died at."""
        with self._database.read() as connection:
            return runs.is_alone(connection, row)

    def begin_row(self, row_id: int) -> None:
        """Counts that a row is begun."""
        with self._database.write() as connection:
            runs.begin_row(connection, row_id)

    def give_back_row(self, row: RunRow) -> None:
        """A row that was begun was given back before anything was sent; ``row`` is as it was."""
        with self._database.write() as connection:
            runs.give_back_row(connection, row)

    def change_state(self, run_id: int, state: str, *, message: str = "") -> bool:
        """Pauses, resumes, ends or cancels an active run; False when it is none any more."""
        now = self._clock.now()
        with self._database.write() as connection:
            run = runs.find(connection, self._environment, run_id)
            if run is None or not run.is_active:
                return False
            values: dict[str, Any] = {"state": state}
            if message:
                values["message"] = message
            if state in {runs.DONE, runs.CANCELLED}:
                values["finished_at"] = now
                outbox.forget_parked_step(connection, run_id)
            done = runs.change(connection, run, **values)
            if done and state in {runs.READING, runs.COMPARING, runs.APPLYING}:
                outbox.record(connection, step_of_run(run_id), now)
            return done

    def take_up(self, run_id: int) -> None:
        """Sees to it that what is left of a run is in the outbox; what is parked there is tried again."""
        now = self._clock.now()
        with self._database.write() as connection:
            for change in _changes_due(connection, run_id):
                outbox.record(connection, change, now)

    def take_up_lost(self) -> None:
        """The run under way goes on when its jobs are lost: they were due while another environment was in force."""
        run = self.find_active()
        if run is None or run.state == runs.PAUSED:
            return
        with self._database.write() as connection:
            now = runs.find(connection, self._environment, run.id)
            if now is not None and now.state == run.state:
                for change in _changes_due(connection, run.id):
                    outbox.record_missing(connection, change, self._clock.now())


def _changes_due(connection: Connection, run_id: int) -> Sequence[Change]:
    return [step_of_run(run_id), *map(_row_change, runs.queued_skus(connection, run_id))]


def _row_change(sku: str) -> Change:
    return Change(Kind.APPLY_ROW, sku, Reason.MASS_SYNC, Scope.ALL, Priority.MASS)
