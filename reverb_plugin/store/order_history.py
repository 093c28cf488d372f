"""What became of orders, for people: the jobs that are still to be done, the parcels, and the attempts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_

from reverb_plugin.changes import Change, Kind, Reason, order_changed, shipment_noted, units_due
from reverb_plugin.store import shipments, sync_log
from reverb_plugin.store.engine import Database
from reverb_plugin.store.orders import OrderRow
from reverb_plugin.store.outbox import LEASED, PARKED
from reverb_plugin.store.schema import outbox
from reverb_plugin.store.shipments import ShipmentRow
from reverb_plugin.store.sync_log import LogEntry

ABOUT_ORDERS = (Kind.IMPORT_ORDER, Kind.MOVE_STOCK, Kind.SHIP_ORDER)
NO_FAILURES = ("", "not-now")
"""Of a job that only had to wait for its turn."""


@dataclass(frozen=True, slots=True)
class OrderJob:
    """A job about an order that is still to be done.

    ``message`` is why its last try failed, empty when none did; one that ``is_parked`` waits for a person.
    """

    kind: Kind
    key: str
    is_parked: bool
    is_leased: bool
    message: str
    available_at: datetime

    @property
    def change(self) -> Change:
        """What has to be noted to have it done now."""
        match self.kind:
            case Kind.MOVE_STOCK:
                return units_due(self.key, Reason.BY_HAND)
            case Kind.SHIP_ORDER:
                return shipment_noted(self.key)
        return order_changed(self.key)


class OrderHistory:
    """What became of the orders of one environment. Each method is one query, however many orders it is asked about."""

    def __init__(self, database: Database, environment: str) -> None:
        self._database = database
        self._environment = environment

    def jobs(self, rows: Collection[OrderRow]) -> Mapping[str, Sequence[OrderJob]]:
        """What is still to be done for each order, by its number."""
        wanted = {row.number: _jobs_of(row) for row in rows}
        columns = outbox.c.kind, outbox.c.key, outbox.c.state, outbox.c.error_message, outbox.c.available_at
        names = {name for each in wanted.values() for name in each}
        query = select(*columns).where(tuple_(outbox.c.kind, outbox.c.key).in_(names))
        with self._database.read() as connection:
            found = {
                (row.kind, row.key): OrderJob(
                    Kind(row.kind),
                    row.key,
                    row.state == PARKED,
                    row.state == LEASED,
                    row.error_message or "",
                    row.available_at,
                )
                for row in connection.execute(query)
            }
        return {number: [found[name] for name in names if name in found] for number, names in wanted.items()}

    def failing(self, limit: int) -> Sequence[OrderJob]:
        """Jobs about orders whose last try failed and that are tried again by themselves, the oldest first."""
        columns = outbox.c.kind, outbox.c.key, outbox.c.error_message, outbox.c.available_at
        fails = outbox.c.kind.in_(ABOUT_ORDERS), outbox.c.state != PARKED, outbox.c.error_code.not_in(NO_FAILURES)
        query = select(*columns).where(*fails).order_by(outbox.c.created_at, outbox.c.id).limit(limit)
        with self._database.read() as connection:
            return [
                OrderJob(
                    Kind(row.kind),
                    row.key,
                    is_parked=False,
                    is_leased=False,
                    message=row.error_message or "",
                    available_at=row.available_at,
                )
                for row in connection.execute(query)
            ]

    def parcels(self, row: OrderRow) -> Sequence[ShipmentRow]:
        """The parcels of an order, the newest first."""
        with self._database.read() as connection:
            return shipments.of_order(connection, _ids(row))

    def attempts(self, row: OrderRow, limit: int) -> Sequence[LogEntry]:
        """The newest attempts for an order; those to move the stock of its SKU since it was first seen among them."""
        with self._database.read() as connection:
            return sync_log.of_order(
                connection, self._environment, _ids(row), row.sku, row.links.get("web"), row.seen_at, limit
            )


def _jobs_of(row: OrderRow) -> list[tuple[str, str]]:
    """A job that moves stock is this order's affair only while its own units are not where they ought to be."""
    names: list[tuple[str, str]] = [(Kind.IMPORT_ORDER, row.number), *((Kind.SHIP_ORDER, each) for each in _ids(row))]
    return [*names, (Kind.MOVE_STOCK, row.sku)] if row.owed else names


def _ids(row: OrderRow) -> list[str]:
    return [row.number] if row.host_order_id is None else [row.number, row.host_order_id]
