"""The sample shop: products in a CSV file, and hooks called as a shop calls them, after its own change is saved."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from reverb_plugin.demo.telling import StoryError
from reverb_plugin.hooks import on_order_placed, on_product_saved, on_refund
from reverb_plugin.host import HookResult, HookStatus, Line, OrderPlaced, Product, Refund
from reverb_plugin.hosts.csv_shop import CsvShop, write_products


class SampleCatalogue(CsvShop):
    """The shop's products; a person may let it take over the quantity that Reverb shows."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._writing = threading.Lock()  # the worker's thread writes too

    def products(self) -> dict[str, Product]:
        """All products by SKU, as they are in the file."""
        return {product.sku: product for product in self.iter_products()}

    def change(self, sku: str, change: Callable[[Product], Product]) -> None:
        """Writes one product anew."""
        with self._writing:
            products = self.products()
            write_products(self.path, (products | {sku: change(products[sku])}).values())

    def add(self, product: Product) -> None:
        """Writes a new product."""
        with self._writing:
            write_products(self.path, (self.products() | {product.sku: product}).values())

    def set_quantity(self, sku: str, quantity: int, reason: str) -> None:  # noqa: ARG002 - the port's signature
        """The ability ``TakesQuantity``."""
        self.change(sku, lambda product: replace(product, quantity=quantity))


class SampleShop:
    """A shop at work.

    ``csv`` is what the plugin reads; ``events`` counts how many times a hook was told of a product.
    """

    def __init__(self, path: Path) -> None:
        self.csv = SampleCatalogue(path)
        self.events = 0

    def products(self) -> dict[str, Product]:
        """All products by SKU, as they are in the file."""
        return self.csv.products()

    def product(self, sku: str) -> Product:
        """One product as it is in the file."""
        return self.products()[sku]

    def save(self, sku: str, **changes: Any) -> None:
        """Someone edits a product, or saves it as it is."""
        if changes:
            self.csv.change(sku, lambda product: replace(product, **changes))
        self._tell(lambda: on_product_saved(sku))

    def add(self, product: Product) -> None:
        """Someone makes a new product."""
        self.csv.add(product)
        self._tell(lambda: on_product_saved(product))

    def sell(self, order_id: str, sku: str, quantity: int) -> None:
        """A customer orders in the shop."""
        self._add_stock(sku, -quantity)
        self._tell(lambda: on_order_placed(OrderPlaced(order_id, (Line(sku, quantity),))))

    def take_back(self, order_id: str, sku: str, quantity: int) -> None:
        """A customer sends something back and is refunded."""
        self._add_stock(sku, quantity)
        self._tell(lambda: on_refund(Refund(order_id, (Line(sku, quantity),))))

    def _add_stock(self, sku: str, difference: int) -> None:
        self.csv.change(sku, lambda product: replace(product, quantity=(product.quantity or 0) + difference))

    def _tell(self, hook: Callable[[], HookResult]) -> None:
        self.events += 1
        result = hook()
        if result.status not in {HookStatus.QUEUED, HookStatus.COALESCED}:
            raise StoryError(f"The hook {result.status} the change: {result.reason}")
