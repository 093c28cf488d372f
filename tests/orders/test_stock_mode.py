"""Orders lower the shop's stock: once each, whatever else moves it."""

import pytest

from reverb_plugin.testing import FakeHost
from tests.orders.counter import PlainShop, SealedShop
from tests.sync.market import guitar, used_guitar


@pytest.mark.parametrize("shop", [FakeHost, PlainShop])
def test_an_order_lowers_the_stock_of_the_shop(open_counter, shop):
    """A sale on Reverb is taken from the shop's stock, and Reverb is left at the same number."""
    counter = open_counter(shop())
    counter.buy(2)
    counter.look()
    assert counter.both() == (1, 1)
    assert counter.host.reasons == [("STRAT", "Reverb order 90000101")]
    counter.look(7200)
    assert counter.both() == (1, 1)


def test_a_quiet_look_is_one_request(counter):
    """Nothing new on Reverb costs one request, also while the last order is read again and again."""
    counter.buy()
    counter.look()
    counter.market.asked()
    for _ in range(3):
        counter.look()
        assert counter.market.asked() == ["GET my/orders/selling/all"]


def test_a_sale_here_and_a_sale_there_are_two(counter):
    """The shop sells one and pushes before it knows of the one that Reverb sold: in the end both are gone."""
    counter.buy()
    counter.market.sell("STRAT")
    counter.look()
    assert counter.both() == (1, 1)


def test_an_unread_order_is_seen_before_the_quantity_is_set(counter):
    """Reverb's number tells of an order that was not read yet: nothing is set before it is."""
    counter.buy()
    counter.market.sell("STRAT")
    assert counter.both() == (1, 1)
    assert {request.body["inventory"] for request in counter.market.requests("PUT")} <= {1}


def test_one_of_a_kind_is_gone_with_its_order(open_counter):
    """A used item that Reverb sold is at 0 in the shop, and nobody asks Reverb to change its locked listing."""
    counter = open_counter(None, used_guitar())
    counter.buy(sku="JAZZ")
    counter.look()
    assert counter.host.find_product("JAZZ").quantity == 0
    assert counter.market.requests("PUT") == []
    assert counter.market.link("JAZZ").state == "ordered"


def test_unknown_is_never_zero(counter):
    """A shop that does not know how many it has is left alone, and the order says so."""
    number = counter.buy()
    counter.host.change("STRAT", quantity=None)
    counter.look()
    assert counter.host.find_product("STRAT").quantity is None
    assert "does not know how many" in counter.order(number).note


def test_more_sold_than_there_is(counter):
    """Both channels sold the last one: the shop is at 0, never below, and the log names the order."""
    number = counter.buy(3)
    counter.host.sell("STRAT")
    counter.look()
    assert counter.both() == (0, 0)
    assert counter.order(number).short == 1
    row = next(row for row in counter.market.rows("STRAT") if row.outcome == "moved")
    assert [(error.field, error.message) for error in row.errors] == [
        ("oversold", f"order {number}: the shop had 1 too few")
    ]


def test_a_shop_that_stumbles_holds_nothing_else_back(open_counter):
    """While one SKU of the shop fails, the other is served; the first shows less until it works."""
    counter = open_counter(None, guitar(), guitar("TELE"))
    counter.buy()
    counter.buy(sku="TELE")
    original = counter.host.change_quantity
    counter.host.change_quantity = lambda sku, *args: original(sku, *args) if sku == "TELE" else 1 / 0
    counter.market.clock.advance(301)
    counter.market.drain(20)
    assert counter.both("TELE") == (2, 2)
    assert counter.both() == (3, 2)
    counter.market.live_through(7200)
    assert counter.kinds() == []
    assert counter.both() == (3, 2)
    counter.host.change_quantity = original
    counter.market.live_through(1200)
    assert counter.both() == (2, 2)


