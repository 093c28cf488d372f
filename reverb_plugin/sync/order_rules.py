"""What an order means for the shop. Pure: what is known and what Reverb says in, what to remember and to do out.

Source: integration guide and Reverb's own plugins, reference of the order statuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from reverb_plugin.changes import Change, Reason, order_changed, shipment_noted, stock_changed, units_due
from reverb_plugin.errors import OrderError
from reverb_plugin.host import Host, TakesQuantity
from reverb_plugin.host_orders import ChangesQuantity, OrderAddress, OrderBuyer, ReverbOrder, TakesOrders
from reverb_plugin.reverb_api.models import Money
from reverb_plugin.reverb_api.orders import Order
from reverb_plugin.settings import OrderMode, Restock, Settings, WantedOrders
from reverb_plugin.store.orders import BY_HAND, BY_ORDER, BY_STOCK, OFF_STATES, OrderRow

UNPAID_STATES = frozenset({"unpaid", "partially_paid"})
"""Nothing has left the stock, on either side."""

WAITING_STATES = frozenset({"payment_pending", "pending_review"})
"""Reverb holds the pieces back and the money is not there yet."""

SOLD_STATES = frozenset({"paid", "shipped", "picked_up", "received", "presumed_received"})
KNOWN_STATES = UNPAID_STATES | WAITING_STATES | SOLD_STATES | frozenset(OFF_STATES)

UNREADABLE = "Reverb's order cannot be read whole"

_FACTS = (
    "status", "quantity", "bundle_id", "listing_id", "title", "money", "local_pickup", "shipping_provider",
    "tracking_number", "links", "created_at", "paid_at", "updated_at", "fingerprint",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderRules:
    """What decides about orders besides themselves: the settings, the first day, and what the shop offers."""

    way: str
    wanted: WantedOrders
    restock: Restock
    since_at: datetime
    keeps_buyers: bool

    def merge(self, before: OrderRow | None, seen: OrderRow) -> tuple[OrderRow, Sequence[Change]]:
        """An order as it is to be remembered, and what has to be done because of it."""
        if before is not None and before.fingerprint == seen.fingerprint and before.is_old == self._is_old(before):
            return (before if before.updated_at == seen.updated_at else replace(before, updated_at=seen.updated_at)), ()
        row = self._remember(before, seen)
        row = replace(row, due=self.decide_due(row))
        return row, () if row.is_old else self._changes(before, row)

    def decide_due(self, row: OrderRow) -> int:
        """How many units ought to be out of the shop's stock because of an order."""
        untouched = row.taken + row.short
        if row.is_old or row.way == BY_HAND:
            return untouched
        sold = max(0, row.quantity - row.returned)
        if self._holds(row):
            return sold
        if row.is_off:
            left = untouched > 0 or (row.status == "refunded" and row.paid_at is not None)
            return max(0, sold - (row.restock or 0)) if left else 0
        return untouched

    def is_wanted(self, row: OrderRow) -> bool:
        """Whether the shop shall get the order. One that was paid and refunded before we saw it has left the shop."""
        if self.way != BY_ORDER:
            return False
        if row.status == "refunded":
            return row.paid_at is not None
        if row.is_off:
            return False
        return self.wanted is WantedOrders.ALL or holds_paid(row)

    def _remember(self, before: OrderRow | None, seen: OrderRow) -> OrderRow:
        if before is None:
            row = replace(seen, way=self._way_of(seen))
        else:
            row = replace(before, **{name: getattr(seen, name) for name in _FACTS})
            if before.taken == before.short == before.moving == 0 and not before.may_be_in_shop:
                row = replace(row, sku=seen.sku, way=self._way_of(seen))
            is_taken_up = before.is_off_in_shop and not before.is_off
            if is_taken_up or (before.way == BY_HAND and row.way != BY_HAND):  # or the shop has learnt to do it
                row = replace(row, note="")
        if seen.note or (before is not None and before.note.startswith(UNREADABLE)):
            row = replace(row, note=seen.note)
        row = replace(row, is_old=self._is_old(row), note=self._note_of(row))
        if row.created_at is None:  # it could not be read; it has to stand somewhere among the others
            row = replace(row, created_at=seen.seen_at)
        if not self.keeps_buyers:
            row = replace(row, buyer_name=None, ship_to=None)
        if before is not None and moved_on_reverb(row) and not moved_on_reverb(before):
            row = replace(row, seen_at=seen.seen_at)
        if not row.is_off:
            row = replace(row, off_seen_at=None, restock=None)
        elif row.off_seen_at is None:
            row = replace(row, off_seen_at=seen.seen_at, restock=self._decided(row))
        return row

    def _way_of(self, seen: OrderRow) -> str:
        return self.way if seen.sku or self.way == BY_ORDER else BY_HAND

    def _note_of(self, row: OrderRow) -> str:
        if row.is_old or row.note.startswith(UNREADABLE):
            return row.note
        if row.is_off_in_shop and holds_paid(row):
            return f"It is {row.status} on Reverb again, and called off in the shop: take it up there again by hand."
        if row.way != BY_HAND:
            return row.note
        if self._holds(row):
            return "" if row.taken else row.note or _lower_by_hand(row)
        if row.is_off and row.taken and self.restock is not Restock.NEVER:
            return f"It was called off: put back {row.taken} of {row.sku or row.title} in the shop by hand."
        return ""

    def _decided(self, row: OrderRow) -> int | None:
        match self.restock:
            case Restock.ALWAYS:
                return max(0, row.quantity - row.returned)
            case Restock.NEVER:
                return 0
        return None

    def _is_old(self, row: OrderRow) -> bool:
        """What was bought before the first day, the seller has taken care of."""
        if row.taken or row.short or row.moving or row.host_order_id is not None:
            return False
        bought_at = row.paid_at or row.created_at
        return bought_at is not None and bought_at < self.since_at

    def _holds(self, row: OrderRow) -> bool:
        if row.status in UNPAID_STATES:
            return self.way == BY_ORDER and self.wanted is WantedOrders.ALL
        return row.status in WAITING_STATES or holds_paid(row)

    def _changes(self, before: OrderRow | None, row: OrderRow) -> list[Change]:
        changes = []
        if before is not None and before.status in UNPAID_STATES | WAITING_STATES and row.status == "paid":
            changes.append(shipment_noted(row.number))  # a parcel of it may have been refused until now
        if row.way == BY_HAND:  # a push would put back for sale on Reverb what nobody has taken from the shop yet
            return changes
        if row.way == BY_ORDER:
            if row.may_be_in_shop or self.is_wanted(row):
                changes.append(order_changed(row.number))
        elif row.owed:
            changes.append(units_due(row.sku, Reason.REVERB_ORDER))
        has_moved = (before is not None and moved_on_reverb(before)) != moved_on_reverb(row)
        is_owed_again = before is not None and before.due < row.due and row.owed > 0
        if row.sku and (has_moved or is_owed_again):
            changes.append(stock_changed(row.sku, Reason.REVERB_ORDER))
        return changes


