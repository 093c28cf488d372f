"""Orders on the page: what was sold on Reverb, what was done for it, what is left to do, and everything that can be."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from reverb_plugin.changes import Kind
from reverb_plugin.errors import InvalidValueError
from reverb_plugin.store.orders import OrderRow
from reverb_plugin.sync.carriers import PROVIDERS
from reverb_plugin.testing import FakeHost
from tests.admin.visitor import Visitor, rows_of, text_of
from tests.orders.conftest import open_counter  # noqa: F401 - a fixture
from tests.orders.counter import PlainShop, SealedShop
from tests.queries import recorded_queries
from tests.sync.market import guitar

HOSTILE = '"><script>alert(1)</script>{{ 7 * 7 }}'


@pytest.fixture
def shop(open_counter):  # noqa: F811
    """Five Stratocasters on Reverb; orders are placed in the shop, and its parcels told."""
    return open_counter(None, guitar(quantity=5), orders="orders-and-shipments")


@pytest.fixture
def visitor(shop):
    return Visitor(shop.plugin)


def sold(shop, quantity=1, **options):
    number = shop.buy(quantity, **options)
    shop.look()
    return number


def order_page(visitor, number):
    return visitor.open("/order", number=number)


def remember(plugin, *rows):
    """Orders as a look has left them."""
    orders = plugin.store.orders
    poll = orders.begin_poll(None)
    orders.keep_page(poll, rows, None, lambda _before, seen: (seen, ()))


def numbers_on(page):
    return [unescape(number) for number in re.findall(r'class="sku" href="/order\?number=([^"&]*)"', page.text)]


def links_of(page, words):
    return [unescape(address) for address in re.findall(rf'href="([^"]*)"[^>]*>[^<]*{words}', page.text)]


class TestList:
    def test_one_order(self, shop, visitor):
        """Number, state, what was sold, the money, what was done in the shop, and what is left, with the link."""
        number = sold(shop, 2, buyer="Ann Lee")
        (row,) = rows_of(visitor.open("/orders"))
        for words in (number, "Paid", "Ann Lee", "2 × STRAT", "payout", "USD", "Placed in the shop as", "Ship it"):
            assert words in row
        assert "On Reverb (opens a new tab)" in row

    def test_what_the_buyer_saw(self, shop, visitor):
        """The buyer's currency stands beside the shop's, and only when it is another one."""
        sold(shop)
        assert "the buyer saw" not in text_of(visitor.open("/orders"))
        sold(shop, presentment_currency="EUR", presentment_rate="0.92")
        assert re.search(r"the buyer saw [\d,.]+ EUR", text_of(visitor.open("/orders")))

    def test_a_checkout_stands_together(self, open_counter):  # noqa: F811
        """Orders of one checkout are one group, whatever came between them; each page of the group names the other."""
        shop = open_counter(None, guitar(), guitar("AMP"), orders="stock")
        first, other = shop.buy(), shop.buy(sku="AMP")
        second = shop.buy(sku="AMP", bundle_with=first)
        shop.look()
        visitor = Visitor(shop.plugin)
        page = visitor.open("/orders")
        assert "One checkout, 2 orders" in text_of(page)
        groups = [re.findall(r"number=(\d+)", body) for body in re.findall(r"<tbody>.*?</tbody>", page.text, re.DOTALL)]
        assert sorted(map(sorted, groups)) == sorted([sorted([first, second]), [other]])
        assert f"Same checkout {second}" in text_of(order_page(visitor, first))

    def test_page_by_page(self, market):
        """Every order once, the newest first; a checkout across the border stands on one page."""
        market.set(orders="stock")
        now = market.clock.now()
        rows = [
            OrderRow(f"{number:03}", "paid", "A", created_at=now - timedelta(hours=number), fingerprint="x")
            for number in range(60)
        ]
        rows[24:26] = [replace(row, bundle_id="one") for row in rows[24:26]]
        remember(market.plugin, *rows)
        visitor, seen = Visitor(market.plugin), []
        page = visitor.open("/orders")
        while True:
            seen += numbers_on(page)
            older = links_of(page, "Older")
            if not older:
                break
            page = visitor.open(older[0])
        assert seen == [row.number for row in rows]
        assert links_of(page, "← Newest") == ["/orders"]

    @pytest.mark.parametrize("place", ["nonsense", "2026-01-01T00:00:00_1", "0001-01-01T00:00:00+23:00_1", "_", "\x00"])
    def test_an_address_that_makes_no_sense(self, visitor, place):
        """What is no place in the list leads to its beginning."""
        assert visitor.open("/orders", before=place, show="nothing").status_code == 200

    def test_only_what_is_left_to_do(self, shop, visitor):
        """The choice leaves out what asks for nothing; a failing import stays in, whatever the status."""
        paid, shipped = sold(shop), sold(shop)
        shop.door.set_order_status(shipped, "shipped")
        shop.look()
        assert numbers_on(visitor.open("/orders", show="to-do")) == [paid]
        shop.host.place_order = lambda order: None
        failing = shop.buy()
        shop.door.set_order_status(failing, "received")
        shop.look()
        assert numbers_on(visitor.open("/orders", show="to-do")) == [failing, paid]

    def test_ten_thousand_cost_what_ten_do(self, market):
        """The list asks the same questions of its database however many orders, checkouts and jobs there are."""
        market.set(orders="orders")
        now, visitor = market.clock.now(), Visitor(market.plugin)

        def rows(numbers):
            for number in numbers:
                made_at = now - timedelta(minutes=number)
                yield OrderRow(
                    f"{number:05}", "received", f"S-{number}", bundle_id=f"B-{number // 2}", created_at=made_at,
                    fingerprint="x",
                )  # fmt: skip

        remember(market.plugin, *rows(range(10)))
        with recorded_queries() as few:
            visitor.open("/orders")
        remember(market.plugin, *rows(range(10, 10_000)))
        with recorded_queries() as many:
            page = visitor.open("/orders")
        assert len(many) == len(few) < 20
        assert len(numbers_on(page)) <= 26
        with recorded_queries() as to_do:
            visitor.open("/orders", show="to-do")
        assert len(to_do) <= len(many)


class TestOddOrders:
    def test_a_status_nobody_knows(self, shop, visitor):
        """It is shown as Reverb says it, and asks for a look there."""
        number = sold(shop)
        shop.plugin.store.orders.change(number, lambda row: replace(row, status="in_orbit"))
        page = text_of(order_page(visitor, number))
        assert "In orbit" in page
        assert "Reverb calls it in_orbit" in page

    def test_nothing_told(self, market):
        """No money, no buyer, no dates, no SKU, no title, no link: the pages say so instead of failing."""
        market.set(orders="stock")
        remember(market.plugin, OrderRow("77", "", created_at=market.clock.now(), fingerprint="x"))
        remember(market.plugin, OrderRow("78", "", fingerprint="x"))
        visitor = Visitor(market.plugin)
        rows = rows_of(visitor.open("/orders"))
        assert len(rows) == 2
        assert "No status" in rows[0]
        assert "not told" in rows[0]
        assert "no SKU" in rows[0]
        for number in ("77", "78"):
            page = text_of(order_page(visitor, number))
            assert "Buyer not kept" in page
            assert "Reverb tells of none." in page

    def test_no_total_yet(self, shop, visitor):
        """An order nobody has paid shows what the pieces cost, and says what is not in it."""
        shop.market.set(orders_wanted="all")
        sold(shop, status="unpaid")
        assert "before shipping and tax" in text_of(visitor.open("/orders"))

    def test_hostile_texts(self, market):
        """What buyers and shops write is text, and a link that is none leads nowhere."""
        row = OrderRow(
            HOSTILE, HOSTILE[:40], HOSTILE, 1, HOSTILE, "1", HOSTILE, {"total": ["1.00", HOSTILE]},
            links={"web": "javascript:alert(1)"}, buyer_name=HOSTILE, ship_to=HOSTILE, tracking_number=HOSTILE,
            created_at=market.clock.now(), note=HOSTILE, host_order_id=HOSTILE, fingerprint="x",
        )  # fmt: skip
        remember(market.plugin, row)
        visitor = Visitor(market.plugin)
        for page in (visitor.open("/orders"), order_page(visitor, HOSTILE)):
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "javascript:" not in page.text
            assert HOSTILE in text_of(page) or "alert(1)" in text_of(page)

    def test_unreadable_ones_stand_among_the_others(self, shop, visitor):
        """An order of which only the number could be read is in the list, at the time it was found."""
        number = sold(shop)
        shop.plugin.store.orders.change(number, lambda row: replace(row, note="Reverb's order cannot be read: total."))
        assert "cannot be read" in rows_of(visitor.open("/orders", show="to-do"))[0]

    def test_there_is_no_such_order(self, visitor):
        """An unknown number is not found, whatever is sent to it."""
        assert order_page(visitor, "1234").status_code == 404
        assert visitor.send("/order/done", number="1234").status_code == 404
        assert visitor.send("/order/ship", number="").status_code == 404


class TestFailures:
    def test_a_failing_import_is_shown_and_tried_again(self, shop, visitor):
        """List and order say why the shop could not be told; the button tries again at once."""
        healthy = shop.host.place_order

        def place_order(order):
            raise RuntimeError("no such customer group")

        shop.host.place_order = place_order
        number = sold(shop)
        assert "no such customer group" in rows_of(visitor.open("/orders"))[0]
        page = order_page(visitor, number)
        assert "The shop could not be told" in text_of(page)
        assert "Import" in str(rows_of(page)) or "no such customer group" in str(rows_of(page))
        shop.host.place_order = healthy
        page = visitor.press(page, "Try again")
        assert "It is tried again." in text_of(page)
        shop.market.drain()
        page = text_of(order_page(visitor, number))
        assert "Placed in the shop as" in page
        assert "could not be told" not in page

    def test_what_waits_for_a_person_says_so(self, shop, visitor):
        """A parked import is marked, and waits for the button."""

        def place_order(order):
            raise InvalidValueError("order_number", order.order_number, "is too long for this shop")

        shop.host.place_order = place_order
        number = sold(shop)
        assert [job.kind for job in shop.market.parked()] == [Kind.IMPORT_ORDER]
        assert "Waits for you" in rows_of(visitor.open("/orders"))[0]
        assert "Correct what the message says" in text_of(order_page(visitor, number))

    @pytest.mark.parametrize("is_later_off", [False, True])
    def test_what_the_shop_never_takes_is_placed_by_hand(self, shop, visitor, is_later_off):
        """A listing that the shop has no product for: the seller places its order, and it is not tried any more."""

        def place_order(order):
            raise RuntimeError("no such product")

        shop.host.place_order = place_order
        number = sold(shop)
        page = visitor.press(order_page(visitor, number), "I have placed it by hand")
        assert "is not tried any more" in text_of(page)
        shop.market.drain()
        shop.door.set_order_status(number, "cancelled" if is_later_off else "shipped")
        shop.look()
        assert shop.market.parked() == []
        page = order_page(visitor, number)
        assert "could not be told" not in text_of(page)
        assert ("put back 1 of STRAT in the shop by hand" in text_of(page)) == is_later_off
        assert visitor.send("/order/by-hand", number=number).status_code == 409

    def test_nothing_failed(self, shop, visitor):
        """A button pressed on an old page does nothing."""
        number = sold(shop)
        assert "Nothing of it waits" in text_of(visitor.send("/order/retry", number=number))

    def test_reading_fails(self, shop, visitor):
        """When the orders cannot be read, the list says why, and looks again when it is asked to."""
        shop.door.add_fault("answer", "GET", "/my/orders", status=403, body={"message": "Not for this token"})
        shop.look()
        page = visitor.open("/orders")
        assert "The orders could not be read" in text_of(page)
        shop.door.clear_faults()
        visitor.press(page, "Look now")
        shop.market.drain()
        assert "could not be read" not in text_of(visitor.open("/orders"))


class TestDecisions:
    def called_off(self, shop, quantity=2):
        number = sold(shop, quantity)
        shop.door.set_order_status(number, "refunded")
        shop.look()
        return number

    def test_some_go_back(self, shop, visitor):
        """The order asks how many pieces go back; the answer moves the shop's stock, once."""
        number = self.called_off(shop)
        page = order_page(visitor, number)
        assert "Decide how many of the 2 pieces" in text_of(page)
        page = visitor.press(page, "Put back into stock", quantity="1")
        assert "It is noted what goes back" in text_of(page)
        assert "Put back into stock: 1" in text_of(page)
        shop.market.drain()
        assert shop.host.find_product("STRAT").quantity == 4
        again = visitor.send("/order/restock", number=number, quantity="1")
        assert again.status_code == 409
        assert "decided before" in text_of(again)
        shop.market.drain()
        assert shop.host.find_product("STRAT").quantity == 4

    def test_the_only_piece(self, shop, visitor):
        """Of one piece no number is asked: it goes back or it does not."""
        number = self.called_off(shop, 1)
        assert "Decide whether the piece goes back" in rows_of(visitor.open("/orders"))[0]
        page = order_page(visitor, number)
        assert 'type="number"' not in page.text
        visitor.press(page, "Put back into stock")
        shop.market.drain()
        assert shop.host.find_product("STRAT").quantity == 5

    def test_nothing_goes_back(self, shop, visitor):
        """That is an answer too, and the order asks no more."""
        number = self.called_off(shop)
        page = visitor.press(order_page(visitor, number), "Nothing goes back", nothing="on")
        assert "Nothing goes back" not in page.text
        shop.market.drain()
        assert shop.host.find_product("STRAT").quantity == 3
        assert numbers_on(visitor.open("/orders", show="to-do")) == []

    @pytest.mark.parametrize(
        ("quantity", "status"), [("3", 409), ("-1", 409), ("two", 422), ("", 422), ("9" * 5000, 422)]
    )
    def test_impossible_answers(self, shop, visitor, quantity, status):
        """More than was taken, or no number: refused with the reason, and still asked."""
        number = self.called_off(shop)
        page = visitor.send("/order/restock", number=number, quantity=quantity)
        assert page.status_code == status
        assert "Pieces that go back" in text_of(page)

    def test_done(self, open_counter):  # noqa: F811
        """What a person did by hand is ticked off and asks no more."""
        shop = open_counter(SealedShop(FakeHost()), orders="stock")
        number = sold(shop)
        visitor = Visitor(shop.plugin)
        page = order_page(visitor, number)
        assert "by hand" in text_of(page)
        page = visitor.press(page, "That is done")
        assert "asks for nothing more of that" in text_of(page)
        assert "That is done" not in page.text


