"""Orders on Reverb become orders in the shop, once, and follow what becomes of them."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reverb_plugin.changes import Reason, units_due
from reverb_plugin.testing import FakeHost
from tests.sync.market import guitar


@pytest.fixture
def counter(open_counter):
    return open_counter(None, guitar(quantity=5), orders="orders")


def in_shop(counter):
    return list(counter.host.orders.values())


def test_a_paid_order_is_placed_in_the_shop(counter):
    """The order is in the shop once, with its amounts; the shop has lowered its stock, and Reverb shows the same."""
    number = counter.buy(2)
    counter.look()
    counter.look(7200)
    (order,) = in_shop(counter)
    assert (order.order_number, order.sku, order.quantity, order.status) == (number, "STRAT", 2, "paid")
    assert (order.price, order.subtotal, order.currency) == (Decimal("799.00"), Decimal("1598.00"), "USD")
    assert order.total == order.subtotal + order.shipping + order.tax
    assert counter.both() == (3, 3)
    assert counter.order(number).host_order_id == "ORDER-1"


def test_an_order_that_is_not_paid_waits(counter):
    """With paid orders wanted, the shop gets it when it is paid; until then Reverb holds it back."""
    number = counter.buy(status="payment_pending")
    counter.look()
    assert in_shop(counter) == []
    assert counter.both() == (5, 4)
    counter.door.set_order_status(number, "paid")
    counter.look()
    assert [order.status for order in in_shop(counter)] == ["paid"]
    assert counter.both() == (4, 4)


def test_all_orders_when_they_are_wanted(counter):
    """With all orders wanted, an accepted offer that nobody has paid is placed as well, and told when it is paid."""
    counter.market.set(orders_wanted="all")
    number = counter.buy(status="unpaid", order_type="offer")
    counter.look()
    assert [order.status for order in in_shop(counter)] == ["unpaid"]
    counter.door.set_order_status(number, "paid")
    counter.look()
    assert [order.status for order in in_shop(counter)] == ["paid"]
    assert counter.both() == (4, 4)


@pytest.mark.parametrize(("restock", "both"), [("always", (5, 5)), ("never", (4, 4)), ("ask", (4, 4))])
def test_a_cancelled_order_is_called_off(counter, restock, both):
    """The shop is told; what goes back into stock is the seller's setting, and Reverb follows the shop."""
    counter.market.set(restock=restock)
    number = counter.buy()
    counter.look()
    counter.door.set_order_status(number, "cancelled")
    counter.look()
    counter.look()
    assert counter.host.cancelled == {"ORDER-1": 1 if restock == "always" else 0}
    assert counter.both() == both


def test_what_was_called_off_and_is_paid_again(counter):
    """The shop cannot take it up again by itself: the seller is asked to, and from then on to follow it by hand."""
    counter.market.set(restock="always")
    number = counter.buy()
    counter.look()
    for status in ("blocked", "paid"):
        counter.door.set_order_status(number, status)
        counter.look()
    assert "again by hand" in counter.order(number).note
    assert counter.market.listing("STRAT")["inventory"] == 4
    counter.market.change("STRAT", quantity=4)
    counter.plugin.orders.done(number)
    counter.door.set_order_status(number, "shipped")
    counter.look()
    assert counter.order(number).note == ""
    assert counter.both() == (4, 4)
    counter.door.set_order_status(number, "cancelled")
    counter.look()
    assert "put back 1 of STRAT" in counter.order(number).note


def test_a_shop_that_takes_no_orders_has_its_stock_lowered(open_counter):
    """Orders are wanted, but the shop offers only its stock: then that is moved."""

    class Shop(FakeHost):
        find_order = None

    counter = open_counter(Shop(), guitar(), orders="orders")
    counter.buy()
    counter.look()
    assert counter.both() == (2, 2)


def test_two_buyers_of_one_name_stay_two(counter):
    """A buyer is known by the id that Reverb gives, and the shop gets it."""
    counter.buy(buyer={"name": "Pat Example", "address": {"locality": "Toronto"}})
    counter.door.buy(counter.market.listing("STRAT")["id"], buyer={"name": "Pat Exemple"})
    counter.look()
    assert len({order.buyer.id for order in in_shop(counter)}) == 2


@pytest.mark.parametrize("status", ["blocked", "cancelled"])
def test_what_was_called_off_before_it_was_seen_is_never_placed(counter, status):
    """An order that is over when it is first seen does not reach the shop."""
    number = counter.buy()
    counter.door.set_order_status(number, status)
    counter.look()
    assert in_shop(counter) == []
    assert counter.host.find_product("STRAT").quantity == 5


def test_an_unknown_status_changes_nothing_that_was_done(counter):
    """A word that Reverb invents after us neither calls an order off nor places it twice."""
    number = counter.buy()
    counter.look()
    order = counter.market.simulator.reverb.book.orders[number]
    order.status, order.updated_at = "teleported", counter.market.clock.now()
    counter.look()
    assert [order.status for order in in_shop(counter)] == ["teleported"]
    assert counter.both() == (4, 4)


