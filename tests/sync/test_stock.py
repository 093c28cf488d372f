"""Quantities: who may show more than one, what 0 does, what comes back, and that unknown is never sent."""

import pytest

from reverb_plugin.hooks import on_order_placed, on_product_saved
from reverb_plugin.host import Line, OrderPlaced
from reverb_plugin.reverb_api.conditions import CONDITIONS
from tests.sync.market import guitar, used_guitar


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.display_name)
def test_only_three_conditions_hold_more_than_one(market, condition):
    """Brand New, B-Stock and Mint (with inventory) show the shop's number; all others are capped at 1 and say so."""
    row = market.save(guitar(condition=condition.display_name, quantity=4))
    (post,) = market.requests("POST")
    if condition.display_name in {"Brand New", "B-Stock", "Mint (with inventory)"}:
        assert (post.body["has_inventory"], post.body["inventory"]) == (True, 4)
        assert "one of a kind" not in row.message
    else:
        assert (post.body["has_inventory"], post.body["inventory"]) == (False, 1)
        assert "The shop has 4, shown is 1" in row.message


def test_zero_ends_a_used_listing(market):
    """The last one of its kind is sold in the shop: its listing ends, and the log says that."""
    market.save(used_guitar())
    market.go_live("JAZZ")
    row = market.sell("JAZZ")
    assert (row.outcome, row.action, row.reason) == ("ended", "update", "order placed")
    assert market.asked() == ["PUT listings/#"]
    assert market.listing("JAZZ")["state"] == "ended"


def test_zero_takes_stock_off_sale(market):
    """The last piece of a stock item is sold in the shop: its listing is sold out."""
    market.save(guitar(quantity=1))
    market.go_live("STRAT")
    market.sell("STRAT")
    assert (market.listing("STRAT")["state"], market.listing("STRAT")["inventory"]) == ("sold", 0)


def test_a_sale_in_the_shop_lowers_stock(market):
    """An order in the shop: one PUT with the quantity alone."""
    market.save(guitar(quantity=3))
    market.asked()
    market.sell("STRAT", 2)
    (put,) = market.requests()
    assert put.body == {"has_inventory": True, "inventory": 1}


def test_a_refund_raises_stock(market):
    """A refund with the goods back: the quantity goes up again."""
    market.save(guitar(quantity=3))
    market.sell("STRAT", 2)
    assert market.refund("STRAT", 1).reason == "refund"
    assert market.listing("STRAT")["inventory"] == 2


class TestRelisting:
    def test_stock_comes_back_by_its_number(self, market):
        """Reverb relists stock by itself: the PUT holds the quantity and no publish."""
        market.save(guitar(quantity=1))
        market.go_live("STRAT")
        market.sell("STRAT")
        market.asked()
        market.refund("STRAT")
        (put,) = market.requests()
        assert put.body == {"has_inventory": True, "inventory": 1}
        assert market.listing("STRAT")["state"] == "live"

    def test_a_used_item_that_we_ended_is_published_again(self, market):
        """A used listing that ended because we sent 0 comes back with publish, and is watched until it is live."""
        market.save(used_guitar())
        market.go_live("JAZZ")
        market.sell("JAZZ")
        market.asked()
        market.refund("JAZZ")
        put, *checks = market.requests()
        assert put.body == {"has_inventory": False, "inventory": 1, "publish": True}
        assert market.listing("JAZZ")["state"] == "live"
        assert checks
        assert (market.last().action, market.last().message) == ("publish", "The listing is live.")

    def test_after_relisting_nothing_is_owed(self, market):
        """Once it is live again, an unchanged product costs nothing."""
        market.save(used_guitar())
        market.go_live("JAZZ")
        market.sell("JAZZ")
        market.refund("JAZZ")
        market.asked()
        assert market.save_again("JAZZ").outcome == "unchanged"
        assert market.asked() == []

    def test_reverb_takes_its_time(self, market):
        """Publishing lasts longer than the first look: looked again until it is live."""
        market.save(used_guitar())
        market.go_live("JAZZ")
        market.sell("JAZZ")
        market.door.set(publish_delay_seconds=12)
        market.refund("JAZZ")
        looks = [row for row in market.rows() if row.action == "publish"]
        assert [row.outcome for row in looks] == ["updated", "deferred", "deferred"]
        assert market.link("JAZZ").state == "live"

    def test_a_draft_that_was_at_0_is_not_ended_by_us(self, market):
        """0 does not end a draft: when the seller ends the listing later, it stays ended."""
        market.save(used_guitar())
        market.sell("JAZZ")
        market.refund("JAZZ")
        market.go_live("JAZZ")
        market.plugin.client.end_listing(str(market.listing("JAZZ")["id"]))
        market.change("JAZZ", price="700.00")
        market.change("JAZZ", price="650.00")
        assert market.listing("JAZZ")["state"] == "ended"

    def test_what_the_seller_ended_on_reverb_stays_ended(self, market):
        """A listing that the seller ended on Reverb's site is not brought back by an edit, and the log says that it is
        not for sale.
        """
        market.save(used_guitar())
        market.go_live("JAZZ")
        market.sell("JAZZ")
        market.refund("JAZZ")
        market.plugin.client.end_listing(str(market.listing("JAZZ")["id"]))
        market.change("JAZZ", price="700.00")
        row = market.change("JAZZ", price="650.00")
        assert market.listing("JAZZ")["state"] == "ended"
        assert all("publish" not in request.body for request in market.requests("PUT")[-2:])
        assert "not for sale on Reverb (ended)" in row.message


