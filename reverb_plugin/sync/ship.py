"""Telling Reverb of a parcel, once. The order is read first: an answer that was lost may have been a yes."""

from collections.abc import Sequence
from dataclasses import replace

from reverb_plugin.changes import Action, Outcome
from reverb_plugin.errors import NotFoundError, OrderError
from reverb_plugin.reverb_api.orders import Order
from reverb_plugin.settings import OrderMode
from reverb_plugin.store.orders import OFF_STATES
from reverb_plugin.store.shipments import KEPT, SENT, ShipmentRow
from reverb_plugin.store.store import Done, Settlement
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.carriers import find_provider
from reverb_plugin.sync.order_rules import SOLD_STATES
from reverb_plugin.sync.tools import Tools

_UNKNOWN = "{} is neither the number of an order on Reverb nor the shop's id of one: enter it under the right number."


def ship_order(tools: Tools, attempt: Attempt) -> Settlement:
    """Tells Reverb of the parcels of the order whose id, in the shop or on Reverb, is the job's key.

    Those under the shop's id are done under Reverb's number: jobs of one key never run at the same time.
    """
    attempt.action = Action.SHIP
    store, order_id = tools.store, attempt.job.key
    shipments = store.waiting_shipments(order_id)
    if tools.settings.orders is not OrderMode.SHIPMENTS or not shipments:
        return Settlement(Done(), None)
    known = store.orders.find_by_id(order_id)
    if known is not None and known.number != order_id:
        store.rename_shipments(order_id, known.number)
        return Settlement(Done(), None)
    return _Shipping(tools, attempt).run(shipments)


class _Shipping:
    def __init__(self, tools: Tools, attempt: Attempt) -> None:
        self._tools = tools
        self._attempt = attempt

    def run(self, shipments: Sequence[ShipmentRow]) -> Settlement:
        *replaced, shipment = shipments  # who enters a second one corrects the first
        for each in replaced:
            self._end(each, KEPT, None, "Another one was entered later; Reverb takes one parcel for an order.")
        try:
            order = self._tools.client.get_order(self._attempt.job.key)
        except NotFoundError:  # shops tell of parcels of their own orders, too
            return self._keep(shipment, _UNKNOWN.format(self._attempt.job.key))
        self._attempt.about, self._attempt.page = order.sku or None, order.links.get("web")
        if order.status in OFF_STATES:
            return self._keep(shipment, f"Order {order.number} is {order.status} on Reverb.")
        if order.status != "paid":
            return self._about_sent(shipment, order)
        return self._pick_up(shipment, order) if shipment.is_pick_up else self._ship(shipment, order)

    def _about_sent(self, shipment: ShipmentRow, order: Order) -> Settlement:
        if order.status not in SOLD_STATES:
            state = order.status or "in an unknown state"
            raise OrderError(f"Order {order.number} is {state} on Reverb: its parcel is sent there when it is paid.")
        if shipment.is_pick_up or order.tracking_number == shipment.tracking_number:
            self._end(shipment, SENT, order.shipping_provider or None, "Reverb had it already.")
            return self._attempt.done(Outcome.SHIPPED, f"Reverb knows that order {order.number} is {order.status}.")
        known = order.tracking_number or "no number"
        return self._keep(shipment, f"Order {order.number} is {order.status} on Reverb already, with {known}.")

    def _pick_up(self, shipment: ShipmentRow, order: Order) -> Settlement:
        self._tools.client.mark_picked_up(order.number)
        self._end(shipment, SENT, None, "")
        self._remember(order, status="picked_up")
        return self._attempt.done(Outcome.SHIPPED, f"Order {order.number} is marked as picked up.")

    def _ship(self, shipment: ShipmentRow, order: Order) -> Settlement:
        provider = find_provider(shipment.carrier, self._tools.settings.carrier_map)
        self._tools.client.ship_order(order.number, provider, shipment.tracking_number)
        self._end(shipment, SENT, provider, "")
        self._remember(order, status="shipped", shipping_provider=provider, tracking_number=shipment.tracking_number)
        return self._attempt.done(
            Outcome.SHIPPED, f"Order {order.number} is shipped: {provider} {shipment.tracking_number}."
        )

    def _remember(self, order: Order, **facts: str) -> None:
        """Until the orders are read again, nobody is asked to ship it a second time."""
        self._tools.store.orders.change(order.number, lambda row: replace(row, **facts))  # type: ignore[arg-type]

    def _keep(self, shipment: ShipmentRow, message: str) -> Settlement:
        self._end(shipment, KEPT, None, message)
        return self._attempt.done(Outcome.SKIPPED, f"The tracking number was not sent: {message}")

    def _end(self, shipment: ShipmentRow, state: str, provider: str | None, message: str) -> None:
        self._tools.store.end_shipment(shipment.id, state, provider, message)
