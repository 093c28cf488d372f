"""Orders go both ways between Reverb and a Salesman shop."""

import json
from decimal import Decimal

import pytest

from reverb_plugin.host_orders import OrderBuyer, ReverbOrder
from tests.orders.counter import Counter
from tests.salesman import shop
from tests.salesman.gear.models import Guitar
from tests.sync.market import SOLID_BODY


@pytest.fixture
def counter(market):
    """Five guitars, live on Reverb, in a shop that takes orders over."""
    shop.add(
        "STRAT", "Fender Stratocaster", Guitar, price="799.00", quantity=5, make="Fender", model="Stratocaster",
        condition="Brand New", category="Guitars",
    )  # fmt: skip
    market.set(orders="orders-and-shipments", restock="always", category_map=json.dumps({"Guitars": SOLID_BODY}))
    market.drain()
    market.go_live("STRAT")
    counter = Counter(market)
    counter.look()
    return counter


def order_of(counter, number):
    return shop.Order.objects.get(ref=counter.host.find_order(number))


def test_an_order_on_reverb_is_in_the_shop(counter):
    """It has a reference of the shop's own, Reverb's prices, address and payment; its pieces leave once."""
    number = counter.buy(
        2, price="750.00", shipping="40.00", tax_rate="0.1", tax_responsible_party="reverb",
        buyer={"name": "Pat Example", "email": "pat@example.com", "address": {"locality": "Chicago"}},
    )  # fmt: skip
    counter.look()
    counter.look()
    order = order_of(counter, number)
    item = order.items.get()
    assert (item.code, item.quantity, item.unit_price, item.product.code) == ("STRAT", 2, Decimal(750), "STRAT")
    assert (order.total, order.email, order.status) == (Decimal(1540), "pat@example.com", "PROCESSING")
    assert "Pat Example" in order.shipping_address
    assert "Chicago" in order.shipping_address
    assert order.is_paid
    assert number in order.notes.get().message
    assert counter.both() == (3, 3)


def test_the_shops_own_numbers_go_on(counter):
    """Salesman counts on from the last order: Reverb's number must not become the shop's."""
    first = shop.buy("STRAT")
    counter.buy()
    counter.look()
    last = shop.buy("STRAT")
    assert int(last.ref.split("-")[1]) == int(first.ref.split("-")[1]) + 2


def test_an_order_in_the_shop_lowers_the_stock_on_reverb(counter):
    """Salesman tells of an order before its items are saved; the plugin knows them all the same."""
    shop.buy("STRAT", 2)
    assert counter.plugin.store.waiting_skus() == ["STRAT"]
    counter.market.drain()
    assert counter.both() == (3, 3)


@pytest.mark.parametrize("first", ["status", "number"])
def test_a_parcel_from_the_shop_is_told_to_reverb(counter, first, caplog):
    """Carrier and tracking number stand in the order's extra, entered with the status or later."""
    number = counter.buy()
    counter.look()
    parcel = {"carrier": "UPS", "tracking_number": "1Z999AA10123456784"}
    if first == "status":
        shop.set_status(order_of(counter, number), "SHIPPED")
        counter.look()
        assert counter.door.orders()[-1]["status"] == "paid"
        assert "without a tracking number" in caplog.text
    shop.set_status(order_of(counter, number), "SHIPPED", **parcel)
    counter.look()
    told = counter.door.orders()[-1]
    assert (told["status"], told["shipping_provider"], told["tracking_number"]) == (
        "shipped", "UPS", "1Z999AA10123456784",
    )  # fmt: skip


def test_a_buyer_who_collects(counter):
    """An order for pickup that staff hands over is picked up on Reverb."""
    number = counter.buy(local_pickup=True)
    counter.look()
    shop.set_status(order_of(counter, number), "COMPLETED")
    counter.look()
    assert counter.door.orders()[-1]["status"] == "picked_up"


def test_what_is_shipped_on_reverb_is_shipped_in_the_shop(counter):
    """A parcel entered on Reverb's site moves the order on, and no echo goes back."""
    number = counter.buy()
    counter.look()
    counter.door.set_order_status(number, "shipped")
    counter.look()
    assert order_of(counter, number).status == "SHIPPED"
    assert counter.plugin.store.waiting_shipments(order_of(counter, number).ref) == []
    assert counter.both() == (4, 4)


@pytest.mark.parametrize(("word", "status"), [("refunded", "REFUNDED"), ("cancelled", "PROCESSING")])
def test_an_order_called_off_on_reverb(counter, word, status):
    """Its pieces are back once; where the shop's own transitions do not lead there, a note says what happened."""
    number = counter.buy(2)
    counter.look()
    counter.door.set_order_status(number, word)
    counter.look()
    counter.look()
    order = order_of(counter, number)
    assert order.status == status
    assert any(word in note.message for note in order.notes.all()) is (status == "PROCESSING")
    assert counter.both() == (5, 5)


def test_a_shop_that_keeps_its_stock_by_signals(counter):
    """Whatever the shop's own receivers do to the stock, an order of two pieces costs two, and two come back."""
    from salesman.orders.signals import status_changed

    def keep_stock(order, new_status, **signal):
        difference = {"PROCESSING": -1, "REFUNDED": +1}.get(new_status, 0)
        for item in order.items.all():
            item.product.quantity += difference * item.quantity
            item.product.save()

    status_changed.connect(keep_stock)
    try:
        number = counter.buy(2)
        counter.look()
        assert counter.both() == (3, 3)
        counter.door.set_order_status(number, "refunded")
        counter.look()
        assert counter.both() == (5, 5)
    finally:
        status_changed.disconnect(keep_stock)


def test_a_refund_in_the_shop_is_counted_once(counter):
    """Salesman tells of a status again with each further save of the same order; the pieces came back once."""
    number = counter.buy(2)
    counter.look()
    order = order_of(counter, number)
    order.status = "REFUNDED"
    order.save()
    order.save()
    counter.look()
    assert counter.order(number).returned == 2


def test_without_the_product_nothing_is_placed(salesman):
    """An order for a code that is gone is refused with what to do, and leaves nothing behind."""
    from reverb_plugin.errors import HostError

    with pytest.raises(HostError, match="no product with the SKU GONE"):
        shop.host().place_order(ReverbOrder("9", "paid", "GONE", "Gone", 1, OrderBuyer("7"), currency="USD"))
    assert not shop.Order.objects.exists()
