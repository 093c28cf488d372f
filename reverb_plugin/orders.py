"""Orders on Reverb, for people: to look at, to decide about, and to ship by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from reverb_plugin.errors import OrderError
from reverb_plugin.host import Host, PickedUp, Shipment, TakesQuantity
from reverb_plugin.host_orders import ChangesQuantity

if TYPE_CHECKING:
    from reverb_plugin.store.orders import OrderRow
    from reverb_plugin.store.store import Store
    from reverb_plugin.sync.order_steps import Step


class Orders:
    """The orders of the environment in force.

    Args:
        store: gives what is remembered.
        host: the shop; None where only its memory is at hand.
        wake: called when there is something to do.
    """

    def __init__(self, store: "Callable[[], Store]", host: Host | None, wake: Callable[[], None]) -> None:
        self._store = store
        self._host = host
        self._wake = wake

    def page(
        self, *, is_open: bool = False, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> "Sequence[OrderRow]":
        """Orders, the newest first; ``is_open``: only those with something left to do.

        ``before`` is time of creation and number of the last order of the page before.
        """
        return self._store().orders.page(is_open=is_open, before=before, limit=limit)

    def bundles(self, rows: "Sequence[OrderRow]") -> "Mapping[str, Sequence[OrderRow]]":
        """The orders of ``rows`` by checkout, each with all orders of that checkout; the order of rows stays."""
        found = self._store().orders.bundles({row.bundle_id for row in rows if row.bundle_id})
        return {row.bundle_id or row.number: found.get(row.bundle_id, (row,)) for row in rows}

    def next_steps(self, row: "OrderRow") -> "tuple[Step, ...]":
        """What the seller has to do for an order, and where."""
        from reverb_plugin.sync.order_steps import next_steps  # noqa: PLC0415 - loads SQLAlchemy

        return next_steps(row)

    def told(self, row: "OrderRow") -> tuple[str, ...]:
        """What the plugin has done for an order."""
        from reverb_plugin.sync.order_steps import told  # noqa: PLC0415

        return told(row)

    def look_now(self) -> None:
        """Has the orders on Reverb read now."""
        self._store().orders.ask_for_poll()
        self._wake()

    def restock(self, order_id: str, quantity: int) -> None:
        """Decides that so many pieces of an order that was called off go back into the shop's stock: once.

        Raises:
            OrderError: there is no such order, it was not called off, it was decided before, or it has fewer pieces.
        """
        from reverb_plugin.changes import Reason, order_changed, units_due  # noqa: PLC0415

        row = self._get(order_id)
        if quantity and self._host is not None and not isinstance(self._host, ChangesQuantity | TakesQuantity):
            raise OrderError(
                "The plugin cannot change this shop's stock: put them back there by hand, then say 0 here."
            )
        jobs = (units_due(row.sku, Reason.REVERB_ORDER), order_changed(row.number))
        self._store().orders.change(row.number, lambda known: _restocked(known, quantity), *jobs)
        self._wake()

    def retry(self, order_id: str) -> bool:
        """Has all that failed about an order tried again now; False when nothing did.

        Raises:
            OrderError: there is no such order.
        """
        row, store = self._get(order_id), self._store()
        failed = [job.change for job in store.order_history.jobs([row])[row.number] if job.message]
        store.record(failed)
        self._wake()
        return bool(failed)

    def done(self, order_id: str) -> None:
        """What an order asked a person to do is done.

        Raises:
            OrderError: there is no such order.
        """
        from reverb_plugin.sync.order_rules import done_by_hand  # noqa: PLC0415

        row = self._get(order_id)
        self._store().orders.change(row.number, done_by_hand, moves_stock=row.owed > 0 and bool(row.sku))
        self._wake()

    def by_hand(self, order_id: str) -> None:
        """A person has seen to an order in the shop, which could not be told of it: that is not tried any more.

        Raises:
            OrderError: there is no such order, or the shop was told of it or need not be.
        """
        from reverb_plugin.changes import order_changed  # noqa: PLC0415
        from reverb_plugin.sync.order_rules import seen_to_by_hand  # noqa: PLC0415

        row = self._get(order_id)
        job = order_changed(row.number)  # it finds nothing to do any more
        self._store().orders.change(row.number, seen_to_by_hand, job, moves_stock=row.owed > 0 and bool(row.sku))
        self._wake()

    def ship(self, shipment: Shipment | PickedUp) -> bool:
        """Has Reverb told of a parcel, or that the buyer came for it; False when it was known already."""
        if isinstance(shipment, PickedUp):
            is_new = self._store().record_shipment(shipment.order_id, "", "")
        else:
            is_new = self._store().record_shipment(shipment.order_id, shipment.carrier, shipment.tracking_number)
        self._wake()
        return is_new

    def _get(self, order_id: str) -> "OrderRow":
        row = self._store().orders.find_by_id(order_id)
        if row is None:
            raise OrderError(f"No order on Reverb has the number {order_id}, and none the id {order_id} in the shop.")
        return row


def _restocked(row: "OrderRow", quantity: int) -> "OrderRow":
    """Decided within the transaction: two people may press the button at once."""
    if not row.is_off:
        raise OrderError(f"Order {row.number} is {row.status}: nothing comes back of it.")
    if row.restock is not None:
        raise OrderError(f"It was decided before that {row.restock} of order {row.number} go back.")
    if not 0 <= quantity <= row.taken:
        raise OrderError(f"Of order {row.number}, {row.taken} were taken from the stock; {quantity} cannot go back.")
    return replace(row, restock=quantity, due=max(0, row.due - quantity))
