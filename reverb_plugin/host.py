"""The host port: what a shop must offer us, and the values that cross between the two.

A host implements :class:`Host`.
Values are checked when they are made: nonsense raises :class:`~reverb_plugin.errors.InvalidValueError`
naming the field and the value, so that it never travels further.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Protocol, runtime_checkable

from reverb_plugin.errors import HostError, InvalidValueError

# Reverb's own plugins limit these to 255 characters (PrestaShop plugin).
MAX_SHORT_TEXT = 255
_CURRENCY = re.compile("[A-Za-z]{3}")


@runtime_checkable
class Host(Protocol):
    """What every shop offers: its products, one by SKU and all in the order of their SKUs."""

    def find_product(self, sku: str) -> "Product | None":
        """The product as it is *now*, committed; None when the shop has no product with this SKU."""

    def iter_products(self, after_sku: str | None = None) -> "Iterator[Product]":
        """All products in ascending order of SKU, from the first one behind ``after_sku``."""


class NoShop:
    """Stands where no shop was named: what needs the shop says so, and nothing is taken for deleted."""

    def find_product(self, sku: str) -> "Product | None":
        """Raises HostError."""
        raise HostError(f"{sku} cannot be looked up: no shop was named")

    def iter_products(self, after_sku: str | None = None) -> "Iterator[Product]":  # noqa: ARG002 - the port's signature
        """Raises HostError."""
        raise HostError("the products cannot be listed: no shop was named")


@runtime_checkable
class TakesQuantity(Protocol):
    """An ability a shop may have: to take over a quantity from Reverb."""

    def set_quantity(self, sku: str, quantity: int, reason: str) -> None:
        """Makes ``quantity`` the shop's own stock of the product; ``reason`` is for people."""


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the shop; a shop's variants are products of their own, each with its SKU.

    ``quantity`` is what can be sold now; None means *unknown*, and unknown is never zero. ``price`` None means
    unknown likewise. ``condition``, ``categories`` and ``shipping_profile`` are the shop's own words: the settings
    map them to Reverb's. ``photos`` are public URLs in the order of display. ``sync`` False leaves the product and
    its listing alone. ``offers_enabled`` None leaves the choice to Reverb's default.

    Raises :class:`InvalidValueError` for a value that cannot be meant.
    """

    sku: str
    title: str
    price: Decimal | None = None
    currency: str = "USD"
    quantity: int | None = None
    id: str | None = None
    description: str = ""
    condition: str = ""
    make: str = ""
    model: str = ""
    year: str = ""
    finish: str = ""
    categories: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    upc: str = ""
    url: str | None = None
    shipping_profile: str | None = None
    offers_enabled: bool | None = None
    sync: bool = True

    def __post_init__(self) -> None:
        check_sku(self.sku)
        for name in ("title", "make", "model", "year", "finish", "condition"):
            _set(self, name, _text(name, getattr(self, name), MAX_SHORT_TEXT))
        for name in ("description", "upc"):
            _set(self, name, _text(name, getattr(self, name)))
        if not self.title:
            raise InvalidValueError("title", self.title, "a product needs a title")
        _set(self, "price", _price(self.price))
        _set(self, "currency", _currency(self.currency))
        _set(self, "id", _optional_text("id", self.id))
        _set(self, "shipping_profile", _optional_text("shipping_profile", self.shipping_profile))
        _set(self, "url", None if self.url is None else _text("url", self.url) or None)
        if not isinstance(self.sync, bool):
            raise InvalidValueError("sync", self.sync, "must be True or False")
        if self.offers_enabled is not None and not isinstance(self.offers_enabled, bool):
            raise InvalidValueError("offers_enabled", self.offers_enabled, "must be True, False or None")
        for name in ("categories", "photos"):
            _set(self, name, _texts(name, getattr(self, name)))
        check_quantity(self.quantity)


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of one SKU in an order, a cancellation or a refund."""

    sku: str
    quantity: int = 1

    def __post_init__(self) -> None:
        check_sku(self.sku)
        if isinstance(self.quantity, bool) or not isinstance(self.quantity, int) or self.quantity < 1:
            raise InvalidValueError("quantity", self.quantity, f"a line of {self.sku} needs a whole number above 0")


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """What happened to the order that the shop knows as ``order_id``, and which SKUs it touched."""

    order_id: str
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        _set(self, "order_id", _required_text("order_id", self.order_id))
        lines = tuple(self.lines) if isinstance(self.lines, Iterable) else ()
        if not lines or not all(isinstance(line, Line) for line in lines):
            raise InvalidValueError("lines", self.lines, "must be Line objects, at least one")
        _set(self, "lines", lines)


