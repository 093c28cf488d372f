"""What to do with a product's listing. Pure: no clock, no SQL, no HTTP."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from reverb_plugin.changes import Scope
from reverb_plugin.errors import FieldError
from reverb_plugin.host import Product
from reverb_plugin.reverb_api.conditions import find_condition_by_uuid
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.settings import Policy, Settings
from reverb_plugin.store.links import Link
from reverb_plugin.sync.exclusion import may_not_be_made
from reverb_plugin.sync.fields import GROUP_OF, Fields, Group, fingerprint, policy_of
from reverb_plugin.sync.payload import Payload
from reverb_plugin.sync.photos import PhotoChange, decide_photos, photos_fingerprint

DRAFT, LIVE, ENDED = "draft", "live", "ended"
ON_SALE_STATES = frozenset({LIVE, "seller_unavailable"})
"""While the shop on Reverb is on vacation its live listings are not shown; they come back after it."""

ORDERED = "ordered"
LOCKED_STATES = frozenset({"sold", ORDERED})
"""A one-of-a-kind listing in one of these was bought; Reverb never lets it be changed or relisted."""

SOLD_ON_REVERB = "The item was sold on Reverb; its listing is closed."

BLOCKING_GROUPS = frozenset({Group.PRICE, Group.CONDITION})
"""A listing cannot be made without these."""


@dataclass(frozen=True, slots=True)
class Create:
    """Make a listing with these fields; ``publish_withheld`` when it would be published but for its empty stock."""

    body: Fields
    publish_withheld: bool


@dataclass(frozen=True, slots=True)
class Update:
    """Send these groups of fields, and what has to happen to the photos."""

    groups: Mapping[Group, Fields]
    publish: bool
    photos: PhotoChange | None

    @property
    def body(self) -> Fields:
        """All fields of one PUT; empty when only photos have to be removed."""
        body: Fields = {}
        for fields in self.groups.values():
            body |= fields
        if self.photos is not None and self.photos.send:
            body |= {"photos": list(self.photos.sources), "photo_upload_method": "override_position"}
        if self.publish:
            body["publish"] = True
        return body

    @property
    def is_needed(self) -> bool:
        """There is something to send or to remove."""
        return bool(self.groups) or self.publish or self.photos is not None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Reverb has accepted exactly this before."""


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing is to be sent, for this reason."""

    message: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Nothing can be sent before a person changes something."""

    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class Locked:
    """The one-of-a-kind item was sold on Reverb, and the shop says it has one again."""


def update_of(body: Fields, photos: PhotoChange | None) -> Update:
    """The update whose body this is."""
    groups: dict[Group, Fields] = {}
    for name, value in body.items():
        group = GROUP_OF.get(name)
        if group is not None and group is not Group.PHOTOS:
            groups.setdefault(group, {})[name] = value
    return Update(groups, bool(body.get("publish")), photos)


CreateDecision: TypeAlias = Create | Refuse | Skip
UpdateDecision: TypeAlias = Update | Unchanged | Skip | Locked


def decide_create(product: Product, payload: Payload, settings: Settings, scope: Scope) -> CreateDecision:
    """Whether and how to make the listing of a SKU that Reverb does not have.

    A listing without stock is not published. Source: changelog of Reverb's PrestaShop plugin, 1.4.7.
    """
    if scope is Scope.STOCK:
        return Skip("Only the stock changed, and Reverb has no listing with this SKU.")
    if not settings.create_listings:
        return Skip("Reverb has no listing with this SKU, and the setting create_listings is off.")
    unwanted = may_not_be_made(product, settings)
    if unwanted is not None:
        return Skip(unwanted.message)
    blocking = tuple(error for error in relevant_problems(payload, settings, None) if is_blocking(error))
    if blocking:
        return Refuse(blocking)
    body: Fields = {"sku": product.sku}
    for group, fields in payload.groups.items():
        if policy_of(settings, group) is not Policy.NEVER:
            body |= fields
    publish = settings.auto_publish and bool(payload.quantity)
    return Create(body | {"publish": publish}, publish_withheld=settings.auto_publish and not publish)


