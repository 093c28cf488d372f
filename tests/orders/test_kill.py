"""``kill -9`` at any step: every unit leaves the shop exactly once, and every order is there exactly once."""

import pytest

from tests.orders.stage import HOUR

COMMON = ("keeping a page", "writing the intent", "ending the movement", "settling")
BY_STOCK = [
    pytest.param(shop, moment, when, count, marks=pytest.mark.long if count > 1 else ())
    for shop in ("setting", "changing")
    for moment in (*COMMON, shop)
    for when in ("before", "after")
    for count in (1, 2)
    if (moment, count) != ("keeping a page", 2)
]


@pytest.mark.parametrize(("shop", "moment", "when", "count"), BY_STOCK)
def test_killed_while_the_stock_is_moved(open_stage, shop, moment, when, count):
    """A process dies at this very moment; the next one leaves both sides at what is left."""
    stage = open_stage(shop)
    stage.offer(A=5, B=5)
    for sku, quantity in (("A", 1), ("A", 2), ("B", 1)):
        stage.door.buy(stage.door.listing(sku)["id"], quantity)
    stage.go_on()
    stage.run("--die", moment, when, str(count))
    assert stage.deaths == 1
    stage.go_on()
    assert "left 0" in stage.run()
    assert (stage.both("A"), stage.both("B")) == ((2, 2), (4, 4))


BY_ORDER = [
    pytest.param(moment, when, count, marks=pytest.mark.long if count > 1 else ())
    for moment in ("keeping a page", "placing", "remembering the order", "settling")
    for when in ("before", "after")
    for count in (1, 2)
    if (moment, count) != ("keeping a page", 2)
]


@pytest.mark.parametrize(("moment", "when", "count"), BY_ORDER)
def test_killed_while_orders_are_placed(open_stage, moment, when, count):
    """A process dies at this very moment; in the end each order is in the shop once."""
    stage = open_stage("ordering")
    stage.offer(A=5, B=5)
    numbers = [
        stage.door.buy(stage.door.listing(sku)["id"], quantity) for sku, quantity in (("A", 1), ("A", 2), ("B", 1))
    ]
    stage.go_on()
    stage.run("--die", moment, when, str(count))
    assert stage.deaths == 1
    stage.go_on()
    assert "left 0" in stage.run()
    assert [row[0] for row in stage.shop.orders()] == numbers
    assert (stage.both("A"), stage.both("B")) == ((2, 2), (4, 4))


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_an_order_is_called_off(open_stage, when):
    """Calling an order off puts its pieces back once, whatever dies."""
    stage = open_stage("ordering", restock="always")
    stage.offer(A=5)
    number = stage.door.buy(stage.door.listing("A")["id"], 2)
    stage.go_on()
    stage.run()
    stage.door.set_order_status(number, "cancelled")
    stage.go_on()
    stage.run("--die", "cancelling", when, "1")
    assert stage.deaths == 1
    stage.go_on()
    assert "left 0" in stage.run()
    assert stage.both("A") == (5, 5)
    assert stage.shop.orders() == [(number, "A", 2, 1)]


def test_a_sale_in_the_moment_of_death_is_said(open_stage):
    """A shop that can only set its stock sells while a movement is open: rather one too few, and a person is told."""
    stage = open_stage("setting")
    stage.offer(A=5)
    stage.door.buy(stage.door.listing("A")["id"], 2)
    stage.go_on()
    stage.run("--die", "setting", "after", "1")
    stage.shop.sell("A")
    stage.go_on()
    assert "left 0" in stage.run()
    assert stage.shop.find_product("A").quantity == 0
    with stage.plugin() as plugin:
        row = next(row for row in plugin.store.log_page() if row.outcome == "moved")
    assert "count the pieces" in str(row.errors)


def test_two_processes_at_once(open_stage):
    """Two processes work on the same orders: each order is in the shop once."""
    stage = open_stage("ordering")
    stage.offer(A=60)
    numbers = [stage.door.buy(stage.door.listing("A")["id"]) for _ in range(30)]
    stage.go_on(HOUR)
    with stage.start() as one, stage.start() as two:
        assert "left 0" in one.communicate(timeout=60)[0] + two.communicate(timeout=60)[0]
    assert [row[0] for row in stage.shop.orders()] == numbers
    assert stage.both("A") == (30, 30)
