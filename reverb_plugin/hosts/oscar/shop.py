"""The shop: Oscar behind the host port."""

from collections.abc import Iterator

from reverb_plugin.host import Product
from reverb_plugin.host_orders import ReverbOrder
from reverb_plugin.hosts.django_shop.connections import tidily
from reverb_plugin.hosts.oscar import catalogue, orders, stock
from reverb_plugin.hosts.oscar.options import Options, read_options


class OscarShop:
    """A django-oscar shop; ``options`` are those of ``settings.REVERB_PLUGIN``."""

    def __init__(self, options: Options | None = None) -> None:
        self._options = options or read_options()

    @tidily
    def find_product(self, sku: str) -> Product | None:
        """The product that the storefront sells under this SKU, as it is now.

        Raises :class:`~reverb_plugin.errors.HostError` when two products have it.
        """
        return catalogue.find_product(sku, self._options)

    def iter_products(self, after_sku: str | None = None) -> Iterator[Product]:
        """All products by SKU, read page by page; one that cannot be read is left out, and the log says why."""
        walk = catalogue.iter_products(after_sku, self._options)
        yield from iter(tidily(lambda: next(walk, None)), None)

    @tidily
    def set_quantity(self, sku: str, quantity: int, reason: str) -> None:
        """Makes ``quantity`` what can be sold; what is reserved for orders stays reserved."""
        stock.set_quantity(sku, quantity, reason)

    @tidily
    def change_quantity(self, sku: str, difference: int, reason: str, key: str) -> int:
        """Adds to the stock, once for each key; gives what was added."""
        return stock.change_quantity(sku, difference, reason, key)

    @tidily
    def find_order(self, order_number: str) -> str | None:
        """The shop's number of the order with Reverb's number."""
        return orders.find_order(order_number, self._options)

    @tidily
    def place_order(self, order: ReverbOrder) -> str:
        """Places the order through Oscar's ``OrderCreator``, which reserves its stock; gives its number."""
        return orders.place_order(order, self._options)

    @tidily
    def update_order(self, order_id: str, order: ReverbOrder) -> None:
        """What is shipped on Reverb becomes a shipping event in Oscar."""
        orders.update_order(order_id, order, self._options)

    @tidily
    def cancel_order(self, order_id: str, order: ReverbOrder, restock: int) -> None:
        """Calls the order off through Oscar's event handler; ``restock`` pieces can be sold again."""
        orders.cancel_order(order_id, order, restock, self._options)
