"""Orders go both ways: bought on Reverb they are in Oscar, and what happens to them is known on either side."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction

from reverb_plugin.host_orders import OrderAddress, OrderBuyer, ReverbOrder
from tests.orders.counter import Counter
from tests.oscar import shop
from tests.oscar.shop import M
from tests.sync.market import SOLID_BODY


@pytest.fixture
def counter(market):
    """Five guitars, live on Reverb, in a shop that takes orders over."""
    shop.add("STRAT", price="799.00", quantity=5, **shop.GUITAR).product.categories.add(shop.category("Guitars"))
    market.set(orders="orders-and-shipments", restock="always", category_map=json.dumps({"Guitars": SOLID_BODY}))
    market.drain()
    market.go_live("STRAT")
    counter = Counter(market)
    counter.look()
    return counter


def order_of(number):
    return M.Order.objects.get(number=f"REVERB-{number}")


def test_an_order_on_reverb_is_in_oscar(counter):
    """It has Reverb's prices, the buyer's address, its payment and a note; its pieces are reserved, once."""
    number = counter.buy(
        2, price="750.00", shipping="40.00", tax_rate="0.1", tax_responsible_party="reverb",
        buyer={"name": "Pat Example", "email": "pat@example.com", "address": {"locality": "Chicago"}},
    )  # fmt: skip
    counter.look()
    counter.look()

    order = order_of(number)
    line = order.lines.get()
    assert (line.partner_sku, line.quantity, line.unit_price_incl_tax) == ("STRAT", 2, Decimal("750.00"))
    assert (order.shipping_incl_tax, order.total_incl_tax) == (Decimal("40.00"), Decimal("1540.00"))
    assert (order.currency, order.status, order.shipping_method) == ("USD", "Pending", "Reverb")
    assert (order.shipping_address.name, order.shipping_address.line4) == ("Pat Example", "Chicago")
    assert order.guest_email == "pat@example.com"
    assert order.sources.get().amount_debited == Decimal("1540.00")
    assert "Reverb collects the tax" in order.notes.get().message
    assert shop.stock("STRAT") == (5, 2)
    assert counter.both() == (3, 3)


def test_an_order_in_the_storefront_lowers_the_stock_on_reverb(counter):
    """What a buyer takes in the storefront is gone on Reverb."""
    shop.buy("STRAT", 2)
    counter.market.drain()
    assert counter.both() == (3, 3)


def test_a_parcel_from_the_shop_is_told_to_reverb(counter):
    """Staff ships in Oscar with carrier and tracking number, and Reverb's buyer is told."""
    number = counter.buy()
    counter.look()
    shop.ship(order_of(number), "UPS 1Z999AA10123456784")
    counter.look()
    counter.look()
    told = counter.door.orders()[-1]
    assert (told["status"], told["shipping_provider"], told["tracking_number"]) == (
        "shipped",
        "UPS",
        "1Z999AA10123456784",
    )
    assert M.ShippingEvent.objects.count() == 1
    assert order_of(number).status == "Shipped"
    assert shop.stock("STRAT") == (4, 0)


def test_a_parcel_without_a_number_waits_for_it(counter, caplog):
    """A shipping event without a tracking number tells Reverb nothing yet; when the number is entered it does."""
    number = counter.buy()
    counter.look()
    event = shop.ship(order_of(number), "")
    counter.look()
    assert counter.door.orders()[-1]["status"] == "paid"
    assert "without a tracking number" in caplog.text
    event.notes = "9400111899223"
    event.save()
    counter.look()
    assert counter.door.orders()[-1]["tracking_number"] == "9400111899223"


def test_other_events_and_orders_are_no_business_of_reverbs(counter):
    """A return, and a parcel of the storefront's own order, are not told."""
    number = counter.buy()
    counter.look()
    counter.market.asked()
    shop.ship(order_of(number), "UPS 1", name="Returned")
    own = shop.buy("STRAT")
    shop.ship(own, "UPS 2")
    assert counter.plugin.store.waiting_shipments(f"REVERB-{number}") == []
    assert counter.plugin.store.waiting_shipments(str(own.number)) == []
    counter.look()
    assert counter.door.orders()[-1]["status"] == "paid"


def test_a_buyer_who_collects(counter):
    """An order for pickup that staff hands over is picked up on Reverb."""
    number = counter.buy(local_pickup=True)
    counter.look()
    assert order_of(number).shipping_method == "Local pickup (Reverb)"
    shop.ship(order_of(number), "")
    counter.look()
    assert counter.door.orders()[-1]["status"] == "picked_up"


