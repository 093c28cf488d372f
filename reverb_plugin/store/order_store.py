"""Every transaction about orders and the stock they move, by name. Each method is one transaction."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reverb_plugin.changes import Change, Kind, Reason, orders_changed, stock_changed, units_due
from reverb_plugin.clock import Clock
from reverb_plugin.store import links, order_polls, orders, outbox, shipments, stock
from reverb_plugin.store.engine import Database
from reverb_plugin.store.order_polls import OrderPoll
from reverb_plugin.store.orders import OrderRow
from reverb_plugin.store.stock import StockRow
from reverb_plugin.store.sync_log import CHUNK

Merge = Callable[[OrderRow | None, OrderRow], tuple[OrderRow, Sequence[Change]]]
"""What is known of an order and what Reverb says of it now in; what to remember and what has to be done out."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement of the shop's stock that is written down before the shop is asked for it.

    ``taken`` and ``short`` say for each order what it does to these two; ``edited`` is the part of a person's edit.
    """

    key: str
    before: int
    after: int
    taken: Mapping[str, int]
    short: Mapping[str, int]
    edited: int = 0


class OrderStore:
    """Orders of one environment."""

    def __init__(self, database: Database, environment: str, clock: Clock) -> None:
        self._database = database
        self._environment = environment
        self._clock = clock

    # Reading them from Reverb

    def find_poll(self) -> OrderPoll | None:
        """How far the orders were read."""
        with self._database.read() as connection:
            return order_polls.find(connection, self._environment)

    def ask_for_poll(self, delay_seconds: float = 0.0) -> None:
        """Has the orders read, after ``delay_seconds``."""
        change = replace(orders_changed(self._environment), delay_seconds=delay_seconds)
        with self._database.write() as connection:
            outbox.record(connection, change, self._clock.now())

    def is_poll_noted(self) -> bool:
        """Whether the orders are going to be read anyway."""
        with self._database.read() as connection:
            return outbox.is_noted(connection, Kind.POLL_ORDERS, self._environment)

    def begin_poll(self, since_at: datetime | None, ahead_seconds: float = 0.0) -> OrderPoll:
        """The poll under way, or a new one. The very first reads from ``since_at``, or from now on.

        ``ahead_seconds`` is how far Reverb's clock is ahead of ours: its orders have its times.
        """
        now = self._clock.now()
        with self._database.write() as connection:
            # Reverb tells times in whole seconds: what is bought in this one counts.
            first = since_at or (now + timedelta(seconds=ahead_seconds)).replace(microsecond=0)
            poll = order_polls.find(connection, self._environment) or OrderPoll(first, first)
            poll = poll.begun(now, since_at)
            order_polls.save(connection, self._environment, poll)
            return poll

    def note_off(self, ahead_seconds: float = 0.0) -> None:
        """Orders are off: what is bought by now and not in the shop is left alone, also when they are on again."""
        poll, now = self.find_poll(), self._clock.now() + timedelta(seconds=ahead_seconds)
        if poll is None or poll.turned_off(now) == poll:
            return
        with self._database.write() as connection:
            poll = order_polls.find(connection, self._environment) or poll
            order_polls.save(connection, self._environment, poll.turned_off(now))
            orders.leave_untouched(connection, self._environment)

    def restart_poll(self) -> None:
        """The pages of the poll under way can no longer be followed."""
        with self._database.write() as connection:
            poll = order_polls.find(connection, self._environment)
            if poll is not None:
                order_polls.save(connection, self._environment, replace(poll, began_at=None))

    def keep_page(self, poll: OrderPoll, seen: Sequence[OrderRow], next_link: str | None, merge: Merge) -> None:
        """Remembers a page of orders, what has to be done because of them, and how far was read: all or nothing."""
        now = self._clock.now()
        with self._database.write() as connection:
            skus = links.skus_of_listings(connection, self._environment, [row.listing_id for row in seen])
            known = dict(orders.find_all(connection, self._environment, [row.number for row in seen]))
            for row in seen:
                sku, created_at = skus.get(row.listing_id, row.sku), row.created_at or now  # lists go by that time
                ours = replace(row, sku=sku, seen_at=now, created_at=created_at)
                merged, changes = merge(known.get(row.number), ours)
                if merged != known.get(row.number):
                    orders.save(connection, self._environment, merged)
                    known[row.number] = merged
                self._note(connection, changes)
            changed_at = [row.updated_at for row in seen if row.updated_at is not None]
            kept = order_polls.find(connection, self._environment) or poll  # others may have noted something meanwhile
            read = poll.read(changed_at, next_link, now)
            read = replace(read, off_at=kept.off_at, forgotten_at=kept.forgotten_at)
            order_polls.save(connection, self._environment, read)

    def keep_refund_requests(self, numbers: Iterable[str]) -> None:
        """Remembers whose buyers wait for an answer about their money."""
        wanted = set(numbers)
        with self._database.write() as connection:
            for row in orders.with_refund_asked(connection, self._environment, wanted):
                orders.save(connection, self._environment, replace(row, refund_asked=row.number in wanted))
            poll = order_polls.find(connection, self._environment)
            if poll is not None:
                order_polls.save(connection, self._environment, replace(poll, refunds_read_at=self._clock.now()))

    # Orders

    def find(self, number: str) -> OrderRow | None:
        """The order with Reverb's number."""
        with self._database.read() as connection:
            return orders.find(connection, self._environment, number)

    def find_by_id(self, order_id: str) -> OrderRow | None:
        """The order with this number on Reverb or, when there is none, with this id in the shop."""
        with self._database.read() as connection:
            by_number = orders.find(connection, self._environment, order_id)
            return by_number or orders.find_by_host(connection, self._environment, order_id)

    def page(
        self, *, is_open: bool = False, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> Sequence[OrderRow]:
        """Orders, the newest first; ``is_open``: only those with something left to do."""
        with self._database.read() as connection:
            return orders.page(connection, self._environment, is_open=is_open, before=before, limit=limit)

    def bundles(self, bundle_ids: Collection[str]) -> Mapping[str, Sequence[OrderRow]]:
        """The orders of each of these checkouts."""
        found: dict[str, list[OrderRow]] = {bundle_id: [] for bundle_id in bundle_ids}
        with self._database.read() as connection:
            for row in orders.of_bundles(connection, self._environment, bundle_ids):
                found[row.bundle_id].append(row)
        return found

    def change(
        self, number: str, change: Callable[[OrderRow], OrderRow], *changes: Change, moves_stock: bool = False
    ) -> OrderRow | None:
        """Remembers an order as ``change`` makes it, and what has to be done; None when it is not known.

        ``moves_stock``: the quantity on Reverb has to be sent anew.
        """
        with self._database.write() as connection:
            row = orders.find(connection, self._environment, number)
            if row is None:
                return None
            changed = change(row)
            orders.save(connection, self._environment, changed)
            self._note(connection, changes)
            if moves_stock:
                self._open(connection, changed.sku, Reason.REVERB_ORDER)
            return changed

    def keep(self, seen: OrderRow, merge: Merge, *, without: Kind) -> OrderRow:
        """Remembers what Reverb says of one order, and what has to be done because of it but jobs of one kind."""
        with self._database.write() as connection:
            merged, changes = merge(orders.find(connection, self._environment, seen.number), seen)
            orders.save(connection, self._environment, merged)
            self._note(connection, [change for change in changes if change.kind is not without])
            return merged

    def count_asking(self, most: int) -> int:
        """How many orders ask a person for more than to ship them; it stops counting at ``most``."""
        with self._database.read() as connection:
            return orders.count_asking(connection, self._environment, most)

    def trim(self, keep_days: int) -> int:
        """Forgets orders, and parcels, that are older and long over, chunk by chunk; how many orders it was."""
        total = 0
        while True:
            with self._database.write() as connection:
                trimmed = self._trim(connection, self._clock.now() - timedelta(days=keep_days))
            total += trimmed
            if trimmed < CHUNK:
                return total

    def _trim(self, connection: Connection, before: datetime) -> int:
        poll = order_polls.find(connection, self._environment)
        if poll is None:
            return 0
        until = poll.forgets(before)
        trimmed = orders.trim(connection, self._environment, until, CHUNK)
        if trimmed:
            order_polls.save(connection, self._environment, replace(poll, forgotten_at=until))
        shipments.trim(connection, before, CHUNK)
        return trimmed

    def trim_buyers(self, keep_days: int) -> int:
        """Forgets who bought what was first seen longer ago, chunk by chunk; how many orders it was."""
        total = 0
        while True:
            with self._database.write() as connection:
                before = self._clock.now() - timedelta(days=keep_days)
                trimmed = orders.trim_buyers(connection, before, CHUNK)
            total += trimmed
            if trimmed < CHUNK:
                return total

    # Stock

    def get_stock(self, sku: str) -> tuple[StockRow, int]:
        """What is known of a SKU's stock, and how many units are sold on Reverb and still in the shop's stock."""
        with self._database.read() as connection:
            row = stock.get(connection, self._environment, sku)
            return row, orders.untaken(connection, self._environment, sku) + max(0, -row.edited)

    def is_sold(self, listing_id: str) -> bool:
        """Whether an order holds pieces of the listing."""
        with self._database.read() as connection:
            return orders.is_sold(connection, self._environment, listing_id)

    def news_of(self, sku: str, moment: datetime) -> Sequence[OrderRow]:
        """The orders of a SKU that were first seen to count, or first seen called off, since ``moment``."""
        with self._database.read() as connection:
            return orders.of_sku_since(connection, self._environment, sku, moment)

    def unsettled(self, sku: str) -> tuple[StockRow, Sequence[OrderRow]]:
        """What is left to move in the shop for a SKU."""
        with self._database.read() as connection:
            return (
                stock.get(connection, self._environment, sku),
                orders.of_sku(connection, self._environment, sku),
            )

    def begin_move(self, sku: str, movement: Movement) -> None:
        """Writes a movement down, before the shop is asked for it."""
        with self._database.write() as connection:
            row = stock.get(connection, self._environment, sku)
            numbers = {*movement.taken, *movement.short}
            for order in orders.find_all(connection, self._environment, numbers).values():
                moving, short = movement.taken.get(order.number, 0), movement.short.get(order.number, 0)
                changed = replace(order, moving=moving, short=order.short + short)
                orders.save(connection, self._environment, changed)
            intent = replace(
                row,
                editing=movement.edited,
                intent_key=movement.key,
                intent_before=movement.before,
                intent_after=movement.after,
            )
            stock.save(connection, self._environment, intent)

    def drop_move(self, sku: str) -> None:
        """The movement that was written down did not happen."""
        with self._database.write() as connection:
            for order in orders.of_sku(connection, self._environment, sku):
                orders.save(connection, self._environment, replace(order, moving=0))
            row = stock.get(connection, self._environment, sku)
            stock.save(connection, self._environment, replace(_without_intent(row), editing=0))

    def end_move(self, sku: str, lacking: int = 0) -> None:
        """The movement happened, and the quantity has to be sent.

        ``lacking``: so many units less than asked for could be taken.
        """
        with self._database.write() as connection:
            for order in orders.of_sku(connection, self._environment, sku):
                less = min(lacking, max(0, order.moving))
                lacking -= less
                done = replace(order, taken=order.taken + order.moving - less, short=order.short + less, moving=0)
                orders.save(connection, self._environment, done)
            row = stock.get(connection, self._environment, sku)
            done_row = replace(_without_intent(row), edited=row.edited - row.editing, editing=0)
            stock.save(connection, self._environment, done_row)
            self._open(connection, sku, Reason.REVERB_ORDER)

    def leave_to_a_person(self, sku: str, note: str) -> None:
        """The shop's stock of a SKU cannot be moved: each order says so, and nothing more is tried."""
        with self._database.write() as connection:
            for order in orders.of_sku(connection, self._environment, sku):
                left = replace(order, way=orders.BY_HAND, due=order.taken + order.short, moving=0, note=note)
                orders.save(connection, self._environment, left)
            row = stock.get(connection, self._environment, sku)
            stock.save(connection, self._environment, replace(_without_intent(row), edited=0, editing=0))

    def look_again(self, sku: str) -> None:
        """Reverb seems to show something else than was last sent: the next push looks, once something was agreed on."""
        with self._database.write() as connection:
            self._open_agreed(connection, sku)

    def look_at_listing(self, listing_id: str) -> None:
        """Somebody says that a listing changed on Reverb: its quantity is looked at, when it is one of ours."""
        with self._database.write() as connection:
            for sku in links.skus_of_listings(connection, self._environment, [listing_id]).values():
                self._open_agreed(connection, sku)

    def note_odd(self, sku: str) -> None:
        """Reverb shows a number that nothing explains yet; the orders are read, and nothing is decided before."""
        now = self._clock.now()
        with self._database.write() as connection:
            row = stock.get(connection, self._environment, sku)
            stock.save(connection, self._environment, replace(row, odd_at=row.odd_at or now))
            outbox.record(connection, orders_changed(self._environment), now)

    def note_edit(self, sku: str, difference: int, shown: int) -> None:
        """A person has changed the number on Reverb to ``shown``: the shop gets the difference."""
        now = self._clock.now()
        with self._database.write() as connection:
            row = stock.get(connection, self._environment, sku)
            edited = replace(row, edited=row.edited + difference, shown=shown, shown_at=now, showing=None, odd_at=None)
            stock.save(connection, self._environment, edited)
            outbox.record(connection, units_due(sku, Reason.REVERB_EDIT), now)

    def note_showing(self, sku: str, quantity: int) -> None:
        """Remembers, before it is sent, what Reverb is told to show: the answer may get lost."""
        with self._database.write() as connection:
            row = stock.get(connection, self._environment, sku)
            stock.save(connection, self._environment, replace(row, showing=quantity))

    def accept_shown(self, sku: str, shown: int) -> None:
        """The shop has taken over the number that Reverb shows."""
        now = self._clock.now()
        with self._database.write() as connection:
            row = stock.get(connection, self._environment, sku)
            stock.save(
                connection, self._environment, replace(row, shown=shown, shown_at=now, showing=None, odd_at=None)
            )

    def _open(self, connection: Connection, sku: str, reason: Reason) -> None:
        stock.open_for_push(connection, self._environment, sku)
        outbox.record(connection, stock_changed(sku, reason), self._clock.now())

    def _open_agreed(self, connection: Connection, sku: str) -> None:
        """Where nothing was agreed on yet, a push could only overwrite what somebody has entered on Reverb."""
        if stock.get(connection, self._environment, sku).shown is not None:
            self._open(connection, sku, Reason.REVERB_EDIT)

    def _note(self, connection: Connection, changes: Iterable[Change]) -> None:
        for change in changes:
            outbox.record(connection, change, self._clock.now())
            if change.kind in {Kind.MOVE_STOCK, Kind.PUSH_PRODUCT}:
                stock.open_for_push(connection, self._environment, change.key)


def _without_intent(row: StockRow) -> StockRow:
    return replace(row, intent_key=None, intent_before=None, intent_after=None)
