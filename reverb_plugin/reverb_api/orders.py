"""What Reverb says of orders, shipments and refund requests. One order is one listing, so many pieces of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from reverb_plugin.reverb_api.answer import UnreadableError
from reverb_plugin.reverb_api.models import Money
from reverb_plugin.reverb_api.reading import (
    read_decimal,
    read_flag,
    read_id,
    read_list,
    read_object,
    read_text,
    read_whole_number,
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to send; any part may be missing (``region`` is for most of Europe)."""

    name: str = ""
    street_address: str = ""
    extended_address: str = ""
    locality: str = ""
    region: str = ""
    postal_code: str = ""
    country_code: str = ""
    phone: str = ""
    display_location: str = ""

    @classmethod
    def read(cls, value: object) -> "Address | None":
        """From the order's ``shipping_address``; None when there is none. Blanks at the ends are taken off."""
        body = read_object(value, "shipping_address")
        if not body:
            return None
        return cls(**{name: read_text(body, name).strip() for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Order:
    """An order as Reverb tells it; what it does not say is None or empty.

    ``price`` is that of one piece, ``subtotal`` of all. ``presented_total`` is the total in the buyer's currency.
    ``links`` are pages for people by Reverb's names (``web``, ``packing_slip`` ...). ``problem`` says why the rest
    could not be read, when only the number could.
    """

    number: str
    status: str = ""
    uuid: str = ""
    bundle_id: str = ""
    order_type: str = ""
    listing_id: str = ""
    sku: str = ""
    title: str = ""
    quantity: int = 1
    price: Money | None = None
    subtotal: Money | None = None
    shipping: Money | None = None
    tax: Money | None = None
    total: Money | None = None
    payout: Money | None = None
    presented_total: Money | None = None
    fees: Mapping[str, Money] = field(default_factory=dict)
    tax_rate: Decimal | None = None
    tax_responsible_party: str = ""
    payment_method: str = ""
    shipping_method: str = ""
    local_pickup: bool = False
    buyer_id: str = ""
    buyer_name: str = ""
    buyer_first_name: str = ""
    buyer_last_name: str = ""
    buyer_email: str = ""
    address: Address | None = None
    shipping_provider: str = ""
    tracking_number: str = ""
    created_at: datetime | None = None
    paid_at: datetime | None = None
    updated_at: datetime | None = None
    shipped_at: datetime | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @classmethod
    def read(cls, value: object) -> "Order":
        """From an order object of any endpoint."""
        body = read_object(value, "order")
        tax_rate = body.get("tax_rate")
        fees = {name: Money.read(body.get(name)) for name in _FEES}
        quantity = read_whole_number(body.get("quantity"), "quantity")
        if quantity is not None and quantity < 1:
            raise UnreadableError("quantity is less than 1")
        return cls(
            number=read_id(body, "order_number"),
            **{attribute: read_text(body, name).strip() for attribute, name in _TEXTS.items()},  # type: ignore[arg-type]
            **{attribute: Money.read(body.get(name)) for attribute, name in _AMOUNTS.items()},  # type: ignore[arg-type]
            **{attribute: read_time(body, attribute) for attribute in _TIMES},  # type: ignore[arg-type]
            quantity=1 if quantity is None else quantity,
            fees={name: money for name, money in fees.items() if money is not None},
            tax_rate=None if tax_rate is None else read_decimal(tax_rate),
            local_pickup=bool(read_flag(body.get("local_pickup"), "local_pickup")),
            address=Address.read(body.get("shipping_address")),
            links=_links(body.get("_links")),
        )

    @property
    def fingerprint(self) -> str:
        """Changes when something does that matters: the time of the last change moves for trifles too."""
        content = json.dumps(_plain(replace(self, updated_at=None, links={})), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


_FEES = ("selling_fee", "bump_fee", "direct_checkout_fee", "tax_on_fees", "shipping_label_fee", "affirm_promotion_fee")
_TEXTS = {
    "status": "status",
    "uuid": "uuid",
    "bundle_id": "order_bundle_id",
    "order_type": "order_type",
    "listing_id": "product_id",
    "sku": "sku",
    "title": "title",
    "tax_responsible_party": "tax_responsible_party",
    "payment_method": "payment_method",
    "shipping_method": "shipping_method",
    "buyer_id": "buyer_id",
    "buyer_name": "buyer_name",
    "buyer_first_name": "buyer_first_name",
    "buyer_last_name": "buyer_last_name",
    "buyer_email": "buyer_email",
    "shipping_provider": "shipping_provider",
    "tracking_number": "shipping_code",
}
_AMOUNTS = {
    "price": "amount_product",
    "subtotal": "amount_product_subtotal",
    "shipping": "shipping",
    "tax": "amount_tax",
    "total": "total",
    "payout": "direct_checkout_payout",
    "presented_total": "presentment_amount_total",
}
_TIMES = ("created_at", "paid_at", "updated_at", "shipped_at")
_PAGES = ("web", "web_tracking", "packing_slip", "purchase_shipping_label")


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One page of orders; ``next_link`` is None on the last one."""

    orders: tuple[Order, ...]
    next_link: str | None

    @classmethod
    def read(cls, value: object) -> "OrderPage":
        """From an answer of ``GET /my/orders/selling/all``; without the list itself it is unreadable, not empty."""
        body = read_object(value, "page")
        if body.get("orders") is None:
            raise UnreadableError("the page has no orders")
        links = read_object(body.get("_links"), "_links")
        return cls(
            tuple(map(_read_row, read_list(body["orders"]))),
            read_text(read_object(links.get("next"), "next"), "href") or None,
        )


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Somebody wants money back; only the seller answers, on Reverb."""

    id: str
    order_number: str
    state: str

    @classmethod
    def read(cls, value: object) -> "RefundRequest":
        """From a row of ``GET /my/refund_requests/selling``."""
        body = read_object(value, "refund request")
        return cls(read_id(body, "id"), read_id(body, "order_number"), read_text(body, "state"))


def read_time(body: Mapping[str, object], name: str) -> datetime | None:
    """The moment under ``name``, in UTC; None when there is none. One without an offset is taken for UTC."""
    text = read_text(body, name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnreadableError(f"{name} is no time") from None


def _read_row(value: object) -> Order:
    """A row that makes no sense must not hide the others, nor be lost itself."""
    try:
        return Order.read(value)
    except UnreadableError as error:
        return Order(read_id(read_object(value, "order"), "order_number"), problem=str(error))


def _links(value: object) -> dict[str, str]:
    """Some pages stand a level deeper (``packing_slip.web.href``)."""
    links = read_object(value, "_links")
    found = {}
    for name in _PAGES:
        link = read_object(links.get(name), name)
        url = read_text(read_object(link.get("web", link), name), "href")
        if url.startswith(("https://", "http://")):
            found[name] = url
    return found


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    fields = getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        return {name: _plain(getattr(value, name)) for name in fields}
    return value if value is None or isinstance(value, bool | int) else str(value)
