"""Who may send: a lease that one process holds at a time, however many processes the host has."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select
from sqlalchemy.dialects.sqlite import insert

from reverb_plugin.store.schema import sender

ONLY_ROW = 1


@dataclass(frozen=True, slots=True)
class Sender:
    """The process that sends: its name (machine, process id), its version, and until when it may."""

    owner: str
    version: str
    started_at: datetime
    leased_until: datetime


def claim(connection: Connection, owner: str, version: str, now: datetime, seconds: float) -> bool:
    """Takes or extends the lease; False when another process holds it.

    A lease that ends later than any can was made before the clock was set back: it holds no longer.
    """
    until = now + timedelta(seconds=seconds)
    fresh = {"id": ONLY_ROW, "owner": owner, "version": version, "started_at": now, "leased_until": until}
    statement = insert(sender).values(fresh)
    extended = statement.on_conflict_do_update(
        index_elements=["id"],
        set_={"owner": owner, "version": version, "leased_until": until},
        where=or_(sender.c.owner == owner, sender.c.leased_until < now, sender.c.leased_until > until),
    )
    return connection.execute(extended).rowcount == 1


def seize(connection: Connection, owner: str, version: str, now: datetime, seconds: float) -> None:
    """Takes the lease whoever holds it; that one learns of it when it wants to extend it."""
    connection.execute(delete(sender))
    claim(connection, owner, version, now, seconds)


def give_up(connection: Connection, owner: str) -> None:
    """Lets go of the lease, so that another process need not wait for its end."""
    connection.execute(delete(sender).where(sender.c.owner == owner))


def find(connection: Connection, now: datetime) -> Sender | None:
    """Who holds the lease now."""
    row = connection.execute(select(sender).where(sender.c.leased_until >= now)).one_or_none()
    return None if row is None else Sender(row.owner, row.version, row.started_at, row.leased_until)
