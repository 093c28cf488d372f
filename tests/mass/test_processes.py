"""One at a time, whoever starts it; and everybody sees how far it is."""

import time
from datetime import timedelta

import pytest

from reverb_plugin.errors import RunActiveError, RunTooSoonError, StoreError
from reverb_plugin.simulator import Simulator
from tests.mass.desk import guitars
from tests.mass.theatre import Theatre


@pytest.fixture
def theatre(tmp_path):
    with Simulator(index_lag_seconds=0, photo_delay_seconds=0) as simulator:
        yield Theatre(simulator, tmp_path / "data", products=40)


class TestOneAtATime:
    def test_of_many_processes_that_start_one_does(self, theatre):
        """Five processes start at once: one is accepted, the others are told by whom and how far it is."""
        processes = [theatre.process("start", "--seconds", "0") for _ in range(5)]
        opened = [each.__enter__() for each in processes]
        said = [process.stdout.read() for process in opened]
        for each in processes:
            each.__exit__(None, None, None)
        assert sorted(line.split()[0] for line in said) == ["refused"] * 4 + ["started"]
        refused = next(line for line in said if line.startswith("refused"))
        assert "run-active" in refused
        assert "The mass sync 1, started by" in refused
        with theatre.plugin() as plugin:
            assert len(plugin.store.runs.newest("mass sync")) == 1

    def test_the_refusal_tells_the_progress(self, theatre):
        """A second start while the first one sends: its done and left are in the answer."""
        with theatre.process("start") as process:
            assert process.stdout.readline().startswith("started")
            with theatre.plugin() as plugin:
                _wait_for(lambda: plugin.mass_sync.find_active().done >= 5)
                with pytest.raises(RunActiveError, match=r"is applying: \d+ done, 0 failed, \d+ left"):
                    plugin.mass_sync.start()
                with pytest.raises(RunActiveError):
                    plugin.mass_sync.preview()
                with pytest.raises(RunActiveError):
                    plugin.mass_sync.check_drift()

    def test_the_database_refuses_a_second_one(self, desk):
        """Not politeness but a unique index: even a plain INSERT of a second active run fails."""
        desk.mass_sync.preview()
        insert = "INSERT INTO runs SELECT 99, environment, kind, 'paused', started_by, created_at, planned_at"
        rest = (
            "applied_at, finished_at, apply_when_planned, confirmed, next_link, listings_total, after_sku, "
            "live_listings, unchanged, products, brake, message FROM runs"
        )
        with (
            pytest.raises(StoreError, match="UNIQUE constraint failed"),
            desk.plugin.store._database.write() as connection,
        ):
            connection.exec_driver_sql(f"{insert}, {rest}")

    def test_an_older_plan_is_refused_too(self, desk):
        """While one run is under way a plan that was made before cannot be applied."""
        desk.fill_shop(*guitars(3))
        older = desk.preview()
        desk.mass_sync.start()
        with pytest.raises(RunActiveError):
            desk.mass_sync.apply(older.id)

    def test_the_other_reverb_has_its_own(self, desk):
        """The sandbox and production do not hold each other up."""
        desk.mass_sync.preview()
        desk.market.set(environment="production")
        assert desk.mass_sync.preview()


class TestCoolDown:
    @pytest.fixture
    def rested(self, desk):
        desk.fill_shop(*guitars(3))
        desk.market.set(mass_sync_pause_hours="12")
        desk.sync()
        return desk

    def test_a_second_full_run_has_to_wait(self, rested):
        """Twelve hours between two mass syncs: the refusal tells since when and until when."""
        started_at = rested.runs.newest("mass sync")[0].applied_at
        rested.market.clock.advance(11.9 * 3600)
        with pytest.raises(RunTooSoonError) as refusal:
            rested.mass_sync.start()
        assert f"{started_at:%Y-%m-%d %H:%M} UTC" in str(refusal.value)
        assert f"{started_at + timedelta(hours=12):%Y-%m-%d %H:%M} UTC" in str(refusal.value)
        rested.market.clock.advance(0.2 * 3600)
        assert rested.mass_sync.start()

    def test_previews_are_free_but_their_plan_waits_too(self, rested):
        """Looking is allowed at any time; applying what was seen is a mass sync like any other."""
        for _ in range(25):
            plan = rested.preview()
        with pytest.raises(RunTooSoonError):
            rested.mass_sync.apply(plan.id)
        with pytest.raises(RunTooSoonError):
            rested.mass_sync.start()

    def test_drift_is_not_held_up(self, rested):
        """A drift check and its settlement are no mass syncs."""
        rested.host.change("G-0001", price="1.00")
        rested.check_drift()
        assert rested.settle().state == "done"


def test_progress_is_read_by_another_process(theatre):
    """While one process sends, another one sees it get on, and pauses, resumes and cancels it."""
    with theatre.process("serve"), theatre.plugin() as plugin:
        plugin.mass_sync.start()
        seen = set()
        _wait_for(lambda: seen.add(_done(plugin)) or len(seen) >= 3)
        plugin.mass_sync.pause()
        _wait_for(lambda: plugin.store.queue_status().leased == 0)
        held = len(theatre.posts())
        assert plugin.mass_sync.find_active().done == held < 40
        plugin.mass_sync.resume()
        _wait_for(lambda: len(theatre.posts()) > held)
        plugin.mass_sync.cancel()
        _wait_for(lambda: plugin.store.queue_status().leased == 0)
        assert plugin.store.runs.find(1).state == "cancelled"
        assert len(theatre.posts()) < 40


def _done(plugin):
    progress = plugin.mass_sync.find_active()
    return progress.done if progress is not None else 0


def _wait_for(condition, seconds=30.0):
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, "it did not happen"
        time.sleep(0.02)
