"""Orders lower the shop's stock: once each, whatever else moves it."""

import pytest

from tests.sync.market import guitar


@pytest.fixture
def market(market):
    """A market whose shop has three Stratocasters, live on Reverb, in stock mode."""
    market.set(orders="stock")
    market.save(guitar())
    market.go_live("STRAT")
    market.drain()
    market.asked()
    return market


def quantities(market, sku="STRAT"):
    return market.host.find_product(sku).quantity, market.listing(sku)["inventory"]


def look(market):
    """Some time passes, so that the next look for orders is due."""
    market.clock.advance(301)
    return market.drain()


def test_an_order_lowers_the_stock_of_the_shop(market):
    """A sale on Reverb is taken from the shop's stock, and Reverb is left at the same number."""
    market.door.buy(market.listing("STRAT")["id"], 2)
    look(market)
    assert quantities(market) == (1, 1)
    look(market)
    assert quantities(market) == (1, 1)


def test_a_quiet_look_is_one_request(market):
    """Nothing new on Reverb costs one request."""
    look(market)
    market.asked()
    look(market)
    assert market.asked() == ["GET my/orders/selling/all"]
