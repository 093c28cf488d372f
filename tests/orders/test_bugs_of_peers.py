"""Bugs of the existing plugins with orders that this one must not have: a test each, under the number of our table."""

import inspect
import logging
import re
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest

import reverb_plugin.hooks
import reverb_plugin.sync
from reverb_plugin.hooks import on_order_placed, on_order_shipped
from reverb_plugin.host import Shipment
from reverb_plugin.settings import SETTINGS
from reverb_plugin.sync.order_rules import order_for_shop
from tests.sync.market import guitar


@pytest.fixture
def counter(open_counter):
    return open_counter(None, guitar(quantity=90), orders="orders-and-shipments")


def numbers(counter):
    return sorted(order.order_number for order in counter.host.orders.values())


def test_b11_an_order_that_fails_for_days_is_not_lost(counter):
    """The peer gave up after 24 hours: here an order that the shop cannot take for a week is tried until it can."""
    original, counter.host.place_order = counter.host.place_order, lambda order: 1 / 0
    number = counter.buy()
    counter.market.live_through(7 * 86_400, step=20_000)
    assert numbers(counter) == []
    row = next(row for row in counter.market.rows() if row.kind == "import_order")
    assert (row.outcome, row.code) == ("deferred", "host-error")
    counter.host.place_order = original
    counter.look(4000)
    assert numbers(counter) == [number]


def test_b12_orders_behind_the_first_page_are_seen(counter):
    """The peer read page 1 only: here 60 orders over two pages are all placed."""
    bought = [counter.buy() for _ in range(60)]
    counter.market.clock.advance(301)
    counter.market.drain(600)
    assert numbers(counter) == sorted(bought)


def test_b13_the_query_is_written_as_queries_are(counter):
    """The peer joined parameters without &: here the query reads back to what was meant."""
    counter.market.asked()
    counter.look()
    (request,) = counter.market.requests("GET", "/my/orders/selling/all")
    assert set(request.query) == {"updated_start_date", "per_page"}
    assert parse_qs(urlencode(request.query))["per_page"] == ["50"]


def test_b19_two_buyers_of_one_name_stay_two(counter):
    """The peer knew customers by their names: here the shop gets Reverb's id of each."""
    counter.buy(buyer={"name": "Pat Example"})
    counter.buy(buyer={"name": "Pat Other"})
    book = counter.market.simulator.reverb.book
    for order in book.orders.values():
        order.buyer = type(order.buyer)(**{**vars(order.buyer), "first_name": "Pat", "last_name": "Example"})
    counter.look()
    buyers = [order.buyer for order in counter.host.orders.values()]
    assert {buyer.name for buyer in buyers} == {"Pat Example"}
    assert len({buyer.id for buyer in buyers}) == 2


def test_b21_a_parcel_that_fails_is_tried_again_by_itself(counter):
    """The peer sent a tracking number again only by hand: here an hour of Reverb's trouble is nothing to notice."""
    number = counter.buy()
    counter.look()
    counter.door.add_fault("server_error", "POST", "/ship", times=3)
    on_order_shipped(Shipment(number, "UPS", "1Z999"), plugin=counter.plugin)
    counter.market.live_through(3600)
    assert [row["tracking_number"] for row in counter.door.orders()] == ["1Z999"]


@pytest.mark.parametrize("error", [ValueError("v"), KeyError("k"), ZeroDivisionError(), MemoryError()])
def test_b24_a_failed_import_ends_nobody(counter, error):
    """The peer called exit in the shop's own process: here a failing import is a row, and the next order is placed."""
    original = counter.host.place_order
    first = counter.buy()

    def place(order):
        if order.order_number == first:
            raise error
        return original(order)

    counter.host.place_order = place
    second = counter.buy()
    counter.market.clock.advance(301)
    counter.market.drain(20)
    assert numbers(counter) == [second]


def test_b24_nothing_of_ours_ends_a_process():
    """No module that the shop's process loads calls exit, quit or abort."""
    folders = [Path(package.__file__).parent for package in (reverb_plugin.sync, reverb_plugin.hooks)]
    files = [file for folder in folders for file in folder.glob("*.py")]
    assert files
    for file in files:
        assert not re.search(r"\b(sys\.exit|os\._exit|exit\(|quit\(|SystemExit)", file.read_text()), file


def test_b25_one_failed_order_is_remembered(counter):
    """The peer's watermark passed exactly one failed order: here it waits in a job of its own, beyond any overlap."""
    original, counter.host.place_order = counter.host.place_order, lambda order: 1 / 0
    number = counter.buy()
    counter.market.clock.advance(301)
    counter.market.drain(5)
    counter.host.place_order = original
    counter.look(3 * 86_400)
    assert numbers(counter) == [number]


def test_b26_an_order_is_placed_once_whoever_died(counter):
    """The peer made the order before it wrote that down: here the shop is asked first whether it has it."""
    number = counter.buy()
    placed = counter.host.place_order(order_for_shop(counter.plugin.client.get_order(number), "STRAT"))
    counter.host.place_order = lambda order: 1 / 0
    counter.look()
    assert numbers(counter) == [number]
    assert counter.order(number).host_order_id == placed


def test_b27_times_are_utc_and_say_so(counter):
    """The peer sent local time without an offset: here it is UTC with Z, to the second, and never in the future."""
    counter.market.asked()
    counter.look()
    (request,) = counter.market.requests("GET", "/my/orders/selling/all")
    text = request.query["updated_start_date"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)
    assert text <= counter.market.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def test_b28_nothing_of_a_buyer_is_logged(counter, caplog):
    """The peer logged whole orders: here neither the log nor the sync log holds a name, an address or an e-mail."""
    caplog.set_level(logging.DEBUG)
    address = {"street_address": "221b Baker Street", "locality": "Marylebone", "phone": "5550199"}
    buyer = {"name": "Sherlock Holmes", "email": "sherlock@example.org", "address": address}
    number = counter.buy(buyer=buyer)
    counter.host.place_order = lambda order: 1 / 0
    counter.market.clock.advance(301)
    counter.market.drain(5)
    on_order_shipped(Shipment(number, "UPS", "1Z999"), plugin=counter.plugin)
    counter.look()
    said = caplog.text + repr(counter.market.rows())
    for secret in ("Sherlock", "Holmes", "221b", "Baker", "Marylebone", "5550199", "sherlock@"):
        assert secret not in said


def test_b29_a_sale_in_the_storefront_moves_reverbs_stock(counter):
    """The peer missed what customers bought: here the hook needs no request and no session, only the order."""
    event = counter.host.sell("STRAT", 4)
    on_order_placed(event, plugin=counter.plugin)
    counter.market.drain()
    assert counter.both() == (86, 86)
    assert list(inspect.signature(on_order_placed).parameters) == ["event", "plugin"]


def test_the_settings_of_orders_are_documented_as_careful():
    """Without a word from the seller nothing of Reverb's orders touches the shop."""
    assert SETTINGS["orders"].default == "off"
    assert SETTINGS["restock"].default == "ask"
