"""The host port for orders: what a shop may offer to take them over, and the values that cross.

Each ability is optional. A shop that has only :class:`~reverb_plugin.host.TakesQuantity` or :class:`ChangesQuantity`
can have its stock kept in step; one that takes orders lowers its stock itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class OrderAddress:
    """Where to send; any part may be empty (``region`` is for most of Europe)."""

    name: str = ""
    street_address: str = ""
    extended_address: str = ""
    locality: str = ""
    region: str = ""
    postal_code: str = ""
    country_code: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class OrderBuyer:
    """Who bought. Know a buyer again by ``id``, never by the name: two people may share one. ``email`` may be empty."""

    id: str
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ReverbOrder:
    """An order on Reverb: one listing, so many pieces, one buyer.

    ``sku`` is the shop's. ``price`` is that of one piece, ``subtotal`` of all; ``total`` is subtotal + shipping + tax.
    All are in ``currency``, the shop's; ``presented_total`` is what the buyer saw in ``presented_currency``. An amount
    that Reverb does not tell is None: an order that was never paid has no total. When ``tax_responsible_party`` is
    ``reverb``, Reverb hands the tax on and it is no part of ``payout``. ``address`` is None for a local pickup, and may
    be None otherwise. ``status`` is Reverb's own word; there may be new ones. Orders of one checkout share
    ``bundle_id``.
    """

    order_number: str
    status: str
    sku: str
    title: str
    quantity: int
    buyer: OrderBuyer
    currency: str = ""
    price: Decimal | None = None
    subtotal: Decimal | None = None
    shipping: Decimal | None = None
    tax: Decimal | None = None
    total: Decimal | None = None
    payout: Decimal | None = None
    fees: Mapping[str, Decimal] = field(default_factory=dict)
    tax_rate: Decimal | None = None
    tax_responsible_party: str = ""
    presented_total: Decimal | None = None
    presented_currency: str = ""
    payment_method: str = ""
    shipping_method: str = ""
    local_pickup: bool = False
    address: OrderAddress | None = None
    listing_id: str = ""
    bundle_id: str = ""
    created_at: datetime | None = None
    paid_at: datetime | None = None
    shipping_provider: str = ""
    tracking_number: str = ""
    web_url: str | None = None


@runtime_checkable
class ChangesQuantity(Protocol):
    """An ability a shop may have: to add to its stock, exactly once for each key."""

    def change_quantity(self, sku: str, difference: int, reason: str, key: str) -> int:
        """Adds ``difference`` to the shop's own stock and gives what was added.

        The stock never falls below 0: then less is taken, and that is what comes back. For a ``key`` that it knows it
        changes nothing and gives what it gave before: change and key have to be committed in one transaction.
        """


@runtime_checkable
class TakesOrders(Protocol):
    """An ability a shop may have: to take an order over. It lowers its own stock for it."""

    def find_order(self, order_number: str) -> str | None:
        """The shop's id of the order with Reverb's number, committed; None when it has none."""

    def place_order(self, order: ReverbOrder) -> str:
        """Makes the order and gives the shop's id; the one that exists already when there is one with this number.

        Reverb has sold it: there is no check of stock or price to fail. Two calls at the same time make one order: put
        a unique key on the number.
        """


@runtime_checkable
class UpdatesOrders(Protocol):
    """An ability a shop may have: to follow an order that changed on Reverb."""

    def update_order(self, order_id: str, order: ReverbOrder) -> None:
        """The order is now as given: paid, shipped, another address ... May be called again with the same."""


@runtime_checkable
class CancelsOrders(Protocol):
    """An ability a shop may have: to call an order off."""

    def cancel_order(self, order_id: str, order: ReverbOrder, restock: int) -> None:
        """The order is off: ``cancelled``, ``refunded`` or ``blocked``; ``restock`` pieces go back into stock.

        An order that is off already stays as it is, and nothing goes back into stock again.
        """
