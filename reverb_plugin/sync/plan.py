"""The plan of a mass sync: what would be sent for one product, compared with what Reverb shows. Pure.

A plan compares with the listings as they were read, not with what Reverb once accepted: what was changed on Reverb
since is found as well.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from reverb_plugin.changes import Scope
from reverb_plugin.errors import LockedListingError
from reverb_plugin.host import Product
from reverb_plugin.reverb_api.conditions import find_condition_by_uuid
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.settings import Settings
from reverb_plugin.store.links import Link
from reverb_plugin.sync.decide import (
    DRAFT,
    LIVE,
    ON_SALE_STATES,
    Create,
    Locked,
    Refuse,
    Skip,
    Unchanged,
    Update,
    adopt,
    choose_listing,
    decide_create,
    decide_update,
    is_blocking,
    relevant_problems,
)
from reverb_plugin.sync.exclusion import find_exclusion
from reverb_plugin.sync.fields import Fields, fingerprint
from reverb_plugin.sync.payload import Payload, make_payload
from reverb_plugin.sync.photos import PhotoChange
from reverb_plugin.sync.price import WITHOUT_CENTS

SHORTENED = 200
FEWEST_FOR_BRAKE = 5


class PlanAction(StrEnum):
    """What a row of a plan says about a SKU."""

    CREATE = "create"
    UPDATE = "update"
    END = "end"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REFUSED = "refused"
    EXCLUDED = "excluded"
    DUPLICATE = "duplicate"
    NEAR_MISS = "near miss"
    NOT_IN_SHOP = "not in shop"
    WITHOUT_SKU = "without sku"


WRITES = frozenset({PlanAction.CREATE, PlanAction.UPDATE, PlanAction.END})


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of the listing: what Reverb shows, and what would be sent."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What is planned for one SKU, or what a person should know of it.

    ``is_grave`` says that a live listing would end, go to zero or change its price. ``body`` is exactly what would be
    sent, ``requests`` what that costs; ``seen`` is what it was decided from: the fingerprints of the product and of
    the link, the link as it follows from the listing that was read, what that showed in the fields of ``body``, and
    what has to happen to the photos.
    """

    sku: str
    title: str
    action: StrEnum
    message: str = ""
    listing_id: str | None = None
    listing_url: str | None = None
    is_live: bool = False
    is_grave: bool = False
    differences: tuple[Difference, ...] = ()
    body: Fields | None = None
    requests: int = 0
    seen: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """The rows for one product, and the link to a listing that was found and is not linked yet, or was published since.

    What the listing shows is not changed by being linked.
    """

    rows: tuple[PlannedRow, ...]
    adopted: Link | None = None


def plan_product(
    product: Product, listings: Sequence[Listing], near: Sequence[Listing], link: Link | None, settings: Settings
) -> Planned:
    """What is to be done for one product.

    Args:
        product: the product as the shop has it.
        listings: the listings with exactly its SKU.
        near: listings that may be meant for it: their SKU differs in case or blanks only, or they were linked to it.
        link: what is remembered of the SKU.
        settings: the settings in force.
    """
    listing = choose_listing(listings, link)
    duplicates = tuple(
        _about(other, PlanAction.DUPLICATE, f"{len(listings)} listings have this SKU; {listing.id} is kept in step.")
        for other in listings
        if listing is not None and other.id != listing.id
    )
    exclusion = find_exclusion(product, settings)
    if exclusion is not None:
        return Planned((_said(product, PlanAction.EXCLUDED, exclusion.message), *duplicates))
    if link is not None and link.deleted_at is not None:
        message = "It was deleted in the shop; save it to list it anew."
        return Planned((_said(product, PlanAction.SKIPPED, message), *duplicates))
    if listing is not None:
        if link is not None and link.listing_id not in {other.id for other in listings}:
            link = None
        published = find_published(link, listing)
        row, seen = _plan_update(product, listing, published or link, settings)
        return Planned((row, *duplicates), seen if link is None else published)
    if near:
        return Planned((_said(product, PlanAction.NEAR_MISS, _likely(near, link)),))
    return Planned((_plan_create(product, link, settings),))


def _said(product: Product, action: PlanAction, message: str) -> PlannedRow:
    return PlannedRow(product.sku, product.title, action, message)


def plan_leftover(listing: Listing) -> PlannedRow:
    """The row for a listing that no product of the shop belongs to; it is never touched."""
    if not listing.sku:
        return _about(listing, PlanAction.WITHOUT_SKU, "The listing has no SKU, so it belongs to no product.")
    return _about(listing, PlanAction.NOT_IN_SHOP, "The shop has no product with this SKU.")


def near_sku(sku: str) -> str:
    """What two SKUs have in common that a person would take for the same."""
    return "".join(sku.split()).casefold()


