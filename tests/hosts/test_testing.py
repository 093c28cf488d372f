"""The working fakes that a shop's tests are built on."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from reverb_plugin.clock import Clock
from reverb_plugin.errors import InvalidValueError
from reverb_plugin.host import Host, Line, Product
from reverb_plugin.testing import FakeHost, FrozenClock, HostConformance


def guitar(sku="G-1", **fields):
    return Product(sku, "Guitar", Decimal("100.00"), **{"quantity": 5, **fields})


class TestFakeHostConforms(HostConformance):
    def make_host(self, products):
        return FakeHost(products)


class TestFakeHost:
    def test_is_a_host(self):
        """FakeHost can be handed to the plugin."""
        assert isinstance(FakeHost(), Host)

    def test_add_refuses_a_sku_that_is_there(self):
        """A shop has one product for each SKU."""
        with pytest.raises(InvalidValueError, match="in the shop already"):
            FakeHost([guitar()]).add(guitar())

    def test_change_saves_and_gives_the_changed_product(self):
        """A change is what find_product gives from then on."""
        host = FakeHost([guitar()])
        changed = host.change("G-1", quantity=0)
        assert changed.quantity == 0
        assert host.find_product("G-1") == changed

    def test_replace_needs_a_product_to_replace(self):
        """Replacing what is not there is a mistake of the test."""
        with pytest.raises(KeyError):
            FakeHost().replace(guitar())

    def test_removed_product_is_gone(self):
        """A removed product is found by neither way."""
        host = FakeHost([guitar("A"), guitar("B")])
        assert host.remove("A").sku == "A"
        assert host.find_product("A") is None
        assert [product.sku for product in host.iter_products()] == ["B"]

    def test_sell_lowers_the_stock_and_tells_the_order(self):
        """A sale is the stock change together with the event that the shop would send."""
        host = FakeHost([guitar()])
        order = host.sell("G-1", 2)
        assert host.find_product("G-1").quantity == 3
        assert order.lines == (Line("G-1", 2),)

    def test_refund_raises_the_stock_and_names_the_order(self):
        """A refund is the stock change together with its event."""
        host = FakeHost([guitar()])
        order = host.sell("G-1")
        refund = host.refund("G-1", order_id=order.order_id)
        assert host.find_product("G-1").quantity == 5
        assert refund.order_id == order.order_id

    def test_sell_refuses_more_than_there_is(self):
        """The stock of the fake shop never falls below zero."""
        with pytest.raises(InvalidValueError, match="quantity"):
            FakeHost([guitar(quantity=1)]).sell("G-1", 2)

    def test_unknown_stock_stays_unknown_when_sold(self):
        """Unknown less one is unknown."""
        host = FakeHost([guitar(quantity=None)])
        host.sell("G-1")
        assert host.find_product("G-1").quantity is None

    def test_fails_until_healed(self):
        """A failing shop fails in both ways and works again afterwards."""
        host = FakeHost([guitar()])
        host.fail(ConnectionError("database gone"))
        with pytest.raises(ConnectionError):
            host.find_product("G-1")
        with pytest.raises(ConnectionError):
            list(host.iter_products())
        host.heal()
        assert host.find_product("G-1") is not None

    def test_can_fail_for_one_sku(self):
        """One broken product leaves the others readable."""
        host = FakeHost([guitar("A"), guitar("B")])
        host.fail(ValueError("broken row"), sku="A")
        with pytest.raises(ValueError, match="broken row"):
            host.find_product("A")
        assert host.find_product("B") is not None

    def test_walk_sees_what_changes_behind_its_position(self):
        """The walk reads each product when it is asked for."""
        host = FakeHost([guitar("A"), guitar("C")])
        walk = host.iter_products()
        next(walk)
        host.add(guitar("B"))
        host.remove("C")
        assert [product.sku for product in walk] == ["B"]

    def test_sales_from_many_threads_all_count(self):
        """No sale is lost between threads."""
        host = FakeHost([guitar(quantity=400)])
        threads = [threading.Thread(target=lambda: [host.sell("G-1") for _ in range(100)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert host.find_product("G-1").quantity == 0


class TestFrozenClock:
    def test_is_a_clock(self):
        """FrozenClock stands wherever a Clock does."""
        assert isinstance(FrozenClock(), Clock)

    def test_stands_still(self):
        """Time does not pass by itself."""
        clock = FrozenClock(datetime(2026, 3, 1, tzinfo=UTC))
        assert clock.now() == clock.now() == datetime(2026, 3, 1, tzinfo=UTC)

    def test_advance_moves_both_times(self):
        """The time of day and the monotonic time move together."""
        clock = FrozenClock()
        before_at, before = clock.now(), clock.monotonic()
        clock.advance(90)
        assert clock.now() - before_at == timedelta(seconds=90)
        assert clock.monotonic() - before == 90

    def test_sleep_advances_at_once(self):
        """An hour's sleep takes no time."""
        clock = FrozenClock()
        clock.sleep(3600)
        clock.sleep(-1)
        assert clock.monotonic() == 3600

    def test_does_not_go_back(self):
        """Advancing by less than zero is refused."""
        with pytest.raises(InvalidValueError):
            FrozenClock().advance(-1)

    def test_refuses_a_naive_time(self):
        """Only aware datetimes exist here."""
        with pytest.raises(InvalidValueError, match="aware"):
            FrozenClock(datetime(2026, 1, 1))  # noqa: DTZ001

    def test_random_repeats_with_the_seed(self):
        """The same seed gives the same jitter."""
        first, second = FrozenClock(seed=7), FrozenClock(seed=7)
        numbers = [first.random() for _ in range(5)]
        assert numbers == [second.random() for _ in range(5)]
        assert all(0 <= number < 1 for number in numbers)
