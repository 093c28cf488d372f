"""An order as the simulated Reverb keeps it, and how its amounts come about."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from reverb_plugin.simulator.wording import CENT, Money

STATUSES = (
    "unpaid",
    "payment_pending",
    "pending_review",
    "blocked",
    "partially_paid",
    "paid",
    "shipped",
    "picked_up",
    "received",
    "refunded",
    "cancelled",
)
NOT_YET_PAID = frozenset({"unpaid", "payment_pending", "pending_review", "blocked", "partially_paid"})
SENT = frozenset({"shipped", "picked_up", "received"})

SELLING_FEE = Decimal("0.05")
CHECKOUT_FEE = Decimal("0.0399")
CHECKOUT_FEE_FIXED = Decimal("0.49")
"""The fees that fit the orders that were seen: of the price with shipping, and of the total."""


@dataclass(frozen=True)
class Buyer:
    """Who bought; ``address`` is None for a buyer who gave none."""

    id: int
    first_name: str
    last_name: str
    email: str
    address: dict[str, Any] | None

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


@dataclass
class Order:
    """One listing bought by one buyer.

    ``checked_out`` is False for an accepted offer that nobody has paid yet: such an order has no total, no address
    and no fees.
    """

    number: str
    uuid: str
    bundle_id: str
    listing_id: int
    listing_slug: str
    title: str
    sku: str | None
    photo_id: int | None
    quantity: int
    price: Money
    shipping: Money
    buyer: Buyer
    created_at: datetime
    updated_at: datetime
    status: str = "paid"
    order_type: str = "instant"
    payment_method: str = "direct_checkout"
    local_pickup: bool = False
    tax_rate: Decimal = Decimal("0.08")
    tax_responsible_party: str = "reverb"
    bump_fee: Decimal = Decimal(0)
    presentment_currency: str = "USD"
    presentment_rate: Decimal = Decimal(1)
    remaining_inventory: int = 0
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    shipping_provider: str | None = None
    tracking_number: str | None = None
    checked_out: bool = True
    holds_stock: bool = False
    notes: list[Any] = field(default_factory=list)

    @property
    def subtotal(self) -> Money:
        """The price of all pieces."""
        return self.price.times(self.quantity)

    @property
    def shipping_taxed(self) -> bool:
        """Whether tax is on the shipping too."""
        return self.shipping.amount > 0

    @property
    def tax(self) -> Money:
        """The sales tax of the whole order."""
        return self._plus(self.subtotal.amount, self.shipping.amount).times(self.tax_rate)

    @property
    def total(self) -> Money:
        """What the buyer paid: pieces, shipping and tax."""
        return self._plus(self.subtotal.amount, self.shipping.amount, self.tax.amount)

    @property
    def selling_fee(self) -> Money:
        """Reverb's share."""
        return self._plus(self.subtotal.amount, self.shipping.amount).times(SELLING_FEE)

    @property
    def checkout_fee(self) -> Money:
        """What the payment costs."""
        return self._plus(self.total.times(CHECKOUT_FEE).amount, CHECKOUT_FEE_FIXED)

    @property
    def payout(self) -> Money:
        """What the seller gets; tax is taken off only where Reverb hands it on."""
        tax = self.tax.amount if self.tax_responsible_party == "reverb" else Decimal(0)
        return self._plus(self.total.amount, -tax, -self.selling_fee.amount, -self.bump_fee, -self.checkout_fee.amount)

    def presented(self, money: Money) -> Money:
        """An amount in the buyer's currency."""
        return Money(money.times(self.presentment_rate).amount, self.presentment_currency)

    def _plus(self, *amounts: Decimal) -> Money:
        return Money(sum(amounts, Decimal(0)).quantize(CENT), self.price.currency)
