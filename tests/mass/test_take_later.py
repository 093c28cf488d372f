"""Quantities that the shop shall take over are left to the worker: it asks Reverb once for each, and tells each one."""

import pytest

from reverb_plugin.errors import HostError, RunError
from reverb_plugin.sync.drift import DriftKind
from tests.mass.desk import guitars
from tests.sync.market import guitar


@pytest.fixture
def drifted(desk):
    """Three guitars; of two of them the shop has another number than Reverb shows."""
    products = guitars(3)
    desk.list_all(products)
    desk.fill_shop(*products)
    desk.preview()
    for sku in ("G-0000", "G-0002"):
        desk.host.change(sku, quantity=9)
    desk.check = desk.check_drift()
    desk.forget_requests()
    return desk


def states(desk):
    return {row.sku: row.state for row in desk.rows(desk.check)}


def test_nothing_is_asked_before_the_worker_does(drifted):
    """Choosing asks Reverb nothing and changes nothing in the shop; the rows say that they wait."""
    assert drifted.plugin.drift.take_later() == 2
    assert drifted.door.requests() == []
    assert states(drifted) == {"G-0000": "queued", "G-0002": "queued"}
    assert drifted.host.find_product("G-0000").quantity == 9


def test_the_shop_takes_over_what_reverb_shows(drifted):
    """Each is read once, the shop has the number, the log tells it; the next check finds nothing."""
    drifted.plugin.drift.take_later()
    drifted.market.drain()
    assert [drifted.host.find_product(sku).quantity for sku in ("G-0000", "G-0002")] == [3, 3]
    assert states(drifted) == {"G-0000": "done", "G-0002": "done"}
    assert [each.method for each in drifted.door.requests()] == ["GET", "GET"]
    assert drifted.market.last("G-0000").message == "The shop took over the quantity 3."
    assert drifted.rows(drifted.check_drift()) == []


def test_one_sku_can_be_chosen(drifted):
    """The other one is left as it is."""
    assert drifted.plugin.drift.take_later(sku="G-0002") == 1
    drifted.market.drain()
    assert states(drifted) == {"G-0000": "planned", "G-0002": "done"}
    assert drifted.host.find_product("G-0000").quantity == 9


def test_chosen_twice_it_is_done_once(drifted):
    """The second time there is nothing left to choose."""
    drifted.plugin.drift.take_later()
    with pytest.raises(RunError, match="no quantity"):
        drifted.plugin.drift.take_later()


def test_what_moved_meanwhile_is_left_alone(drifted):
    """A product that was saved since the check keeps the number of the save."""
    drifted.plugin.drift.take_later()
    drifted.host.change("G-0000", quantity=5)
    drifted.market.drain()
    assert drifted.host.find_product("G-0000").quantity == 5
    assert states(drifted) == {"G-0000": "moved", "G-0002": "done"}


def test_a_shop_that_fails_is_told(drifted):
    """The row says why, the log too, and no job is left behind that waits for a person."""
    drifted.plugin.drift.take_later(sku="G-0000")
    drifted.host.set_quantity = broken
    drifted.market.live_through(3600 * 12)
    (row,) = [row for row in drifted.rows(drifted.check) if row.sku == "G-0000"]
    assert row.state == "failed"
    assert "set_quantity" in row.message
    assert not drifted.market.parked()


def broken(*_):
    raise ConnectionError("the shop's database is away")


def test_a_newer_check_overtakes_what_waits(drifted):
    """What an older check found is no longer settled: the newer one compared anew."""
    drifted.plugin.drift.take_later(sku="G-0000")
    run_id = drifted.mass_sync.check_drift()
    while drifted.runs.find(run_id).planned_at is None:
        drifted.plugin.drain(60.0, is_enough=lambda: drifted.runs.find(run_id).planned_at is not None)
    drifted.market.drain()
    assert drifted.host.find_product("G-0000").quantity in {3, 9}
    assert not drifted.market.parked()


def test_a_shop_that_cannot_is_told_at_once(open_market):
    """Nothing is queued for a shop without set_quantity."""

    class PlainHost:
        def find_product(self, sku):
            return guitar(sku)

        def iter_products(self, after_sku=None):
            return iter(())

    market = open_market(PlainHost())
    assert not market.plugin.drift.can_take
    with pytest.raises(RunError, match="set_quantity"):
        market.plugin.drift.take_later()


def test_the_command_line_takes_over_at_once(drifted):
    """`take` does the same without the worker, and tells how many it were."""
    assert drifted.plugin.drift.take() == 2
    assert states(drifted) == {"G-0000": "done", "G-0002": "done"}
    drifted.host.change("G-0001", quantity=8)
    drifted.check = drifted.check_drift()
    drifted.host.set_quantity = broken
    with pytest.raises(HostError, match="set_quantity"):
        drifted.plugin.drift.take()
    assert {row.action for row in drifted.rows(drifted.check)} == {DriftKind.QUANTITY}
