"""``kill -9`` at any point: a restart continues where it was, and every product is pushed exactly once."""

import random
import time

import pytest

from reverb_plugin.simulator import Simulator
from tests.mass.desk import guitars, listing_fields
from tests.mass.theatre import Theatre

PRODUCTS = 9
MOMENTS = [
    ("keeping a page", "after", 1),
    ("keeping the leftovers", "after", 1),
    ("keeping the plan", "after", 1),
    ("feeding", "after", 1),
    ("beginning a row", "after", 3),
    ("creating", "before", 3),
    ("creating", "after", 2),
    ("updating", "before", 2),
    ("updating", "after", 1),
    ("settling", "before", 6),
    ("leasing", "after", 9),
]


@pytest.fixture
def stage(tmp_path):
    """Makes a theatre over a Reverb of its own, on the real clock."""
    simulators = []

    def make(products, **options):
        simulator = Simulator(index_lag_seconds=0, photo_delay_seconds=0, **options)
        simulators.append(simulator.start())
        return Theatre(simulator, tmp_path / "data", products)

    yield make
    for simulator in simulators:
        simulator.stop()


def put_on_reverb(theatre, products):
    theatre.simulator.door.add_listings([listing_fields(each) | {"price": "650.00"} for each in products])


def check_complete(theatre, *, updated=0):
    """The run is done, each row too; there is one listing for each product, and it shows what the shop has."""
    with theatre.plugin() as plugin:
        run = theatre.run_of(plugin)
        rows = plugin.store.runs.rows(run.id, limit=10_000)
    assert (run.state, run.products) == ("done", theatre.products)
    written = [row for row in rows if row.body is not None]
    assert {row.state for row in written} == {"done"}, [row for row in written if row.state != "done"]
    skus = [each.sku for each in guitars(theatre.products)]
    assert sorted(row.sku for row in written) == skus
    listings = {row["sku"]: row for row in theatre.simulator.door.listings()}
    assert {sku: listings[sku]["price"] for sku in skus} == dict.fromkeys(skus, "799.00")
    assert len(theatre.simulator.door.listings()) == len(listings)
    assert sorted(theatre.posts()) == skus[updated:]


@pytest.mark.parametrize(("moment", "when", "count"), MOMENTS)
def test_killed_at(stage, moment, when, count):
    """A process dies at this very moment; the next one brings the run to its end, with nothing twice or left out."""
    theatre = stage(PRODUCTS)
    put_on_reverb(theatre, [*guitars(4), *guitars(60, "OTHER")])
    said = theatre.run("start", "--die", moment, when, str(count))
    assert theatre.deaths == 1, said
    assert "left 0" in theatre.run("drain")
    check_complete(theatre, updated=4)


def test_killed_again_and_again(stage):
    """Five deaths at random moments of one run of 50."""
    theatre = stage(50, latency_seconds=0.02)
    kill_at_random(theatre, deaths=5, longest_seconds=1.0)
    check_complete(theatre)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_killed_at_fifty_random_moments(stage):
    """Fifty deaths at random moments of one run of 1,000: every product is pushed exactly once, the run is complete."""
    theatre = stage(1000, latency_seconds=0.02)
    kill_at_random(theatre, deaths=50, longest_seconds=3.0)
    check_complete(theatre)


def kill_at_random(theatre, deaths, longest_seconds):
    moments = random.Random(deaths)
    with theatre.process("start", "--seconds", "600") as process:
        process.stdout.readline()
        time.sleep(moments.uniform(0, longest_seconds))
        theatre.kill(process)
    while theatre.deaths < deaths:
        with theatre.process("drain", "--seconds", "600") as process:
            time.sleep(moments.uniform(0, longest_seconds))
            assert process.poll() is None, "the run was over before its last death"
            theatre.kill(process)
    assert "left 0" in theatre.run("drain", "--seconds", "600")


def test_a_row_that_kills_the_worker_twice_is_set_aside(stage):
    """Whoever reads this product dies: after the second death it is set aside and named, and all others are sent."""
    theatre = stage(PRODUCTS)
    deadly = "G-0005"
    theatre.run("start", "--deadly", deadly)
    theatre.run("drain", "--deadly", deadly)
    assert theatre.deaths == 2
    assert "left 0" in theatre.run("drain", "--deadly", deadly)
    with theatre.plugin() as plugin:
        run = theatre.run_of(plugin)
        progress = plugin.mass_sync.progress(run)
        rows = {row.sku: row for row in plugin.store.runs.rows(run.id)}
        assert (run.state, progress.done, progress.aside, progress.left) == ("done", PRODUCTS - 1, 1, 0)
        assert rows[deadly].state == "aside"
        assert "died twice" in rows[deadly].message
        assert plugin.store.parked_jobs() == []
    assert sorted(theatre.posts()) == sorted(rows.keys() - {deadly})
