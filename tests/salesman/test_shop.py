"""What of a Salesman shop is a product, what of it is told, and its page."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings

from reverb_plugin.errors import HostError
from reverb_plugin.hosts.salesman.options import read_options
from tests.salesman import shop
from tests.salesman.gear.models import Guitar, Pedal


def test_fields_may_have_other_names(salesman):
    """A shop that keeps a field under another name says so; what it has not is unknown, not zero."""
    shop.add("DS-1", description="Boss", quantity=None)
    product = shop.host(fields={"make": "description", "finish": "nowhere"}, currency="EUR").find_product("DS-1")
    assert (product.make, product.finish, product.quantity, product.currency) == ("Boss", "", None, "EUR")
    with override_settings(REVERB_PLUGIN={"fields": {"color": "finish"}}), pytest.raises(ImproperlyConfigured):
        read_options()


def test_two_products_under_one_code_are_refused(salesman, caplog):
    """A guitar and a pedal with the same code cannot be told apart: both are named, the others go on."""
    for code, model in (("A", Pedal), ("SAME", Guitar), ("SAME", Pedal), ("Z", Guitar)):
        shop.add(code, f"A {model.__name__}", model)
    with pytest.raises(HostError, match=r"'A Guitar' \(gear.Guitar\) and 'A Pedal' \(gear.Pedal\)"):
        shop.host().find_product("SAME")
    assert [each.sku for each in shop.host().iter_products()] == ["A", "Z"]
    assert "SAME is left out" in caplog.text


def test_a_walk_over_pages(salesman, monkeypatch):
    """Pages that end within a code lose nothing and repeat nothing."""
    monkeypatch.setattr("reverb_plugin.hosts.salesman.catalogue.PAGE", 2)
    for number in range(7):
        shop.add(f"P-{number}")
    for _ in range(3):
        shop.add("P-3", "Another")
    assert [each.sku for each in shop.host().iter_products()] == [f"P-{number}" for number in (0, 1, 2, 4, 5, 6)]


def test_stock_that_is_not_kept_is_not_changed(salesman):
    """Without a quantity, or a product, there is no stock to set."""
    shop.add("DS-1", quantity=None)
    for sku in ("DS-1", "GONE"):
        with pytest.raises(HostError, match=sku):
            shop.host().set_quantity(sku, 3, "test")


def test_saving_and_deleting_is_told_after_the_commit(market):
    """What is rolled back is not told."""
    with transaction.atomic():
        shop.add("KEPT")
        assert market.plugin.store.waiting_skus() == []
    with transaction.atomic():
        shop.add("LOST")
        transaction.set_rollback(True)
    assert market.plugin.store.waiting_skus() == ["KEPT"]
    market.drain()
    Pedal.objects.get().delete()
    assert market.plugin.store.waiting_skus() == ["KEPT"]


def test_a_line_that_cannot_be_known_spoils_no_others(market, caplog):
    """An order with a product whose code is no SKU tells of its other products."""
    shop.add(" DS-1")
    shop.add("CH-1")
    market.drain()
    shop.buy(" DS-1", **{"CH-1": 1})
    assert market.plugin.store.waiting_skus() == ["CH-1"]
    assert "A line of order" in caplog.text


@pytest.mark.swallows
def test_an_error_of_ours_breaks_no_order(market, monkeypatch):
    """Salesman sends its signal so that an error reaches the buyer; none gets out of our receiver."""
    monkeypatch.setattr("reverb_plugin.hosts.salesman.signals.on_order_placed", lambda event: 1 / 0)
    shop.add("DS-1")
    order = shop.buy("DS-1")
    assert order.status == "CREATED"


def test_the_page_is_for_staff(market):
    """A stranger is sent to the login, a customer is refused, staff gets in."""
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    with override_settings(ROOT_URLCONF="tests.salesman.urls"):
        assert Client().get("/reverb/").status_code == 302
        assert Client().post("/reverb/webhooks/guessed").status_code == 404
        for name, is_staff, status in (("pat", False, 403), ("staff", True, 200)):
            client = Client()
            client.force_login(users.create_user(name, f"{name}@shop.example", "pw", is_staff=is_staff))
            assert client.get("/reverb/").status_code == status


def test_a_stranger_signs_in_where_the_shop_says(monkeypatch):
    """LOGIN_URL goes first; a shop that names none, and has Django's admin, has its login."""
    from reverb_plugin.hosts.salesman import urls

    assert urls._login_url() is None
    monkeypatch.setattr(urls.apps, "is_installed", lambda name: True)
    assert urls._login_url() == "admin:login"
    with override_settings(LOGIN_URL="/sign-in/"):
        assert urls._login_url() is None


def test_the_migrations_are_whole():
    """The shop's database gets the tables that the models describe."""
    call_command("makemigrations", "reverb_plugin", "reverb_plugin_salesman", check=True, dry_run=True, verbosity=0)