def find_published(link: Link | None, listing: Listing) -> Link | None:
    """The link to a draft that the seller has published on Reverb since; None when it is no such."""
    if link is None or (link.listing_id, link.state) != (listing.id, DRAFT) or listing.state not in ON_SALE_STATES:
        return None
    return replace(link, state=listing.state, web_url=listing.web_url or link.web_url)


def observe(link: Link | None, payload: Payload, product: Product, listing: Listing) -> Link:
    """The link as it follows from a listing that was read just now, with what only we can know of it.

    Reverb does not show a UPC, nor where photos come from; of a one-of-a-kind item that is not live it does not show
    the number that it accepted.
    """
    seen = adopt(product.sku, product.id, payload, listing)
    if link is None or link.listing_id != listing.id:
        return seen
    unseen = {"upc", "upc_does_not_apply", "photos"}
    if not payload.holds_stock and listing.state != LIVE:
        unseen |= {"inventory", "has_inventory"}
    shown = {name: sent for name, sent in seen.sent.items() if name not in unseen}
    return replace(
        seen,
        sent=shown | {name: link.sent[name] for name in unseen if name in link.sent},
        photos=link.photos,
        ended_by_us=link.ended_by_us,
        publish_withheld=link.publish_withheld,
        owed=link.owed,
    )


def link_fingerprint(link: Link | None, *, tried: bool) -> str:
    """Equal for as long as nothing was sent or learnt for the SKU.

    A try that failed leaves its traces in what was sent: when the row itself was ``tried`` these do not count.
    """
    if link is None:
        return fingerprint(None)
    return fingerprint(asdict(replace(link, sent={}, photos=()) if tried else link))


def product_fingerprint(product: Product) -> str:
    """Equal for as long as the shop's product is the same."""
    return fingerprint(asdict(product))


def decide_brake(grave: int, live: int, products: int, before: int, percent: int) -> str | None:
    """Why a run must not go on without a person's word; None when it may.

    Args:
        grave: live listings that would end, go to zero or change their price.
        live: all live listings.
        products: products the shop gave.
        before: products it gave at the run before, or SKUs that have a listing.
        percent: the share of live listings that may be touched so.
    """
    if before and not products:
        return "The shop gave no products at all."
    if before and products * 2 < before:
        return f"The shop gave {products} products; it gave {before} before."
    if grave >= FEWEST_FOR_BRAKE and grave * 100 > live * percent:
        return f"{grave} of {live} live listings would end, go to zero or change their price."
    return None


def _likely(near: Sequence[Listing], link: Link | None) -> str:
    for other in near:
        if link is not None and other.id == link.listing_id:
            return f"Its listing {other.id} has the SKU {other.sku!r} on Reverb now. Make the two SKUs the same."
    pairs = ", ".join(f"{other.sku!r} (listing {other.id})" for other in near)
    return f"Reverb has a listing with nearly this SKU: {pairs}. Make the two SKUs the same."


def _plan_update(product: Product, listing: Listing, link: Link | None, settings: Settings) -> tuple[PlannedRow, Link]:
    """The row, and the link as it follows from the listing."""
    payload = make_payload(product, settings, listing.condition_uuid)
    seen = observe(link, payload, product, listing)
    decision = decide_update(payload, seen, settings, Scope.ALL)
    row = PlannedRow(
        product.sku,
        product.title,
        PlanAction.UPDATE,
        " ".join(payload.notes),
        listing.id,
        listing.web_url,
        is_live=listing.state in ON_SALE_STATES,
    )
    problems = relevant_problems(payload, settings, seen)
    match decision:
        case Update(photos=photos):
            body = decision.body
            ends = row.is_live and body.get("inventory") == 0
            row = replace(
                row,
                action=PlanAction.END if ends else PlanAction.UPDATE,
                differences=_differences(body, listing) + _photo_difference(photos, seen),
                body=body,
                requests=count_requests(body, photos),
                is_grave=row.is_live and is_grave(body),
                message=" ".join([row.message, *map(str, problems)]).strip(),
                seen=seen_by_plan(product, link or seen, seen, photos) | {"old": _fingerprints(listing, body)},
            )
        case Unchanged():
            action = PlanAction.REFUSED if any(map(is_blocking, problems)) else PlanAction.UNCHANGED
            row = replace(row, action=action, message="; ".join(map(str, problems)))
        case Skip(message):
            row = replace(row, action=PlanAction.SKIPPED, message=message)
        case Locked():
            row = replace(row, action=PlanAction.REFUSED, message=f"{LockedListingError.__doc__}")
    return row, seen


