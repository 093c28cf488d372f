"""What Reverb says of orders, shipments and refund requests. One order is one listing, so many pieces of it."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TypeVar

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

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Forgiving:
    """Reads what an order can do without: what makes no sense is left out, and ``problems`` say so."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def read(self, read: Callable[[], T], otherwise: T) -> T:
        """What ``read`` gives; ``otherwise`` when that is unreadable."""
        try:
            return read()
        except UnreadableError as error:
            self.problems.append(str(error))
            return otherwise

    def text(self, body: Mapping[str, object], name: str) -> str:
        """The text under ``name`` without the blanks at its ends."""
        return self.read(lambda: read_text(body, name).strip(), "")

    def money(self, body: Mapping[str, object], name: str) -> Money | None:
        """The amount under ``name``."""

        def read() -> Money | None:
            try:
                return Money.read(body.get(name))
            except UnreadableError:
                raise UnreadableError(f"{name} is no amount") from None

        return self.read(read, None)


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
    def read(cls, value: object, forgiving: "Forgiving") -> "Address | None":
        """From the order's ``shipping_address``; None when there is none. Blanks at the ends are taken off."""
        body: Mapping[str, object] = forgiving.read(lambda: read_object(value, "shipping_address"), {})
        return cls(**{name: forgiving.text(body, name) for name in cls.__dataclass_fields__}) if body else None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as Reverb tells it; what it does not say is None or empty.

    ``price`` is that of one piece, ``subtotal`` of all. ``presented_total`` is the total in the buyer's currency.
    ``links`` are pages for people by Reverb's names (``web``, ``packing_slip`` ...). ``problem`` says what could not be
    read: an amount or a part of the address, or all but the number.
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
        """From an order object of any endpoint.

        Number, state, SKU, listing and quantity have to make sense, because they move the stock; the rest need not.
        """
        body, forgiving = read_object(value, "order"), Forgiving()
        quantity = read_whole_number(body.get("quantity"), "quantity")
        if quantity is not None and quantity < 1:
            raise UnreadableError("quantity is less than 1")
        is_pickup = forgiving.read(lambda: read_flag(body.get("local_pickup"), "local_pickup"), None)
        amounts = {name: forgiving.money(body, name) for name in (*_AMOUNTS.values(), *_FEES)}
        forgiving.problems += _odd_amounts(amounts)
        return cls(
            number=read_id(body, "order_number"),
            quantity=1 if quantity is None else quantity,
            **{attribute: read_text(body, name).strip() for attribute, name in _VITAL.items()},  # type: ignore[arg-type]
            **{attribute: forgiving.text(body, name) for attribute, name in _TEXTS.items()},  # type: ignore[arg-type]
            **{attribute: amounts[name] for attribute, name in _AMOUNTS.items()},  # type: ignore[arg-type]
            **{name: forgiving.read(partial(read_time, body, name), None) for name in _TIMES},  # type: ignore[arg-type]
            fees={name: money for name in _FEES if (money := amounts[name]) is not None},
            tax_rate=forgiving.read(lambda: _read_rate(body.get("tax_rate")), None),
            local_pickup=bool(is_pickup) or body.get("shipping_method") == "local",
            address=Address.read(body.get("shipping_address"), forgiving),
            links=_links(body.get("_links")),
            problem="; ".join(forgiving.problems),
        )

    @property
    def currency(self) -> str:
        """The shop's; empty when no amount names one."""
        amounts = (self.price, self.subtotal, self.total)
        return next((money.currency for money in amounts if money is not None and money.currency), "")

    @property
    def fingerprint(self) -> str:
        """Changes when something does that matters: the time of the last change moves for trifles too."""
        content = json.dumps(_plain(replace(self, updated_at=None, links={})), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


_FEES = ("selling_fee", "bump_fee", "direct_checkout_fee", "tax_on_fees", "shipping_label_fee", "affirm_promotion_fee")
_VITAL = {"status": "status", "listing_id": "product_id", "sku": "sku"}
_TEXTS = {
    "uuid": "uuid",
    "bundle_id": "order_bundle_id",
    "order_type": "order_type",
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
_ADDED_UP = ("amount_product", "amount_product_subtotal", "total", "shipping", "amount_tax")
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
            tuple(order for order in map(_read_row, read_list(body["orders"])) if order is not None),
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


def _read_row(value: object) -> Order | None:
    """A row that makes no sense must not hide the others, nor be lost itself; None when it has no name at all."""
    try:
        return Order.read(value)
    except UnreadableError as error:
        body, forgiving = value if isinstance(value, Mapping) else {}, Forgiving()
        names = (forgiving.text(body, name) for name in ("order_number", "uuid"))
        number = next(filter(None, names), None)
        if number is None:
            logger.warning("Reverb tells of an order without a number, it is passed over: %s", error)
            return None
        problem = f"{error}; nothing was done for it"
        return Order(number, title=forgiving.text(body, "title"), links=_links(body.get("_links")), problem=problem)


def _odd_amounts(amounts: Mapping[str, Money | None]) -> list[str]:
    """What is wrong with those that make up the total: there is no price, or they cannot be added to it."""
    if amounts["amount_product"] is None and amounts["amount_product_subtotal"] is None:
        return ["amount_product is missing"]
    known = {name: money for name in _ADDED_UP if (money := amounts[name]) is not None and money.currency}
    currency = next((money.currency for money in known.values()), "")
    odd = {name: money for name, money in known.items() if money.amount and money.currency != currency}
    return [f"{name} is in {money.currency}, not in {currency}" for name, money in odd.items()]


def _read_rate(value: object) -> Decimal | None:
    return None if value is None or value == "" else read_decimal(value)


def _links(value: object) -> dict[str, str]:
    """Some pages stand a level deeper (``packing_slip.web.href``); what is no page is left out."""
    forgiving, found = Forgiving(), {}
    links: Mapping[str, object] = forgiving.read(lambda: read_object(value, "_links"), {})
    for name in _PAGES:
        link: Mapping[str, object] = forgiving.read(partial(read_object, links.get(name), name), {})
        page: Mapping[str, object] = forgiving.read(partial(read_object, link.get("web", link), name), {})
        url = forgiving.text(page, "href")
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
