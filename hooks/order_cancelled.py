"""An order was cancelled in the shop."""

from typing import TYPE_CHECKING

from reverb_plugin.changes import Reason
from reverb_plugin.hooks._note import note_stock
from reverb_plugin.host import HookResult, OrderCancelled

if TYPE_CHECKING:
    from reverb_plugin.plugin import Plugin


def on_order_cancelled(event: OrderCancelled, *, plugin: "Plugin | None" = None) -> HookResult:
    """An order was cancelled in the shop: its lines are back in stock, so the quantity on Reverb goes up.

    The quantity itself is read from the shop when it is sent. Works also while ``auto_sync`` is off.
    """
    return note_stock("on_order_cancelled", event, OrderCancelled, Reason.ORDER_CANCELLED, plugin)
