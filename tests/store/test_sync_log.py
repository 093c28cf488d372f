"""The sync log: pages, retention, and what a row costs."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reverb_plugin.clock import Clock
from reverb_plugin.errors import FieldError
from reverb_plugin.store import sync_log
from reverb_plugin.store.store import open_store
from reverb_plugin.store.sync_log import LogFilter
from tests.store.entries import make_entry

START = datetime(2026, 1, 1, tzinfo=UTC)


def append(store, entries):
    with store._database.write() as connection:
        for entry in entries:
            sync_log.append(connection, entry)


def pages(store, limit, **conditions):
    before, found = None, []
    while page := store.log_page(LogFilter(before=before, **conditions), limit):
        assert len(page) <= limit
        found += page
        before = (page[-1].created_at, page[-1].id)
    return found


def test_a_row_comes_back_as_it_was(store):
    """Every field of an entry survives, the list of Reverb's errors included."""
    entry = make_entry(
        START,
        product_id="7",
        product_url="https://shop.example/7",
        listing_id="99",
        listing_url="https://reverb.com/item/99",
        code="refused",
        errors=(FieldError("price", "is too low"), FieldError(None, "no")),
        http_status=422,
        request_id="r-1",
        requests=2,
        attempt=3,
        duration_seconds=1.5,
    )
    append(store, [entry])
    (found,) = store.log_page()
    assert found.id == 1
    assert {**asdict(found), "id": None} == asdict(entry)


def asdict(entry):
    return {name: getattr(entry, name) for name in entry.__dataclass_fields__}


@given(seconds=st.lists(st.integers(0, 3), max_size=30), limit=st.integers(1, 7))
def test_pages_together_are_the_sorted_log(tmp_path_factory, seconds, limit):
    """Page after page gives each row once, newest first, however many share one moment."""
    store = open_store(tmp_path_factory.mktemp("log"), "sandbox", Clock())
    entries = [make_entry(START + timedelta(seconds=n), sku=f"S-{n % 2}") for n in seconds]
    append(store, entries)
    everything = store.log_page(limit=1000)
    newest_first = sorted(everything, key=lambda row: (row.created_at, row.id), reverse=True)
    assert len(everything) == len(entries)
    assert everything == newest_first
    assert pages(store, limit) == newest_first
    assert pages(store, limit, sku="S-1") == [row for row in newest_first if row.sku == "S-1"]
    store.close()


def test_a_page_is_found_by_index_and_never_by_counting(store):
    """The way to the last page reads no more rows than the way to the first."""
    append(store, [make_entry(START + timedelta(seconds=n)) for n in range(20)])
    with store._database.read() as connection:
        plans = []
        execute = connection.execute

        class Watch:
            def execute(self, query):
                text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
                plans.extend(row[3] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + text))
                return execute(query)

        for chosen in (LogFilter(), LogFilter(sku="A-1"), LogFilter(outcome="updated")):
            sync_log.page(Watch(), LogFilter(chosen.sku, chosen.outcome, (START + timedelta(seconds=9), 5)), 5)
    assert len(plans) == 3
    for plan in plans:
        assert "SEARCH sync_log USING INDEX" in plan
        assert "created_at" in plan


def test_retention_by_age_keeps_what_is_young_enough(store, clock):
    """Rows older than the days to keep go, the others stay."""
    now = clock.now()
    append(store, [make_entry(now - timedelta(days=days)) for days in (0, 29, 31, 400)])
    assert store.trim_log(keep_days=30, keep_rows=1000) == 2
    assert [(now - row.created_at).days for row in store.log_page()] == [0, 29]


def test_retention_by_count_keeps_the_newest(store, clock):
    """Of too many rows the oldest go, by time and not by the order they were written in."""
    moments = [clock.now() - timedelta(minutes=n) for n in range(50)]
    random.Random(3).shuffle(moments)
    append(store, [make_entry(moment) for moment in moments])
    assert store.trim_log(keep_days=30, keep_rows=10) == 40
    assert [row.created_at for row in store.log_page()] == sorted(moments, reverse=True)[:10]


def test_retention_never_deletes_many_rows_in_one_transaction(store, clock, monkeypatch):
    """A large surplus goes in chunks, so that hooks get their turn in between."""
    append(store, [make_entry(clock.now() - timedelta(days=n % 60)) for n in range(3500)])
    chunks, trim = [], sync_log.trim
    monkeypatch.setattr(sync_log, "trim", lambda *args, **kw: chunks.append(trim(*args, **kw)) or chunks[-1])
    assert store.trim_log(keep_days=30, keep_rows=100) == 3400
    assert max(chunks) <= sync_log.CHUNK
    assert len(store.log_page(limit=1000)) == 100


def test_b17_a_log_row_costs_the_same_however_long_the_log_is(store):
    """B17: a row added to a log of 50,000 rows writes no more than one added to a short log: nothing is rewritten."""

    def pages_written():
        store.close()  # the checkpoint at closing empties the WAL
        append(store, [make_entry(START, message="x" * 200)])
        return (store.path.with_name(store.path.name + "-wal").stat().st_size - 32) // (4096 + 24)

    append(store, [make_entry(START)] * 100)
    short = pages_written()
    append(store, [make_entry(START + timedelta(seconds=n), sku=f"S-{n % 997}") for n in range(50_000)])
    assert pages_written() <= short + 8, "four trees, each at most two levels deeper"
    assert 0 < short < 20