def test_what_is_shipped_on_reverb_is_shipped_in_oscar(counter):
    """A parcel entered on Reverb's site becomes one shipping event with its quantities, and no echo goes back."""
    number = counter.buy(2)
    counter.look()
    counter.door.set_order_status(number, "shipped")
    counter.look()
    counter.look()
    event = M.ShippingEvent.objects.get()
    assert [each.quantity for each in event.line_quantities.all()] == [2]
    assert order_of(number).status == "Shipped"
    assert counter.plugin.store.waiting_shipments(f"REVERB-{number}") == []
    assert shop.stock("STRAT") == (3, 0)
    assert counter.both() == (3, 3)


@pytest.mark.parametrize("pieces", [1, 2])
def test_a_refund_in_oscar_raises_the_stock_on_both_sides(counter, pieces):
    """Staff refunds some of the pieces, the shop's handler puts them back, and Reverb shows them again."""
    number = counter.buy(2)
    counter.look()
    shop.ship(order_of(number))
    counter.look()
    shop.refund(order_of(number), pieces)
    counter.look()
    assert counter.both() == (3 + pieces, 3 + pieces)
    assert counter.order(number).returned == pieces


def test_a_refund_on_reverb_is_one_in_oscar(counter):
    """The order is refunded in Oscar with its quantities; the pieces are back once, those that were before too."""
    number = counter.buy(3)
    counter.look()
    shop.refund(order_of(number), 1)
    counter.look()
    assert counter.both() == (3, 3)
    counter.door.set_order_status(number, "refunded")
    counter.look()
    counter.look()
    refunds = M.PaymentEvent.objects.filter(event_type__name="Refund")
    assert sorted(each.quantity for refund in refunds for each in refund.line_quantities.all()) == [1, 2]
    assert counter.both() == (5, 5)


@pytest.mark.parametrize(("restock", "both"), [("always", (5, 5)), ("never", (3, 3))])
def test_a_cancelled_order_puts_back_what_the_seller_says(counter, restock, both):
    """Whatever the shop's handler frees, so many pieces are back as the setting says; Oscar's accounts stay right."""
    counter.market.set(restock=restock)
    number = counter.buy(2)
    counter.look()
    counter.door.set_order_status(number, "cancelled")
    counter.look()
    counter.look()
    assert order_of(number).status == "Cancelled"
    assert counter.both() == both


def test_a_cancelled_order_where_the_handler_leaves_the_stock_alone(counter, monkeypatch):
    """Oscar's own handler frees nothing: the pieces are back all the same, from what was reserved."""
    from oscar.apps.order.processing import EventHandler

    monkeypatch.setattr("reverb_plugin.hosts.oscar.orders.EventHandler", EventHandler)
    number = counter.buy(2)
    counter.look()
    counter.door.set_order_status(number, "cancelled")
    counter.look()
    assert shop.stock("STRAT") == (5, 0)
    assert order_of(number).lines.get().num_allocated == 0


def test_a_pipeline_that_does_not_lead_there(counter, monkeypatch):
    """Where the shop has no way to a status, a note says what Reverb says."""
    monkeypatch.setattr(M.Order, "pipeline", {})
    number = counter.buy()
    counter.look()
    counter.door.set_order_status(number, "shipped")
    counter.look()
    assert order_of(number).status == "Pending"
    assert order_of(number).notes.filter(message="On Reverb this order is shipped.").count() == 1


def test_an_order_called_off_in_oscar(counter):
    """Staff cancels one of Reverb's orders in Oscar: its pieces are for sale again on both sides."""
    number = counter.buy(2)
    counter.look()
    shop.set_status(order_of(number), "Cancelled")
    counter.look()
    assert counter.both() == (5, 5)


def test_reverb_has_sold_it(counter):
    """The last piece was sold twice: the order is placed all the same, and nothing is for sale."""
    M.StockRecord.objects.update(num_in_stock=0)
    number = counter.buy(2)
    counter.look()
    assert order_of(number).lines.get().quantity == 2
    assert shop.host().find_product("STRAT").quantity == 0


def test_an_order_for_what_the_shop_no_longer_has(counter):
    """Oscar takes no order without a product: the log says so, and once there is one the order comes by itself."""
    listing = counter.market.listing("STRAT")["id"]
    number = counter.door.buy(listing)
    M.Product.objects.filter(stockrecords__partner_sku="STRAT").delete()
    counter.look()
    assert not M.Order.objects.exists()
    assert "has no product with the SKU STRAT" in counter.market.rows("STRAT")[0].message
    shop.add("STRAT", quantity=5)
    counter.market.live_through(7200)
    assert order_of(number).lines.get().partner_sku == "STRAT"


def test_an_order_whose_product_is_gone_is_called_off(counter):
    """Staff deletes a product that waits for its parcel; the order on Reverb is cancelled, and in Oscar, too."""
    number = counter.buy(2)
    counter.look()
    M.Product.objects.all().delete()
    counter.door.set_order_status(number, "cancelled")
    counter.look()
    assert order_of(number).status == "Cancelled"