class OrderPlaced(OrderEvent):
    """An order was placed in the shop: its lines have left the stock."""

    __slots__ = ()


class OrderCancelled(OrderEvent):
    """An order was cancelled in the shop: its lines are back in stock."""

    __slots__ = ()


class Refund(OrderEvent):
    """A refund was made in the shop for these lines, whole or in part."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel of a Reverb order has left: ``order_id`` is Reverb's order number or the shop's own id."""

    order_id: str
    carrier: str
    tracking_number: str

    def __post_init__(self) -> None:
        for name in ("order_id", "carrier", "tracking_number"):
            _set(self, name, _required_text(name, getattr(self, name)))


@dataclass(frozen=True, slots=True)
class PickedUp:
    """The buyer of a Reverb order has collected it: ``order_id`` is Reverb's order number or the shop's own id."""

    order_id: str

    def __post_init__(self) -> None:
        _set(self, "order_id", _required_text("order_id", self.order_id))


class HookStatus(StrEnum):
    """What became of a host event."""

    QUEUED = "queued"
    COALESCED = "coalesced"
    RECORDED = "recorded"
    HELD = "held"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class HookResult:
    """What a hook did with an event, and why.

    ``queued`` and ``coalesced`` (it joined a change that waits already) are written to disk; ``recorded`` is kept for
    later use; ``held`` is in memory only, because the database could not be used, and is written with the next event
    or by the worker; ``ignored`` had no effect.
    """

    status: HookStatus
    reason: str = ""


def check_sku(sku: object) -> str:
    """The SKU itself when it can be one: text that is not empty and has no blank at either end."""
    if not isinstance(sku, str):
        raise InvalidValueError("sku", sku, "must be text")
    if not sku or sku != sku.strip():
        raise InvalidValueError("sku", sku, "must not be empty, nor begin or end with a blank")
    if len(sku) > MAX_SHORT_TEXT or not sku.isprintable():
        raise InvalidValueError("sku", sku, f"must be printable and at most {MAX_SHORT_TEXT} characters long")
    return sku


def check_quantity(quantity: object) -> int | None:
    """The quantity itself when it is None (unknown) or a whole number from 0."""
    if quantity is None:
        return None
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 0:
        raise InvalidValueError("quantity", quantity, "must be a whole number from 0, or None when it is not known")
    return quantity


def _set(value: object, name: str, content: object) -> None:
    object.__setattr__(value, name, content)


def _text(name: str, text: object, max_length: int | None = None) -> str:
    if not isinstance(text, str):
        raise InvalidValueError(name, text, "must be text")
    text = text.strip()
    if max_length is not None and len(text) > max_length:
        raise InvalidValueError(name, text, f"must be at most {max_length} characters long, has {len(text)}")
    return text


def _required_text(name: str, text: object) -> str:
    checked = _optional_text(name, text)
    if not checked:
        raise InvalidValueError(name, text, "must not be empty")
    return checked


def _optional_text(name: str, text: object) -> str | None:
    """Ids come as text or as whole numbers; we keep text."""
    if isinstance(text, int) and not isinstance(text, bool):
        return str(text)
    return None if text is None else _text(name, text, MAX_SHORT_TEXT) or None


def _texts(name: str, texts: object) -> tuple[str, ...]:
    if isinstance(texts, str) or not isinstance(texts, Iterable):
        raise InvalidValueError(name, texts, "must be a list of texts")
    return tuple(checked for text in texts if (checked := _text(name, text)))


def _price(price: object) -> Decimal | None:
    if price is None:
        return None
    if isinstance(price, bool) or not isinstance(price, Decimal | int | str):
        raise InvalidValueError("price", price, "must be a Decimal (a float is not exact)")
    try:
        amount = Decimal(price)
    except InvalidOperation:
        raise InvalidValueError("price", price, "is not a number") from None
    if not amount.is_finite() or amount < 0:
        raise InvalidValueError("price", price, "must be a finite number from 0")
    return amount


def _currency(currency: object) -> str:
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise InvalidValueError("currency", currency, "must be a three-letter code such as USD")
    return currency.upper()
