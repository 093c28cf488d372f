"""The shop: what its adapter can do, and what it says of the products that fail."""

from collections.abc import Sequence
from typing import Any

from reverb_plugin.diagnostics.recorded_product import record_product
from reverb_plugin.host import Host, TakesQuantity
from reverb_plugin.host_orders import CancelsOrders, ChangesQuantity, TakesOrders, UpdatesOrders

MOST_PRODUCTS = 50
ABILITIES = (TakesQuantity, ChangesQuantity, TakesOrders, UpdatesOrders, CancelsOrders)


def collect_shop(host: Host) -> dict[str, Any]:
    """The adapter's class, and which of the abilities it has."""
    kind = type(host)
    return {
        "adapter": f"{kind.__module__}.{kind.__qualname__}",
        "abilities": {ability.__name__: isinstance(host, ability) for ability in ABILITIES},
    }


def collect_products(host: Host, skus: Sequence[str]) -> Sequence[dict[str, Any]]:
    """What the shop says now of these SKUs, the first fifty."""
    return [record_product(host, sku) for sku in list(dict.fromkeys(skus))[:MOST_PRODUCTS]]
