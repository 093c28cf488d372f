"""The sync log: pages, retention, and what a row costs."""

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
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
        product_title="Strat",
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

        sku, outcome, kind = {"sku": "A-1"}, {"outcome": "updated"}, {"kind": "push_product"}
        filters = {
            "time": {},
            "sku": sku | outcome | kind,
            "outcome": outcome,
            "kind": kind,
            "kind_outcome": kind | outcome,
        }
        for chosen in (LogFilter(**conditions) for conditions in filters.values()):
            for place in ("before", "after"):
                sync_log.page(Watch(), replace(chosen, **{place: (START + timedelta(seconds=9), 5)}), 5)
    assert len(plans) == 2 * len(filters)
    for name, plan in zip((name for name in filters for _ in range(2)), plans, strict=True):
        assert f"SEARCH sync_log USING INDEX sync_log_{name} (" in plan
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


@given(seconds=st.lists(st.integers(0, 4), max_size=30), limit=st.integers(1, 7), sku=st.sampled_from([None, "S-1"]))
def test_pages_lead_there_and_back(tmp_path_factory, seconds, limit, sku):
    """Each page knows the page before and the page behind it; going back shows the same pages, the first one full."""
    store = open_store(tmp_path_factory.mktemp("log"), "sandbox", Clock())
    append(store, [make_entry(START + timedelta(seconds=n), sku=f"S-{n % 2}") for n in seconds])
    there = [store.log.page(LogFilter(sku=sku), limit)]
    while there[-1].older is not None:
        there.append(store.log.page(LogFilter(sku=sku, before=there[-1].older), limit))
    back = [there[-1]]
    while back[-1].newer is not None:
        back.append(store.log.page(LogFilter(sku=sku, after=back[-1].newer), limit))
    rows = [row for page in there for row in page.entries]
    assert rows == store.log_page(LogFilter(sku=sku), limit=1000)
    assert there[0].newer is None
    assert back[-1] == there[0]
    assert all(len(page.entries) <= limit for page in there + back)
    if len(there) > 1:
        assert {row.id for page in back for row in page.entries} == {row.id for row in rows}
    store.close()


FILTERS = st.builds(
    LogFilter,
    sku=st.sampled_from([None, "S-1"]),
    outcome=st.sampled_from([None, "updated", "refused"]),
    kind=st.sampled_from([None, "push_product", "end_listing"]),
    since=st.sampled_from([None, START + timedelta(seconds=7)]),
    until=st.sampled_from([None, START + timedelta(seconds=20)]),
)


@given(chosen=FILTERS)
def test_a_filter_lets_through_what_it_names_and_nothing_else(varied_store, chosen):
    """Each condition by itself and all together; page, count and export agree."""
    wanted = [
        row
        for row in varied_store.log_page(limit=1000)
        if all(getattr(chosen, name) in {None, getattr(row, name)} for name in ("sku", "outcome", "kind"))
        and (chosen.since is None or row.created_at >= chosen.since)
        and (chosen.until is None or row.created_at < chosen.until)
    ]
    assert varied_store.log.page(chosen, 1000).entries == wanted
    assert varied_store.log.count(chosen, 1000) == len(wanted)
    assert list(varied_store.log.iterate(chosen)) == wanted


@pytest.fixture(scope="module")
def varied_store(tmp_path_factory):
    store = open_store(tmp_path_factory.mktemp("varied"), "sandbox", Clock())
    rows = itertools.product(range(3), ["updated", "refused", "skipped"], ["push_product", "end_listing"])
    append(
        store,
        [
            make_entry(START + timedelta(seconds=n), sku=f"S-{sku}", outcome=outcome, kind=kind)
            for n, (sku, outcome, kind) in enumerate(rows)
        ],
    )
    yield store
    store.close()


def test_a_count_stops_where_nobody_wants_to_know_better(store):
    """Of more rows than asked for, only so many are looked at."""
    append(store, [make_entry(START)] * 30)
    assert store.log.count(LogFilter(), 20) == 20
    assert store.log.count(LogFilter(sku="A-1"), 31) == 30
    assert store.log.count(LogFilter(sku="B"), 20) == 0


def test_a_row_is_opened_with_its_neighbours(store):
    """The rows beside it are those that the filter lets through; a row that is gone is None."""
    append(store, [make_entry(START + timedelta(seconds=n), sku=f"S-{n % 2}") for n in range(6)])
    opened = store.log.find(3, LogFilter(sku="S-0"))
    assert (opened.newer.id, opened.entry.id, opened.older.id) == (5, 3, 1)
    assert opened.exchanges == []
    assert store.log.find(1, LogFilter()).older is None
    assert store.log.find(6, LogFilter()).newer is None
    assert store.log.find(7, LogFilter()) is None


def test_the_log_is_gone_through_in_pieces(store, monkeypatch):
    """An export reads a few rows at a time, and lets others write in between."""
    append(store, [make_entry(START + timedelta(seconds=n)) for n in range(1200)])
    rows = store.log.iterate(LogFilter())
    first = next(rows)
    append(store, [make_entry(START + timedelta(days=1))])
    assert [first, *rows] == store.log_page(LogFilter(until=START + timedelta(hours=1)), limit=2000)


def test_skus_that_begin_alike_are_named(store):
    """Who remembers the beginning of a SKU finds it, each one once, whatever signs it holds."""
    append(store, [make_entry(START, sku=sku) for sku in ("FEN-2", "FEN-1", "FEN-1", "GIB-1", "FEN-%", "FEN")])
    assert store.log.similar_skus("FEN", 10) == ["FEN", "FEN-%", "FEN-1", "FEN-2"]
    assert store.log.similar_skus("FEN-", 2) == ["FEN-%", "FEN-1"]
    assert store.log.similar_skus("fen", 2) == []


def test_each_day_is_counted(store, clock):
    """The chart's figures: attempts by day and outcome, each environment by itself, empty days included."""
    today = clock.now()
    append(store, [make_entry(today - timedelta(days=n // 2), outcome="refused") for n in range(6)])
    append(store, [make_entry(today), make_entry(today, environment="production")])
    days = store.log.days(14)
    assert len(days) == 14
    assert [day.outcomes for day in days[-4:]] == [{}, {"refused": 2}, {"refused": 2}, {"refused": 2, "updated": 1}]
    assert days[-1].day == today.date()
    assert store.of("production").log.days(1)[0].outcomes == {"updated": 1}


def test_figures_of_days_outlive_their_rows_but_not_the_days_to_keep(store, clock, sql):
    """A busy shop's rows go early; what happened that day is still known."""
    append(store, [make_entry(clock.now() - timedelta(days=days)) for days in (1, 1, 1, 40)])
    store.trim_log(keep_days=30, keep_rows=1)
    assert store.log.days(3)[1].outcomes == {"updated": 3}
    assert sql("SELECT count(*) FROM log_days") == [(1,)]
