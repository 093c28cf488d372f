"""The orders and refund requests of the shop, and what happens to them."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from reverb_plugin.simulator.listing import Listing
from reverb_plugin.simulator.order import NOT_YET_PAID, SENT, STATUSES, Buyer, Order
from reverb_plugin.simulator.problems import not_found, refuse
from reverb_plugin.simulator.wording import Money
from reverb_plugin.simulator.world import World, default_rate

FIRST_ORDER_NUMBER = 90_000_101
FIRST_BUYER_ID = 1_000_001
FIRST_REFUND_ID = 47
FINAL_REFUND_STATES = frozenset({"approved", "denied", "cancelled", "auto_approved", "refund_sent"})

Announce = Callable[[str, Order], None]


@dataclass
class RefundRequest:
    """Somebody wants money back for an order."""

    id: int
    order_number: str
    state: str
    reason: str
    amount: Money
    note_to_seller: str
    note_to_buyer: str
    created_at: datetime
    updated_at: datetime


class OrderBook:
    """All orders, oldest first. Whoever calls holds the lock of `Reverb`."""

    def __init__(self, world: World, announce: Announce) -> None:
        self._world = world
        self._announce = announce
        self.orders: dict[str, Order] = {}
        self.refunds: dict[int, RefundRequest] = {}
        self._numbers = count(FIRST_ORDER_NUMBER)
        self._buyer_ids = count(FIRST_BUYER_ID)
        self._refund_ids = count(FIRST_REFUND_ID)
        self._buyers: dict[str, Buyer] = {}

    def get_order(self, number: str) -> Order:
        """The order with this number; a RefusalError (404) when there is none."""
        order = self.orders.get(number)
        if order is None:
            raise not_found()
        return order

    def newest_first(self) -> list[Order]:
        """All orders, the newest first, as every list of Reverb's has them."""
        return sorted(self.orders.values(), key=lambda order: (order.created_at, order.number), reverse=True)

    # What buyers do

    def buy(
        self,
        listing_id: int,
        quantity: int = 1,
        *,
        buyer: dict[str, Any] | None = None,
        status: str = "paid",
        price: str | None = None,
        shipping: str | None = None,
        bundle_with: str | None = None,
        created_at: str | None = None,
        **options: Any,
    ) -> Order:
        """A buyer orders ``quantity`` pieces; ``options`` are further attributes of Order (payment_method ...).

        ``price`` is what was agreed on for one piece, ``bundle_with`` the number of an order of the same checkout.
        Raises ValueError when the listing is not for sale or the stock does not suffice.
        """
        listing = self._world.get_listing(listing_id)
        _check_for_sale(listing, quantity)
        _check_status(status)
        rate = default_rate(listing).times(0 if options.get("local_pickup") else 1)
        asked = listing.price or Money(Decimal(0), self._world.shop.currency)
        at = datetime.fromisoformat(created_at) if created_at else self._world.now()
        number = str(next(self._numbers))
        order = Order(
            number=number,
            uuid=str(uuid.uuid4()),
            bundle_id=self.get_order(bundle_with).bundle_id if bundle_with else number,
            listing_id=listing.id,
            listing_slug=listing.slug,
            title=listing.title,
            sku=listing.sku,
            photo_id=listing.images[0].id if listing.images else None,
            quantity=quantity,
            price=Money(Decimal(price), asked.currency) if price else asked,
            shipping=Money(Decimal(shipping), rate.currency) if shipping else rate,
            buyer=self._find_buyer(buyer or {}),
            created_at=at,
            updated_at=at,
            status=status,
            presentment_currency=options.pop("presentment_currency", asked.currency),
            **_decimals(options),
        )
        self.orders[number] = order
        self._follow_status(order)
        order.updated_at = at
        self._announce("orders/create", order)
        return order

    def set_status(self, order_number: str, status: str) -> None:
        """Move an order to another status, with everything that comes with it."""
        _check_status(status)
        order = self.get_order(order_number)
        order.status = status
        self._follow_status(order)
        self._announce("orders/update", order)

    def ask_refund(
        self,
        number: str,
        *,
        amount: str | None = None,
        state: str = "pending_seller_response",
        reason: str = "buyer_return",
        note_to_seller: str = "",
        note_to_buyer: str = "",
    ) -> RefundRequest:
        """A refund request for an order; without an amount for all of it."""
        order, at = self.get_order(number), self._world.now()
        money = Money(Decimal(amount), order.price.currency) if amount else order.total
        refund = RefundRequest(
            next(self._refund_ids), number, state, reason, money, note_to_seller, note_to_buyer, at, at
        )
        self.refunds[refund.id] = refund
        self._follow_refund(refund)
        return refund

    # What the seller does

    def ship(self, order: Order, provider: str, tracking_number: str) -> None:
        """Note the parcel down; an order that is not waiting for shipment is a RefusalError (422)."""
        if order.status != "paid":
            raise refuse(422, "This order cannot be marked as shipped.")
        order.shipping_provider, order.tracking_number = provider, tracking_number
        order.shipped_at = self._world.now()
        self.set_status(order.number, "shipped")

    def mark_picked_up(self, order: Order) -> None:
        """The buyer came for it; an order that is not paid is a RefusalError (422)."""
        if order.status != "paid":
            raise refuse(422, "This order cannot be marked as picked up.")
        self.set_status(order.number, "picked_up")

    def answer_refund(self, refund: RefundRequest, state: str, amount: Money | None, note_to_buyer: str | None) -> None:
        """The seller's word on a refund request; one that is final is a RefusalError (422)."""
        if refund.state in FINAL_REFUND_STATES:
            raise refuse(422, "This refund request can no longer be changed.")
        refund.state = state
        refund.amount = amount or refund.amount
        refund.note_to_buyer = note_to_buyer or refund.note_to_buyer
        refund.updated_at = self._world.now()
        self._follow_refund(refund)

    # Inside

    def _follow_status(self, order: Order) -> None:
        status, now = order.status, self._world.now()
        order.updated_at = now
        if status != "cancelled":
            order.checked_out = status != "unpaid"
        newly_paid = status not in NOT_YET_PAID | {"cancelled"} and order.paid_at is None
        if newly_paid:
            order.paid_at = now
        if status in SENT and order.shipped_at is None and not order.local_pickup:
            order.shipped_at, order.shipping_provider = now, order.shipping_provider or "Other"
        self._follow_stock(order)
        if newly_paid:
            self._announce("orders/paid", order)
            self._announce("payments/create", order)

    def _follow_stock(self, order: Order) -> None:
        listing = self._world.listings.get(order.listing_id)
        wants = order.status != "cancelled" and order.checked_out
        if listing is None or wants == order.holds_stock:
            return
        order.holds_stock = wants
        if wants:
            self._world.take_stock(listing, order.quantity)
        else:
            self._world.return_stock(listing, order.quantity)
        order.remaining_inventory = listing.shown_inventory

    def _follow_refund(self, refund: RefundRequest) -> None:
        paid_back = [other for other in self.refunds.values() if other.order_number == refund.order_number]
        amount = sum((other.amount.amount for other in paid_back if other.state == "approved"), Decimal(0))
        order = self.orders[refund.order_number]
        if amount >= order.total.amount and order.status != "refunded":
            self.set_status(order.number, "refunded")

    def _find_buyer(self, wanted: dict[str, Any]) -> Buyer:
        """The buyer of that name, made on first sight; ``address`` None stands for no address."""
        name = wanted.get("name") or f"Pat Example{len(self.orders) + 1:02}"
        if name not in self._buyers or "address" in wanted:
            known = self._buyers.get(name)
            buyer_id = known.id if known else next(self._buyer_ids)
            first, _, last = name.partition(" ")
            email = wanted.get("email", f"buyer{buyer_id}@example.com")
            self._buyers[name] = Buyer(buyer_id, first, last, email, _address(wanted, name, buyer_id))
        return self._buyers[name]


