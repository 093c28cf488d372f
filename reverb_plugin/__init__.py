"""Keeps a self-hosted shop in step with the music-gear marketplace Reverb.

The names below are all a shop's developer needs; they are loaded when they are first used, so that importing this
package costs a host next to nothing.
"""

import importlib
import logging
from typing import TYPE_CHECKING

from reverb_plugin.version import __version__

if TYPE_CHECKING:
    from reverb_plugin.errors import PluginError
    from reverb_plugin.host import (
        HookResult,
        HookStatus,
        Host,
        Line,
        OrderCancelled,
        OrderPlaced,
        PickedUp,
        Product,
        Refund,
        Shipment,
    )
    from reverb_plugin.host_orders import ReverbOrder
    from reverb_plugin.plugin import Plugin, configure

__all__ = [
    "HookResult",
    "HookStatus",
    "Host",
    "Line",
    "OrderCancelled",
    "OrderPlaced",
    "PickedUp",
    "Plugin",
    "PluginError",
    "Product",
    "Refund",
    "ReverbOrder",
    "Shipment",
    "__version__",
    "configure",
]

_HOMES = {"PluginError": "errors", "Plugin": "plugin", "configure": "plugin", "ReverbOrder": "host_orders"}

logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES.get(name, 'host')}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
