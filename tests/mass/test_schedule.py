"""The drift check that the worker starts by itself."""

import pytest

from tests.mass.desk import Desk, guitars
from tests.sync.market import guitar

HOUR = 3600


@pytest.fixture
def desk(market):
    """A shop whose first product was just sent."""
    market.save(guitar("FIRST"))
    return Desk(market)


def checks(desk):
    return desk.runs.newest("drift check")


def test_it_begins_when_it_is_due(desk):
    """A day after anything was sent, and then each day again, the two sides are compared."""
    desk.market.live_through(23 * HOUR, step=HOUR)
    assert checks(desk) == []
    desk.market.live_through(2 * HOUR, step=HOUR)
    assert [run.state for run in checks(desk)] == ["planned"]
    desk.market.live_through(24 * HOUR, step=HOUR)
    assert len(checks(desk)) == 2


def test_it_catches_stock_that_passed_the_hooks(desk):
    """A shop that writes its stock past its own hooks: the next check tells, and nothing was written."""
    desk.host.change("FIRST", quantity=1)
    desk.forget_requests()
    desk.market.live_through(25 * HOUR, step=HOUR)
    assert desk.writes() == []
    assert [(row.sku, row.action) for row in desk.plugin.drift.rows()] == [("FIRST", "quantity")]


@pytest.mark.parametrize(("hours", "count"), [("0", 0), ("6", 4), ("720", 0)])
def test_how_often_is_a_setting(desk, hours, count):
    """In 25 hours: never, each six hours, or not yet."""
    desk.market.set(drift_check_hours=hours)
    desk.market.live_through(25 * HOUR, step=HOUR / 2)
    assert len(checks(desk)) == count


def test_one_by_hand_counts(desk):
    """After a check by hand it is a day until the next."""
    desk.market.live_through(20 * HOUR, step=HOUR)
    desk.check_drift()
    desk.market.live_through(20 * HOUR, step=HOUR)
    assert len(checks(desk)) == 1


def test_it_waits_for_a_run_that_is_under_way(desk):
    """While a mass sync is paused none begins; afterwards it does."""
    desk.market.set(mass_sync_pause_hours="0")
    desk.fill_shop(*guitars(30))
    desk.mass_sync.start()
    desk.market.drain(1.0)
    desk.mass_sync.pause()
    desk.market.live_through(30 * HOUR, step=HOUR)
    assert checks(desk) == []
    desk.mass_sync.cancel()
    desk.market.live_through(2 * HOUR, step=HOUR)
    assert len(checks(desk)) == 1


def test_one_that_cannot_go_on_makes_way(desk):
    """A check that waits for a person (the shop's adapter is broken) holds up no mass sync and no next check."""
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(desk.host, "iter_products", lambda *_: 1 / 0)
        desk.market.live_through(68 * HOUR, step=HOUR)
        first, second = checks(desk)[::-1]
        assert first.state == "cancelled"
        assert "ZeroDivisionError" in first.message
        assert desk.runs.find_trouble(second.id).is_parked

    run_id = desk.mass_sync.start()
    desk.market.drain(60.0)

    assert (desk.runs.find(run_id).state, desk.runs.find(second.id).state) == ("done", "cancelled")
    assert desk.plugin.store.parked_jobs() == []


def test_before_anything_was_sent_there_is_nothing_to_compare(market):
    """A plugin that was just installed compares nothing by itself."""
    market.live_through(50 * HOUR, step=HOUR)
    assert Desk(market).runs.newest("drift check") == []


def test_the_other_environment_has_its_own_time(desk):
    """What was sent to the sandbox long ago is no reason to compare with production as soon as it is looked at."""
    desk.market.live_through(20 * HOUR, step=HOUR)
    desk.market.set(environment="production")
    desk.market.live_through(20 * HOUR, step=HOUR)
    assert checks(desk) == []
