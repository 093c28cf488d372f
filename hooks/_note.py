"""What all hooks share: finding the plugin, and keeping every error inside."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from reverb_plugin.changes import Reason, stock_changed
from reverb_plugin.default import find_default
from reverb_plugin.errors import InvalidValueError
from reverb_plugin.guard import Outage, swallowed
from reverb_plugin.host import HookResult, HookStatus, OrderEvent, OrderPlaced, Product, check_sku

if TYPE_CHECKING:
    from reverb_plugin.plugin import Plugin

logger = logging.getLogger(__name__)
_unconfigured = Outage(logger, "Hooks are ignored", "Hooks are heard")


def note(event: str, plugin: "Plugin | None", record: "Callable[[Plugin], HookResult]") -> HookResult:
    """Lets ``record`` note the event with the given plugin or the process's own; never raises."""
    try:
        return _note(event, plugin, record)
    except Exception as error:  # noqa: BLE001 - the host's own logging may raise while we tell what went wrong
        swallowed(error)
        return HookResult(HookStatus.IGNORED, f"the plugin stumbled: {error}")


def _note(event: str, plugin: "Plugin | None", record: "Callable[[Plugin], HookResult]") -> HookResult:
    try:
        chosen = plugin or find_default()
        if chosen is None:
            _unconfigured.down("reverb_plugin.configure() has not been called in this process")
            return HookResult(HookStatus.IGNORED, "not configured")
        _unconfigured.up()
        return record(chosen)
    except InvalidValueError as error:
        logger.warning("%s was ignored: %s", event, error.message)
        return HookResult(HookStatus.IGNORED, error.message)
    except Exception as error:
        swallowed(error)
        logger.exception("%s was ignored", event)
        return HookResult(HookStatus.IGNORED, f"the plugin stumbled: {error}")


def sku_of(product: object) -> str:
    """The SKU of a product, or the SKU itself; raises :class:`InvalidValueError` for anything else."""
    return product.sku if isinstance(product, Product) else check_sku(product)


def note_stock(
    event: str, order: object, kind: type[OrderEvent], reason: Reason, plugin: "Plugin | None"
) -> HookResult:
    """Notes that the stock of the order's lines is new."""

    def record(chosen: "Plugin") -> HookResult:
        if not isinstance(order, kind):
            raise InvalidValueError("argument", order, f"must be of the type {kind.__name__}")
        skus = dict.fromkeys(line.sku for line in order.lines)
        returned = None if isinstance(order, OrderPlaced) else order
        return chosen.intake.record([stock_changed(sku, reason) for sku in skus], returned)

    return note(event, plugin, record)
