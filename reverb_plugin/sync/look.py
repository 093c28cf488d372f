"""Looking before a quantity is set: Reverb's number tells of orders that were not read yet, and of people's edits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reverb_plugin.changes import Kind
from reverb_plugin.host import TakesQuantity
from reverb_plugin.host_orders import ChangesQuantity
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.settings import Edits, OrderMode
from reverb_plugin.store.links import Link
from reverb_plugin.store.orders import OrderRow
from reverb_plugin.store.stock import StockRow, StockShown
from reverb_plugin.store.store import Settlement
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.decide import ON_SALE_STATES, Update, fingerprints
from reverb_plugin.sync.fields import Group
from reverb_plugin.sync.order_rules import moved_on_reverb
from reverb_plugin.sync.tools import Tools

ORDERS_FIRST = "orders-first"
POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a SKU's stock while it is pushed; ``sold`` are units that the shop still counts as its own."""

    row: StockRow
    sold: int

    @property
    def may_differ(self) -> bool:
        """A number that was made without this is out of date."""
        return self.row.is_open or self.sold > 0


def know_stock(tools: Tools, sku: str) -> Known | None:
    """What is known of a SKU's stock, to be asked before the shop is; None while orders are off."""
    if tools.settings.orders is OrderMode.OFF:
        return None
    return Known(*tools.store.orders.get_stock(sku))


def look(tools: Tools, attempt: Attempt, link: Link, update: Update, known: Known) -> Update | Settlement:
    """The update as it has to be sent now that Reverb's number is known, or why it has to wait.

    Raises:
        ReverbError: Reverb cannot be asked.
    """
    row = known.row
    if row.shown is None or row.shown_at is None:
        return update  # nothing was agreed on yet
    listing = tools.client.get_listing(str(link.listing_id))
    if listing.inventory is None or not listing.has_inventory:
        return update
    news = tools.store.orders.news_of(row.sku, row.shown_at)
    sent = [row.shown] if row.showing is None else [row.shown, row.showing]
    shifts = [shift for order in news for shift in _shifts(order, row.shown_at)]
    difference = min((find_edit(shown, shifts, listing.inventory) for shown in sent), key=abs)
    if difference and not _is_parked(tools):
        settlement = _settle_odd(tools, attempt, row, difference, listing.inventory)
        if settlement is not None:
            return settlement
    return _without_needless(attempt, link, update, listing, row)


def find_edit(shown: int, shifts: Sequence[int], reading: int) -> int:
    """How many units somebody added by hand (negative: took away); 0 when orders explain what Reverb shows.

    ``shifts`` are how the orders that came to light since ``shown`` was sent moved Reverb's own count. Each may have
    happened before that, and so been overwritten, or after it: clocks differ, so any combination explains the number.
    """
    sums = {shown}
    for shift in shifts:
        sums |= {each + shift for each in sums}
    return 0 if reading in sums else reading - shown - sum(shifts)


def _shifts(order: OrderRow, since: datetime) -> list[int]:
    """How an order that came to light, or was called off, since then moves Reverb's own count.

    Only of a cancelled one Reverb takes the pieces back by itself.
    """
    is_cancelled = order.status == "cancelled"
    has_counted = moved_on_reverb(order) or is_cancelled
    shifts = []
    if has_counted and order.seen_at is not None and order.seen_at >= since:
        shifts.append(-order.quantity)
    if is_cancelled and order.off_seen_at is not None and order.off_seen_at >= since:
        shifts.append(order.quantity)
    return shifts


def _settle_odd(tools: Tools, attempt: Attempt, row: StockRow, difference: int, reading: int) -> Settlement | None:
    poll = tools.store.orders.find_poll()
    read_at = poll.last_began_at if poll is not None else None
    if row.odd_at is None or read_at is None or read_at <= row.odd_at:
        tools.store.orders.note_odd(row.sku)
        message = f"Reverb shows {reading}, last sent was {row.shown}: the orders are read first."
        return attempt.later(message, POLL_SECONDS, code=ORDERS_FIRST, counts=False)
    can_take = isinstance(tools.host, ChangesQuantity | TakesQuantity)
    if tools.settings.reverb_edits is Edits.OVERWRITE or not can_take:
        attempt.notes.append(f"Somebody had changed it on Reverb by {difference:+d}; the shop's number replaces that.")
        return None
    tools.store.orders.note_edit(row.sku, difference, reading)
    message = f"Somebody changed the quantity on Reverb by {difference:+d}: the shop takes that over."
    return attempt.later(message, 0.0, code=ORDERS_FIRST, counts=False)


def _is_parked(tools: Tools) -> bool:
    """Without orders nobody can tell an order from an edit: the shop's number counts."""
    trouble = tools.store.find_trouble(Kind.POLL_ORDERS, tools.store.environment)
    return trouble is not None and trouble.is_parked


def _without_needless(attempt: Attempt, link: Link, update: Update, listing: Listing, row: StockRow) -> Update:
    """Reverb shows the number already: it counted down by itself."""
    fields = update.groups[Group.QUANTITY]
    if update.publish or listing.inventory is None or listing.inventory != fields["inventory"]:
        return update
    if listing.state not in ON_SALE_STATES and listing.inventory:
        return update
    attempt.keep(replace(link, state=listing.state, sent=dict(link.sent) | fingerprints(fields)))
    attempt.shown = StockShown(row.sku, listing.inventory, row.moves)
    return replace(update, groups={name: each for name, each in update.groups.items() if name is not Group.QUANTITY})
