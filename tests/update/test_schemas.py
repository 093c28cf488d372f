"""A database that any version of the plugin left behind is opened by this one, and what was in it is there.

``schemas/`` has a dump for each version of the database, made by the code of its time; ``python -m tests.update.dump``
adds the one of today.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from reverb_plugin.changes import Kind
from reverb_plugin.clock import Clock
from reverb_plugin.errors import StoreNewerError
from reverb_plugin.health import find_problems, read_facts
from reverb_plugin.settings import load_settings
from reverb_plugin.store import migrate
from reverb_plugin.store.schema import HEAD
from reverb_plugin.store.store import FILE_NAME, open_store
from reverb_plugin.sync.plan import PlanAction
from tests.update.wheels import PACKAGE

DUMPS = sorted((Path(__file__).parent / "schemas").glob("*.sql"))


@pytest.fixture
def load(tmp_path):
    """Makes a database out of a dump; its store."""
    stores = []

    def load_dump(dump):
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database:
            database.executescript(dump.read_text())
        stores.append(open_store(tmp_path, "sandbox", Clock()))
        return stores[-1]

    yield load_dump
    for store in stores:
        store.close()


def shape(path):
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT type, name, tbl_name FROM sqlite_schema").fetchall()
        return sorted(tables), {
            name: database.execute(f"PRAGMA table_info({name})").fetchall() for _, name, _ in tables
        }


def rows(path, table):
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]


def test_there_is_one_of_each():
    """Each version that the migrations lead to has its dump; `python -m tests.update.dump` makes a new one's."""
    migrations = (PACKAGE / "store/migrations/versions").glob("v*.py")

    assert [dump.stem for dump in DUMPS] == sorted(path.name[1:5] for path in migrations)
    assert DUMPS[-1].stem == HEAD


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_an_old_database_is_opened(load, dump, tmp_path):
    """It gets the tables of today, keeps each row with all it said, and everything that reads it works."""
    store = load(dump)
    before = {table: rows(store.path, table) for table in ("links", "sync_log", "outbox", "settings")}

    facts = read_facts(store, load_settings({}, {}, store.saved_settings()), Clock().now())

    assert facts.queue.pending >= 2
    assert {problem.code for problem in find_problems(facts)} >= {"no-token"}
    assert facts.links == len(before["links"])
    assert facts.loaded.values.stock_buffer == 1
    assert len(store.log_page()) == len(before["sync_log"])
    assert [link.sku for link in store.find_links([row["sku"] for row in before["links"]]).values()]
    assert store.lease("a-lease", 30.0).kind in set(Kind)
    for table, old_rows in before.items():
        for old, new in zip(old_rows, rows(store.path, table), strict=True):
            kept = {name: value for name, value in old.items() if table != "outbox" or name in {"kind", "key"}}
            assert kept.items() <= new.items()
    for run in store.runs.newest():
        assert list(store.runs.rows(run.id, action=PlanAction.UPDATE)) == []
    fresh = open_store(tmp_path / "fresh", "sandbox", Clock())
    fresh.queue_status()
    fresh.close()
    assert shape(store.path) == shape(fresh.path)


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_a_newer_database_is_refused(load, dump, monkeypatch):
    """Code that knows the versions before alone says so, says what to do, and does not touch the file."""
    before_it = f"{int(dump.stem) - 1:04}"
    store = load(dump)
    monkeypatch.setattr(migrate, "HEAD", before_it)
    content = store.path.read_bytes()

    with pytest.raises(StoreNewerError, match=f"of version {dump.stem}, this plugin knows versions up to") as caught:
        store.queue_status()

    assert "Install the newer version again" in caught.value.hint
    store.close()
    with closing(sqlite3.connect(f"file:{store.path}?immutable=1", uri=True)) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone()[0] == dump.stem
    assert len(store.path.read_bytes()) == len(content)
