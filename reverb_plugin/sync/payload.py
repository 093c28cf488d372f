"""What a product looks like in the words of Reverb's API. Pure: product and settings in, fields out."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from reverb_plugin.errors import FieldError
from reverb_plugin.host import Product
from reverb_plugin.reverb_api.conditions import Condition, find_condition, find_condition_by_uuid
from reverb_plugin.settings import Policy, Settings
from reverb_plugin.sync.fields import Fields, Group
from reverb_plugin.sync.inventory import decide_stock, inventory_fields
from reverb_plugin.sync.photos import usable_photos
from reverb_plugin.sync.price import LARGEST_PRICE, LISTING_CURRENCIES, decide_price

BRAND_NEW = "Brand New"
NEW = "new"
"""What the exports of shops say of it. Their "used" and "refurbished" can mean any of Reverb's other conditions."""


@dataclass(frozen=True, slots=True)
class Payload:
    """The fields of each group that can be sent.

    ``problems`` say what had to be left out and why; ``notes`` what a person should know; ``holds_stock`` whether
    the listing may show more than one; ``quantity`` what it will show, None when that is not known.
    """

    groups: Mapping[Group, Fields]
    problems: tuple[FieldError, ...]
    notes: tuple[str, ...]
    holds_stock: bool
    quantity: int | None


def make_payload(product: Product, settings: Settings, known_condition_uuid: str | None = None) -> Payload:
    """The fields for a product.

    ``known_condition_uuid`` is the condition that the listing has on Reverb, when there is a listing: unless the
    seller wants the condition to be sent always, that one decides how much stock the listing holds.
    """
    own, problems = _condition(product, settings)
    known = find_condition_by_uuid(known_condition_uuid)
    in_force = (own or known) if settings.policy_condition is Policy.ALWAYS else (known or own)
    holds_stock = in_force is not None and in_force.holds_stock
    groups: dict[Group, Fields] = {
        Group.TITLE: {"title": product.title},
        Group.DESCRIPTION: _filled(description=product.description),
        Group.MAKE_MODEL: _filled(make=product.make, model=product.model),
        Group.YEAR: _filled(year=product.year),
        Group.FINISH: _filled(finish=product.finish),
        Group.SHIPPING_PROFILE: _filled(shipping_profile_id=product.shipping_profile),
        Group.CONDITION: {"condition": {"uuid": own.uuid}} if own is not None else {},
        Group.UPC: _upc(product, in_force),
        Group.OFFERS: {} if product.offers_enabled is None else {"offers_enabled": product.offers_enabled},
    }
    notes: list[str] = []
    quantity = None
    if product.quantity is None or in_force is None:
        notes += ["The quantity is not known, so it is not sent."] if product.quantity is None else []
        groups[Group.QUANTITY] = {}
    else:
        stock = decide_stock(product.quantity, settings, holds_stock=holds_stock)
        quantity = stock.quantity
        groups[Group.QUANTITY] = inventory_fields(stock, holds_stock=holds_stock)
        notes += [stock.note] if stock.note else []
    groups[Group.PRICE], price_problems = _price(product, settings)
    groups[Group.CATEGORIES], category_problems = _categories(product, settings)
    photos, photo_problems = usable_photos(product.photos)
    groups[Group.PHOTOS] = {"photos": list(photos)} if photos else {}
    problems += price_problems + category_problems + photo_problems
    return Payload(groups, problems, tuple(notes), holds_stock, quantity)


def _filled(**texts: str | None) -> Fields:
    """An empty text is left out: Reverb refuses an empty make or model, and a text that the shop lost must not
    wipe the listing's.
    """
    return {name: text for name, text in texts.items() if text}


def _condition(product: Product, settings: Settings) -> tuple[Condition | None, tuple[FieldError, ...]]:
    word = product.condition or settings.default_condition
    name = settings.condition_map.get(word, word)
    condition = find_condition(BRAND_NEW if name.strip().casefold() == NEW else name)
    if condition is not None:
        return condition, ()
    problem = f"Reverb has no condition {word!r}: add it to the setting condition_map, then try again"
    return None, (FieldError("condition", problem),)


def _price(product: Product, settings: Settings) -> tuple[Fields, tuple[FieldError, ...]]:
    if product.price is None:
        return {}, (FieldError("price", "the shop gives no price"),)
    if not product.price:
        return {}, (FieldError("price", "the price is 0, which is never sent"),)
    if product.price >= LARGEST_PRICE:
        return {}, (FieldError("price", f"the price {product.price:.2e} cannot be meant"),)
    if product.currency not in LISTING_CURRENCIES:
        return {}, (FieldError("price", f"Reverb takes no prices in {product.currency}"),)
    amount = decide_price(product.price, product.currency, settings)
    return {"price": {"amount": str(amount), "currency": product.currency}}, ()


def _categories(product: Product, settings: Settings) -> tuple[Fields, tuple[FieldError, ...]]:
    uuids: list[str] = []
    problems = []
    for category in product.categories:
        uuid = settings.category_map.get(category, category)
        if not _is_uuid(uuid):
            problem = f"{category!r} is no category of Reverb: add it to the setting category_map and save it again"
            problems.append(FieldError("categories", problem))
        elif uuid not in uuids:
            uuids.append(uuid)
    return ({"categories": [{"uuid": uuid} for uuid in uuids]} if uuids else {}), tuple(problems)


def _upc(product: Product, condition: Condition | None) -> Fields:
    """A Brand New listing without a UPC stays a draft for ever unless it says that none applies."""
    if product.upc:
        return {"upc": product.upc}
    if condition is not None and condition.display_name == BRAND_NEW:
        return {"upc_does_not_apply": True}
    return {}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
