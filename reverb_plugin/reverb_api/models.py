"""What Reverb's answers hold, as far as the listing push needs it.

Reading is tolerant: a missing or null key is fine, ids become text, numbers may come as text, unknown words stay what
they are. What cannot be meant (a list where an object belongs) raises :class:`~answer.UnreadableError`; the client
turns that into an error that says whether a write may have taken effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from reverb_plugin.reverb_api.answer import UnreadableError

MAX_DIGITS = 18
"""Before or behind the decimal point; ``1e300000`` is a short text, and seconds of work as an integer."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency that Reverb names; ``display`` texts are never parsed."""

    amount: Decimal
    currency: str

    @classmethod
    def read(cls, value: object) -> "Money | None":
        """From a money object; None when there is no amount."""
        body = _object(value, "money")
        amount = body.get("amount")
        if amount is None:
            return None
        return cls(_decimal(amount), _text(body, "currency").upper())


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
        body = _object(value, "listing")
        links = _object(body.get("_links"), "_links")
        web_url = _text(_object(links.get("web"), "web"), "href")
        return cls(
            id=_id(body, "id"),
            sku=_text(body, "sku"),
            title=_text(body, "title"),
            description=_text(body, "description"),
            make=_text(body, "make"),
            model=_text(body, "model"),
            year=_text(body, "year"),
            finish=_text(body, "finish"),
            condition_uuid=_text(_object(body.get("condition"), "condition"), "uuid"),
            price=Money.read(body.get("price")),
            inventory=_whole_number(body.get("inventory"), "inventory"),
            has_inventory=bool(_flag(body.get("has_inventory"), "has_inventory")),
            offers_enabled=_flag(body.get("offers_enabled"), "offers_enabled"),
            category_uuids=tuple(_text(_object(row, "category"), "uuid") for row in _list(body.get("categories"))),
            state=_state(body),
            shipping_profile_id=_text(body, "shipping_profile_id") or None,
            self_link=_text(_object(links.get("self"), "self"), "href") or None,
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
        body = _object(value, "page")
        if body.get("listings") is None:
            raise UnreadableError("the page has no listings")
        links = _object(body.get("_links"), "_links")
        return cls(
            listings=tuple(map(Listing.read, _list(body["listings"]))),
            total=_whole_number(body.get("total"), "total"),
            next_link=_text(_object(links.get("next"), "next"), "href") or None,
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
    body = _object(value, "answer")
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
        body = _object(value, "image")
        return cls(_id(body, "id"), _text(body, "url"))


@dataclass(frozen=True, slots=True)
class Account:
    """Whose token it is; ``shop_name`` is empty when the account has no shop yet."""

    shop_name: str = ""
    currency: str = ""

    @classmethod
    def read(cls, value: object) -> "Account":
        """From ``GET /my/account``; the person's name and e-mail address are left where they are."""
        body = _object(value, "account")
        shop = _object(body.get("shop"), "shop")
        return cls(_text(shop, "name"), _text(body, "currency"))


@dataclass(frozen=True, slots=True)
class Category:
    """A category; ``full_name`` holds the way to it ("Amps / Guitar Amps")."""

    uuid: str
    full_name: str

    @classmethod
    def read(cls, value: object) -> "Category":
        """From a row of ``GET /categories/flat``."""
        body = _object(value, "category")
        return cls(_id(body, "uuid"), _text(body, "full_name"))


def read_rows(value: object, name: str) -> list[object]:
    """The rows of a collection under ``name``, or the bare list itself."""
    if isinstance(value, list):
        return value
    body = _object(value, "collection")
    if body.get(name) is None:
        raise UnreadableError(f"the answer has no {name}")
    return _list(body[name])


def _object(value: object, name: str) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UnreadableError(f"{name} is no object")
    return value


def _list(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise UnreadableError("a list is no list")
    return value


def _text(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UnreadableError(f"{name} is no text")
    # Half a character (a lone surrogate) is legal JSON, but no database takes it.
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _id(body: Mapping[str, object], name: str) -> str:
    text = _text(body, name)
    if not text:
        raise UnreadableError(f"{name} is missing")
    return text


def _decimal(value: object) -> Decimal:
    is_number = isinstance(value, str | int | float) and not isinstance(value, bool)
    try:
        amount = Decimal(str(value) if is_number else "NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount.adjusted()) >= MAX_DIGITS:
        raise UnreadableError("amount is no number that can be meant")
    return amount


def _whole_number(value: object, name: str) -> int | None:
    if value is None or value == "":
        return None
    amount = _decimal(value)
    if amount != amount.to_integral_value():
        raise UnreadableError(f"{name} is no whole number")
    return int(amount)


def _flag(value: object, name: str) -> bool | None:
    """Documentation and some answers spell booleans as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise UnreadableError(f"{name} is neither true nor false")


def _state(body: Mapping[str, object]) -> str:
    """An object in answers of 2026, a bare word in others; answers to a create may say only ``draft`` or ``live``."""
    state = body.get("state")
    if state is not None:
        return _text({"state": state}, "state") if isinstance(state, str) else _text(_object(state, "state"), "slug")
    return next((slug for slug in ("draft", "live") if body.get(slug) is True), "")
