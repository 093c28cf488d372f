"""The database's shape: new ones, old ones, newer ones, and who may read them."""

import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic import context, op
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.clock import Clock
from reverb_plugin.errors import StoreError, StoreNewerError
from reverb_plugin.store import migrate
from reverb_plugin.store.engine import Database
from reverb_plugin.store.schema import HEAD, UtcTime, metadata
from reverb_plugin.store.store import open_store

CHANGE = product_changed("A-1", Reason.BY_HAND)


def tables_of(path):
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT type, name, tbl_name FROM sqlite_schema").fetchall()
    columns = {name: connection.execute(f"PRAGMA table_info({name})").fetchall() for kind, name, _ in rows}
    connection.close()
    return sorted(rows), columns


def from_migrations(path):
    return Database(path, migrate.is_current, migrate.upgrade, Clock())


@pytest.fixture
def migrated(tmp_path):
    """A database that only the migrations have made."""
    database = from_migrations(tmp_path / "old" / "db.sqlite3")
    yield database
    database.close()


def test_migrations_lead_exactly_to_the_tables_of_the_code(migrated):
    """Running all migrations gives what schema.metadata says, types and indexes included."""
    with migrated.write() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_new_database_is_what_the_migrations_would_have_made(migrated, store):
    """A new database, made without Alembic, has the same tables, columns and version as a migrated one."""
    with migrated.read() as connection:
        version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    store.queue_status()
    assert version == HEAD
    assert tables_of(store.path) == tables_of(migrated.path)


def test_an_older_database_is_migrated_and_keeps_its_rows(store, monkeypatch):
    """After an update the missing migrations run in one transaction, and what was waiting still waits."""
    store.record([CHANGE])
    store.close()
    connection = sqlite3.connect(store.path)
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.commit()
    connection.close()
    seen = []
    monkeypatch.setattr(migrate, "upgrade", seen.append)
    assert store.queue_status().pending == 1
    assert len(seen) == 1


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    """Half a migration is none: the next start finds the database as it was."""
    create_index = Operations.create_index

    def stumble(self, name, *args, **kwargs):
        if name == "sync_log_sku":
            raise OSError("the disk went away")
        return create_index(self, name, *args, **kwargs)

    monkeypatch.setattr(Operations, "create_index", stumble)
    database = from_migrations(tmp_path / "db.sqlite3")
    with pytest.raises(StoreError, match="went away"), database.read():
        pass
    assert tables_of(database.path)[0] == []


def test_a_newer_database_is_refused_and_left_alone(store, sql):
    """After going back to an older plugin the database is not touched, and the error says what to do."""
    sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    before = store.path.read_bytes()
    with pytest.raises(StoreNewerError, match="of version 9999, this plugin knows versions up to") as caught:
        store.record([CHANGE])
    assert caught.value.code == "store-newer"
    store.close()
    assert store.path.read_bytes() == before


def test_a_new_database_needs_no_alembic_and_says_nothing(tmp_path):
    """Alembic, which tells each host's log about its set-up, is not even loaded for a new database."""
    script = (
        "import logging, sys, pathlib; logging.basicConfig(level=logging.DEBUG)\n"
        "from reverb_plugin.clock import Clock\n"
        "from reverb_plugin.store.store import open_store\n"
        f"open_store(pathlib.Path({str(tmp_path)!r}), 'sandbox', Clock()).queue_status()\n"
        "assert 'alembic' not in sys.modules\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stderr == ""


def test_migrating_leaves_the_alembic_of_the_host_alone(tmp_path):
    """The shop may migrate its own database with Alembic at the same moment: its global proxies stay its own."""
    database = from_migrations(tmp_path / "db.sqlite3")
    with database.read() as connection, Operations.context(MigrationContext.configure(connection)):
        other = from_migrations(tmp_path / "other.sqlite3")
        with other.read():
            pass
        assert op.get_bind() is connection
    assert getattr(context, "_proxy", None) is None
    other.close()
    database.close()


def test_only_the_owner_may_read_the_database(store):
    """The folder and every file in it are closed to other users: the token lies in there."""
    store.record([CHANGE])
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in store.path.parent.iterdir()}
    assert len(modes) == 3, "the database, its WAL and its index"
    assert set(modes.values()) == {0o600}


def test_a_time_without_a_zone_is_refused():
    """A naive time would be read back as another moment."""
    with pytest.raises(ValueError, match="without a zone"):
        UtcTime().process_bind_param(datetime(2026, 1, 1), None)  # noqa: DTZ001 - the point


def test_times_are_kept_in_utc_and_sort_as_text():
    """Whatever zone a time comes in, its text sorts as the moments do and reads back as the same moment."""
    column, base = UtcTime(), datetime(2026, 1, 1, tzinfo=UTC)
    moments = [base + timedelta(seconds=n * 0.37) for n in range(50)]
    zones = [timezone(timedelta(hours=n % 25 - 12)) for n in range(50)]
    texts = [
        column.process_bind_param(moment.astimezone(zone), None) for moment, zone in zip(moments, zones, strict=True)
    ]
    assert texts == sorted(texts)
    assert {len(text) for text in texts} == {27}
    assert [column.process_result_value(text, None) for text in texts] == moments


def test_a_store_opens_its_file_only_when_it_is_used(tmp_path):
    """Making a plugin touches no disk: configure() works on one that is not there yet."""
    store = open_store(tmp_path / "data", "sandbox", Clock())
    assert not store.path.parent.exists()
    store.queue_status()
    assert store.path.exists()
    store.close()
