"""What Oscar wants to see for an order of Reverb's: prices, a shipping method, an address, a note for people."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from oscar.core.loading import get_class, get_model
from oscar.core.prices import Price

from reverb_plugin.host_orders import OrderAddress, ReverbOrder

ShippingAddress = get_model("order", "ShippingAddress")
Country = get_model("address", "Country")
PurchaseInfo = get_class("partner.strategy", "PurchaseInfo")
FixedPrice = get_class("partner.prices", "FixedPrice")
Available = get_class("partner.availability", "Available")

PICKUP = "reverb-pickup"
SHIPPING = "reverb"
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Prices:
    """A strategy for a basket: the piece was sold on Reverb, for Reverb's price, whatever the shop asks for it."""

    record: Any
    order: ReverbOrder

    def fetch_for_product(self, product: Any, stockrecord: Any = None) -> Any:  # noqa: ARG002 - Oscar's signature
        """Oscar's ``PurchaseInfo``."""
        price = FixedPrice(currency_of(self.order, self.record), _unit_price(self.order), tax=Decimal(0))
        return PurchaseInfo(price=price, availability=Available(), stockrecord=self.record)

    def fetch_for_line(self, line: Any, stockrecord: Any = None) -> Any:
        """The same for a line of the basket."""
        return self.fetch_for_product(line.product, stockrecord)


class FromReverb:
    """A shipping method: what the buyer chose on Reverb."""

    def __init__(self, order: ReverbOrder) -> None:
        self.code = PICKUP if order.local_pickup else SHIPPING
        self.name = "Local pickup (Reverb)" if order.local_pickup else "Reverb"


def currency_of(order: ReverbOrder, record: Any) -> str:
    """The order's currency; an order that was never paid may name none."""
    return order.currency or str(record.price_currency)


def total_of(order: ReverbOrder, record: Any) -> Price:
    """What the shop gets, before Reverb's fees: tax that Reverb collects and hands on is no money of the shop's."""
    excl_tax = _unit_price(order) * order.quantity + (order.shipping or Decimal(0))
    tax = order.tax if order.tax_responsible_party != "reverb" else None
    return Price(currency_of(order, record), excl_tax=_cents(excl_tax), incl_tax=_cents(excl_tax + (tax or Decimal(0))))


def shipping_of(order: ReverbOrder, record: Any) -> Price:
    """What the buyer paid for shipping."""
    amount = _cents(order.shipping or Decimal(0))
    return Price(currency_of(order, record), excl_tax=amount, incl_tax=amount)


def make_address(address: OrderAddress | None) -> Any | None:
    """A shipping address of Oscar's; None when the order has none, or none with a country."""
    if address is None or not address.country_code:
        return None
    first, _, last = address.name.rpartition(" ")
    return ShippingAddress.objects.create(
        first_name=first[:255],
        last_name=last[:255],
        line1=address.street_address[:255],
        line2=address.extended_address[:255],
        line4=address.locality[:255],
        state=address.region[:255],
        postcode=address.postal_code[:64],
        phone_number=_phone(address.phone),
        country=_country(address.country_code),
    )


def summary(order: ReverbOrder) -> str:
    """For the staff: where the order came from, and what of its money arrives."""
    amounts = {
        "total": order.total,
        "tax": order.tax,
        **{name.replace("_", " "): fee for name, fee in order.fees.items()},
        "payout": order.payout,
    }
    told = ", ".join(f"{name} {amount} {order.currency}" for name, amount in amounts.items() if amount is not None)
    tax = " Reverb collects the tax and hands it on." if order.tax and order.tax_responsible_party == "reverb" else ""
    return f"Order {order.order_number} on Reverb: {told or 'no amounts yet'}.{tax} {order.web_url or ''}".strip()


def _unit_price(order: ReverbOrder) -> Decimal:
    if order.price is not None:
        return order.price
    return Decimal(0) if order.subtotal is None else _cents(order.subtotal / order.quantity)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _phone(number: str) -> str:
    """Oscar's field refuses what is no number; the note cannot hold it either, because it is the buyer's."""
    from phonenumber_field.phonenumber import to_python  # noqa: PLC0415 - comes with Oscar

    parsed = to_python(number)
    return number if parsed is not None and parsed.is_valid() else ""


def _country(code: str) -> Any:
    """Oscar's list of countries is filled by a command that a shop may not have run."""
    country, _ = Country.objects.get_or_create(
        iso_3166_1_a2=code.upper()[:2],
        defaults={"printable_name": code, "name": code, "is_shipping_country": False},
    )
    return country
