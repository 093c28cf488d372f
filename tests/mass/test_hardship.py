"""Runs on a bad day: what went well wipes out the trouble before it, and no row is waited for in vain."""

import itertools

import pytest

from reverb_plugin.changes import Kind
from reverb_plugin.sync import compare, run
from tests.mass.desk import guitars
from tests.sync.market import guitar


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
