"""What of Oscar's catalogue is a product, and what of it is told."""

import json
import shutil
from decimal import Decimal

import pytest
from django.db import connections
from django.test import override_settings

from reverb_plugin.errors import HostError
from tests.oscar import shop
from tests.oscar.shop import M
from tests.sync.market import SOLID_BODY

pytestmark = pytest.mark.usefixtures("oscar")


def image(product, name, order=0):
    return M.ProductImage.objects.create(product=product, original=f"images/{name}", display_order=order)


def test_everything_of_a_product_arrives():
    """Texts, attributes, categories, photos, price, stock and address come from where Oscar keeps them."""
    record = shop.add(
        "STRAT", title="Fender Stratocaster", description="<p>Alder</p>", price="799.00", quantity=4, upc="885978101",
        make="Fender", model="Stratocaster", year="1974", finish="Olympic White", condition="Excellent",
        shipping_profile="12",
    )  # fmt: skip
    record.product.categories.add(shop.category("Guitars", "Electric", "Solid Body"))
    image(record.product, "back.jpg", 1)
    image(record.product, "front.jpg", 0)

    product = shop.host().find_product("STRAT")

    assert (product.title, product.description, product.upc) == (
        "Fender Stratocaster",
        "<p>Alder</p>",
        "885978101",
    )
    assert (product.make, product.model, product.year, product.finish) == (
        "Fender",
        "Stratocaster",
        "1974",
        "Olympic White",
    )
    assert (product.condition, product.shipping_profile, product.id) == ("Excellent", "12", str(record.pk))
    assert (product.price, product.currency, product.quantity) == (Decimal("799.00"), "USD", 4)
    assert product.categories == ("Guitars > Electric > Solid Body",)
    assert product.photos == tuple(f"https://shop.example/media/images/{name}.jpg" for name in ("front", "back"))
    assert product.url == f"https://shop.example/catalogue/fender-stratocaster_{record.product.pk}/"
    assert product.sync is True


def test_attributes_may_have_other_names():
    """A shop that calls the make a brand says so."""
    gear = M.ProductClass.objects.get()
    M.ProductAttribute.objects.create(product_class=gear, name="Brand", code="brand", type="text")
    record = shop.add("STRAT", make="nobody")
    record.product.attr.brand = "Fender"
    record.product.save()
    assert shop.host(attributes={"make": "brand"}).find_product("STRAT").make == "Fender"


def test_what_is_reserved_is_not_for_sale():
    """Pieces that an order waits for do not count, and there are never less than none."""
    shop.add("STRAT", quantity=3)
    shop.buy("STRAT", 2)
    assert shop.host().find_product("STRAT").quantity == 1
    M.StockRecord.objects.update(num_allocated=5)
    assert shop.host().find_product("STRAT").quantity == 0


def test_a_shop_that_counts_no_stock_does_not_know_it():
    """Without stock keeping the quantity is unknown, and so is a stock that nobody has entered."""
    M.ProductClass.objects.update(track_stock=False)
    shop.add("STRAT", quantity=0)
    assert shop.host().find_product("STRAT").quantity is None
    M.ProductClass.objects.update(track_stock=True)
    shop.add("AMP", quantity=None)
    assert shop.host().find_product("AMP").quantity is None


@pytest.mark.parametrize("hidden", ["child", "parent"])
def test_variants_are_products_of_their_own(hidden):
    """A variant has its SKU, stock and price, and takes from its parent what it does not say; the parent is none."""
    parent = shop.add("PARENT", title="Strings", description="Nickel", make="Elixir", structure="standalone").product
    M.StockRecord.objects.all().delete()
    parent.structure = "parent"
    parent.save()
    parent.categories.add(shop.category("Accessories"))
    image(parent, "strings.jpg")
    for sku, title, price in (("S-9", "Strings 9-42", "9.00"), ("S-10", "", "10.00")):
        child = M.Product.objects.create(structure="child", parent=parent, title=title)
        shop.add(sku, product=child, price=price, quantity=7)

    first, second = shop.host().iter_products()

    assert [each.sku for each in (first, second)] == ["S-10", "S-9"]
    assert (first.title, second.title, second.price) == ("Strings", "Strings 9-42", Decimal("9.00"))
    assert first.make == "Elixir"
    assert first.description == "Nickel"
    assert first.categories == ("Accessories",)
    assert first.photos == ("https://shop.example/media/images/strings.jpg",)
    assert first.id != second.id
    M.Product.objects.filter(structure=hidden).update(is_public=False)
    assert [each.sync for each in shop.host().iter_products()] == [False, False]


def test_the_storefront_says_which_partner_sells():
    """Of several partners' stock records only the one that the shop's strategy sells from is a product."""
    other = M.Partner.objects.create(name="A supplier")
    record = shop.add("OURS", quantity=1)
    shop.add("THEIRS", product=record.product, partner=other, quantity=500)
    assert [(each.sku, each.quantity) for each in shop.host().iter_products()] == [("OURS", 1)]
    assert shop.host().find_product("THEIRS").quantity == 0


