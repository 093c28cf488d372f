"""The sample shop: products in a CSV file, and hooks called as a shop calls them, after its own change is saved."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from reverb_plugin.demo.telling import StoryError
from reverb_plugin.hooks import on_order_placed, on_product_saved, on_refund
from reverb_plugin.host import HookResult, HookStatus, Line, OrderPlaced, Product, Refund
from reverb_plugin.hosts.csv_shop import CsvShop, write_products


class SampleShop:
    """A shop at work.

    ``csv`` is what the plugin reads; ``events`` counts how many times a hook was told of a product.
    """

    def __init__(self, path: Path) -> None:
        self.csv = CsvShop(path)
        self.events = 0

    def products(self) -> dict[str, Product]:
        """All products by SKU, as they are in the file."""
        return {product.sku: product for product in self.csv.iter_products()}

    def product(self, sku: str) -> Product:
        """One product as it is in the file."""
        return self.products()[sku]

    def save(self, sku: str, **changes: Any) -> None:
        """Someone edits a product, or saves it as it is."""
        if changes:
            self._rewrite(replace(self.product(sku), **changes))
        self._tell(lambda: on_product_saved(sku))

    def add(self, product: Product) -> None:
        """Someone makes a new product."""
        self._rewrite(product)
        self._tell(lambda: on_product_saved(product))

    def sell(self, order_id: str, sku: str, quantity: int) -> None:
        """A customer orders in the shop."""
        self._rewrite(self._with_stock(sku, -quantity))
        self._tell(lambda: on_order_placed(OrderPlaced(order_id, (Line(sku, quantity),))))

    def take_back(self, order_id: str, sku: str, quantity: int) -> None:
        """A customer sends something back and is refunded."""
        self._rewrite(self._with_stock(sku, quantity))
        self._tell(lambda: on_refund(Refund(order_id, (Line(sku, quantity),))))

    def _with_stock(self, sku: str, difference: int) -> Product:
        product = self.product(sku)
        return replace(product, quantity=(product.quantity or 0) + difference)

    def _rewrite(self, product: Product) -> None:
        write_products(self.csv.path, (self.products() | {product.sku: product}).values())

    def _tell(self, hook: Callable[[], HookResult]) -> None:
        self.events += 1
        result = hook()
        if result.status not in {HookStatus.QUEUED, HookStatus.COALESCED}:
            raise StoryError(f"The hook {result.status} the change: {result.reason}")
