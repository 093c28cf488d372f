"""What an attempt asked Reverb and what it answered, beside its row of the log."""

from datetime import timedelta

import pytest

from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.errors import StoreError
from reverb_plugin.store import exchanges
from reverb_plugin.store.exchanges import Exchange
from reverb_plugin.store.store import Done, Settlement
from reverb_plugin.store.sync_log import LogFilter
from tests.store.entries import make_entry

LOOK_UP = Exchange("GET", "/api/my/listings?sku=A", None, 200, '{"listings": []}', 0.2)
CREATE = Exchange("POST", "/api/listings", '{"title": "Gitarre \u266b"}', None, "the connection broke", 1.5)


def settle(store, entry, *several):
    store.record([product_changed("A", Reason.BY_HAND)])
    store.settle(store.lease("w", 300.0), Settlement(Done(), entry, exchanges=several))
    return store.log_page(limit=1)[0].id


def test_exchanges_are_kept_with_their_row(store):
    """They come back in their order, with the row they belong to and no other."""
    first = settle(store, make_entry(), LOOK_UP, CREATE)
    second = settle(store, make_entry(make_entry().created_at + timedelta(seconds=1)))
    assert store.log.find(first, LogFilter()).exchanges == [LOOK_UP, CREATE]
    assert store.log.find(second, LogFilter()).exchanges == []


def test_what_is_rolled_back_leaves_no_exchange(store, sql, monkeypatch):
    """Row and exchanges are written together or not at all."""

    def stumble(*args):
        raise OSError("the disk is full")

    monkeypatch.setattr(exchanges, "save", stumble)
    with pytest.raises(StoreError, match="full"):
        settle(store, make_entry(), LOOK_UP)
    assert sql("SELECT count(*) FROM sync_log") == [(0,)]
    assert store.queue_status().leased == 1


def test_exchanges_go_with_their_row(store, clock, sql):
    """What retention deletes of the log takes its exchanges along."""
    settle(store, make_entry(clock.now() - timedelta(days=40)), LOOK_UP, CREATE)
    young = settle(store, make_entry(clock.now()), LOOK_UP)
    assert store.trim_log(keep_days=30, keep_rows=1000) == 1
    assert sql("SELECT entry_id FROM exchanges") == [(young,)]


def test_exchanges_take_a_bounded_part_of_the_disk(store, clock, sql, monkeypatch):
    """The oldest go when all together are too large; their rows of the log stay."""
    monkeypatch.setattr(exchanges, "MOST_BYTES", 10 * LOOK_UP.size)
    monkeypatch.setattr("reverb_plugin.store.store.CHUNK", 5)
    for seconds in range(30):
        settle(store, make_entry(clock.now() + timedelta(seconds=seconds)), LOOK_UP)
    store.trim_log(keep_days=30, keep_rows=1000)
    assert sql("SELECT min(entry_id), max(entry_id) FROM exchanges") == [(21, 30)]
    assert len(store.log_page(limit=100)) == 30


def test_sizes_are_counted_in_bytes():
    """What is not ASCII takes more than a byte."""
    assert CREATE.size == len(CREATE.path) + len(CREATE.request) + 2 + len(CREATE.answer)


def test_the_days_of_an_older_log_are_counted_when_it_is_migrated(tmp_path):
    """The chart is not empty after the update."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    from reverb_plugin.clock import Clock
    from reverb_plugin.store import sync_log
    from reverb_plugin.store.engine import Database
    from reverb_plugin.store.migrations.versions import v0001_first, v0002_runs, v0003_page

    newer = {"id", "product_title"}

    database = Database(tmp_path / "db.sqlite3", lambda connection: True, lambda connection: None, Clock())
    with database.write() as connection:
        op = Operations(MigrationContext.configure(connection))
        v0001_first.upgrade(op)
        v0002_runs.upgrade(op)
        for outcome in ("updated", "updated", "refused"):
            values = {name: getattr(make_entry(), name) for name in sync_log._COLUMNS if name not in newer}
            connection.execute(sync_log._INSERT, values | {"errors": [], "outcome": outcome})
        v0003_page.upgrade(op)
        found = sync_log.days(connection, "sandbox", "2026-01-01")
    database.close()
    assert sorted(found) == [("2026-01-01", "refused", 1), ("2026-01-01", "updated", 2)]
