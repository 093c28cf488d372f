"""Brings the database to the version this code reads and writes."""

from sqlalchemy import Connection, inspect, text

from reverb_plugin.errors import StoreNewerError
from reverb_plugin.guard import ForkSafeLock
from reverb_plugin.store.schema import HEAD

_one_at_a_time = ForkSafeLock()  # Alembic keeps its context in a global


def migrate(connection: Connection) -> None:
    """Runs the missing migrations inside the write transaction of ``connection``: all of them or none.

    Raises:
        StoreNewerError: a newer version of the plugin wrote this database.
    """
    if not _is_current(connection):
        _upgrade(connection)


def _is_current(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version is not None and version > HEAD:
        raise StoreNewerError(f"the database is of version {version}, this plugin knows versions up to {HEAD}")
    return bool(version == HEAD)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import and needed after an update only
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "reverb_plugin.store:migrations")
    config.attributes["connection"] = connection
    with _one_at_a_time:
        command.upgrade(config, HEAD)
