"""A product was made or changed in the shop."""

from typing import TYPE_CHECKING

from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.hooks._note import note, sku_of
from reverb_plugin.host import HookResult, Product

if TYPE_CHECKING:
    from reverb_plugin.plugin import Plugin


def on_product_saved(product: Product | str, *, plugin: "Plugin | None" = None) -> HookResult:
    """A product was made or changed in the shop: its listing is brought in step.

    Takes the product or its SKU; either way the product is read from the shop when it is sent. Ignored while the
    setting ``auto_sync`` is off.
    """
    return note(
        "on_product_saved",
        plugin,
        lambda chosen: chosen.intake.record([product_changed(sku_of(product), Reason.PRODUCT_SAVED)]),
    )
