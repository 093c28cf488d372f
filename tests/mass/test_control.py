"""Pause, resume, cancel; and what is saved meanwhile goes first."""

import pytest

from reverb_plugin.errors import RunActiveError, RunError
from reverb_plugin.hooks import on_order_placed, on_product_saved
from tests.mass.desk import guitars
from tests.sync.market import guitar


@pytest.fixture
def half_done(desk):
    """A run of 60 of which some rows are sent."""
    desk.fill_shop(*guitars(60))
    desk.mass_sync.start()
    desk.market.drain(3.0)
    assert 10 < len(desk.door.listings()) < 50
    return desk


def skus_made(desk):
    return {row["sku"] for row in desk.door.listings()}


class TestProgress:
    def test_done_left_rate_and_time_left(self, half_done):
        """What is done and left adds up; the rate is the one that is allowed; the time left follows from both."""
        progress = half_done.mass_sync.find_active()
        made = len(half_done.door.listings())
        assert (progress.done, progress.failed, progress.done + progress.left) == (made, 0, 60)
        assert progress.rate == pytest.approx(600, rel=0.6)
        assert progress.left_seconds == pytest.approx(progress.left / progress.rate * 60)
        assert f"{made} done, 0 failed, {60 - made} left" in str(progress)

    def test_it_ends(self, half_done):
        """In the end nothing is left, and no run is under way."""
        run = half_done.mass_sync.find_active().run
        half_done.market.drain(60.0)
        progress = half_done.progress(run)
        assert (progress.run.state, progress.done, progress.left, progress.left_seconds) == ("done", 60, 0, 0.0)
        assert half_done.mass_sync.find_active() is None
        assert progress.run.finished_at >= progress.run.applied_at


class TestPause:
    def test_nothing_is_sent_while_it_is_paused(self, half_done):
        """From the moment of the pause on, no row is begun, and the worker has nothing left to do."""
        half_done.mass_sync.pause()
        half_done.forget_requests()
        half_done.market.drain(60.0)
        assert half_done.writes() == []
        assert half_done.market.report.left == 0
        progress = half_done.mass_sync.find_active()
        assert (progress.run.state, progress.done + progress.left) == ("paused", 60)

    def test_it_goes_on_where_it_was(self, half_done):
        """After resuming the rest is sent, and nothing twice."""
        half_done.mass_sync.pause()
        half_done.market.drain(60.0)
        half_done.mass_sync.resume()
        half_done.market.drain(60.0)
        assert len(half_done.door.requests("POST")) == len(half_done.door.listings()) == 60
        assert half_done.mass_sync.find_active() is None

    def test_products_that_are_saved_go_on(self, half_done):
        """A pause holds the run, not the shop."""
        half_done.mass_sync.pause()
        half_done.market.save(guitar("SAVED"))
        assert "SAVED" in skus_made(half_done)

    def test_a_paused_run_keeps_others_from_starting(self, half_done):
        """It is still under way."""
        half_done.mass_sync.pause()
        with pytest.raises(RunActiveError, match="is paused"):
            half_done.mass_sync.preview()

    def test_there_must_be_something_to_pause_and_to_resume(self, desk):
        """Without a run both say so."""
        for act in (desk.mass_sync.pause, desk.mass_sync.resume, desk.mass_sync.cancel):
            with pytest.raises(RunError):
                act()


class TestCancel:
    def test_nothing_more_is_sent(self, half_done):
        """What was sent stays, the rest is not; the plan tells which is which."""
        run = half_done.mass_sync.find_active().run
        half_done.mass_sync.cancel()
        made = skus_made(half_done)
        half_done.forget_requests()
        half_done.market.drain(60.0)
        assert half_done.writes() == []
        states = half_done.states(run)
        assert {sku for sku, state in states.items() if state == "done"} == made
        assert half_done.runs.find(run.id).state == "cancelled"
        assert "Cancelled by" in half_done.runs.find(run.id).message

    def test_the_next_run_does_the_rest(self, half_done):
        """A new run finds what is missing, and sends only that."""
        half_done.mass_sync.cancel()
        run = half_done.sync()
        assert len(half_done.door.requests("POST")) == len(half_done.door.listings()) == 60
        assert run.state == "done"

    @pytest.mark.parametrize("seconds", [0.0, 0.15, 0.25])
    def test_a_plan_that_is_being_made(self, desk, seconds):
        """Cancelled while it reads: it ends, and leaves neither rows nor listings behind."""
        desk.list_all(guitars(170))
        run_id = desk.mass_sync.preview()
        desk.market.drain(seconds)
        desk.mass_sync.cancel()
        desk.market.drain(60.0)
        desk.market.clock.advance(3600)
        desk.market.drain(60.0)
        assert (desk.runs.find(run_id).state, desk.runs.rows(run_id)) == ("cancelled", [])
        assert desk.runs.count_listings(run_id) == 0


class TestInteractiveFirst:
    @pytest.mark.parametrize("rate", ["600", "120", "60"])
    def test_a_product_saved_meanwhile_is_sent_within_seconds(self, desk, rate):
        """Although hundreds of rows are left: it is not sent at the end, nor after those that wait in the queue."""
        desk.market.set(requests_per_minute=rate)
        desk.fill_shop(*guitars(300))
        desk.mass_sync.start()
        desk.market.drain(5.0)
        on_product_saved(desk.host.add(guitar("A-SAVED")) or "A-SAVED", plugin=desk.plugin)
        desk.market.drain(10.0)
        assert "A-SAVED" in skus_made(desk)
        assert len(desk.door.listings()) < 301

    def test_stock_goes_first_as_well(self, desk):
        """A sale in the shop while everything is being synced: the number is there within seconds."""
        desk.market.save(guitar("SOLD"))
        desk.fill_shop(*guitars(200))
        desk.mass_sync.start()
        desk.market.drain(3.0)
        on_order_placed(desk.host.sell("SOLD"), plugin=desk.plugin)
        desk.market.drain(6.0)
        assert desk.door.listing("SOLD")["inventory"] == 2
        assert len(desk.door.listings()) < 201

    def test_a_save_while_it_is_planned(self, desk):
        """Reading and comparing hold up nothing."""
        desk.list_all(guitars(300))
        desk.mass_sync.preview()
        on_product_saved(desk.host.add(guitar("A-SAVED")) or "A-SAVED", plugin=desk.plugin)
        desk.market.drain(60.0)
        methods = [request.method for request in desk.door.requests()]
        assert methods.index("POST") < 3


def test_rows_of_old_runs_are_forgotten(desk):
    """After the days that the log is kept, rows go; a plan that was never applied cannot be applied any more."""
    desk.fill_shop(*guitars(3))
    run = desk.preview()
    desk.market.clock.advance(91 * 86_400)
    desk.market.drain(5.0)
    assert (desk.rows(run), desk.runs.find(run.id).state) == ([], "cancelled")
    newer = desk.preview()
    desk.market.clock.advance(86_400)
    desk.market.drain(5.0)
    assert len(desk.rows(newer)) == 3
