"""A market whose shop follows Reverb's orders."""

import pytest

from tests.orders.counter import Counter
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
