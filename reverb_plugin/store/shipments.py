"""Parcels that the shop told us about, and what became of them on Reverb."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, select, update
from sqlalchemy.dialects.sqlite import insert

from reverb_plugin.changes import Kind
from reverb_plugin.store.schema import outbox, shipments

WAITING, SENT, KEPT = "waiting", "sent", "kept"
"""Not sent yet; Reverb has it; it is not going to be sent."""


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """One parcel; without carrier and tracking number the buyer has collected the order.

    ``provider`` is the name it was sent under.
    """

    id: int
    order_id: str
    carrier: str
    tracking_number: str
    state: str
    provider: str | None
    message: str

    @property
    def is_pick_up(self) -> bool:
        """The buyer came for it."""
        return not self.carrier and not self.tracking_number


def record(connection: Connection, order_id: str, carrier: str, tracking_number: str, now: datetime) -> bool:
    """Remembers a parcel; False when it was known already. One that another has replaced since is the newest again."""
    newer = shipments.alias("newer")
    is_replaced = exists().where(newer.c.order_id == shipments.c.order_id, newer.c.id > shipments.c.id)
    same = (
        shipments.c.order_id == order_id,
        shipments.c.carrier == carrier,
        shipments.c.tracking_number == tracking_number,
    )
    connection.execute(delete(shipments).where(*same, shipments.c.state != SENT, is_replaced))
    values = {
        "order_id": order_id,
        "carrier": carrier,
        "tracking_number": tracking_number,
        "recorded_at": now,
    }
    return connection.execute(insert(shipments).values(values).on_conflict_do_nothing()).rowcount == 1


def waiting_of(connection: Connection, order_id: str) -> Sequence[ShipmentRow]:
    """The parcels of an order that were not sent yet, oldest first."""
    query = select(shipments).where(shipments.c.order_id == order_id, shipments.c.state == WAITING)
    return [_shipment(row) for row in connection.execute(query.order_by(shipments.c.id))]


def rename(connection: Connection, order_id: str, number: str, now: datetime) -> None:
    """Parcels that wait under the shop's id of an order wait under Reverb's number from now on."""
    for row in waiting_of(connection, order_id):
        record(connection, number, row.carrier, row.tracking_number, now)
        connection.execute(delete(shipments).where(shipments.c.id == row.id))


def of_order(connection: Connection, order_ids: Collection[str]) -> Sequence[ShipmentRow]:
    """All parcels of an order that goes by these ids, newest first."""
    query = select(shipments).where(shipments.c.order_id.in_(order_ids))
    return [_shipment(row) for row in connection.execute(query.order_by(shipments.c.id.desc()))]


def end(
    connection: Connection, shipment_id: int, state: str, provider: str | None, message: str, now: datetime
) -> None:
    """What became of a parcel."""
    values = {"state": state, "provider": provider, "message": message, "ended_at": now}
    connection.execute(update(shipments).where(shipments.c.id == shipment_id).values(values))


def forgotten(connection: Connection, most: int) -> Sequence[str]:
    """The orders of parcels that wait without a job: they were noted while shipments were not sent."""
    job = exists().where(outbox.c.kind == Kind.SHIP_ORDER, outbox.c.key == shipments.c.order_id)
    query = select(shipments.c.order_id).where(shipments.c.state == WAITING, ~job).distinct().limit(most)
    return connection.execute(query).scalars().all()


def _shipment(row: Row[Any]) -> ShipmentRow:
    return ShipmentRow(**{name: getattr(row, name) for name in ShipmentRow.__dataclass_fields__})


def trim(connection: Connection, before: datetime, most: int) -> int:
    """Forgets parcels that were dealt with before a moment, ``most`` at once; how many it were."""
    over = select(shipments.c.id).where(shipments.c.state != WAITING, shipments.c.ended_at < before).limit(most)
    return connection.execute(delete(shipments).where(shipments.c.id.in_(over))).rowcount
