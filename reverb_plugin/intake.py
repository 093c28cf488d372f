"""Taking down what changed in the shop, on the shop's own time: one short write, and no error gets out.

While the database cannot be used, changes are held in memory, within bounds, and written with the next one or by the
worker.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from reverb_plugin.changes import Change
from reverb_plugin.errors import StoreError
from reverb_plugin.guard import ForkSafeLock, Outage, swallowed
from reverb_plugin.host import HookResult, HookStatus, Shipment

if TYPE_CHECKING:
    from reverb_plugin.store.store import Store

MOST_HELD = 10_000
"""Changes kept in memory; beyond that the newest are lost, and the log says so."""

logger = logging.getLogger(__name__)


class Intake:
    """Writes changes to the outbox.

    Args:
        store: where the outbox is.
        wake: called when there is something to send.
    """

    def __init__(self, store: "Store", wake: Callable[[], None]) -> None:
        self._store = store
        self._wake = wake
        self._held: dict[Change, None] = {}
        self._lock = ForkSafeLock()
        self._memory = Outage(logger, "Changes in the shop cannot be written down and are held in memory")

    def record(self, changes: Sequence[Change]) -> HookResult:
        """Notes changes; never raises."""
        try:
            return self._record(changes)
        except Exception as error:
            swallowed(error)
            logger.exception("A change in the shop could not be noted: %s", [change.key for change in changes])
            return HookResult(HookStatus.IGNORED, f"the plugin stumbled: {error}")

    def record_shipment(self, shipment: Shipment) -> HookResult:
        """Notes a parcel; never raises."""
        try:
            is_new = self._store.record_shipment(shipment.order_id, shipment.carrier, shipment.tracking_number)
        except Exception as error:
            if not isinstance(error, StoreError):
                swallowed(error)
            logger.exception("The shipment of order %s could not be noted", shipment.order_id)
            return HookResult(HookStatus.IGNORED, str(error))
        return HookResult(HookStatus.RECORDED, "" if is_new else "it was known already")

    def write_held(self) -> int:
        """Tries to write what is held in memory; how many changes are still held."""
        if self._held:
            self.record(())
        return len(self._held)

    def _record(self, changes: Sequence[Change]) -> HookResult:
        held = tuple(self._held)
        try:
            joined = self._store.record((*held, *changes))
        except StoreError as error:
            return self._hold(changes, error)
        self._let_go(held)
        self._memory.up()
        self._wake()
        status = HookStatus.COALESCED if all(joined[len(held) :]) else HookStatus.QUEUED
        return HookResult(status, "it joined a change that waits already" if status is HookStatus.COALESCED else "")

    def _hold(self, changes: Sequence[Change], error: StoreError) -> HookResult:
        with self._lock:
            room = MOST_HELD - len(self._held)
            self._held.update(dict.fromkeys(changes[:room]))
        self._memory.down(error.message)
        if room < len(changes):
            logger.error("Too many changes are held in memory; lost: %s", [change.key for change in changes[room:]])
            return HookResult(HookStatus.IGNORED, f"{error.message}, and memory is full")
        return HookResult(HookStatus.HELD, error.message)

    def _let_go(self, held: Sequence[Change]) -> None:
        with self._lock:
            for change in held:
                self._held.pop(change, None)