def test_nothing_is_pushed_before_the_orders_are_in(counter):
    """After an outage the first request is the look for orders, and the quantity that follows knows of them."""
    counter.door.set(down=True)
    counter.market.sell("STRAT")
    counter.door.set(down=False)
    counter.buy()
    counter.market.asked()
    counter.look(3600)
    assert counter.market.asked()[0] == "GET my/orders/selling/all"
    assert counter.both() == (1, 1)


def test_a_buffer_is_held_back_all_the_same(open_counter):
    """With a buffer of 1 the shop keeps one more than Reverb shows, before and after an order."""
    counter = open_counter(None, guitar(quantity=4), stock_buffer="1")
    assert counter.both() == (4, 3)
    counter.buy()
    counter.look()
    assert counter.both() == (3, 2)


def test_a_shop_that_cannot_be_changed_is_told_by_hand(open_counter):
    """Where the shop offers no way, the order says what to do, and the push does not subtract what nobody takes off."""
    counter = open_counter(SealedShop(FakeHost()))
    number = counter.buy()
    counter.look()
    assert counter.both() == (3, 2)
    assert "lower STRAT by 1 by hand" in counter.order(number).note
    counter.market.change("STRAT", quantity=2)
    assert counter.both() == (2, 2)


def test_what_was_done_by_hand_is_not_asked_for_again(open_counter):
    """Ticked off, it stays so when the parcel leaves; only an order that is called off asks for the way back, once."""
    counter = open_counter(SealedShop(FakeHost()))
    orders, number = counter.plugin.orders, counter.buy()
    counter.look()
    orders.done(number)
    counter.door.set_order_status(number, "shipped")
    counter.look()
    assert counter.order(number).note == ""
    assert orders.page(is_open=True) == []
    counter.door.set_order_status(number, "refunded")
    counter.look()
    assert "put back 1 of STRAT" in counter.order(number).note
    orders.done(number)
    assert orders.page(is_open=True) == []


def test_nothing_is_asked_for_what_nobody_has_lowered(open_counter):
    """An order that is called off before a person has lowered the stock asks for nothing any more."""
    counter = open_counter(SealedShop(FakeHost()))
    number = counter.buy()
    counter.look()
    counter.door.set_order_status(number, "refunded")
    counter.look()
    assert counter.order(number).note == ""
    assert counter.plugin.orders.page(is_open=True) == []


def test_off_is_off(market):
    """By default nothing of Reverb's orders is asked for, and a stock push is one request."""
    market.save(guitar())
    market.go_live("STRAT")
    market.door.buy(market.listing("STRAT")["id"])
    market.asked()
    market.live_through(7200)
    assert market.asked() == []
    market.sell("STRAT")
    assert market.asked() == ["PUT listings/#"]


def test_what_was_sold_twice_and_settled_is_not_taken_later(counter):
    """The seller found the missing piece elsewhere: when the parcel leaves, new pieces in the shop stay there."""
    number = counter.buy(3)
    counter.market.change("STRAT", quantity=1)
    counter.look()
    assert counter.order(number).short == 2
    counter.plugin.orders.done(number)
    counter.market.change("STRAT", quantity=5)
    counter.look()
    counter.door.set_order_status(number, "shipped")
    counter.look()
    assert counter.both() == (5, 5)


class HalfShop(FakeHost):
    """A shop whose stock was moved and whose answer was lost, until it is ``well``."""

    well = False

    def change_quantity(self, sku: str, difference: int, reason: str, key: str) -> int:
        """Moves it, and may fail behind that."""
        added = super().change_quantity(sku, difference, reason, key)
        if not self.well:
            raise OSError("connection lost")
        return added


def test_a_movement_under_way_is_ended_as_it_began(open_counter):
    """The shop is to get whole orders now: the one whose unit is just being moved is not placed on top of that."""
    counter = open_counter(HalfShop())
    number = counter.buy()
    counter.look()
    assert counter.order(number).moving == 1
    counter.market.set(orders="orders")
    counter.door.set_order_status(number, "shipped")
    counter.look()
    counter.host.well = True
    counter.look(7200)
    assert counter.both() == (2, 2)
    assert counter.host.orders == {}
