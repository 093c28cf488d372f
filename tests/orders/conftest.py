"""A market whose shop follows Reverb's orders."""

import pytest

from reverb_plugin.simulator import Simulator
from tests.orders.counter import Counter
from tests.orders.stage import AheadClock, Stage
from tests.sync.market import guitar


@pytest.fixture
def counter(market):
    """Three Stratocasters, live on Reverb, in stock mode."""
    counter = Counter(market)
    counter.offer(guitar(), orders="stock")
    return counter


@pytest.fixture
def open_counter(open_market):
    """Makes counters over shops of other kinds."""

    def make(host=None, *products, **settings):
        counter = Counter(open_market(host))
        for product in products or (guitar(),):
            counter.offer(product, **{"orders": "stock"} | settings)
        return counter

    return make


@pytest.fixture
def open_stage(tmp_path):
    """Makes stages of processes that may die."""
    clock = AheadClock()
    with Simulator(index_lag_seconds=0, publish_delay_seconds=0, photo_delay_seconds=0, clock=clock) as simulator:
        yield lambda shop, **settings: Stage(simulator, clock, tmp_path, shop, **settings)