def done_by_hand(row: OrderRow) -> OrderRow:
    """What an order asked a person to do is done."""
    # What was short never comes from the shop's stock: without that it would be due again with the next change.
    row = replace(row, short=0, returned=row.returned + row.short, due=row.due - row.short)
    if row.is_off_in_shop and not row.is_off:  # taken up again: from now on the shop's order is the person's
        row = replace(row, way=BY_HAND, is_off_in_shop=False)
    if row.way == BY_HAND and row.note and not row.note.startswith(UNREADABLE):
        taken = 0 if row.is_off else max(0, row.quantity - row.returned)
        row = replace(row, taken=taken, due=taken)
    return replace(row, note="")


def seen_to_by_hand(row: OrderRow) -> OrderRow:
    """A person has placed an order in the shop by hand, and it has left the stock."""
    if row.way != BY_ORDER or row.host_order_id is not None:
        raise OrderError(f"Order {row.number} does not wait to be placed in the shop.")
    taken = 0 if row.is_off else max(0, row.quantity - row.returned)
    return replace(row, way=BY_HAND, due=taken, taken=taken, told=None, note="")


def _lower_by_hand(row: OrderRow) -> str:
    if not row.sku:
        return f"The listing has no SKU: lower the stock by {row.quantity} in the shop by hand."
    return f"The plugin cannot change this shop's stock: lower {row.sku} by {row.quantity} by hand."


