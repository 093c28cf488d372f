"""Brings the database to the version this code reads and writes.

Alembic is loaded for an older database only. Its environment with the global ``alembic.op`` and ``alembic.context`` is
not used: the shop may be migrating its own database at the same moment.
"""

from typing import Any

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from reverb_plugin.errors import StoreNewerError
from reverb_plugin.store.schema import HEAD, metadata

MIGRATIONS = "reverb_plugin.store:migrations"

_version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def is_current(connection: Connection) -> bool:
    """Whether the database is of the version this code knows.

    Raises:
        StoreNewerError: a newer version of the plugin wrote it.
    """
    version = _find_version(connection)
    if version is not None and version > HEAD:
        raise StoreNewerError(f"the database is of version {version}, this plugin knows versions up to {HEAD}")
    return version == HEAD


def is_old(connection: Connection) -> bool:
    """Whether an older version of the plugin made the database."""
    version = _find_version(connection)
    return version is not None and version < HEAD


def migrate(connection: Connection) -> None:
    """Makes what is missing inside the write transaction of ``connection``: all of it or nothing."""
    if is_current(connection):
        return  # another process was faster
    if _find_version(connection) is None:
        _make_new(connection)
    else:
        upgrade(connection)


def upgrade(connection: Connection) -> None:
    """Runs the migrations that the database has not seen; all of them on an empty one."""
    from alembic.config import Config  # noqa: PLC0415 - slow to import, and it tells the host's log that it was
    from alembic.operations import Operations  # noqa: PLC0415
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    if not connection.in_transaction():
        connection.begin()  # or Alembic would commit by itself
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    scripts = ScriptDirectory.from_config(config)

    def missing(heads: Any, _context: MigrationContext) -> Any:
        return scripts._upgrade_revs(HEAD, heads)  # noqa: SLF001 - what Alembic's own command calls

    context = MigrationContext.configure(connection, opts={"fn": missing, "script": scripts})
    context.run_migrations(op=Operations(context))


def _find_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_version.name):
        return None
    version: str = connection.execute(select(_version.c.version_num)).scalar_one()
    return version


def _make_new(connection: Connection) -> None:
    metadata.create_all(connection)
    _version.create(connection)
    connection.execute(_version.insert().values(version_num=HEAD))
