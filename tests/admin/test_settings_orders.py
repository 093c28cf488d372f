"""The section of the settings about orders: what is chosen, carriers in rows, and webhooks without a secret shown."""

import re

import pytest

from reverb_plugin.sync.carriers import PROVIDERS
from reverb_plugin.testing import FakeHost
from tests.admin.visitor import Visitor, text_of

ORDERS = "/settings/orders"


@pytest.fixture
def visitor(market):
    """A person at the page of a market."""
    return Visitor(market.plugin)


def test_chosen(visitor, market):
    """What is chosen is in force."""
    page = visitor.send(ORDERS, orders="orders-and-shipments", orders_poll_minutes="3", restock="never")
    assert "Saved." in page.text
    settings = market.plugin.settings
    assert (settings.orders, settings.orders_poll_minutes, settings.restock) == ("orders-and-shipments", 3, "never")


@pytest.mark.parametrize(
    ("before", "form", "told"),
    [
        ({"orders": "stock"}, {"orders": "off"}, "that the shop could not take yet"),
        ({}, {"orders": "stock", "orders_since": "2026-01-31"}, "Orders since 2026-01-31"),
        ({"orders": "stock", "orders_since": "2026-01-31"}, {"orders_since": "2025-12-01"}, "Orders since 2025-12-01"),
    ],
)
def test_what_has_consequences_is_told_first(before, form, told, visitor, market):
    """That sales are no longer heard of, or old ones are heard of now, is said before it is saved."""
    market.set(**before)
    page = visitor.send(ORDERS, **form)
    assert told in text_of(page).partition("Not saved yet")[2]
    visitor.send(ORDERS, **form, reviewed="yes")
    assert all(str(getattr(market.plugin.settings, name)) == text for name, text in form.items())


def test_what_has_none_is_saved(visitor, market):
    """Turning orders on from now on, and a later first day, need no question."""
    market.set(orders_since="2026-01-31")
    assert "Saved." in visitor.send(ORDERS, orders_since="").text
    assert "Saved." in visitor.send(ORDERS, orders="stock").text


def test_a_day_that_is_none(visitor, market):
    """What cannot be meant is told beside its field, and nothing is saved."""
    page = visitor.send(ORDERS, orders_since="yesterday", orders_poll_minutes="0", orders="stock")
    assert page.status_code == 422
    assert "2 fields need another value" in page.text
    assert market.plugin.settings.orders == "off"


def test_what_the_shop_takes(visitor, open_market):
    """A shop that takes no orders says what happens instead; one that takes all says nothing."""

    class Deaf:
        find_product, iter_products = FakeHost.find_product, FakeHost.iter_products

    assert "takes no orders" not in visitor.open(ORDERS).text
    assert "neither orders nor quantities" in Visitor(open_market(Deaf()).plugin).open(ORDERS).text


def test_carriers(visitor, market):
    """Words for carriers are entered in rows, with Reverb's own names to choose from."""
    page = visitor.send(ORDERS, word=["the van"], carrier=["DHL"])
    assert market.plugin.settings.carrier_map == {"the van": "DHL"}
    assert "Reverb&#39;s carrier for the van" in page.text or "Reverb's carrier for the van" in page.text
    assert all(f"<option>{name}</option>" in page.text for name in PROVIDERS)
    visitor.send(ORDERS, word=["the van", "a pigeon"], carrier=["", "Other"])
    assert market.plugin.settings.carrier_map == {"a pigeon": "Other"}


def test_a_carrier_that_is_none(visitor, market):
    """A word without a choice is asked for, and a name that Reverb does not have is refused."""
    page = visitor.send(ORDERS, word=["the van"], carrier=[""])
    assert page.status_code == 422
    assert "Choose Reverb&#39;s carrier for &#39;the van&#39;." in page.text
    page = visitor.send(ORDERS, word=["the van"], carrier=["Pigeon Post"])
    assert page.status_code == 422
    assert market.plugin.settings.carrier_map == {}


def test_a_secret_path(visitor, market):
    """It is made, renewed and forgotten with buttons, and shown on no page."""
    secrets = []
    for words in ("Make a secret path", "Make a new secret path"):
        page = visitor.press(visitor.open(ORDERS), words)
        assert "The secret path is made." in page.text
        secrets.append(market.plugin.settings.webhook_secret.reveal())
    assert len(set(secrets)) == 2
    assert all(len(secret) > 30 and secret not in visitor.open(ORDERS).text for secret in secrets)
    visitor.press(visitor.open(ORDERS), "Forget it")
    assert market.plugin.settings.webhook_secret is None


def test_reverb_is_asked_to_call(visitor, market):
    """The page's own address is offered; what Reverb says to each topic is shown, also when it refuses."""
    visitor.press(visitor.open(ORDERS), "Make a secret path")
    page = visitor.open(ORDERS)
    assert re.search(r'id="address"[^>]* value="https://localhost/webhooks"', page.text)
    asked = visitor.press(page, "Ask Reverb to call", address="https://shop.example/hooks/")
    assert "nothing is lost but minutes" in asked.text
    market.door.set(webhooks_allowed=True)
    asked = visitor.press(page, "Ask Reverb to call", address="https://shop.example/hooks/")
    assert asked.text.count("Reverb will call.") == 4
    secret = market.plugin.settings.webhook_secret.reveal()
    assert {request.body["url"] for request in market.requests("POST", "/webhooks/registrations")} == {
        f"https://shop.example/hooks/{secret}"
    }
    assert secret not in asked.text


def test_an_address_that_reverb_cannot_call(visitor):
    """It is told, and nothing is asked."""
    visitor.press(visitor.open(ORDERS), "Make a secret path")
    page = visitor.press(visitor.open(ORDERS), "Ask Reverb to call", address="http://shop.example")
    assert page.status_code == 422
    assert "must begin with https://" in page.text


def test_without_a_secret_there_is_nothing_to_call(visitor):
    """A form that was left open elsewhere says so."""
    assert "make one first" in visitor.send("/settings/orders/call", address="https://shop.example").text


def test_who_else_decides(open_market, monkeypatch):
    """A secret and a map that come from the environment are not changed here."""
    monkeypatch.setenv("REVERB_WEBHOOK_SECRET", "of-the-environment")
    monkeypatch.setenv("REVERB_CARRIER_MAP", '{"the van": "UPS"}')
    market = open_market()
    visitor = Visitor(market.plugin)
    page = visitor.open(ORDERS)
    assert "of-the-environment" not in page.text
    assert "set by the environment variable REVERB_WEBHOOK_SECRET" in page.text
    assert "not decided on this page" in visitor.send("/settings/orders/secret").text
    visitor.send(ORDERS, word=["x"], carrier=["UPS"])
    assert market.plugin.settings.carrier_map == {"the van": "UPS"}
