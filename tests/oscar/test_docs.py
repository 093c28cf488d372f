"""docs/django.md: its recipes work, and it names what there is."""

import re
import sys
from dataclasses import fields
from types import ModuleType

import pytest

from reverb_plugin.default import find_default
from reverb_plugin.hosts.oscar.options import ATTRIBUTES, Options
from tests.docs.pages import blocks, read

SETTINGS, RECIPE = blocks("docs/django.md", "py")


def test_every_entry_is_documented():
    """The table of REVERB_PLUGIN names each entry, and no other."""
    table = read("docs/django.md").split("### Entries")[1].split("###")[0]
    named = [name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(each.name for each in fields(Options))
    assert all(f"`{name}`" in table for name in ATTRIBUTES)


def test_the_settings_are_enough(oscar, tmp_path, settings_of_shop):
    """What stands there is what the app needs: it makes a plugin whose files are where they should be."""
    from reverb_plugin.hosts.oscar.plugging import plug_in

    names = {"INSTALLED_APPS": [], "BASE_DIR": tmp_path}
    exec(SETTINGS, names)
    assert names["INSTALLED_APPS"] == ["reverb_plugin.hosts.oscar"]
    settings_of_shop(names["REVERB_PLUGIN"])
    plugin = plug_in()
    assert plugin is find_default()
    assert plugin.store.path.parent == tmp_path / "reverb"
    plugin.close()


def test_the_worker_starts_with_the_first_request(oscar, tmp_path, settings_of_shop):
    """A command of manage.py sends nothing; the first request starts the thread, unless forbidden."""
    from django.core.signals import request_started

    from reverb_plugin.hosts.oscar.plugging import plug_in

    for worker, starts in (("thread", True), ("none", False)):
        settings_of_shop({"data_dir": tmp_path, "worker": worker})
        plugin = plug_in()
        assert not plugin.has_live_worker
        for _ in range(2):
            request_started.send(sender=None, environ={})
        assert plugin.has_live_worker is starts
        plugin.close()


def test_a_closed_plugin_stays_closed(oscar, tmp_path, settings_of_shop):
    """A request that comes after the plugin was closed does not bring it back."""
    from django.core.signals import request_started

    from reverb_plugin.hosts.oscar.plugging import plug_in

    settings_of_shop({"data_dir": tmp_path})
    plugin = plug_in()
    plugin.close()
    request_started.send(sender=None, environ={})
    assert not plugin.has_live_worker


def test_a_word_that_cannot_be_meant_is_refused(oscar, settings_of_shop):
    """A value that configure() refuses stops the shop from starting, as Django's own settings do."""
    from django.core.exceptions import ImproperlyConfigured

    from reverb_plugin.hosts.oscar.plugging import plug_in

    settings_of_shop({"environment": "moon"})
    with pytest.raises(ImproperlyConfigured, match="environment"):
        plug_in()


def test_the_command_line_finds_the_plugin(oscar, tmp_path, settings_of_shop):
    """--host names the plugin that the app has made; without one it says what to do."""
    from reverb_plugin.cli.shop import load_shop
    from reverb_plugin.errors import HostError
    from reverb_plugin.hosts.oscar.plugging import plug_in

    with pytest.raises(HostError, match="REVERB_PLUGIN is None"):
        load_shop("reverb_plugin.hosts.oscar.running:plugin")
    settings_of_shop({"data_dir": tmp_path})
    plugin = plug_in()
    assert load_shop("reverb_plugin.hosts.oscar.running:plugin") is plugin
    plugin.close()


@pytest.fixture
def shop_models(oscar, monkeypatch):
    """A shop with a table of its own."""
    from django.db import connection, models

    class Item(models.Model):
        sku = models.CharField(max_length=64, unique=True)
        title = models.CharField(max_length=255)
        price = models.DecimalField(max_digits=9, decimal_places=2)
        quantity = models.IntegerField()

        class Meta:
            app_label = "shop"

    with connection.schema_editor() as editor:
        editor.create_model(Item)
    for name in ("shop", "shop.models"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    sys.modules["shop.models"].Item = Item
    return Item


def test_the_recipe_for_another_shop(shop_models, market, tmp_path):
    """The recipe is a host as it should be: products by SKU, and each save and deletion is noted after its commit."""
    from django.db.models.signals import post_delete, post_save

    names = {}
    exec(RECIPE, names)
    plugin = names["start"](tmp_path / "own")
    try:
        for sku in ("B", "A"):
            shop_models.objects.create(sku=sku, title=f"Item {sku}", price="9.99", quantity=2)
        assert [each.sku for each in names["Shop"]().iter_products()] == ["A", "B"]
        assert [each.sku for each in names["Shop"]().iter_products("A")] == ["B"]
        assert names["Shop"]().find_product("A").title == "Item A"
        assert names["Shop"]().find_product("C") is None
        shop_models.objects.filter(sku="A").delete()
        assert sorted(plugin.store.waiting_skus()) == ["A", "B"]
    finally:
        post_save.disconnect(names["saved"], sender=shop_models)
        post_delete.disconnect(names["deleted"], sender=shop_models)
        plugin.close()


def test_the_migration_makes_the_table(tmp_path):
    """``manage.py migrate reverb_plugin`` makes what the model wants, and nothing is missing from it."""
    from django.core.management import call_command
    from django.db import connections

    from reverb_plugin.hosts.oscar.stock import StockChange

    call_command("makemigrations", "reverb_plugin", check_changes=True, dry_run=True, verbosity=0)
    before = connections["default"].settings_dict["NAME"]
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = str(tmp_path / "shop.sqlite3")
    try:
        call_command("migrate", "reverb_plugin", verbosity=0)
        StockChange.objects.create(key="key", sku="STRAT", reason="test")
        assert [str(change) for change in StockChange.objects.all()] == ["STRAT +0: test"]
    finally:
        connections["default"].close()
        connections["default"].settings_dict["NAME"] = before
