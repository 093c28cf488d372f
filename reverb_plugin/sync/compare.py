"""Comparing a piece of the shop's catalogue with the listings that a run has read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from itertools import islice, pairwise
from typing import Any

from reverb_plugin.errors import HostError, InvalidValueError, NotFoundError
from reverb_plugin.host import Product
from reverb_plugin.reverb_api.models import Listing, Money
from reverb_plugin.store import runs
from reverb_plugin.store.links import Link
from reverb_plugin.store.run_store import Compared
from reverb_plugin.store.runs import Run, RunListing
from reverb_plugin.sync.decide import ON_SALE_STATES
from reverb_plugin.sync.drift import find_drift
from reverb_plugin.sync.plan import PlanAction, PlannedRow, near_sku, plan_product
from reverb_plugin.sync.tools import Tools, read_listing, read_product

COMPARED_AT_ONCE = 500
_KEPT_FIELDS = tuple(Listing.__dataclass_fields__.keys() - {"published_at", "self_link"})
LOOKED_UP_AT_ONCE = 20
"""And never more than go in a minute: a step that outlasts its lease would begin anew for ever."""


def compare_piece(tools: Tools, run: Run, *, asks: bool) -> Compared:
    """The next piece of the catalogue, compared; ``asks``: the pages did not hold all listings there are.

    Raises:
        HostError: the shop cannot give its products, or not in the order of their SKUs.
        InvalidValueError: the shop holds a value that cannot be meant.
        ReverbError: a listing that the pages did not hold cannot be looked up.
    """
    products = _next_products(tools, run.after_sku)
    piece = _read_piece(tools, run, products)
    affordable = _cut(products, lambda product: piece.must_ask(product, asks=asks), tools.settings.requests_per_minute)
    found = [listing for product in affordable for listing in piece.ask(product, asks=asks)]
    if found:
        tools.store.runs.keep_found(run, [kept(listing) for listing in found])
    piece.add(found)
    return piece.compare(affordable, is_last=len(products) < COMPARED_AT_ONCE and len(affordable) == len(products))


def _next_products(tools: Tools, after_sku: str | None) -> list[Product]:
    place = f" behind {after_sku!r}" if after_sku else ""
    try:
        products = list(islice(tools.host.iter_products(after_sku), COMPARED_AT_ONCE))
    except InvalidValueError:
        raise
    except Exception as error:
        raise HostError(f"iter_products{place} raised {type(error).__name__}: {error}") from error
    for before, sku in pairwise([after_sku or "", *(product.sku for product in products)]):
        if sku <= before:
            raise HostError(f"iter_products{place} gave {sku!r} behind {before!r}; it must ascend by SKU")
    return products


def _read_piece(tools: Tools, run: Run, products: Sequence[Product]) -> "_Piece":
    skus = [product.sku for product in products]
    found, links = tools.store.runs.known_of(run.id, skus, [near_sku(sku) for sku in skus])
    piece = _Piece(tools, run, links)
    piece.add([listing_of(each) for each in found])
    return piece


def _cut(products: list[Product], must_ask: Callable[[Product], bool], per_minute: int) -> list[Product]:
    left = min(LOOKED_UP_AT_ONCE, per_minute)
    for index, product in enumerate(products):
        left -= must_ask(product)
        if left < 0:
            return products[:index]
    return products


class _Piece:
    """A piece of the catalogue: what is remembered of its SKUs, and the listings with nearly these SKUs."""

    def __init__(self, tools: Tools, run: Run, links: Mapping[str, Link]) -> None:
        self.tools = tools
        self.run = run
        self.links = links
        self.listings: dict[str, Listing] = {}
        self._by_near: dict[str, list[Listing]] = {}

    def add(self, listings: Sequence[Listing]) -> None:
        for listing in listings:
            if listing.id not in self.listings:
                self.listings[listing.id] = listing
                self._by_near.setdefault(near_sku(listing.sku), []).append(listing)

    def compare(self, products: Sequence[Product], *, is_last: bool) -> Compared:
        """The rows of these products, the links to what was found, and what to go on with."""
        rows: list[PlannedRow] = []
        matched: list[str] = []
        adopted: list[Link] = []
        unchanged = 0
        compare = find_drift if self.run.kind == runs.DRIFT_CHECK else plan_product
        for product in products:
            link, exact = self.links.get(product.sku), self._exact(product)
            near = self._near(product, link)
            planned = compare(product, exact, near, link, self.tools.settings)
            adopted += [planned.adopted] if planned.adopted is not None else []
            unchanged += not planned.rows or planned.rows[0].action is PlanAction.UNCHANGED
            rows += [row for row in planned.rows if row.message or row.action is not PlanAction.UNCHANGED]
            is_near = bool(planned.rows) and planned.rows[0].action is PlanAction.NEAR_MISS
            matched += [listing.id for listing in (near if is_near else exact)]
        return Compared(
            rows=[row_values(row) for row in rows],
            matched=matched,
            adopted=adopted,
            unchanged=unchanged,
            products=len(products),
            after_sku=products[-1].sku if products else self.run.after_sku,
            state=self.run.state,
            is_last=is_last,
        )

    # Listings that the pages did not hold

    def must_ask(self, product: Product, *, asks: bool) -> bool:
        """The lists lag behind: a link is more than they know. And Reverb may stop giving pages."""
        return self._lost_listing(product) is not None or (asks and not self._exact(product))

    def ask(self, product: Product, *, asks: bool) -> Sequence[Listing]:
        """The listing that is linked, by its id; else those of the SKU."""
        if not self.must_ask(product, asks=asks):
            return ()
        lost = self._lost_listing(product)
        if lost is None:
            return self.tools.client.find_listings(product.sku)
        try:
            return [read_listing(self.tools.client, lost)]
        except NotFoundError:
            return ()

    def _lost_listing(self, product: Product) -> str | None:
        link = self.links.get(product.sku)
        if link is None or link.deleted_at is not None or link.listing_id in self.listings:
            return None
        return link.listing_id

    # Whose is it

    def _exact(self, product: Product) -> list[Listing]:
        similar = self._by_near.get(near_sku(product.sku), ())
        return [listing for listing in similar if listing.sku == product.sku]

    def _near(self, product: Product, link: Link | None) -> list[Listing]:
        """For a product without a listing, those that may be meant: not the ones that another product has."""
        similar = self._by_near.get(near_sku(product.sku), [])
        linked = self.listings.get(link.listing_id or "") if link is not None else None
        if any(listing.sku == product.sku for listing in similar):
            return []
        if linked is not None:
            return [linked]
        return [each for each in similar if each.sku and read_product(self.tools.host, each.sku) is None]


# What the store keeps


def row_values(row: PlannedRow) -> dict[str, Any]:
    """A row of the plan as the store keeps it."""
    is_new = row.listing_id is None
    return {
        "sku": row.sku,
        "title": row.title,
        "action": row.action,
        "is_grave": row.is_grave,
        "listing_id": row.listing_id,
        "listing_url": row.listing_url,
        "differences": [asdict(difference) for difference in row.differences],
        "method": ("POST" if is_new else "PUT") if row.body else None,
        "path": ("/listings" if is_new else f"/listings/{row.listing_id}") if row.body else None,
        "body": row.body,
        "requests": row.requests,
        "seen": None if row.body is None else row.seen,
        "message": row.message,
    }


def kept(listing: Listing) -> RunListing:
    """A listing as the store keeps it."""
    fields = {name: getattr(listing, name) for name in _KEPT_FIELDS}
    if listing.price is not None:
        fields["price"] = [str(listing.price.amount), listing.price.currency]
    return RunListing(listing.id, listing.sku, near_sku(listing.sku), listing.state in ON_SALE_STATES, fields)


def listing_of(kept: RunListing) -> Listing:
    """The listing that was kept."""
    fields = dict(kept.listing)
    price = fields.pop("price")
    fields["category_uuids"] = tuple(fields["category_uuids"])
    return Listing(**fields, price=Money(Decimal(price[0]), price[1]) if price else None)
