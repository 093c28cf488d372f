"""The shop: Salesman behind the host port."""

from collections.abc import Iterator

from reverb_plugin.host import Product
from reverb_plugin.host_orders import ReverbOrder
from reverb_plugin.hosts.django_shop.connections import tidily
from reverb_plugin.hosts.salesman import catalogue, orders, stock
from reverb_plugin.hosts.salesman.options import Options, read_options


class SalesmanShop:
    """A django-salesman shop; ``options`` are those of ``settings.REVERB_PLUGIN``."""

    def __init__(self, options: Options | None = None) -> None:
        self._options = options or read_options()

    @tidily
    def find_product(self, sku: str) -> Product | None:
        """The product with this code, as it is now; raises HostError when two products have it."""
        return catalogue.find_product(sku, self._options)

    def iter_products(self, after_sku: str | None = None) -> Iterator[Product]:
        """All products by SKU, read page by page; one that cannot be read is left out, and the log says why."""
        walk = catalogue.iter_products(after_sku, self._options)
        yield from iter(tidily(lambda: next(walk, None)), None)

    @tidily
    def set_quantity(self, sku: str, quantity: int, reason: str) -> None:
        """Makes ``quantity`` what can be sold."""
        stock.set_quantity(sku, quantity, reason, self._options)

    @tidily
    def change_quantity(self, sku: str, difference: int, reason: str, key: str) -> int:
        """Adds to the stock, once for each key; gives what was added."""
        return stock.change_quantity(sku, difference, reason, key, self._options)

    @tidily
    def find_order(self, order_number: str) -> str | None:
        """The shop's reference of the order with Reverb's number."""
        return orders.find_order(order_number)

    @tidily
    def place_order(self, order: ReverbOrder) -> str:
        """Makes the order and takes its pieces off the stock; gives its reference."""
        return orders.place_order(order, self._options)

    @tidily
    def update_order(self, order_id: str, order: ReverbOrder) -> None:
        """The order is paid or shipped here, too."""
        orders.update_order(order_id, order, self._options)

    @tidily
    def cancel_order(self, order_id: str, order: ReverbOrder, restock: int) -> None:
        """Calls the order off; ``restock`` pieces can be sold again."""
        orders.cancel_order(order_id, order, restock, self._options)
