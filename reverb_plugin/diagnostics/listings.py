"""What the listings on Reverb are like: the first pages of them, seen once by all checks that ask about listings."""

from collections import Counter
from dataclasses import dataclass, field

from reverb_plugin.errors import HostError, InvalidValueError, ReverbError
from reverb_plugin.host import Host, Product
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.settings import Settings
from reverb_plugin.store.links import Link
from reverb_plugin.sync.decide import DRAFT, ON_SALE_STATES
from reverb_plugin.sync.fields import GROUP_OF, Group, fingerprint
from reverb_plugin.sync.plan import Difference, plan_product
from reverb_plugin.sync.remote import NotNowError
from reverb_plugin.sync.tools import Tools, read_product

MOST_PAGES = 4
MOST_PRODUCTS = 50
IN_USE = ON_SALE_STATES | {DRAFT}


@dataclass(slots=True)
class Listings:
    """Of the listings ``seen`` (``is_whole``: those are all) and in use: which have no SKU, how many have which SKU,
    and what shows something else than it has accepted.

    ``trouble`` is what ended the look before its time.
    """

    seen: int = 0
    is_whole: bool = False
    without_sku: list[str] = field(default_factory=list)
    skus: Counter[str] = field(default_factory=Counter)
    foreign: list[tuple[str, Difference]] = field(default_factory=list)
    trouble: str = ""


def look_at_listings(tools: Tools, host: Host | None) -> Listings:
    """Reads at most four pages; what Reverb answers is part of the answer.

    Raises:
        StoreError: the database cannot be used.
    """
    found = Listings()
    link: str | None = None
    rows: list[Listing] = []
    try:
        for _ in range(MOST_PAGES):
            page = tools.client.get_page(link)
            rows += page.listings
            link = page.next_link
            if link is None:
                break
    except (ReverbError, NotNowError) as error:
        found.trouble = str(error)
    found.seen, found.is_whole = len(rows), link is None and not found.trouble
    in_use = [listing for listing in rows if listing.state in IN_USE]
    found.without_sku = [listing.id for listing in in_use if not listing.sku]
    found.skus = Counter(listing.sku for listing in in_use if listing.sku)
    if host is not None:
        _compare(found, tools, host, in_use)
    return found


def _compare(found: Listings, tools: Tools, host: Host, in_use: list[Listing]) -> None:
    alone = {listing.sku: listing for listing in in_use if found.skus[listing.sku] == 1}
    chosen = list(alone)[:MOST_PRODUCTS]
    links = tools.store.find_links(chosen)
    try:
        for sku in chosen:
            link, product = links.get(sku), read_product(host, sku)
            if product is not None and link is not None and link.listing_id == alone[sku].id:
                found.foreign += [(sku, each) for each in _foreign(product, alone[sku], link, tools.settings)]
    except (HostError, InvalidValueError) as error:
        found.trouble = found.trouble or error.message


def _foreign(product: Product, listing: Listing, link: Link, settings: Settings) -> list[Difference]:
    """Values that the listing has accepted from us and does not show any more. A quantity moves by itself."""
    rows = plan_product(product, [listing], [], link, settings).rows
    return [
        each
        for row in rows
        for each in row.differences
        if row.body is not None
        and GROUP_OF.get(each.field) is not Group.QUANTITY
        and link.sent.get(each.field) == fingerprint(row.body[each.field])
    ]
