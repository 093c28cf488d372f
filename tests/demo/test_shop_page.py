"""The sample shop's pages: what is done there moves both sides, and what cannot be done is told."""

from decimal import Decimal

import pytest
from werkzeug.test import Client

import reverb_plugin
from reverb_plugin.demo.counter import Counter
from reverb_plugin.demo.shop import SampleShop
from reverb_plugin.demo.shop_page import ShopPage
from reverb_plugin.host import Product
from reverb_plugin.hosts.csv_shop import write_products

OURS = {"Sec-Fetch-Site": "same-origin"}
PEDAL = Product("A/1", title="Chorus <b>Pedal</b>", price=Decimal("99.00"), quantity=3, make="Boss", model="CH-1",
                condition="Brand New")  # fmt: skip


class Shop:
    """The shop, its pages, and the Reverb at the other side."""

    def __init__(self, path, simulator):
        write_products(path / "products.csv", [PEDAL])
        self.simulator = simulator
        self.shop = SampleShop(path / "products.csv")
        self.plugin = reverb_plugin.configure(
            self.shop.csv, token=simulator.token, api_url=simulator.url, data_dir=path / "data", worker="none"
        )
        self.plugin.configuration.save("requests_per_minute", "600")
        self.client = Client(ShopPage(Counter(self.shop, simulator.door), self.plugin, simulator.site))

    def send(self, path, headers=OURS, **form):
        answer = self.client.post(path, data={"sku": "A/1"} | form, headers=headers)
        self.plugin.drain(20)
        return answer

    def see(self, path="/product?sku=A%2F1"):
        return self.client.get(path).text


@pytest.fixture
def shop(tmp_path, simulator):
    simulator.door.add_listing(
        sku="A/1", title=PEDAL.title, price="99.00", has_inventory=True, inventory=3, make="Boss", model="CH-1",
        condition="Brand New",
    )  # fmt: skip
    shop = Shop(tmp_path, simulator)
    shop.shop.save("A/1")
    shop.plugin.drain(20)
    yield shop
    shop.plugin.close()


def test_edit_moves_both_sides(shop):
    """An edited product is saved in the shop and changed on Reverb, and both are shown beside each other."""
    answer = shop.send("/edit", title="Chorus <b>Pedal</b>", price="89.50", quantity="5")

    assert (answer.status_code, answer.location) == (303, "/product?sku=A%2F1")
    assert shop.simulator.door.listing("A/1")["price"] == "89.50"
    page = shop.see()
    assert page.count("<dd>89.50</dd>") == 2
    assert "in step" in page
    assert "Chorus &lt;b&gt;Pedal&lt;/b&gt;" in page


def test_edit_takes_no_sale_back(shop):
    """A form that was open while one was sold does not put it back into stock when only the price is edited."""
    shop.send("/buy", quantity="1")

    shop.send("/edit", title="Pedal", price="89.50", quantity="3", shown_quantity="3")

    assert shop.simulator.door.listing("A/1")["price"] == "89.50"
    assert shop.simulator.door.listing("A/1")["inventory"] == 2


def test_purchase_and_refund_in_the_shop_move_both_sides(shop):
    """What is bought in the shop leaves both stocks, what is paid back returns to both, once."""
    shop.send("/buy", quantity="2")
    assert shop.simulator.door.listing("A/1")["inventory"] == 1

    shop.send("/refund", number="3001")
    again = shop.send("/refund", number="3001")

    assert shop.simulator.door.listing("A/1")["inventory"] == 3
    assert again.status_code == 422
    assert "nothing to pay back" in again.text
    assert "paid back" in shop.see()


def test_purchase_on_reverb_is_seen_and_refunded(shop):
    """What is bought on Reverb leaves its stock there; the page shows that the sides differ, and pays it back."""
    shop.send("/buy-on-reverb", quantity="1")
    bought = shop.see()
    number = shop.simulator.door.orders()[0]["order_number"]
    shop.send("/refund", number=number)

    assert shop.simulator.door.listing("A/1")["inventory"] == 2
    assert "different" in bought
    assert "different" in shop.see("/")
    assert shop.simulator.door.orders()[0]["status"] == "refunded"


def test_an_order_arrives_and_is_shipped(shop):
    """With orders on, what is bought on Reverb is an order in the shop at once; shipped there, Reverb knows it."""
    shop.plugin.configuration.save("orders_since", "2020-01-01")  # Reverb's clock is not ours here
    shop.plugin.configuration.save("orders", "orders-and-shipments")
    shop.plugin.drain(20)
    shop.send("/buy-on-reverb", quantity="2")
    number = shop.simulator.door.orders()[0]["order_number"]
    page = shop.see()
    assert f"R-{number}, paid" in page
    assert "in step" in page
    assert (shop.shop.product("A/1").quantity, shop.simulator.door.listing("A/1")["inventory"]) == (1, 1)

    shop.send("/ship", number=number)
    order = shop.simulator.door.orders()[0]
    assert (order["status"], order["shipping_provider"]) == ("shipped", "UPS")
    shop.send("/refund", number=number)
    assert shop.shop.csv.called_off == {f"R-{number}"}
    assert shop.shop.product("A/1").quantity == 1


def test_what_has_not_arrived_is_not_shipped(shop):
    """Without orders nothing arrives, and the page says so."""
    shop.send("/buy-on-reverb", quantity="1")
    number = shop.simulator.door.orders()[0]["order_number"]
    assert "on its way" in shop.see()
    assert shop.send("/ship", number=number).status_code == 422


@pytest.mark.parametrize(
    ("path", "form", "told"),
    [
        ("/buy", {"quantity": "4"}, "The shop has 3, not 4."),
        ("/buy", {"quantity": "0"}, "whole number from 1 on"),
        ("/buy", {"quantity": "²"}, "whole number from 1 on"),
        ("/buy-on-reverb", {"quantity": "4"}, "has 3 in stock, not 4"),
        ("/edit", {"title": "", "price": "1", "quantity": "1"}, "a product needs a title"),
        ("/edit", {"title": "A", "price": "much", "quantity": "1"}, "has to be a number"),
        ("/edit", {"title": "A", "price": "1", "quantity": "-1"}, "whole number from 0 on"),
        ("/refund", {"number": "1"}, "nothing to pay back"),
    ],
)
def test_what_cannot_be_done_is_told(shop, path, form, told):
    """A quantity that is not there, a price that is none: the page says why, and nothing changes."""
    answer = shop.send(path, **form)

    assert (answer.status_code, told in answer.text) == (422, True)
    assert shop.shop.product("A/1") == PEDAL


def test_other_sites_change_nothing(shop):
    """A form that another site sent is refused; so is what the shop does not have."""
    assert shop.send("/buy", headers={"Sec-Fetch-Site": "cross-site"}, quantity="1").status_code == 403
    assert shop.send("/buy", headers={}, quantity="1").status_code == 403
    assert shop.client.get("/product?sku=B").status_code == 404
    assert shop.client.get("/buy").status_code == 404
    assert shop.shop.product("A/1") == PEDAL
