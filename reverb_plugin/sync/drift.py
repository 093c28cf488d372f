"""Drift: where Reverb does not show what the shop has. Pure.

A field that is sent on create only is compared as well: the seller may want to know, and settles it or leaves it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from reverb_plugin.host import Product
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.settings import Policy, Settings
from reverb_plugin.store.links import Link
from reverb_plugin.sync.decide import DRAFT, ENDED, LOCKED_STATES, ON_SALE_STATES, choose_listing
from reverb_plugin.sync.fields import Group
from reverb_plugin.sync.payload import make_payload
from reverb_plugin.sync.photos import PhotoChange
from reverb_plugin.sync.plan import (
    PlanAction,
    Planned,
    PlannedRow,
    count_requests,
    is_grave,
    observe,
    plan_leftover,
    plan_product,
    seen_by_plan,
)


class DriftKind(StrEnum):
    """What is different."""

    QUANTITY = "quantity"
    PRICE = "price"
    TEXT = "text"
    CONDITION = "condition"
    STATE = "state"
    MISSING = "missing"
    EXTRA = "extra"
    DUPLICATE_SKU = "duplicate sku"
    STALE_LINK = "stale link"
    PHOTOS = "photos"
    LOCKED = "locked"


_KINDS = {
    "inventory": DriftKind.QUANTITY,
    "has_inventory": DriftKind.QUANTITY,
    "price": DriftKind.PRICE,
    "condition": DriftKind.CONDITION,
    "photos": DriftKind.PHOTOS,
    "photo_upload_method": DriftKind.PHOTOS,
    "publish": DriftKind.STATE,
}
_UNSEEN = frozenset({"upc", "upc_does_not_apply"})
"""Reverb's lists of listings do not show these, so they cannot be compared."""


def find_drift(
    product: Product, listings: Sequence[Listing], near: Sequence[Listing], link: Link | None, settings: Settings
) -> Planned:
    """A row for each kind of difference; ``action`` of the row is the kind."""
    listing = choose_listing(listings, link)
    planned = plan_product(product, listings, near, link, _compare_all(settings))
    link = planned.adopted or link
    rows: list[PlannedRow] = []
    for row in planned.rows:
        rows += _drift_rows(row, product, listing, link, settings)
    if listing is not None and settings.policy_condition is Policy.ON_CREATE:
        rows += _condition(product, listing, link, settings)
    return Planned(tuple(rows), planned.adopted)


def find_extra(listing: Listing) -> PlannedRow:
    """The row for a listing that no product of the shop belongs to."""
    return _of_kind(plan_leftover(listing), DriftKind.EXTRA)


def _drift_rows(
    planned: PlannedRow, product: Product, listing: Listing | None, link: Link | None, settings: Settings
) -> tuple[PlannedRow, ...]:
    match planned.action:
        case PlanAction.DUPLICATE:
            return (_of_kind(planned, DriftKind.DUPLICATE_SKU),)
        case PlanAction.NEAR_MISS if link is not None and link.listing_id is not None:
            return (_of_kind(planned, DriftKind.STALE_LINK),)
        case PlanAction.NEAR_MISS:
            return (_of_kind(planned, DriftKind.MISSING),)
        case PlanAction.CREATE | PlanAction.REFUSED if listing is None:
            return (_missing(planned, link),)
        case PlanAction.REFUSED if listing is not None and listing.state in LOCKED_STATES:
            return (_of_kind(planned, DriftKind.LOCKED),)
        case PlanAction.UPDATE | PlanAction.END if listing is not None:
            return _by_kind(planned, product, listing, settings)
        case PlanAction.UNCHANGED if listing is not None and _should_be_live(product, listing):
            observed = observe(link, make_payload(product, settings, listing.condition_uuid), product, listing)
            return (_state(replace(planned, seen=seen_by_plan(product, link, observed, None)), listing),)
    return ()


def _missing(planned: PlannedRow, link: Link | None) -> PlannedRow:
    if link is not None and link.listing_id is not None:
        message = f"It was linked to listing {link.listing_id}, which Reverb no longer has."
        return _of_kind(replace(planned, message=message), DriftKind.STALE_LINK)
    why = f" None can be made: {planned.message}" if planned.body is None else ""
    return _of_kind(replace(planned, message=f"The product has no listing on Reverb.{why}"), DriftKind.MISSING)