def decide_update(payload: Payload, link: Link, settings: Settings, scope: Scope) -> UpdateDecision:
    """What to send to a listing that is known: the groups that differ from what Reverb last accepted."""
    if link.state in LOCKED_STATES and not payload.holds_stock:
        return Locked() if payload.quantity else Skip(SOLD_ON_REVERB)
    groups: dict[Group, Fields] = {
        group: fields
        for group, fields in payload.groups.items()
        if group is not Group.PHOTOS and _is_wanted(group, settings, scope, link) and _differs(fields, link.sent)
    }
    publish = _has_to_be_published(payload, link, settings)
    if publish and _is_wanted(Group.QUANTITY, settings, scope, link):
        groups[Group.QUANTITY] = payload.groups[Group.QUANTITY]
    photos = _photo_change(payload, link) if _is_wanted(Group.PHOTOS, settings, scope, link) else None
    if not groups and not publish and photos is None:
        return Unchanged()
    return Update(groups, publish, photos)


def relevant_problems(payload: Payload, settings: Settings, link: Link | None) -> tuple[FieldError, ...]:
    """The problems with fields that would have been sent: to the listing of ``link``, or to a new one."""
    return tuple(error for error in payload.problems if error.field and _is_due(Group(error.field), settings, link))


def choose_listing(listings: Sequence[Listing], link: Link | None = None) -> Listing | None:
    """The listing to work with when several have the SKU: a live one, else a draft, else the newest.

    Among equals the one that is linked already stays.
    """
    ranks = dict.fromkeys(ON_SALE_STATES, 2) | {DRAFT: 1}
    linked = link.listing_id if link is not None else None
    return max(
        listings,
        key=lambda listing: (ranks.get(listing.state, 0), listing.id == linked, len(listing.id), listing.id),
        default=None,
    )


def adopt(sku: str, product_id: str | None, payload: Payload, listing: Listing) -> Link:
    """The link to a listing that somebody else made: what it has already need not be sent.

    Photos cannot be compared, because Reverb does not tell where it took them from. They are left as they are until
    the shop's list changes; then that is added, and those of unknown origin are never removed.
    """
    sent = {"photos": photos_fingerprint(payload.groups[Group.PHOTOS].get("photos", ()))}
    for group, fields in payload.groups.items():
        if group is not Group.PHOTOS and _has_already(group, fields, listing, payload):
            sent |= fingerprints(fields)
    return replace(linked(sku, listing), product_id=product_id, sent=sent)


def linked(sku: str, listing: Listing) -> Link:
    """The link to a listing of which nothing is known but that it is there."""
    return Link(
        sku,
        listing_id=listing.id,
        state=listing.state,
        condition_uuid=listing.condition_uuid or None,
        web_url=listing.web_url,
    )


def after_write(link: Link, body: Fields, listing: Listing | None) -> Link:
    """The link when Reverb has accepted ``body`` and answered with ``listing``."""
    accepted = {name: value for name, value in body.items() if name not in {"publish", "photo_upload_method", "photos"}}
    updated = replace(link, sent=dict(link.sent) | fingerprints(accepted))
    if "photos" in body:
        updated = with_photos(updated, body["photos"])
    if listing is None:
        return updated
    return replace(
        updated,
        listing_id=listing.id,
        state=listing.state,
        condition_uuid=listing.condition_uuid or link.condition_uuid,
        web_url=listing.web_url or link.web_url,
        ended_by_us=_is_ended_by_us(link, body, listing),
        publish_withheld=link.publish_withheld and listing.state in {DRAFT, ENDED} and not body.get("publish"),
    )


def is_closed(link: Link) -> bool:
    """The link leads to a one-of-a-kind listing that was bought."""
    condition = find_condition_by_uuid(link.condition_uuid)
    return link.state in LOCKED_STATES and not (condition is not None and condition.holds_stock)


def with_photos(link: Link, sources: Sequence[str]) -> Link:
    """The link when Reverb has these photos and no others."""
    return replace(link, photos=tuple(sources), sent=dict(link.sent) | {"photos": photos_fingerprint(sources)})