def make_order(**fields):
    usual = {"buyer": OrderBuyer("7", "Pat"), "currency": "USD", "price": Decimal(10), "quantity": 1}
    usual |= {"order_number": "901", "status": "paid", "sku": "STRAT", "title": "Guitar"}
    return ReverbOrder(**usual | fields)


def test_odd_addresses_and_amounts_are_no_reason_to_lose_an_order(oscar):
    """A country that Oscar does not know, a number that is none, an order without amounts: it is placed."""
    shop.add("STRAT")
    address = OrderAddress("X" * 300, "1 St", locality="Lima", country_code="PE", phone="call me", postal_code="9" * 99)
    number = shop.host().place_order(make_order(address=address, price=None, currency=""))
    order = M.Order.objects.get(number=number)
    assert order.shipping_address.country.code == "PE"
    assert order.shipping_address.phone_number == ""
    assert (order.total_incl_tax, order.currency) == (0, "USD")
    assert M.Country.objects.get(pk="PE").is_shipping_country is False


def test_tax_that_the_seller_has_to_pay_is_in_the_total(oscar):
    """Where Reverb does not collect the tax, it is the shop's to hand on, and Oscar shows it."""
    shop.add("STRAT")
    order = make_order(price=Decimal(100), tax=Decimal(20), tax_responsible_party="seller", shipping=Decimal(5))
    placed = M.Order.objects.get(number=shop.host().place_order(order))
    assert (placed.total_excl_tax, placed.total_incl_tax) == (Decimal("105.00"), Decimal("125.00"))


def test_what_comes_from_reverb_is_not_told_back(market, monkeypatch):
    """What the plugin itself places, ships, refunds and cancels in the shop is no news from the shop."""
    told = []
    for name in ("on_refund", "on_order_cancelled", "on_order_shipped"):
        monkeypatch.setattr(f"reverb_plugin.hosts.oscar.events.{name}", told.append)
    monkeypatch.setattr("reverb_plugin.hosts.oscar.batch.on_order_placed", told.append)
    shop.add("STRAT")
    host = shop.host()
    for status in ("refunded", "cancelled"):
        order = make_order(order_number=status, status=status, shipping_provider="UPS", tracking_number="1Z")
        number = host.place_order(order)
        if status == "refunded":
            host.update_order(number, replace(order, status="shipped"))
        host.cancel_order(number, order, 1)
    assert M.ShippingEvent.objects.get().notes == "UPS 1Z"
    assert M.PaymentEvent.objects.filter(event_type__name="Refund").count() == 1
    assert told == []


def test_two_workers_place_one_order(oscar):
    """Two calls at the same moment make one order, and take the stock off once."""
    from concurrent.futures import ThreadPoolExecutor

    shop.add("STRAT", quantity=5)
    with ThreadPoolExecutor(4) as pool:
        numbers = set(pool.map(shop.host().place_order, [make_order()] * 8))
    assert numbers == {"REVERB-901"}
    assert shop.stock("STRAT") == (5, 1)


def test_two_workers_change_the_stock_once(oscar):
    """Two calls with one key at the same moment are one change."""
    from concurrent.futures import ThreadPoolExecutor

    shop.add("STRAT", quantity=5)
    with ThreadPoolExecutor(4) as pool:
        added = set(pool.map(lambda _: shop.host().change_quantity("STRAT", -2, "test", "key"), range(8)))
    assert added == {-2}
    assert shop.stock("STRAT") == (3, 0)


def test_a_change_of_stock_and_its_key_are_one(oscar):
    """What is rolled back with its key is made again."""
    shop.add("STRAT", quantity=5)
    with transaction.atomic():
        shop.host().change_quantity("STRAT", -2, "test", "key")
        transaction.set_rollback(True)
    assert shop.host().change_quantity("STRAT", -2, "test", "key") == -2
    assert shop.stock("STRAT") == (3, 0)


def test_what_is_reserved_stays_reserved(oscar):
    """Setting or changing a quantity is about what can be sold."""
    shop.add("STRAT", quantity=5)
    shop.buy("STRAT", 2)
    shop.host().set_quantity("STRAT", 7, "test")
    assert shop.stock("STRAT") == (9, 2)
    assert shop.host().change_quantity("STRAT", -9, "test", "key") == -7
    assert shop.stock("STRAT") == (2, 2)


def test_stock_that_is_not_kept_is_not_changed(oscar):
    """A shop that counts no stock says so instead of pretending."""
    from reverb_plugin.errors import HostError

    M.ProductClass.objects.update(track_stock=False)
    shop.add("STRAT")
    with pytest.raises(HostError, match="keeps no stock"):
        shop.host().change_quantity("STRAT", 1, "test", "key")
    with pytest.raises(HostError, match="no product with the SKU AMP"):
        shop.host().set_quantity("AMP", 1, "test")