def _condition(product: Product, listing: Listing, link: Link | None, settings: Settings) -> list[PlannedRow]:
    """Compared by itself: were it sent, another number of pieces could be shown, which is no difference now."""
    always = replace(settings, policy_condition=Policy.ALWAYS)
    planned = plan_product(product, [listing], [], link, always).rows[0]
    fields = planned.body or {}
    return [_part(planned, DriftKind.CONDITION, {"condition"})] if "condition" in fields else []


def _by_kind(planned: PlannedRow, product: Product, listing: Listing, settings: Settings) -> tuple[PlannedRow, ...]:
    body = planned.body or {}
    rows = []
    if _should_be_live(product, listing):
        rows.append(_state(planned, listing))
        if not listing.has_inventory:  # of a one-of-a-kind item the state is the number
            body = {name: value for name, value in body.items() if name not in {"inventory", "has_inventory"}}
    for kind in DriftKind:
        fields = {name for name in body if name not in _UNSEEN and _KINDS.get(name, DriftKind.TEXT) is kind}
        if kind is DriftKind.PHOTOS and (planned.seen or {})["photos"] is not None:
            fields.add("photos")
        if fields and kind is not DriftKind.STATE:
            rows.append(_part(planned, kind, fields))
    return tuple(_with_take(row, listing, settings) for row in rows)


def _part(planned: PlannedRow, kind: DriftKind, fields: Collection[str]) -> PlannedRow:
    """The row for some fields of what would be sent."""
    body = {name: value for name, value in (planned.body or {}).items() if name in fields}
    photos = (planned.seen or {})["photos"] if kind is DriftKind.PHOTOS else None
    return replace(
        planned,
        action=kind,
        message="",
        is_grave=planned.is_live and is_grave(body),
        differences=tuple(each for each in planned.differences if each.field in fields),
        body=body,
        requests=count_requests(body, None if photos is None else PhotoChange(**photos)),
        seen=(planned.seen or {}) | {"photos": photos},
    )


def _with_take(row: PlannedRow, listing: Listing, settings: Settings) -> PlannedRow:
    if row.action is not DriftKind.QUANTITY:
        return row
    take = {"take": _quantity_of_shop(listing, settings), "shown": [listing.state, listing.inventory]}
    return replace(row, seen=(row.seen or {}) | take)


def _quantity_of_shop(listing: Listing, settings: Settings) -> int | None:
    """How many the shop has when Reverb's number is right; None when that does not follow from it."""
    if not listing.has_inventory:
        return 1 if listing.state in ON_SALE_STATES else None
    shown_at_most = settings.stock_maximum
    if listing.inventory is None or (shown_at_most is not None and listing.inventory >= shown_at_most):
        return None
    return listing.inventory + settings.stock_buffer


def _should_be_live(product: Product, listing: Listing) -> bool:
    """The shop can sell it, and Reverb keeps it off sale for another reason than its stock."""
    is_sold_out = listing.has_inventory and listing.inventory == 0
    is_off_sale = listing.state not in {DRAFT, *ON_SALE_STATES, *LOCKED_STATES}
    return bool(product.quantity) and is_off_sale and not is_sold_out


def _state(planned: PlannedRow, listing: Listing) -> PlannedRow:
    message = f"The shop has it in stock, but the listing is {listing.state or 'in an unknown state'}."
    body = {"publish": True} if listing.state == ENDED else None
    return replace(
        planned,
        action=DriftKind.STATE,
        differences=(),
        body=body,
        requests=count_requests(body or {}, None),
        is_grave=False,
        message=message,
        seen=(planned.seen or {}) | {"photos": None},
    )


def _of_kind(planned: PlannedRow, kind: DriftKind) -> PlannedRow:
    return replace(planned, action=kind)


def _compare_all(settings: Settings) -> Settings:
    names = [f"policy_{group}" for group in Group if group is not Group.CONDITION]
    always: dict[str, Any] = {name: Policy.ALWAYS for name in names if getattr(settings, name) is Policy.ON_CREATE}
    return replace(settings, **always)
