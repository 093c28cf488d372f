"""FRONT DOOR: one function for each event of the shop. It notes the event down and returns.

Call a hook after the shop's own transaction is committed. A hook never raises, does no network, and makes one short
write to the plugin's own database; its result says what became of the event.
"""

from reverb_plugin.hooks.order_cancelled import on_order_cancelled
from reverb_plugin.hooks.order_picked_up import on_order_picked_up
from reverb_plugin.hooks.order_placed import on_order_placed
from reverb_plugin.hooks.order_shipped import on_order_shipped
from reverb_plugin.hooks.product_deleted import on_product_deleted
from reverb_plugin.hooks.product_saved import on_product_saved
from reverb_plugin.hooks.refund import on_refund

__all__ = [
    "on_order_cancelled",
    "on_order_picked_up",
    "on_order_placed",
    "on_order_shipped",
    "on_product_deleted",
    "on_product_saved",
    "on_refund",
]