def _plan_create(product: Product, link: Link | None, settings: Settings) -> PlannedRow:
    payload = make_payload(product, settings)
    row = PlannedRow(product.sku, product.title, PlanAction.CREATE, " ".join(payload.notes))
    match decide_create(product, payload, settings, Scope.ALL):
        case Skip(message):
            return replace(row, action=PlanAction.SKIPPED, message=message)
        case Refuse(errors):
            return replace(row, action=PlanAction.REFUSED, message="; ".join(map(str, errors)))
        case Create(body):
            problems = relevant_problems(payload, settings, None)
            message = " ".join([row.message, *map(str, problems)]).strip()
            return replace(
                row,
                body=body,
                requests=count_requests(body, None),
                message=message,
                seen=seen_by_plan(product, link, None, None),
            )


def is_grave(body: Fields) -> bool:
    """Sending this ends a live listing, brings it to zero or changes its price."""
    return body.get("inventory") == 0 or "price" in body


def count_requests(body: Fields, photos: PhotoChange | None) -> int:
    """What sending this costs: the write, a look at the photos and each one that goes, a look at what is published."""
    removed = len(photos.removed) if photos is not None else 0
    return bool(body) + bool(removed) + removed + bool(body.get("publish"))


def seen_by_plan(
    product: Product, link: Link | None, observed: Link | None, photos: PhotoChange | None
) -> dict[str, Any]:
    """What a row was decided from: sending it later asks whether any of it has moved."""
    return {
        "product": product_fingerprint(product),
        "link": link_fingerprint(link, tried=False),
        "tried_link": link_fingerprint(link, tried=True),
        "photos": None if photos is None else asdict(photos),
        "observed": None if observed is None else asdict(observed),
        "old": {},
    }


def _about(listing: Listing, action: PlanAction, message: str) -> PlannedRow:
    is_live = listing.state in ON_SALE_STATES
    return PlannedRow(listing.sku, listing.title, action, message, listing.id, listing.web_url, is_live)


def _differences(body: Fields, listing: Listing) -> tuple[Difference, ...]:
    """Fields go together in groups: one that is sent only because its neighbour differs is no difference."""
    shown = shown_fields(listing)
    texts = {
        name: (shown.get(name, ""), readable(name, value))
        for name, value in body.items()
        if name not in {"photos", "photo_upload_method"}
    }
    return tuple(Difference(name, shortened(old), shortened(new)) for name, (old, new) in texts.items() if old != new)


def _fingerprints(listing: Listing, body: Fields) -> dict[str, str]:
    """What the listing shows in these fields, to be compared later; where photos come from is not shown."""
    shown = shown_fields(listing)
    return {name: fingerprint(shown[name]) for name in body if name in shown}


def _photo_difference(photos: PhotoChange | None, link: Link) -> tuple[Difference, ...]:
    if photos is None:
        return ()
    return (Difference("photos", "\n".join(link.photos), "\n".join(photos.sources)),)


def shown_fields(listing: Listing) -> dict[str, str]:
    """What the listing shows for each field of a request, for people; photos and UPC are not told."""
    price = listing.price
    return {
        "title": listing.title,
        "description": listing.description,
        "make": listing.make,
        "model": listing.model,
        "year": listing.year,
        "finish": listing.finish,
        "price": price_text(price.amount, price.currency) if price else "",
        "inventory": "" if listing.inventory is None else str(listing.inventory),
        "has_inventory": str(listing.has_inventory).lower(),
        "condition": _condition_name(listing.condition_uuid),
        "categories": ", ".join(listing.category_uuids),
        "shipping_profile_id": listing.shipping_profile_id or "",
        "offers_enabled": "" if listing.offers_enabled is None else str(listing.offers_enabled).lower(),
        "publish": str(listing.state in ON_SALE_STATES).lower(),
    }


def readable(name: str, value: Any) -> str:
    """What a field of a request says, for people."""
    match name:
        case "price":
            return price_text(Decimal(value["amount"]), value["currency"])
        case "condition":
            return _condition_name(value["uuid"])
        case "categories":
            return ", ".join(each["uuid"] for each in value)
        case "photos":
            return "\n".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def price_text(amount: Decimal, currency: str) -> str:
    """An amount with as many decimals as people write; Reverb gives 28.0 for 28.00."""
    decimals = 0 if currency in WITHOUT_CENTS else 2
    return f"{amount:.{decimals}f} {currency}" if round(amount, decimals) == amount else f"{amount} {currency}"


def _condition_name(uuid: str) -> str:
    condition = find_condition_by_uuid(uuid)
    return condition.display_name if condition is not None else uuid


def shortened(text: str) -> str:
    """A text as a row of the plan shows it."""
    return text if len(text) <= SHORTENED else text[: SHORTENED - 3] + "..."
