"""Parcels that the shop told us about."""

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.dialects.sqlite import insert

from reverb_plugin.store.schema import shipments


def record(connection: Connection, order_id: str, carrier: str, tracking_number: str, now: datetime) -> bool:
    """Remembers a parcel; False when it was known already."""
    values = {
        "order_id": order_id,
        "carrier": carrier,
        "tracking_number": tracking_number,
        "recorded_at": now,
    }
    return connection.execute(insert(shipments).values(values).on_conflict_do_nothing()).rowcount == 1
