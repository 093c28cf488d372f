"""What the simulator saw, put into the words of the story."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from reverb_plugin.host import Product
from reverb_plugin.simulator.recorder import RecordedRequest

DOWN = 503


def kind_of(request: RecordedRequest) -> str:
    """What a request was for."""
    if request.method == "GET":
        return "lookup" if request.path.endswith("/my/listings") else "other"
    return {"POST": "creation", "PUT": "update"}.get(request.method, "other")


def count_kinds(requests: Iterable[RecordedRequest]) -> Counter[str]:
    """How many requests of each kind found Reverb up; those that did not count as ``down``."""
    return Counter("down" if request.status == DOWN else kind_of(request) for request in requests)


def count_accepted(requests: Iterable[RecordedRequest]) -> Counter[str]:
    """How many requests of each kind Reverb said yes to."""
    return Counter(kind_of(request) for request in requests if str(request.status).startswith("2"))


def show_sent(requests: Iterable[RecordedRequest]) -> str:
    """Each request with the names of the fields it carried."""
    return "; ".join(f"{request.method} with {', '.join(sorted(request.body or ()))}" for request in requests)


def count_in_step(products: Mapping[str, Product], listings: Iterable[Mapping[str, Any]]) -> int:
    """How many products have exactly one listing, with the shop's price and stock."""
    by_sku: dict[str, list[Mapping[str, Any]]] = {}
    for listing in listings:
        by_sku.setdefault(listing["sku"], []).append(listing)
    return sum(1 for sku, product in products.items() if _is_in_step(product, by_sku.get(sku, [])))


def _is_in_step(product: Product, listings: list[Mapping[str, Any]]) -> bool:
    if len(listings) != 1 or product.price is None:
        return False
    listing = listings[0]
    if Decimal(listing["price"]) != product.price:
        return False
    if listing["has_inventory"]:
        return bool(listing["inventory"] == product.quantity)
    # Of a one-of-a-kind item its state tells whether it can be had: a draft reads back no inventory.
    return bool((product.quantity == 0) == (listing["state"] == "ended"))
