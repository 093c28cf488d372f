"""Taking down what changed in the shop, on the shop's own time: one short write, and no error gets out.

While the database cannot be used, changes are held in memory, within bounds, and written with the next one or by the
worker.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from reverb_plugin.changes import Change
from reverb_plugin.clock import Clock
from reverb_plugin.errors import StoreError
from reverb_plugin.guard import ForkSafeLock, find_open_transaction, is_echo, swallowed
from reverb_plugin.host import HookResult, HookStatus, OrderEvent, PickedUp, Shipment

if TYPE_CHECKING:
    from reverb_plugin.store.store import Store

MOST_HELD = 10_000
"""Changes kept in memory; beyond that the newest are lost, and the log says so."""

PATIENCE_SECONDS = 0.5
"""How long a hook waits for the database: it may be a buyer who waits, and what is held is not lost. Other processes
of a shop hold it for hundredths of a second.
"""

TRY_AGAIN_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 10.0
"""How long changes are held without a try after one failed, twice as long after each that follows: the host must not
wait for a broken disk each time.
"""

logger = logging.getLogger(__name__)


class Intake:
    """Writes changes to the outbox.

    Args:
        store: where the outbox is.
        find_objection: says why a change is not wanted; None when it is.
        wake: called when there is something to send.
        clock: when to try again.
    """

    def __init__(
        self,
        store: "Store",
        find_objection: Callable[[Change], str | None],
        wake: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._store = store
        self._find_objection = find_objection
        self._wake = wake
        self._clock = clock
        self._held: dict[Change, None] = {}
        self._held_returns: list[OrderEvent] = []
        self._held_shipments: dict[Shipment | PickedUp, None] = {}
        self._lock = ForkSafeLock()
        self._trouble = StoreError()
        self._failed_at: float | None = None
        self._pause_seconds = 0.0

    def record(self, changes: Sequence[Change], returned: OrderEvent | None = None) -> HookResult:
        """Notes changes; never raises. ``returned`` is the event of an order whose pieces came back into stock."""
        try:
            returns = () if returned is None else (returned,)
            if self._has_just_failed():
                return self._hold(changes, returns, self._trouble)
            with self._store.hurried(PATIENCE_SECONDS):
                return self._record(changes, returns)
        except Exception as error:
            swallowed(error)
            logger.exception("A change in the shop could not be noted: %s", [change.key for change in changes])
            return HookResult(HookStatus.IGNORED, f"the plugin stumbled: {error}")

    def record_shipment(self, shipment: Shipment | PickedUp) -> HookResult:
        """Notes a parcel, or that the buyer came for it; never raises."""
        try:
            with self._store.hurried(PATIENCE_SECONDS):
                is_new = self._write_shipment(shipment)
        except StoreError as error:
            return self._hold_shipment(shipment, error)
        return HookResult(HookStatus.RECORDED, "" if is_new else "it was known already")

    @property
    def held(self) -> int:
        """How many changes are held in memory."""
        return len(self._held) + len(self._held_returns) + len(self._held_shipments)

    def write_held(self) -> int:
        """Tries to write what is held in memory; how many changes are still held. Never raises."""
        self._failed_at = None
        if self._held or self._held_returns:
            self.record(())
        for shipment in tuple(self._held_shipments):
            if self.record_shipment(shipment).status is HookStatus.HELD:
                break
            self._held_shipments.pop(shipment, None)
        return self.held

    def _write_shipment(self, shipment: Shipment | PickedUp) -> bool:
        if isinstance(shipment, PickedUp):
            is_new = self._store.record_shipment(shipment.order_id, "", "")
        else:
            is_new = self._store.record_shipment(shipment.order_id, shipment.carrier, shipment.tracking_number)
        self._wake()
        return is_new

    def _hold_shipment(self, shipment: Shipment | PickedUp, error: StoreError) -> HookResult:
        with self._lock:
            if len(self._held_shipments) >= MOST_HELD:
                return HookResult(HookStatus.IGNORED, f"{error.message}, and memory is full")
            self._held_shipments[shipment] = None
        return HookResult(HookStatus.HELD, error.message)

    def _has_just_failed(self) -> bool:
        return self._failed_at is not None and 0 <= self._clock.monotonic() - self._failed_at < self._pause_seconds

    def _record(self, changes: Sequence[Change], returns: Sequence[OrderEvent] = ()) -> HookResult:
        changes = [change for change in changes if not is_echo(change.key)]
        held, returns = tuple(self._held), (*self._take_returns(), *returns)
        try:
            objections = [self._find_objection(change) for change in (*held, *changes)]
            wanted = [change for change, objection in zip((*held, *changes), objections, strict=True) if not objection]
            joined = self._write(wanted, returns)
        except StoreError as error:
            self._trouble, self._failed_at = error, self._clock.monotonic()
            self._pause_seconds = min(max(TRY_AGAIN_SECONDS, 2 * self._pause_seconds), LONGEST_PAUSE_SECONDS)
            return self._hold(changes, returns, error)
        self._let_go(held)
        self._failed_at, self._pause_seconds = None, 0.0
        if joined:
            self._wake()
        if self._held:  # a signal handler called a hook while we were writing
            self._record(())
        return _result(changes, joined, objections)

    def _write(self, wanted: Sequence[Change], returns: Sequence[OrderEvent]) -> Mapping[Change, bool]:
        if not wanted and not returns:
            return {}
        too_early = find_open_transaction()
        joined = self._store.record(wanted, list(map(_units, returns)), too_early=too_early)
        return dict(zip(wanted, joined, strict=True))

    def _hold(self, changes: Sequence[Change], returns: Sequence[OrderEvent], error: StoreError) -> HookResult:
        with self._lock:
            room = MOST_HELD - len(self._held)
            self._held.update(dict.fromkeys(changes[:room]))
            self._held_returns += returns[: MOST_HELD - len(self._held_returns)]
        if room < len(changes):
            logger.error("Too many changes are held in memory; lost: %s", [change.key for change in changes[room:]])
            return HookResult(HookStatus.IGNORED, f"{error.message}, and memory is full")
        return HookResult(HookStatus.HELD, error.message)

    def _let_go(self, held: Sequence[Change]) -> None:
        with self._lock:
            for change in held:
                self._held.pop(change, None)

    def _take_returns(self) -> Sequence[OrderEvent]:
        """What came back is counted, so that no two threads may write the same."""
        with self._lock:
            returns, self._held_returns = self._held_returns, []
        return returns


def _units(event: OrderEvent) -> tuple[str, dict[str, int]]:
    units: dict[str, int] = {}
    for line in event.lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    return event.order_id, units


def _result(changes: Sequence[Change], joined: Mapping[Change, bool], objections: Sequence[str | None]) -> HookResult:
    news = [joined[change] for change in changes if change in joined]
    if not all(news):
        return HookResult(HookStatus.QUEUED)
    if news:
        return HookResult(HookStatus.COALESCED, "it joined a change that waits already")
    return HookResult(
        HookStatus.IGNORED, next(filter(None, objections), "the plugin itself is at work on this product")
    )