def without_sent(link: Link, names: Collection[str]) -> Link:
    """The link when it is not known whether Reverb has accepted these fields: they will be sent again."""
    return replace(link, sent={name: value for name, value in link.sent.items() if name not in names})


def fingerprints(fields: Fields) -> dict[str, str]:
    """What is remembered of the fields once Reverb has accepted them."""
    return {name: fingerprint(value) for name, value in fields.items()}


def owed_by(problems: Sequence[FieldError]) -> tuple[str, ...]:
    """The groups that have to be sent once their problems are gone."""
    return tuple(dict.fromkeys(str(error.field) for error in problems))


def is_blocking(error: FieldError) -> bool:
    """The problem is with a field that a listing cannot do without."""
    return error.field is not None and Group(error.field) in BLOCKING_GROUPS


def _photo_change(payload: Payload, link: Link) -> PhotoChange | None:
    """A shop that shows no photo at all leaves those on Reverb where they are."""
    wanted = payload.groups[Group.PHOTOS].get("photos", ())
    if not wanted or link.sent.get("photos") == photos_fingerprint(wanted):
        return None
    return decide_photos(wanted, link.photos)


def _is_ended_by_us(link: Link, body: Fields, listing: Listing) -> bool:
    """What the seller ended on Reverb is not ours to bring back; what we asked to be published is not ended."""
    if body.get("publish") or listing.state in {DRAFT, *ON_SALE_STATES}:
        return False
    return link.ended_by_us or body.get("inventory") == 0


def _is_wanted(group: Group, settings: Settings, scope: Scope, link: Link) -> bool:
    in_scope = scope is Scope.ALL or group is Group.QUANTITY
    return in_scope and _is_due(group, settings, link)


def _is_due(group: Group, settings: Settings, link: Link | None) -> bool:
    """What is sent on create only is due until Reverb has got it, when it had to be left out of the creation."""
    policy = policy_of(settings, group)
    return policy is Policy.ALWAYS or (policy is Policy.ON_CREATE and (link is None or group in link.owed))


def _differs(fields: Fields, sent: Mapping[str, str]) -> bool:
    return any(sent.get(name) != fingerprint(value) for name, value in fields.items())


def _has_to_be_published(payload: Payload, link: Link, settings: Settings) -> bool:
    """Reverb relists stock by itself when it comes back; what we ended ourselves, and what waited for stock or was not
    published when it was told to, has to be told. Source: integration guide, reference of the listing states.
    """
    if not payload.quantity:
        return False
    if link.state == ENDED:
        return link.ended_by_us or link.publish_withheld
    return link.state == DRAFT and link.publish_withheld and settings.auto_publish


def _has_already(group: Group, fields: Fields, listing: Listing, payload: Payload) -> bool:
    if group is Group.QUANTITY:
        return _shows_quantity(payload, listing)
    if group is Group.PRICE:
        return _shows_price(fields, listing)
    present = {
        "condition": {"uuid": listing.condition_uuid},
        "categories": [{"uuid": uuid} for uuid in listing.category_uuids],
        "shipping_profile_id": listing.shipping_profile_id,
        "offers_enabled": listing.offers_enabled,
        "title": listing.title,
        "description": listing.description,
        "make": listing.make,
        "model": listing.model,
        "year": listing.year,
        "finish": listing.finish,
    }
    return bool(fields) and all(name in present and present[name] == value for name, value in fields.items())


def _shows_price(fields: Fields, listing: Listing) -> bool:
    if listing.price is None or "price" not in fields:
        return False
    wanted = fields["price"]
    return Decimal(wanted["amount"]) == listing.price.amount and bool(wanted["currency"] == listing.price.currency)


def _shows_quantity(payload: Payload, listing: Listing) -> bool:
    """A one-of-a-kind listing reads back no inventory while it is a draft; its state says more than its number."""
    if payload.quantity is None:
        return True
    if payload.holds_stock:
        return listing.inventory == payload.quantity and listing.has_inventory
    return (payload.quantity > 0) == (listing.state in {DRAFT, *ON_SALE_STATES})