def test_a_failing_import_is_tried_until_it_works(counter):
    """The shop fails on one order for days: others come through, nothing is parked, and at last it is there, once."""
    original = counter.host.place_order
    first = counter.buy()
    counter.host.place_order = lambda order: 1 / 0 if order.order_number == first else original(order)
    second = counter.buy()
    counter.market.clock.advance(301)
    counter.market.drain(20)
    assert [order.order_number for order in in_shop(counter)] == [second]
    assert counter.both() == (4, 3)
    counter.market.live_through(3 * 86_400, step=4000)
    assert counter.market.parked() == []
    counter.host.place_order = original
    counter.market.live_through(4000)
    assert sorted(order.order_number for order in in_shop(counter)) == [first, second]
    assert counter.both() == (3, 3)


class LateShop(FakeHost):
    """A shop that is slow enough for something to happen while it is read; it takes no order before that."""

    cancel_on_reverb = None
    was_read = False

    def find_product(self, sku):
        """Reads it, after what happens meanwhile."""
        if self.cancel_on_reverb is not None:
            self.cancel_on_reverb()
            self.was_read = True
        return super().find_product(sku)

    def place_order(self, order):
        """Workers have several threads: the order may be told before the product was read."""
        if not self.was_read:
            raise OSError("busy")
        return super().place_order(order)


def test_an_order_that_is_cancelled_before_it_is_placed_gives_its_unit_back(open_counter):
    """The import learns of it before the next look does: what was held back on Reverb for the order is sold again."""
    counter = open_counter(LateShop(), guitar(quantity=5), orders="orders")
    number = counter.buy()
    counter.host.cancel_on_reverb = lambda: counter.door.set_order_status(number, "cancelled")
    counter.look()
    counter.host.cancel_on_reverb = None
    counter.look()
    assert counter.host.orders == {}
    assert counter.both() == (5, 5)


class StubbornShop(FakeHost):
    """A shop in which a person calls orders off."""

    cancel_order = None


def test_pieces_go_back_once_where_orders_are_called_off_by_hand(open_counter):
    """Such a shop may put them back itself, so even with ``always`` only the seller's answer does."""
    counter = open_counter(StubbornShop(), guitar(quantity=5), orders="orders", restock="always")
    number = counter.buy()
    counter.look()
    counter.door.set_order_status(number, "cancelled")
    counter.look()
    counter.market.set(orders="stock")
    counter.buy()
    counter.look()
    assert counter.both() == (3, 3)
    counter.plugin.orders.restock(number, 1)
    counter.look()
    assert counter.both() == (4, 4)


class DeafShop(FakeHost):
    """A shop that does not answer when it is given an order; ``hears`` whether it takes it all the same."""

    hears = True
    answers = False

    def place_order(self, order):
        """Takes it, perhaps, and fails behind that."""
        order_id = super().place_order(order) if self.hears else None
        if not self.answers:
            raise OSError("connection lost")
        return order_id


@pytest.mark.parametrize("status", ["paid", "shipped"])
@pytest.mark.parametrize("hears", [True, False])
def test_the_stock_is_moved_once_when_the_setting_changes(open_counter, status, hears):
    """From orders to stock while nobody knows whether the shop took the order: it is asked, and one piece leaves."""
    counter = open_counter(DeafShop(), guitar(quantity=5), orders="orders")
    counter.host.hears = hears
    number = counter.buy()
    counter.market.clock.advance(301)
    counter.market.drain(2)
    assert len(counter.host.orders) == hears
    counter.market.set(orders="stock")
    counter.door.set_order_status(number, status)
    counter.look(7200)
    assert counter.both() == (4, 4)
    assert len(counter.host.orders) == hears
    assert counter.order(number).way == ("order" if hears else "stock")


def test_the_setting_changes_while_the_shop_is_asked(counter):
    """Another thread's look decides meanwhile that the stock is moved: then the order is not placed as well."""
    find_order, number = counter.host.find_order, counter.buy()

    def find(order_number):
        counter.market.set(orders="stock")
        moved = units_due("STRAT", Reason.REVERB_ORDER)
        counter.plugin.store.orders.change(number, lambda row: replace(row, way="stock"), moved)
        return find_order(order_number)

    counter.host.find_order = find
    counter.look()
    counter.look()
    assert counter.host.orders == {}
    assert counter.both() == (4, 4)


@pytest.mark.parametrize("hears", [True, False])
def test_an_order_that_may_be_in_the_shop_is_called_off_there(open_counter, hears):
    """Cancelled while nobody knows whether the shop took it: it is not placed any more, and off where it was."""
    counter = open_counter(DeafShop(), guitar(quantity=5), orders="orders", restock="always")
    counter.host.hears = hears
    number = counter.buy()
    counter.market.clock.advance(301)
    counter.market.drain(2)
    counter.door.set_order_status(number, "cancelled")
    counter.look(7200)
    assert len(counter.host.orders) == len(counter.host.cancelled) == hears
    assert counter.both() == (5, 5)


def test_what_waits_is_left_alone_when_orders_are_turned_off(open_counter):
    """An order that the shop could not take is not placed after that, nor when orders are on again."""
    counter = open_counter(DeafShop(), guitar(quantity=5), orders="orders")
    counter.host.hears = False
    number = counter.buy()
    counter.market.clock.advance(301)
    counter.market.drain(2)
    counter.market.set(orders="off")
    counter.host.hears = counter.host.answers = True
    counter.look(7200)
    counter.market.set(orders="orders")
    counter.door.set_order_status(number, "shipped")
    counter.look(7200)
    assert counter.host.orders == {}
    assert "turned off" in " ".join(counter.plugin.orders.told(counter.order(number)))
