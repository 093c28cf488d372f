"""A refund was made in the shop."""

from typing import TYPE_CHECKING

from reverb_plugin.changes import Reason
from reverb_plugin.hooks._note import note_stock
from reverb_plugin.host import HookResult, Refund

if TYPE_CHECKING:
    from reverb_plugin.plugin import Plugin


def on_refund(event: Refund, *, plugin: "Plugin | None" = None) -> HookResult:
    """A refund was made in the shop: what the shop put back in stock comes back on Reverb. No money is moved on Reverb.

    The quantity itself is read from the shop when it is sent. Works also while ``auto_sync`` is off.
    """
    return note_stock("on_refund", event, Refund, Reason.REFUND, plugin)