class TestSoldOnReverb:
    @pytest.fixture
    def sold(self, market):
        """A used guitar that a buyer on Reverb has ordered; the shop does not know yet."""
        market.save(used_guitar())
        market.go_live("JAZZ")
        market.door.buy(market.listing("JAZZ")["id"])
        return market

    def test_an_edit_is_locked_and_says_so(self, sold):
        """The shop still has one: refused as locked, with what to do, and not tried again by itself."""
        row = sold.change("JAZZ", price="700.00")
        assert (row.outcome, row.code) == ("refused", "listing-locked")
        assert "sold on Reverb" in row.message
        (parked,) = sold.parked()
        assert parked.code == "listing-locked"

    def test_the_shop_hears_of_the_sale(self, sold):
        """The order arrives in the shop, so its stock is 0: nothing is wrong and nothing waits for a person."""
        row = sold.sell("JAZZ")
        assert (row.outcome, row.message) == ("skipped", "The item was sold on Reverb; its listing is closed.")
        assert sold.parked() == []

    def test_a_locked_listing_is_asked_once(self, sold):
        """Once known as locked, it costs no more requests."""
        sold.sell("JAZZ")
        sold.asked()
        assert sold.save_again("JAZZ").outcome == "skipped"
        assert sold.change("JAZZ", quantity=1).code == "listing-locked"
        assert sold.asked() == []


class TestUnknownQuantity:
    def test_it_is_not_sent(self, market):
        """Unknown is never zero: the PUT holds no quantity, and the row says so."""
        market.save(guitar(quantity=3))
        market.asked()
        row = market.change("STRAT", quantity=None, price="700.00")
        (put,) = market.requests()
        assert put.body.keys() == {"price"}
        assert "quantity is not known" in row.message
        assert market.listing("STRAT")["inventory"] == 3

    def test_alone_it_costs_nothing(self, market):
        """Only the quantity became unknown: no request, and the listing stays as it is."""
        market.save(guitar(quantity=3))
        market.asked()
        market.change("STRAT", quantity=None)
        assert market.asked() == []

    def test_a_new_product_is_made_without_it(self, market):
        """A product of unknown quantity is made as a draft without a quantity, even when it would be published."""
        market.set(auto_publish="on")
        market.save(guitar(quantity=None))
        (post,) = market.requests("POST")
        assert not {"inventory", "has_inventory"} & post.body.keys()
        assert post.body["publish"] is False


class TestBufferAndMaximum:
    @pytest.mark.parametrize(
        ("quantity", "buffer", "maximum", "shown"),
        [(5, "2", None, 3), (2, "2", None, 0), (1, "2", None, 0), (9, "0", "4", 4), (9, "2", "4", 4), (5, "2", "4", 3)],
    )
    def test_stock_is_held_back_and_capped(self, market, quantity, buffer, maximum, shown):
        """The shop's number less the buffer, at most the maximum, never below 0."""
        market.set(stock_buffer=buffer, stock_maximum=maximum)
        market.save(guitar(quantity=quantity))
        assert market.listing("STRAT")["inventory"] == shown

    def test_one_of_a_kind_is_not_held_back(self, market):
        """A single item held back would never be for sale."""
        market.set(stock_buffer="2")
        market.save(used_guitar())
        assert market.requests("POST")[0].body["inventory"] == 1


class TestAutoSyncOff:
    @pytest.fixture
    def manual(self, market):
        market.save(guitar(quantity=3))
        market.set(auto_sync="off")
        market.asked()
        return market

    def test_saves_wait(self, manual):
        """A saved product is not pushed, and the hook says why."""
        result = on_product_saved(manual.host.change("STRAT", price="1.00"), plugin=manual.plugin)
        manual.drain()
        assert (result.status, result.reason) == ("ignored", "the setting auto_sync is off")
        assert manual.asked() == []

    def test_orders_still_move_stock(self, manual):
        """Without this Reverb would oversell; the price that was edited meanwhile does not go along."""
        manual.host.change("STRAT", price="1.00")
        manual.sell("STRAT")
        manual.refund("STRAT")
        manual.sell("STRAT", 2)
        bodies = [request.body for request in manual.requests()]
        assert [body["inventory"] for body in bodies] == [2, 3, 1]
        assert all("price" not in body for body in bodies)

    def test_an_order_never_makes_a_listing(self, manual):
        """An order for a product that Reverb does not have: looked up, and left at that."""
        manual.put(guitar("OTHER"))
        row = manual.sell("OTHER")
        assert (row.outcome, manual.asked()) == ("skipped", ["GET my/listings"])
        assert manual.door.find_listing("OTHER") is None

    def test_an_order_adopts_what_is_there(self, manual):
        """An order for a product whose listing somebody else made: the listing gets the quantity and no more."""
        manual.put(guitar("OTHER", quantity=5))
        manual.door.add_listing(sku="OTHER", price="1.00", inventory=9, condition="Brand New")
        manual.sell("OTHER")
        listing = manual.listing("OTHER")
        assert (listing["inventory"], listing["price"]) == (4, "1.00")


def test_an_order_before_a_save_goes_first(market):
    """Stock goes before everything else that waits."""
    market.set(requests_per_minute="12")  # slow enough that one thread does it all
    market.save(guitar("A"))
    market.save(guitar("B"))
    market.asked()
    on_product_saved(market.host.change("A", price="1.00"), plugin=market.plugin)
    on_order_placed(OrderPlaced("1", (Line("B"),)), plugin=market.plugin)
    market.host.change("B", quantity=2)
    market.drain()
    assert [sorted(request.body) for request in market.requests()] == [["has_inventory", "inventory"], ["price"]]
