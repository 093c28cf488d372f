"""A product was deleted in the shop."""

from typing import TYPE_CHECKING

from reverb_plugin.changes import product_deleted
from reverb_plugin.hooks._note import note, sku_of
from reverb_plugin.host import HookResult, Product

if TYPE_CHECKING:
    from reverb_plugin.plugin import Plugin


def on_product_deleted(product: Product | str, *, plugin: "Plugin | None" = None) -> HookResult:
    """A product was deleted in the shop: its listing ends, or stays, as the setting ``deleted_products`` says.

    Takes the product or its SKU. Works also while ``auto_sync`` is off, because what is gone must not be sold.
    """
    return note("on_product_deleted", plugin, lambda chosen: chosen.intake.record([product_deleted(sku_of(product))]))
