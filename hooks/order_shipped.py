"""A parcel of a Reverb order has left."""

from typing import TYPE_CHECKING

from reverb_plugin.errors import InvalidValueError
from reverb_plugin.hooks._note import note
from reverb_plugin.host import HookResult, Shipment

if TYPE_CHECKING:
    from reverb_plugin.plugin import Plugin


def on_order_shipped(shipment: Shipment, *, plugin: "Plugin | None" = None) -> HookResult:
    """A parcel of a Reverb order has left: carrier and tracking number go to Reverb, which tells the buyer.

    Sent once, while the setting ``orders`` is ``orders-and-shipments``; until then it is kept.
    """

    def record(chosen: "Plugin") -> HookResult:
        if not isinstance(shipment, Shipment):
            raise InvalidValueError("argument", shipment, "must be of the type Shipment")
        return chosen.intake.record_shipment(shipment)

    return note("on_order_shipped", plugin, record)
