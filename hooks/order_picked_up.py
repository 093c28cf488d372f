"""The buyer of a Reverb order has collected it."""

from typing import TYPE_CHECKING

from reverb_plugin.errors import InvalidValueError
from reverb_plugin.hooks._note import note
from reverb_plugin.host import HookResult, PickedUp

if TYPE_CHECKING:
    from reverb_plugin.plugin import Plugin


def on_order_picked_up(event: PickedUp, *, plugin: "Plugin | None" = None) -> HookResult:
    """The buyer of a Reverb order has collected it: Reverb is told, as it is of a parcel."""

    def record(chosen: "Plugin") -> HookResult:
        if not isinstance(event, PickedUp):
            raise InvalidValueError("argument", event, "must be of the type PickedUp")
        return chosen.intake.record_shipment(event)

    return note("on_order_picked_up", plugin, record)
