"""How many pieces a listing shows. Unknown is never zero: an unknown quantity gives no field at all."""

from dataclasses import dataclass

from reverb_plugin.settings import Settings
from reverb_plugin.sync.fields import Fields


@dataclass(frozen=True, slots=True)
class Stock:
    """The number to show, and a note for people where it is not the shop's own number."""

    quantity: int
    note: str | None = None


def decide_stock(quantity: int, settings: Settings, *, holds_stock: bool) -> Stock:
    """The quantity to show on Reverb.

    Only Brand New, B-Stock and Mint (with inventory) hold more than one; everything else is one of a kind and is
    capped at 1. Buffer and maximum are for stock: a single item held back would never be for sale.
    Source: integration guide, "Notes on Reverb behavior during syncing".
    """
    if not holds_stock:
        if quantity <= 1:
            return Stock(quantity)
        return Stock(
            1,
            f"The shop has {quantity}, shown is 1: Reverb takes a used item as one of a kind. List each one by itself.",
        )
    shown = max(0, quantity - settings.stock_buffer)
    if settings.stock_maximum is not None:
        shown = min(shown, settings.stock_maximum)
    return Stock(shown)


def inventory_fields(stock: Stock, *, holds_stock: bool) -> Fields:
    """The fields of the API for a quantity. 0 ends the listing on Reverb."""
    return {"has_inventory": holds_stock, "inventory": stock.quantity}
