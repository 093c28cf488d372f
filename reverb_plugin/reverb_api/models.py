"""What Reverb's answers hold, as far as the listing push needs it.

Reading is tolerant: a missing or null key is fine, ids become text, numbers may come as text, unknown words stay what
they are. What cannot be meant (a list where an object belongs) raises :class:`~answer.UnreadableError`; the client
turns that into an error that says whether a write may have taken effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reverb_plugin.reverb_api.answer import UnreadableError
from reverb_plugin.reverb_api.reading import (
    read_decimal,
    read_flag,
    read_id,
    read_list,
    read_object,
    read_text,
    read_whole_number,
)

WITHOUT_CENTS = frozenset({"JPY"})
"""Of the currencies that Reverb deals in."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency that Reverb names; ``display`` texts are never parsed, cents for want of an amount."""

    amount: Decimal
    currency: str

    @classmethod
    def read(cls, value: object) -> "Money | None":
        """From a money object; None when there is no amount."""
        body = read_object(value, "money")
        amount, currency = body.get("amount"), read_text(body, "currency").upper()
        if amount is not None and amount != "":
            return cls(read_decimal(amount), currency)
        cents = body.get("amount_cents")
        if cents is None or cents == "":
            return None
        return cls(read_decimal(cents).scaleb(0 if currency in WITHOUT_CENTS else -2), currency)


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing of the shop.

    ``state`` is Reverb's slug (``draft``, ``live``, ``ended``, ``sold``, ``ordered``, ``suspended`` ...), empty when
    the answer has none. ``inventory`` None means that the answer does not say. A draft or a used item reads back
    ``has_inventory`` False whatever was sent. ``web_url`` is for people, ``self_link`` for the client.
    """

    id: str
    sku: str = ""
    title: str = ""
    description: str = ""
    make: str = ""
    model: str = ""
    year: str = ""
    finish: str = ""
    condition_uuid: str = ""
    price: Money | None = None
    inventory: int | None = None
    has_inventory: bool = False
    offers_enabled: bool | None = None
    category_uuids: tuple[str, ...] = ()
    state: str = ""
    shipping_profile_id: str | None = None
    self_link: str | None = None
    web_url: str | None = None

    @classmethod
    def read(cls, value: object) -> "Listing":
        """From a listing object of any endpoint."""
        body = read_object(value, "listing")
        links = read_object(body.get("_links"), "_links")
        web_url = read_text(read_object(links.get("web"), "web"), "href")
        return cls(
            id=read_id(body, "id"),
            sku=read_text(body, "sku"),
            title=read_text(body, "title"),
            description=read_text(body, "description"),
            make=read_text(body, "make"),
            model=read_text(body, "model"),
            year=read_text(body, "year"),
            finish=read_text(body, "finish"),
            condition_uuid=read_text(read_object(body.get("condition"), "condition"), "uuid"),
            price=Money.read(body.get("price")),
            inventory=read_whole_number(body.get("inventory"), "inventory"),
            has_inventory=bool(read_flag(body.get("has_inventory"), "has_inventory")),
            offers_enabled=read_flag(body.get("offers_enabled"), "offers_enabled"),
            category_uuids=tuple(
                read_text(read_object(row, "category"), "uuid") for row in read_list(body.get("categories"))
            ),
            state=_state(body),
            shipping_profile_id=read_text(body, "shipping_profile_id") or None,
            self_link=read_text(read_object(links.get("self"), "self"), "href") or None,
            web_url=web_url if web_url.startswith(("https://", "http://")) else None,
        )


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the shop's listings; ``next_link`` is None on the last one."""

    listings: tuple[Listing, ...]
    total: int | None
    next_link: str | None

    @classmethod
    def read(cls, value: object) -> "Page":
        """From an answer of ``GET /my/listings``; without the list itself it is unreadable, not empty."""
        body = read_object(value, "page")
        if body.get("listings") is None:
            raise UnreadableError("the page has no listings")
        links = read_object(body.get("_links"), "_links")
        return cls(
            listings=tuple(map(Listing.read, read_list(body["listings"]))),
            total=read_whole_number(body.get("total"), "total"),
            next_link=read_text(read_object(links.get("next"), "next"), "href") or None,
        )


@dataclass(frozen=True, slots=True)
class Written:
    """The answer to a write that Reverb accepted.

    Accepted is not yet published: the reason why a listing stays a draft stands in ``warnings`` only. ``listing`` is
    None when the answer has no body (ending and deleting).
    """

    listing: Listing | None
    message: str = ""
    warnings: tuple[str, ...] = ()
    status: int = 200
    request_id: str | None = None


def read_written_listing(value: object) -> Listing | None:
    """The listing in the envelope of a write, or the bare listing; None when the answer holds neither."""
    body = read_object(value, "answer")
    bare = body if "id" in body else None
    found = body.get("listing", bare)
    return None if found is None else Listing.read(found)


@dataclass(frozen=True, slots=True)
class Image:
    """A photo of a listing as Reverb keeps it; ``url`` is Reverb's copy, not the source."""

    id: str
    url: str = ""

    @classmethod
    def read(cls, value: object) -> "Image":
        """From a row of ``GET /listings/{id}/images``; only the id is sure."""
        body = read_object(value, "image")
        return cls(read_id(body, "id"), read_text(body, "url"))


@dataclass(frozen=True, slots=True)
class Account:
    """Whose token it is; ``shop_name`` is empty when the account has no shop yet."""

    shop_name: str = ""
    currency: str = ""

    @classmethod
    def read(cls, value: object) -> "Account":
        """From ``GET /my/account``; the person's name and e-mail address are left where they are."""
        body = read_object(value, "account")
        shop = read_object(body.get("shop"), "shop")
        return cls(read_text(shop, "name"), read_text(body, "currency"))


@dataclass(frozen=True, slots=True)
class Category:
    """A category; ``full_name`` holds the way to it ("Amps / Guitar Amps")."""

    uuid: str
    full_name: str

    @classmethod
    def read(cls, value: object) -> "Category":
        """From a row of ``GET /categories/flat``."""
        body = read_object(value, "category")
        return cls(read_id(body, "uuid"), read_text(body, "full_name"))


def read_rows(value: object, name: str) -> list[object]:
    """The rows of a collection under ``name``, or the bare list itself."""
    if isinstance(value, list):
        return value
    body = read_object(value, "collection")
    if body.get(name) is None:
        raise UnreadableError(f"the answer has no {name}")
    return read_list(body[name])


def _state(body: Mapping[str, object]) -> str:
    """An object in answers of 2026, a bare word in others; answers to a create may say only ``draft`` or ``live``."""
    state = body.get("state")
    if state is not None:
        return (
            read_text({"state": state}, "state")
            if isinstance(state, str)
            else read_text(read_object(state, "state"), "slug")
        )
    return next((slug for slug in ("draft", "live") if body.get(slug) is True), "")
