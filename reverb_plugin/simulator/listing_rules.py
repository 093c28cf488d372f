"""What a listing may hold and when it can go live: pure functions on values.

The order is always the same: ``read_fields`` turns a request into changes (a value of the wrong type is a 400), the
changes are tried on a copy, ``find_errors`` complains about fields (412), ``find_warnings`` about what will keep
a saved draft from going live.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from reverb_plugin.simulator.catalogue import CATALOGUE, FOR_APPROVED_SHOPS, Category, Condition
from reverb_plugin.simulator.listing import Listing
from reverb_plugin.simulator.problems import bad_parameter, not_a_choice, refuse
from reverb_plugin.simulator.wording import Money

LONGEST_TEXT = 255
MOST_CATEGORIES = 3
UPC_WARNING = "UPC is required for Brand New items unless it does not apply"
SOLD_OUT_WARNING = "Inventory must be greater than zero to publish"

Changes = dict[str, Any]


def read_fields(body: dict[str, Any], currency: str) -> Changes:
    """The known fields of a request body as attributes of a listing; unknown ones are ignored.

    Raises RefusalError (400) for a wrong type, a value outside of an enumeration or a middle category.
    """
    changes: Changes = {name: read(name, body[name]) for name, read in READERS.items() if name in body}
    if "seller_cost" in body:
        changes["seller_cost"] = _read_cost(body["seller_cost"], currency)
    if "has_inventory" not in body and changes.get("inventory", 0) > 1:
        changes["has_inventory"] = True
    return changes


def try_on(listing: Listing, changes: Changes) -> Listing:
    """A copy of ``listing`` with ``changes``; make and model are guessed from the title when they are absent."""
    copy = listing.snapshot()
    known = {field.name for field in fields(Listing)}
    for name, value in changes.items():
        if name in known:
            setattr(copy, name, value)
    copy.other = {**copy.other, **{name: value for name, value in changes.items() if name not in known}}
    guessed_make, _, guessed_model = copy.title.partition(" ")
    copy.make = copy.make or ("" if "make" in changes else guessed_make)
    copy.model = copy.model or ("" if "model" in changes else guessed_model or "Unknown")
    return copy


def find_errors(listing: Listing, stock_conditions_approved: bool) -> dict[str, list[str]]:
    """The complaints about each field, empty when the listing can be saved."""
    errors: dict[str, list[str]] = {}
    for name in ("make", "model"):
        if not getattr(listing, name):
            errors[name] = ["can't be blank"]
    for name in ("title", "make", "model", "finish", "sku"):
        if len(getattr(listing, name) or "") > LONGEST_TEXT:
            errors.setdefault(name, []).append(f"is too long (maximum is {LONGEST_TEXT} characters)")
    if listing.price and listing.price.amount <= 0:
        errors["price"] = ["must be greater than 0"]
    if len(listing.categories) > MOST_CATEGORIES:
        errors["categories"] = ["has too many entries"]
    condition = listing.condition
    if condition and condition.display_name in FOR_APPROVED_SHOPS and not stock_conditions_approved:
        errors["condition"] = ["is not available to your shop"]
    return errors


def find_missing(listing: Listing) -> dict[str, list[str]]:
    """The fields that have to be filled in before a listing can be published."""
    needed = ("title", "price", "condition", "categories")
    return {name: ["can't be blank"] for name in needed if not getattr(listing, name)}


def find_warnings(listing: Listing, publish: bool) -> list[str]:
    """What will keep a saved draft from going live; Reverb says so nowhere else."""
    warnings = []
    brand_new = listing.condition is not None and listing.condition.display_name == "Brand New"
    if brand_new and listing.state == "draft" and not (listing.upc_does_not_apply or valid_upc(listing.upc)):
        warnings.append(UPC_WARNING)
    if publish and not listing.one_of_a_kind and listing.inventory < 1:
        warnings.append(SOLD_OUT_WARNING)
    return warnings


def valid_upc(upc: str | None) -> bool:
    """Whether it is a UPC or EAN: 8, 12, 13 or 14 digits whose last one is the check digit."""
    if not upc or not re.fullmatch(r"\d{8}|\d{12,14}", upc):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(upc)))
    return weighted % 10 == 0


def can_be_fetched(url: str) -> bool:
    """Whether Reverb's servers could get at this address: a public host, by http or https."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".invalid", ".localhost", ".local", ".internal"))


def _read_text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        raise bad_parameter(name)
    return str(value).strip()