class TestParcels:
    def test_shipped_by_hand(self, shop, visitor):
        """Carrier and number of a parcel reach Reverb once, and the page follows them there."""
        number = sold(shop)
        page = visitor.press(order_page(visitor, number), "Tell Reverb", carrier="UPS", tracking_number=" 1Z999 ")
        assert "It is noted; Reverb is told next." in text_of(page)
        assert "To be sent UPS 1Z999" in text_of(page)
        assert 'name="tracking_number"' not in page.text
        again = visitor.send("/order/ship", number=number, carrier="UPS", tracking_number="1Z999")
        assert "noted before" in text_of(again)
        shop.market.drain()
        page = text_of(order_page(visitor, number))
        assert "Sent to Reverb UPS 1Z999" in page
        assert "Ship it" not in page
        assert "Tell Reverb" not in page
        assert shop.door.orders()[0]["status"] == "shipped"
        assert len(shop.market.requests("POST", "/ship")) == 1

    def test_what_is_missing_is_asked_for(self, shop, visitor):
        """An empty field is named beside it, what was entered stays, and nothing is noted."""
        number = sold(shop)
        page = visitor.press(order_page(visitor, number), "Tell Reverb", carrier="FedEx")
        assert page.status_code == 422
        assert "Enter the tracking number." in text_of(page)
        assert '<option value="FedEx" selected>' in page.text
        page = visitor.send("/order/ship", number=number, carrier="UPS", tracking_number="1" * 5000)
        assert page.status_code == 422
        assert 'id="tracking_number-error"' in page.text
        shop.market.drain()
        assert shop.market.requests("POST", "/ship") == []

    def test_a_word_of_the_shop(self, shop, visitor):
        """The seller's own words stand first, with the name they go out as; the map of all words is a page."""
        shop.market.set(carrier_map='{"Postbote": "DHL"}')
        number = sold(shop)
        page = order_page(visitor, number)
        assert "Postbote (goes out as DHL)" in text_of(page)
        page = visitor.press(page, "Tell Reverb", carrier="Postbote", tracking_number="7")
        assert "Postbote (on Reverb DHL) 7" in text_of(page)
        carriers = visitor.open("/orders/carriers")
        assert len(rows_of(carriers)) == len(PROVIDERS)
        assert "DHL Postbote (yours)" in [row.strip() for row in rows_of(carriers)]
        assert "evri" in text_of(carriers)

    def test_picked_up(self, shop, visitor):
        """A buyer who comes for it: one button, and Reverb knows."""
        number = sold(shop, local_pickup=True)
        page = order_page(visitor, number)
        assert 'name="tracking_number"' not in page.text
        page = visitor.press(page, "The buyer has collected it")
        assert "Picked up by the buyer." in text_of(page)
        shop.market.drain()
        assert shop.door.orders()[0]["status"] == "picked_up"

    def test_what_reverb_refuses(self, shop, visitor):
        """A parcel that Reverb does not take says why, on the order; what is entered then takes its place."""
        number = sold(shop)
        shop.door.add_fault("answer", "POST", "/ship", status=422, body={"message": "Unknown number"})
        visitor.press(order_page(visitor, number), "Tell Reverb", carrier="UPS", tracking_number="1")
        shop.market.drain()
        page = order_page(visitor, number)
        assert "Reverb could not be told of the parcel: Unknown number" in text_of(page)
        assert numbers_on(visitor.open("/orders", show="to-do")) == [number]
        visitor.press(page, "Tell Reverb", carrier="UPS", tracking_number="2")
        shop.market.drain()
        page = text_of(order_page(visitor, number))
        assert "Sent to Reverb UPS 2" in page
        assert "Not sent UPS 1" in page
        assert shop.door.orders()[0]["tracking_number"] == "2"

    def test_only_where_it_is_wanted(self, shop, visitor):
        """Where parcels are not told to Reverb, the page says which setting does that."""
        shop.market.set(orders="orders")
        page = order_page(visitor, sold(shop))
        assert "Parcels are not told to Reverb" in text_of(page)
        assert "Tell Reverb" not in page.text


