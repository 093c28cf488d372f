"""One page of the list of products: the shop's products in their order, joined with what is remembered of each.

A shop can only be walked in the order of its SKUs. Where a search or a choice leaves most of them out, the walk ends
after a while and says how far it came.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reverb_plugin.admin.desk import Desk
from reverb_plugin.glance import walk
from reverb_plugin.host import Product
from reverb_plugin.store.links import Link
from reverb_plugin.store.sku_store import SkuState
from reverb_plugin.sync.exclusion import find_exclusion
from reverb_plugin.sync.tools import read_product

ROWS = 50
SEARCHED_AT_ONCE = 1000
LONGEST_SECONDS = 1.0


class Choice(StrEnum):
    """Which products to show."""

    ALL = "all"
    LISTED = "listed"
    UNLISTED = "unlisted"
    WAITING = "waiting"
    EXCLUDED = "excluded"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One SKU on both sides; ``product`` is None when the shop has none, ``excluded`` the rule that leaves it alone."""

    sku: str
    product: Product | None
    state: SkuState
    excluded: str

    @property
    def listing(self) -> Link | None:
        """The link, when it leads to a listing."""
        link = self.state.link
        return link if link is not None and link.listing_id is not None else None


@dataclass(frozen=True, slots=True)
class ProductRows:
    """A page of rows. ``after_sku`` is where the next one begins, None at the end; ``looked_at`` products were seen."""

    rows: tuple[ProductRow, ...]
    after_sku: str | None
    looked_at: int


def find_rows(desk: Desk, choice: Choice, text: str, after_sku: str | None) -> ProductRows:
    """The next rows of this choice whose SKU or title holds ``text``.

    Raises:
        HostError: the shop cannot give its products.
        InvalidValueError: the shop holds a value that cannot be meant.
        StoreError: the database cannot be read.
    """
    match choice:
        case Choice.WAITING:
            skus = desk.store.skus.parked(after_sku or "", ROWS + 1, contains=text)
            return _remembered(desk, skus)
        case Choice.DELETED:
            links = desk.store.skus.deleted(after_sku or "", ROWS + 1, contains=text)
            return _remembered(desk, [link.sku for link in links])
    return _Walk(desk, choice, text.casefold()).rows(after_sku)


def find_row(desk: Desk, sku: str) -> ProductRow | None:
    """The row of exactly this SKU; None when neither side knows it."""
    product, state = read_product(desk.host, sku), desk.store.skus.states([sku])[sku]
    return None if product is None and state == SkuState() else _row(desk, sku, product, state)


def _remembered(desk: Desk, skus: Sequence[str]) -> ProductRows:
    """Rows for SKUs that our own memory named: one more than a page holds says that there is another page."""
    shown = skus[:ROWS]
    states = desk.store.skus.states(shown)
    rows = tuple(_row(desk, sku, read_product(desk.host, sku), states[sku]) for sku in shown)
    return ProductRows(rows, shown[-1] if len(skus) > ROWS else None, len(shown))


class _Walk:
    """Through the shop's products, for a page of rows or for a second."""

    def __init__(self, desk: Desk, choice: Choice, text: str) -> None:
        self._desk = desk
        self._choice = choice
        self._text = text
        self._at_once = ROWS if choice is Choice.ALL and not text else SEARCHED_AT_ONCE

    def rows(self, after_sku: str | None) -> ProductRows:
        ends_at = self._desk.clock.monotonic() + LONGEST_SECONDS
        products, found, looked_at = walk(self._desk.host, after_sku), list[Product](), 0
        while piece := self._read(products, ends_at):
            chosen = self._chosen_skus(piece)
            for product in piece:
                looked_at += 1
                if product.sku in chosen:
                    found.append(product)
                is_last = product is piece[-1]
                is_enough = len(found) == ROWS or (is_last and self._desk.clock.monotonic() >= ends_at)
                if is_enough and (not is_last or next(products, None) is not None):
                    return ProductRows(self._rows_of(found), product.sku, looked_at)
        return ProductRows(self._rows_of(found), None, looked_at)

    def _read(self, products: Iterator[Product], ends_at: float) -> list[Product]:
        piece = []
        for product in products:
            piece.append(product)
            if len(piece) == self._at_once or self._desk.clock.monotonic() >= ends_at:
                break
        return piece

    def _chosen_skus(self, piece: Sequence[Product]) -> Container[str]:
        chosen = [product for product in piece if self._holds_text(product)]
        if self._choice is Choice.EXCLUDED:
            chosen = [product for product in chosen if find_exclusion(product, self._desk.settings)]
        skus = {product.sku for product in chosen}
        if self._choice in {Choice.LISTED, Choice.UNLISTED} and skus:
            listed = self._desk.store.skus.find_listed(skus)
            return skus & listed if self._choice is Choice.LISTED else skus - listed
        return skus

    def _rows_of(self, products: Sequence[Product]) -> tuple[ProductRow, ...]:
        states = self._desk.store.skus.states([product.sku for product in products]) if products else {}
        return tuple(_row(self._desk, product.sku, product, states[product.sku]) for product in products)

    def _holds_text(self, product: Product) -> bool:
        return self._text in product.sku.casefold() or self._text in product.title.casefold()


def _row(desk: Desk, sku: str, product: Product | None, state: SkuState) -> ProductRow:
    exclusion = None if product is None else find_exclusion(product, desk.settings)
    return ProductRow(sku, product, state, "" if exclusion is None else exclusion.message)
