"""Adopting a listing: a person says that it belongs to a product. Nothing is sent; it is kept in step from then on."""

from typing import TYPE_CHECKING

from reverb_plugin.changes import Action, Kind, Outcome, Reason
from reverb_plugin.clock import Clock
from reverb_plugin.errors import InvalidValueError
from reverb_plugin.host import Host, Product
from reverb_plugin.settings import Settings

if TYPE_CHECKING:
    from reverb_plugin.reverb_api.client import ReverbClient
    from reverb_plugin.reverb_api.models import Listing
    from reverb_plugin.store.links import Link
    from reverb_plugin.store.store import Store
    from reverb_plugin.store.sync_log import LogEntry


def adopt_listing(
    host: Host, client: "ReverbClient", store: "Store", settings: Settings, clock: Clock, sku: str, listing_id: str
) -> "Link":
    """Links the product to the listing; asks Reverb once.

    Raises:
        InvalidValueError: the two do not belong together, or are linked already.
        HostError: the shop cannot be asked.
        ReverbError: Reverb cannot be asked, or has no such listing.
    """
    from reverb_plugin.sync.decide import adopt  # noqa: PLC0415 - loads SQLAlchemy
    from reverb_plugin.sync.payload import make_payload  # noqa: PLC0415
    from reverb_plugin.sync.tools import read_product  # noqa: PLC0415

    product = read_product(host, sku)
    if product is None:
        raise InvalidValueError("sku", sku, "the shop has no product with this SKU")
    known = store.find_link(sku)
    if known is not None and known.listing_id == listing_id and known.deleted_at is None:
        raise InvalidValueError("listing", listing_id, "it belongs to this product already")
    listing = client.get_listing(listing_id)
    if listing.sku != sku:
        raise InvalidValueError("listing", listing_id, f"its SKU on Reverb is {listing.sku!r}: make both the same")
    link = adopt(sku, product.id, make_payload(product, settings, listing.condition_uuid), listing)
    if not store.skus.adopt(link, _entry(store, clock, product, listing)):
        raise InvalidValueError("listing", listing_id, "it belongs to another SKU already")
    return link


def _entry(store: "Store", clock: Clock, product: Product, listing: "Listing") -> "LogEntry":
    from reverb_plugin.store.sync_log import LogEntry  # noqa: PLC0415 - loads SQLAlchemy

    return LogEntry(
        created_at=clock.now(),
        environment=store.environment,
        kind=Kind.PUSH_PRODUCT,
        action=Action.LOOK_UP,
        outcome=Outcome.UNCHANGED,
        reason=Reason.BY_HAND,
        sku=product.sku,
        message=f"Adopted listing {listing.id}: it is linked, and nothing was sent.",
        product_id=product.id,
        product_url=product.url,
        listing_id=listing.id,
        listing_url=listing.web_url,
        requests=1,
    )
