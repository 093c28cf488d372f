"""Settings that were entered by a person, as text; what they mean is decided in :mod:`reverb_plugin.settings`."""

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from reverb_plugin.store.schema import settings


def all_of_them(connection: Connection) -> dict[str, str]:
    """Name and text of each saved setting."""
    rows = connection.execute(select(settings.c.name, settings.c.value))
    return {row.name: row.value for row in rows}


def save(connection: Connection, name: str, value: str, now: datetime) -> None:
    """Keeps the text of a setting in place of the one before."""
    values = {"name": name, "value": value, "saved_at": now}
    connection.execute(insert(settings).values(values).on_conflict_do_update(index_elements=["name"], set_=values))


def remove(connection: Connection, name: str) -> None:
    """Forgets a setting, so that its default speaks again."""
    connection.execute(delete(settings).where(settings.c.name == name))
