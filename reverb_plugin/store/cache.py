"""What was read once and is slow to read again, such as Reverb's list of categories."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from reverb_plugin.store.schema import cache


class Cached(NamedTuple):
    """What was kept, and when."""

    content: Any
    saved_at: datetime


def find(connection: Connection, environment: str, name: str) -> Cached | None:
    """What was kept under this name."""
    mine = (cache.c.environment == environment) & (cache.c.name == name)
    row = connection.execute(select(cache.c.content, cache.c.saved_at).where(mine)).one_or_none()
    return None if row is None else Cached(row.content, row.saved_at)


def save(connection: Connection, environment: str, name: str, content: Any, now: datetime) -> None:
    """Keeps what JSON can say in place of what was there."""
    values = {"environment": environment, "name": name, "content": content, "saved_at": now}
    statement = insert(cache).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["environment", "name"], set_=values))
