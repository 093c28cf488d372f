"""An order was placed in the shop."""

from typing import TYPE_CHECKING

from reverb_plugin.changes import Reason
from reverb_plugin.hooks._note import note_stock
from reverb_plugin.host import HookResult, OrderPlaced

if TYPE_CHECKING:
    from reverb_plugin.plugin import Plugin


def on_order_placed(event: OrderPlaced, *, plugin: "Plugin | None" = None) -> HookResult:
    """An order was placed in the shop: its lines have left the stock, so the quantity on Reverb goes down.

    The quantity itself is read from the shop when it is sent. Works also while ``auto_sync`` is off.
    """
    return note_stock("on_order_placed", event, OrderPlaced, Reason.ORDER_PLACED, plugin)