def test_a_partner_who_is_sold_out_is_followed_by_the_next(market, monkeypatch):
    """Where the strategy goes on to another partner, the first one's listing goes down to 0 and the other's comes."""
    from oscar.apps.partner.strategy import Default

    class InStockFirst(Default):
        def select_stockrecord(self, product):
            return max(product.stockrecords.all(), key=lambda record: record.net_stock_level > 0)

    monkeypatch.setattr("oscar.apps.partner.strategy.Selector.strategy", lambda _self, **_: InStockFirst())
    market.set(category_map=json.dumps({"Guitars": SOLID_BODY}))
    record = shop.add("OURS", quantity=1, **shop.GUITAR)
    record.product.categories.add(shop.category("Guitars"))
    shop.add("THEIRS", product=record.product, partner=M.Partner.objects.create(name="A supplier"), quantity=50)
    market.drain()
    assert [row["sku"] for row in market.door.listings()] == ["OURS"]
    shop.buy("OURS")
    market.drain()
    assert {row["sku"]: row["inventory"] for row in market.door.listings()} == {"OURS": 0, "THEIRS": 50}


def test_two_partners_with_one_sku_for_one_product():
    """The same product under the same SKU at two partners is one product."""
    other = M.Partner.objects.create(name="A supplier")
    record = shop.add("STRAT", quantity=1)
    shop.add("STRAT", product=record.product, partner=other, quantity=500)
    assert [each.quantity for each in shop.host().iter_products()] == [1]


@pytest.mark.parametrize("page", [1, 2, 200])
def test_two_products_under_one_sku_are_refused(caplog, monkeypatch, page):
    """Two products that partners call the same cannot be told apart: both are named, the others go on."""
    monkeypatch.setattr("reverb_plugin.hosts.oscar.catalogue.PAGE", page)
    shop.add("A")
    shop.add("SAME", title="A guitar")
    shop.add("SAME", title="A drum", partner=M.Partner.objects.create(name="A supplier"))
    shop.add("Z")
    with pytest.raises(HostError, match=r"'A guitar' \(Our own stock\) and 'A drum' \(A supplier\)"):
        shop.host().find_product("SAME")
    assert [each.sku for each in shop.host().iter_products()] == ["A", "Z"]
    assert "SAME is left out" in caplog.text


def test_tax_is_in_the_price_where_the_storefront_shows_it(monkeypatch):
    """A shop whose strategy adds a known tax sells on Reverb for what its own customers pay."""
    from oscar.apps.partner.strategy import UK

    shop.add("STRAT", price="100.00")
    monkeypatch.setattr("oscar.apps.partner.strategy.Selector.strategy", lambda _self: UK())
    assert shop.host().find_product("STRAT").price == Decimal("120.00")


def test_photos_need_a_site():
    """Reverb fetches photos from outside: as long as nobody has named the site, there are none."""
    from django.contrib.sites.models import Site

    image(shop.add("STRAT").product, "front.jpg")
    assert shop.host(site_url="").find_product("STRAT").photos == ()
    site = Site.objects.get_current()
    site.domain = "strings.example"
    site.save()
    assert shop.host(site_url="").find_product("STRAT").photos == ("https://strings.example/media/images/front.jpg",)
    Site.objects.clear_cache()


def test_a_walk_over_many_pages_asks_little(monkeypatch):
    """A page of products takes the same few queries however many there are, also where pages end within a SKU."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    monkeypatch.setattr("reverb_plugin.hosts.oscar.catalogue.PAGE", 3)
    other = M.Partner.objects.create(name="A supplier")
    for number in range(7):
        record = shop.add(f"SKU-{number}", make="Fender")
        shop.add(f"SKU-{number}", product=record.product, partner=other)
    with CaptureQueriesContext(connection) as asked:
        skus = [each.sku for each in shop.host().iter_products()]
    assert skus == [f"SKU-{number}" for number in range(7)]
    assert len(asked) <= 60


class Replicated:
    """A router of a shop that reads from a copy of its database."""

    def db_for_read(self, model, **hints):
        return "copy"

    def db_for_write(self, model, **hints):
        return "default"

    def allow_relation(self, *objects, **hints):
        return True


def test_a_copy_that_lags_behind_is_not_asked_for_the_stock(oscar):
    """What was sold a moment ago is not for sale, though the copy does not know of it yet."""
    record = shop.add("STRAT", quantity=5)
    connections["default"].close()
    connections.settings["copy"] = connections.settings["default"] | {"NAME": shutil.copy(oscar, f"{oscar}-copy")}
    record.num_in_stock = 1
    record.save()
    try:
        with override_settings(DATABASE_ROUTERS=[Replicated()]):
            assert shop.host().find_product("STRAT").quantity == 1
            assert [each.quantity for each in shop.host().iter_products()] == [1]
    finally:
        connections["copy"].close()
        del connections.settings["copy"]


def test_statuses_that_are_not_named_keep_their_default(settings_of_shop):
    """A shop that has another word for one status says that one alone."""
    from reverb_plugin.hosts.oscar.options import read_options

    settings_of_shop({"statuses": {"shipped": "On its way"}})
    options = read_options()
    assert (options.status("shipped"), options.status("refunded")) == ("On its way", "Refunded")


def test_an_option_that_is_none_is_refused(settings_of_shop):
    """A typo in REVERB_PLUGIN stops the shop from starting, and names what there is."""
    from django.core.exceptions import ImproperlyConfigured

    from reverb_plugin.hosts.oscar.options import read_options

    for given, message in (
        ({"data_dri": "x"}, "no entry 'data_dri'"),
        ({"attributes": {"brand": "x"}}, "'brand'"),
        ({"statuses": {"shiped": "x"}}, "'shiped'"),
    ):
        settings_of_shop(given)
        with pytest.raises(ImproperlyConfigured, match=message):
            read_options()
