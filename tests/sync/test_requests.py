"""What a push costs."""

import pytest

from reverb_plugin.hooks import on_product_saved
from tests.sync.market import guitar, used_guitar


@pytest.mark.parametrize("product", [guitar(), used_guitar()], ids=["stock", "one of a kind"])
class TestRequests:
    def test_a_new_product_costs_two(self, market, product):
        """A product that Reverb does not have: one lookup, one POST."""
        row = market.save(product)
        assert market.asked() == ["GET my/listings", "POST listings"]
        assert (row.outcome, row.requests) == ("created", 2)

    def test_an_unchanged_product_costs_none(self, market, product):
        """Saved again as it is: no request."""
        market.save(product)
        market.asked()
        row = market.save_again(product.sku)
        assert market.asked() == []
        assert (row.outcome, row.requests) == ("unchanged", 0)

    def test_a_changed_product_costs_one(self, market, product):
        """A known product with another price: one PUT with nothing but the price."""
        market.save(product)
        market.asked()
        row = market.change(product.sku, price="749.00")
        (request,) = market.requests()
        assert request.method == "PUT"
        assert request.body == {"price": {"amount": "749.00", "currency": "USD"}}
        assert (row.outcome, row.requests) == ("updated", 1)
        assert market.listing(product.sku)["price"] == "749.00"

    def test_first_seen_and_found_costs_two(self, market, product):
        """A listing of the same SKU that we have never seen, with another price: one lookup, one PUT."""
        market.door.add_listing(sku=product.sku, price="1.00", inventory=product.quantity, condition=product.condition)
        row = market.save(product)
        assert market.asked() == ["GET my/listings", "PUT listings/#"]
        assert (row.outcome, row.requests) == ("updated", 2)

    def test_first_seen_and_equal_costs_one(self, market, product):
        """A listing that shows everything already: the lookup alone."""
        market.door.add_listing(
            sku=product.sku, price="799.00", inventory=product.quantity, condition=product.condition
        )
        row = market.save(product)
        assert market.asked() == ["GET my/listings"]
        assert (row.outcome, row.requests) == ("unchanged", 1)


def test_many_saves_are_one_push(market):
    """Saves that come while none was sent join: one POST with the newest values."""
    for price in ("700", "701", "702"):
        market.put(guitar(price=price))
        on_product_saved("STRAT", plugin=market.plugin)
    market.drain()
    (post,) = market.requests("POST")
    assert post.body["price"]["amount"] == "702.00"


def test_a_restart_forgets_nothing(open_market):
    """What was sent is remembered by the file: after a restart an unchanged product costs nothing."""
    market = open_market()
    market.save(guitar())
    market.asked()
    again = open_market(host=market.host)
    assert again.save_again("STRAT").outcome == "unchanged"
    assert again.asked() == []