class TestReading:
    def test_looking_now(self, shop, visitor):
        """The list says when the orders were read and when that is next; a button has it done at once."""
        page = visitor.open("/orders")
        assert re.search(r"Read last .*?, next ", text_of(page))
        number = shop.buy()
        assert "The orders on Reverb are read next." in text_of(visitor.press(page, "Look now"))
        shop.market.drain()
        assert numbers_on(visitor.open("/orders")) == [number]

    def test_orders_are_off(self, market):
        """The page says what that means and where to switch them on; it asks for no look."""
        visitor = Visitor(market.plugin)
        page = visitor.open("/orders")
        assert "Orders are off" in text_of(page)
        assert "/settings/orders" in page.text
        assert "Look now" not in page.text
        assert "so nothing is read" in text_of(visitor.send("/orders/look"))

    def test_none_yet(self, visitor):
        """Before the first sale the page says what will stand there; a choice that leaves nothing says that."""
        assert "No order yet." in text_of(visitor.open("/orders"))
        assert "No order has anything left to do." in text_of(visitor.open("/orders", show="to-do"))

    @pytest.mark.parametrize(
        ("host", "orders", "words"),
        [
            (PlainShop, "orders", "This shop takes no orders"),
            (lambda: SealedShop(FakeHost()), "orders", "cannot change this shop's stock"),
            (lambda: SealedShop(FakeHost()), "stock", "cannot change this shop's stock"),
        ],
    )
    def test_what_the_shop_lacks(self, open_market, host, orders, words):
        """What the setting asks for and the shop cannot do is said before the first sale."""
        market = open_market(host())
        market.set(orders=orders)
        assert words in text_of(Visitor(market.plugin).open("/orders"))

    def test_nothing_lacks(self, visitor):
        """A shop that offers everything reads of no lack."""
        assert "takes no orders" not in text_of(visitor.open("/orders"))


def test_buyers_as_they_are_kept(shop, visitor):
    """After the days of the setting the page knows no buyer any more; nothing else of the order is lost."""
    number = sold(shop, buyer="Ann Lee")
    assert "Ann Lee" in text_of(order_page(visitor, number))
    shop.market.clock.advance(31 * 86_400)
    shop.plugin.store.orders.trim_buyers(30)
    page = text_of(order_page(visitor, number))
    assert "Ann Lee" not in page
    assert "Buyer not kept" in page


def test_attempts_are_this_orders(shop, visitor):
    """The history of an order is its own, although another one has the same SKU."""
    first, second = sold(shop), sold(shop)
    for mine, other in ((first, second), (second, first)):
        rows = " ".join(rows_of(order_page(visitor, mine)))
        assert mine in rows
        assert other not in rows
