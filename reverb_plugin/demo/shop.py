"""The sample shop: products in a CSV file, and hooks called as a shop calls them, after its own change is saved."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from reverb_plugin.demo.telling import StoryError
from reverb_plugin.hooks import on_order_picked_up, on_order_placed, on_order_shipped, on_product_saved, on_refund
from reverb_plugin.host import HookResult, HookStatus, Line, OrderPlaced, PickedUp, Product, Refund, Shipment
from reverb_plugin.host_orders import ReverbOrder
from reverb_plugin.hosts.csv_shop import CsvShop, write_products


class SampleCatalogue(CsvShop):
    """The shop's products and, for as long as it is open, its orders from Reverb; it takes quantities over, too."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.orders: dict[str, ReverbOrder] = {}
        self.called_off: set[str] = set()
        self._writing = threading.RLock()  # the worker's thread writes too

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

    def find_order(self, order_number: str) -> str | None:
        """The ability ``TakesOrders``: the shop calls an order of Reverb's R and its number."""
        order_id = f"R-{order_number}"
        return order_id if order_id in self.orders else None

    def place_order(self, order: ReverbOrder) -> str:
        """The order lowers the stock, to 0 at the least."""
        with self._writing:
            order_id = self.find_order(order.order_number)
            if order_id is None:
                order_id = f"R-{order.order_number}"
                self._move(order.sku, -order.quantity)
                self.orders[order_id] = order
            return order_id

    def update_order(self, order_id: str, order: ReverbOrder) -> None:
        """The ability ``UpdatesOrders``."""
        self.orders[order_id] = order

    def cancel_order(self, order_id: str, order: ReverbOrder, restock: int) -> None:
        """The ability ``CancelsOrders``: once."""
        with self._writing:
            if order_id not in self.called_off:
                self.called_off.add(order_id)
                self.orders[order_id] = order
                self._move(order.sku, restock)

    def _move(self, sku: str, difference: int) -> None:
        self.change(sku, lambda product: replace(product, quantity=max(0, (product.quantity or 0) + difference)))


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

    def ship(self, order_number: str) -> None:
        """Someone packs an order of Reverb's and enters the tracking number; a buyer may come for it instead."""
        order = self.csv.orders.get(f"R-{order_number}")
        if order is None:
            raise StoryError("The order has not arrived in the shop yet.")
        if order.local_pickup:
            on_order_picked_up(PickedUp(order_number))
        else:
            on_order_shipped(Shipment(f"R-{order_number}", "UPS Ground", f"1Z999{order_number}"))

    def _add_stock(self, sku: str, difference: int) -> None:
        self.csv.change(sku, lambda product: replace(product, quantity=(product.quantity or 0) + difference))

    def _tell(self, hook: Callable[[], HookResult]) -> None:
        self.events += 1
        result = hook()
        if result.status not in {HookStatus.QUEUED, HookStatus.COALESCED}:
            raise StoryError(f"The hook {result.status} the change: {result.reason}")