def _read_optional_text(name: str, value: Any) -> str | None:
    return _read_text(name, value) or None


def read_flag(name: str, value: Any) -> bool:
    """A boolean, also as the words "true" and "false" that Reverb's own guide shows."""
    if value in (True, "true", "1", "yes"):
        return True
    if value in (False, None, "", "false", "0", "no"):
        return False
    raise bad_parameter(name)


def _read_count(name: str, value: Any) -> int:
    try:
        if isinstance(value, bool | float):
            raise bad_parameter(name)
        count = int(value)
    except (TypeError, ValueError):
        raise bad_parameter(name) from None
    if count < 0:
        raise bad_parameter(name)
    return count


def read_money(name: str, value: Any) -> Money | None:
    """``{"amount": "5000.00", "currency": "USD"}``; None clears it."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise bad_parameter(name)
    for key in ("amount", "currency"):
        if value.get(key) in (None, ""):
            raise bad_parameter(f"{name}[{key}]", "is missing")
    if value["currency"] not in CATALOGUE.rows("listing_currencies"):
        raise not_a_choice(f"{name}[currency]")
    return Money(_read_amount(f"{name}[amount]", value["amount"]), value["currency"])


def _read_amount(name: str, value: Any) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise bad_parameter(name) from None
    if isinstance(value, bool) or not amount.is_finite():
        raise bad_parameter(name)
    return amount


def _read_cost(value: Any, currency: str) -> Money | None:
    """``seller_cost`` is a decimal string in the shop's currency."""
    if value in (None, ""):
        return None
    if isinstance(value, dict):
        raise bad_parameter("seller_cost")
    return Money(_read_amount("seller_cost", value), currency)


def _read_condition(name: str, value: Any) -> Condition | None:
    if value is None:
        return None
    key = value.get("uuid") if isinstance(value, dict) else value
    if key is None:
        raise bad_parameter(f"{name}[uuid]", "is missing")
    condition = CATALOGUE.find_condition(key) if isinstance(key, str) else None
    if condition is None:
        raise not_a_choice(f"{name}[uuid]")
    return condition


def _read_categories(name: str, value: Any) -> tuple[Category, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise bad_parameter(name)
    categories = []
    for row in value:
        category = CATALOGUE.categories.get(str(row.get("uuid")))
        if category is None:
            raise not_a_choice(f"{name}[uuid]")
        if category.middle:
            raise refuse(400, "Category cannot be used for listings")
        categories.append(category)
    return tuple(categories)


def read_urls(name: str, value: Any) -> list[str]:
    """A list of addresses, without repetitions and empty entries."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(url, str) for url in value):
        raise bad_parameter(name)
    return list(dict.fromkeys(url for url in value if url))


def _read_videos(name: str, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(video, dict) and "link" in video for video in value):
        raise bad_parameter(name)
    return [video for video in value if video["link"]][:1]


def _read_object(name: str, value: Any) -> dict[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise bad_parameter(name)
    return value


def _read_shipping(name: str, value: Any) -> dict[str, Any] | None:
    shipping = _read_object(name, value)
    if shipping is None:
        return None
    rates = []
    for row in shipping.get("rates") or []:
        if not isinstance(row, dict) or not row.get("region_code"):
            raise bad_parameter(f"{name}[rates][region_code]", "is missing")
        rates.append((str(row["region_code"]), read_money(f"{name}[rates][rate]", row.get("rate"))))
    return {"local": read_flag(f"{name}[local]", shipping.get("local", False)), "rates": rates}


def _read_channel(name: str, value: Any) -> str | None:
    if value not in (None, "seller_site", "reverb", "none"):
        raise not_a_choice(name)
    return None if value is None else str(value)


READERS: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(("title", "make", "model", "finish", "year", "description"), _read_text),
    **dict.fromkeys(
        ("sku", "upc", "origin_country_code", "shipping_profile_id", "prop_65_warning", "storage_location"),
        _read_optional_text,
    ),
    **dict.fromkeys(
        ("upc_does_not_apply", "has_inventory", "offers_enabled", "handmade", "sold_as_is", "tax_exempt", "multi_item"),
        read_flag,
    ),
    "inventory": _read_count,
    "price": read_money,
    "condition": _read_condition,
    "categories": _read_categories,
    "videos": _read_videos,
    "shipping": _read_shipping,
    "location": _read_object,
    "preorder_info": _read_object,
    "exclusive_channel": _read_channel,
}