def _check_for_sale(listing: Listing, quantity: int) -> None:
    stock = 1 if listing.one_of_a_kind else listing.inventory
    if listing.state != "live":
        raise ValueError(f"listing {listing.id} is {listing.state}, not live")
    if not 1 <= quantity <= stock:
        raise ValueError(f"listing {listing.id} has {stock} in stock, not {quantity}")


def _check_status(status: str) -> None:
    if status not in STATUSES:
        raise ValueError(f"there is no status {status}; known are {', '.join(STATUSES)}")


def _decimals(options: dict[str, Any]) -> dict[str, Any]:
    amounts = ("tax_rate", "bump_fee", "presentment_rate")
    return {name: Decimal(str(value)) if name in amounts else value for name, value in options.items()}


def _address(wanted: dict[str, Any], name: str, buyer_id: int) -> dict[str, Any] | None:
    if "address" in wanted and wanted["address"] is None:
        return None
    address_id = buyer_id + 1_000_000
    return {
        "region": "IL",
        "locality": "Chicago",
        "country_code": "US",
        "display_location": "Chicago, IL, United States",
        "id": address_id,
        "primary": False,
        "name": name,
        "street_address": f"{buyer_id % 1000} Example Street",
        "extended_address": "",
        "postal_code": "60657",
        "phone": "5555550100",
        "unformatted_phone": "5555550100",
        "complete_shipping_address": True,
        "_links": {"self": {"href": f"/api/my/addresses/{address_id}"}},
        **(wanted.get("address") or {}),
    }
