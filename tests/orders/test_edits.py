"""Quantities that people change on Reverb by hand, and pieces that come back."""

import pytest

from reverb_plugin.errors import OrderError
from reverb_plugin.sync.look import find_edit
from tests.sync.market import guitar


@pytest.fixture
def counter(open_counter):
    return open_counter(None, guitar(quantity=20))


def test_an_edit_and_a_sale_are_both_counted(counter):
    """Somebody adds 50 on Reverb, the shop sells one: both sides have 69."""
    counter.edit(70)
    counter.market.sell("STRAT")
    counter.look()
    assert counter.both() == (69, 69)


def test_an_edit_an_order_and_a_sale_are_all_counted(counter):
    """Somebody takes 15 away on Reverb, Reverb sells 2, the shop sells 1."""
    counter.edit(5)
    counter.buy(2)
    counter.market.sell("STRAT")
    counter.look()
    assert counter.both() == (2, 2)


def test_an_edit_is_counted_once(counter):
    """Looking again and again does not add what was added."""
    counter.edit(70)
    for _ in range(3):
        counter.plugin.store.orders.look_at_listing(str(counter.market.listing("STRAT")["id"]))
        counter.look()
    assert counter.both() == (70, 70)


def test_an_edit_can_be_overwritten(counter):
    """With the setting, the shop's number wins."""
    counter.market.set(reverb_edits="overwrite")
    counter.edit(70)
    counter.market.sell("STRAT")
    counter.look()
    assert counter.both() == (19, 19)


def test_an_edit_that_the_drift_check_finds_is_counted_once(counter):
    """The daily comparison finds the edit, the shop takes it over by hand, and it is not taken a second time."""
    counter.edit(70)
    counter.market.set(reverb_edits="overwrite")
    counter.plugin.mass_sync.check_drift()
    counter.market.drain()
    assert counter.plugin.drift.take() == 1
    counter.market.set(reverb_edits="take")
    counter.market.sell("STRAT")
    counter.look()
    assert counter.both() == (69, 69)


@pytest.mark.parametrize(("reading", "edit"), [(5, 0), (4, 0), (2, 0), (3, 0), (6, 4), (0, -2), (1, -1)])
def test_orders_explain_what_reverb_shows(reading, edit):
    """5 was sent; orders of 1 and 2 came to light since, each counted before or after: 5, 4, 3 and 2 are explained."""
    assert find_edit(5, [-1, -2], reading) == edit


def called_off(counter, status, quantity=3):
    number = counter.buy(quantity)
    counter.look()
    counter.door.set_order_status(number, status)
    counter.look()
    return number


@pytest.mark.parametrize("status", ["cancelled", "refunded"])
@pytest.mark.parametrize(("restock", "left"), [("always", 20), ("never", 17), ("ask", 17)])
def test_pieces_come_back_by_setting(counter, status, restock, left):
    """Cancelled or refunded: all pieces come back, none, or none yet; and both sides agree."""
    counter.market.set(restock=restock)
    number = called_off(counter, status)
    assert counter.both() == (left, left)
    steps = [step.text for step in counter.plugin.orders.next_steps(counter.order(number))]
    assert any("Decide" in step for step in steps) == (restock == "ask")


@pytest.mark.parametrize("status", ["cancelled", "refunded"])
def test_a_person_decides_how_many_come_back(counter, status):
    """Two of three pieces came back: both sides have two more, and it can be said only once."""
    number = called_off(counter, status)
    with pytest.raises(OrderError):
        counter.plugin.orders.restock(number, 4)
    counter.plugin.orders.restock(number, 2)
    counter.look()
    assert counter.both() == (19, 19)
    with pytest.raises(OrderError):
        counter.plugin.orders.restock(number, 1)
    counter.look(7200)
    assert counter.both() == (19, 19)


def test_an_order_that_goes_on_gives_nothing_back(counter):
    """What is not called off cannot be put back by mistake."""
    number = counter.buy()
    counter.look()
    with pytest.raises(OrderError):
        counter.plugin.orders.restock(number, 1)


def test_what_was_short_does_not_come_back(open_counter):
    """Two were sold where one was left; the order is called off: one comes back, not two."""
    counter = open_counter(None, guitar(quantity=2), restock="always")
    number = counter.buy(2)
    counter.host.sell("STRAT")
    counter.look()
    assert (counter.both(), counter.order(number).short) == ((0, 0), 1)
    counter.door.set_order_status(number, "cancelled")
    counter.look()
    assert counter.both() == (1, 1)


def test_a_request_for_money_back_is_shown(counter):
    """The buyer wants money back: the order says so, with the page on Reverb."""
    number = counter.buy()
    counter.look()
    counter.door.request_refund(number)
    counter.look(7200)
    counter.buy()
    counter.look()
    step = counter.plugin.orders.next_steps(counter.order(number))[0]
    assert "money back" in step.text
    assert number in step.url