def make_rules(host: Host, settings: Settings, since_at: datetime) -> OrderRules:
    """The rules in force."""
    return OrderRules(
        way_of(host, settings.orders),
        settings.orders_wanted,
        settings.restock,
        since_at,
        keeps_buyers=settings.buyer_data_days > 0,
    )


def way_of(host: Host, mode: OrderMode) -> str:
    """How orders move the shop's stock, given what the shop offers."""
    if mode in {OrderMode.ORDERS, OrderMode.SHIPMENTS} and isinstance(host, TakesOrders):
        return BY_ORDER
    return BY_STOCK if isinstance(host, ChangesQuantity | TakesQuantity) else BY_HAND


def first_day(settings: Settings) -> datetime | None:
    """The moment from which orders count, when a person has named it."""
    return None if settings.orders_since is None else datetime.combine(settings.orders_since, time(), UTC)


def holds_paid(row: OrderRow) -> bool:
    """It is paid and not called off. Of a status that is not known only the payment tells."""
    return row.status in SOLD_STATES or (row.status not in KNOWN_STATES and row.paid_at is not None)


def moved_on_reverb(row: OrderRow) -> bool:
    """Reverb has counted down for it by itself; for a cancelled one it has counted up again."""
    return row.status not in UNPAID_STATES | {"cancelled"} and (row.status in KNOWN_STATES or row.paid_at is not None)


def row_of(order: Order) -> OrderRow:
    """What is remembered of an order that Reverb tells of."""
    place = order.address.display_location or order.address.country_code if order.address is not None else ""
    return OrderRow(
        number=order.number,
        status=order.status,
        sku=order.sku,
        quantity=order.quantity,
        bundle_id=order.bundle_id,
        listing_id=order.listing_id,
        title=order.title,
        money=_amounts(order),
        local_pickup=order.local_pickup,
        shipping_provider=order.shipping_provider,
        tracking_number=order.tracking_number,
        links=dict(order.links),
        buyer_name=order.buyer_name or None,
        ship_to=place or None,
        created_at=order.created_at,
        paid_at=order.paid_at,
        updated_at=order.updated_at,
        fingerprint=order.fingerprint,
        note=f"{UNREADABLE}: {order.problem}. Look there." if order.problem else "",
    )


def order_for_shop(order: Order, sku: str) -> ReverbOrder:
    """The order as the shop gets it; ``sku`` is the shop's."""
    money = {name: _amount(getattr(order, name), order.currency) for name in _MONEY}
    fees = {name: _amount(fee, order.currency) for name, fee in order.fees.items()}
    presented = order.presented_total
    return ReverbOrder(
        order_number=order.number,
        status=order.status,
        sku=sku,
        title=order.title,
        quantity=order.quantity,
        buyer=OrderBuyer(
            order.buyer_id, order.buyer_name, order.buyer_first_name, order.buyer_last_name, order.buyer_email
        ),
        currency=order.currency,
        **money,
        fees={name: amount for name, amount in fees.items() if amount is not None},
        tax_rate=order.tax_rate,
        tax_responsible_party=order.tax_responsible_party,
        presented_total=None if presented is None else presented.amount,
        presented_currency=presented.currency if presented is not None else "",
        payment_method=order.payment_method,
        shipping_method=order.shipping_method,
        local_pickup=order.local_pickup,
        address=_address(order),
        listing_id=order.listing_id,
        bundle_id=order.bundle_id,
        created_at=order.created_at,
        paid_at=order.paid_at,
        shipping_provider=order.shipping_provider,
        tracking_number=order.tracking_number,
        web_url=order.links.get("web"),
    )


_MONEY = ("price", "subtotal", "shipping", "tax", "total", "payout")


def _amounts(order: Order) -> dict[str, Any]:
    found = {name: getattr(order, name) for name in (*_MONEY, "presented_total")}
    return {name: [str(money.amount), money.currency] for name, money in found.items() if money is not None}


def _amount(money: Money | None, currency: str) -> Decimal | None:
    """The amount, where it is in the order's currency; nothing is nothing in each."""
    if money is None or (money.amount and money.currency not in {"", currency}):
        return None
    return money.amount


def _address(order: Order) -> OrderAddress | None:
    if order.address is None:
        return None
    return OrderAddress(**{name: getattr(order.address, name) for name in OrderAddress.__dataclass_fields__})
