"""Runs on a bad day: what went well wipes out the trouble before it, and no row is waited for in vain."""

import itertools
from datetime import UTC, datetime

import pytest

from reverb_plugin.changes import Kind
from reverb_plugin.store.links import Link
from reverb_plugin.store.run_store import Compared
from reverb_plugin.store.store import Done, Settlement
from reverb_plugin.sync import compare, run
from tests.mass.desk import guitars
from tests.sync.market import guitar

DAY = datetime(2026, 1, 2, tzinfo=UTC)


class ShakyHost:
    """A shop whose every second answer to ``iter_products`` fails."""

    def __init__(self, host):
        self._host = host
        self._calls = itertools.count()
        self.failures = 0

    def find_product(self, sku):
        return self._host.find_product(sku)

    def iter_products(self, after_sku=None):
        if next(self._calls) % 2 == 0:
            self.failures += 1
            raise OSError("the shop's database is away")
        return self._host.iter_products(after_sku)


@pytest.fixture
def shaky(desk, monkeypatch):
    """A shop of twelve pieces."""
    monkeypatch.setattr(compare, "COMPARED_AT_ONCE", 5)
    desk.fill_shop(*guitars(58))
    desk.plugin.host = ShakyHost(desk.host)
    return desk


def test_failures_that_were_overcome_do_not_add_up(shaky):
    """Twelve pieces, before each of which the shop fails once: that is one try in vain for each."""
    run_id = shaky.mass_sync.preview()
    shaky.market.drain(3600.0)
    found = shaky.runs.find(run_id)
    assert (found.state, found.products, shaky.plugin.host.failures) == ("planned", 58, 12)


def test_a_row_that_failed_often_and_then_killed_its_worker_ends_as_well(desk, monkeypatch):
    """A row is never parked behind the plan's back: the run would wait for it for ever."""
    monkeypatch.setattr(run, "MOST_ATTEMPTS", 1)
    desk.fill_shop(*guitars(3))
    plan = desk.preview()
    desk.mass_sync.apply(plan.id)
    desk.runs.feed(plan.id)
    store = desk.plugin.store
    step, *rows = [store.lease("dead:1", 1.0) for _ in range(4)]
    assert (step.kind, {row.kind for row in rows}) == (Kind.RUN_STEP, {Kind.APPLY_ROW})
    store.release(step)
    desk.market.clock.advance(600.0)
    desk.market.drain(600.0)
    assert store.parked_jobs() == []
    assert (desk.runs.find(plan.id).state, set(desk.states(plan).values())) == ("done", {"done"})


def test_a_run_is_not_taken_for_the_product_with_its_number(desk):
    """Run 1 waits for a person; the product with the SKU 1 is deleted, which lets go of what is parked for it alone."""
    desk.market.save(guitar("1"))
    link = desk.market.link("1")
    desk.host.iter_products = lambda *_: 1 / 0
    run_id = desk.mass_sync.preview()
    desk.plugin.store.lease("dead:1", 1.0)
    desk.market.clock.advance(600.0)
    desk.market.drain(36_000.0)
    assert (run_id, desk.runs.find_trouble(run_id).is_parked) == (1, True)
    assert (desk.plugin.store.waiting_skus(), desk.market.rows("1")[0].kind) == ([], Kind.PUSH_PRODUCT)
    assert desk.market.link("1") == link
    desk.market.delete("1")
    assert desk.runs.find_trouble(run_id).is_parked


@pytest.mark.parametrize("moment", ["reading", "applying"])
def test_a_run_outlives_a_look_at_the_other_environment(desk, moment):
    """Its jobs fall due while the other environment is in force; back again, it goes on by itself and is complete."""
    desk.fill_shop(*guitars(60))
    run_id = desk.mass_sync.start()
    if moment == "applying":
        desk.market.drain(3.0)
        assert desk.mass_sync.find_active().done
    desk.market.set(environment="production")
    desk.market.drain(60.0)
    assert desk.market.report.left == 0
    desk.market.set(environment="sandbox")
    desk.market.drain(600.0)
    assert (desk.runs.find(run_id).state, len(desk.door.listings())) == ("done", 60)


def test_a_lost_row_is_found_again(desk):
    """Only some of a run's jobs fell due meanwhile: the run does not wait for them for ever."""
    desk.fill_shop(*guitars(60))
    run_id = desk.mass_sync.start()
    desk.market.drain(2.0)
    store = desk.plugin.store
    for _ in range(5):
        lost = store.lease("lost:1", 60.0)
        store.settle(lost, Settlement(Done(), None))
    desk.market.drain(600.0)
    assert (desk.runs.find(run_id).state, len(desk.door.listings())) == ("done", 60)


@pytest.mark.parametrize(
    "known",
    [Link("A", "7", sent={"title": "new"}, photos=("https://shop.example/1.jpg",)), Link("A", "5", deleted_at=DAY)],
    ids=["pushed meanwhile", "deleted meanwhile"],
)
def test_what_was_learnt_meanwhile_stays(desk, known):
    """A product is pushed or deleted while it is compared: its link is newer than the listing that was read."""
    run_id = desk.mass_sync.preview()
    run = desk.runs.find(run_id)
    desk.runs.settle_row(0, "done", "", known)
    adopted = [Link("A", "7"), Link("B", "8")]
    desk.runs.keep_compared(run, Compared([], [], adopted, 0, 2, "B", "comparing"))
    assert (desk.market.link("A"), desk.market.link("B").listing_id) == (known, "8")


def test_only_the_newest_drift_check_keeps_its_rows(desk):
    """One check each day, each with what the one before found: nobody opens the older ones, and the file must not grow.

    A plan of a mass sync stays.
    """
    desk.fill_shop(*guitars(30))
    plan = desk.preview()
    checks = [desk.check_drift() for _ in range(3)]
    assert [len(desk.rows(run)) for run in (plan, *checks)] == [30, 0, 0, 30]
    assert len(list(desk.plugin.drift.rows())) == 30


def test_the_brake_does_not_give_in(desk):
    """However often a broken export was held back: it does not become what is usual. There are no links to tell."""
    desk.fill_shop(*guitars(40))
    desk.preview()
    for number in range(21):
        desk.host.remove(f"G-{number:04}")
    helds = [desk.preview().brake for _ in range(22)]
    assert all(held is not None and "19 products" in held and "40" in held for held in helds), helds
