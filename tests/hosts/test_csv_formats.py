"""The exports of other shop systems, in their true shape."""

from decimal import Decimal
from pathlib import Path

import pytest

from reverb_plugin.errors import HostError, InvalidValueError
from reverb_plugin.hosts.csv_shop import CsvShop

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def woocommerce():
    return CsvShop(FIXTURES / "woocommerce.csv")


@pytest.fixture
def shopify():
    return CsvShop(FIXTURES / "shopify.csv")


@pytest.fixture
def magento():
    return CsvShop(FIXTURES / "magento2.csv", media_url="https://shop.example/media/catalog/product")


def skus(shop):
    return [product.sku for product in shop.iter_products()]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("own", "reverb-plugin"),
        ("woocommerce", "WooCommerce"),
        ("shopify", "Shopify"),
        ("shopify_new", "Shopify"),
        ("magento2", "Magento 2"),
    ],
)
def test_recognises_the_export_by_its_columns(file, name):
    """Nobody has to say which shop system a file comes from."""
    assert CsvShop(FIXTURES / f"{file}.csv").format_name == name


def test_refuses_a_file_that_is_no_product_csv(tmp_path):
    """The error names the columns that were looked for."""
    file = tmp_path / "orders.csv"
    file.write_text("Order,Customer\n1,Ann\n")
    with pytest.raises(InvalidValueError, match=r"no product CSV.*variant sku.*regular price.*product_type.*title"):
        CsvShop(file)


class TestOwn:
    def test_every_field_has_its_column(self):
        """Each field of a product is read from the column with its name."""
        product = CsvShop(FIXTURES / "own.csv").find_product("LP-1")
        assert (product.price, product.currency, product.quantity, product.id) == (Decimal(2799), "USD", 2, "7")
        assert product.description == '<p>Two\nlines &amp; "quotes"</p>'
        assert product.categories == ("Guitars > Electric", "Sale")
        assert product.photos == ("https://shop.example/a.jpg", "https://shop.example/b.jpg")
        assert (product.make, product.model, product.year, product.finish) == (
            "Gibson", "Les Paul Standard", "2024", "Gold Top",
        )  # fmt: skip
        assert (product.condition, product.upc, product.url) == (
            "Brand New", "711044101048", "https://shop.example/lp",
        )  # fmt: skip
        assert (product.shipping_profile, product.offers_enabled, product.sync) == ("Large", True, True)

    def test_sync_no_leaves_the_product_alone(self):
        """The sync column switches a product off."""
        product = CsvShop(FIXTURES / "own.csv").find_product("LEFT-ALONE")
        assert (product.sync, product.offers_enabled) == (False, False)


class TestWooCommerce:
    def test_only_what_is_sold_is_a_product(self, woocommerce):
        """Parents, groups and products sold elsewhere are no products; each variation is one."""
        assert skus(woocommerce) == ["-TS9", "DRAFT-1", "GONE-1", "STRAP-BLK", "STRAP-BRN", "STRAP-SHR"]

    def test_variation_takes_the_rest_from_its_parent(self, woocommerce):
        """A variation has its own SKU, stock, price and photo; title, text, category and make come from the parent."""
        product = woocommerce.find_product("STRAP-BLK")
        assert (product.title, product.finish, product.make) == ("Leather Strap - Black", "Black", "Levy's")
        assert (product.quantity, product.price) == (4, Decimal("39.90"))
        assert product.categories == ("Accessories > Straps",)
        assert product.photos == ("https://shop.example/strap-black.jpg",)

    def test_parent_is_found_by_id_too(self, woocommerce):
        """A parent may be named as id:44."""
        assert woocommerce.find_product("STRAP-SHR").title == "Leather Strap - Red"

    def test_variation_without_photo_shows_its_parents(self, woocommerce):
        """Photos are inherited as a whole list."""
        assert len(woocommerce.find_product("STRAP-BRN").photos) == 2

    def test_empty_and_shared_stock_is_unknown(self, woocommerce):
        """Stock that is not counted for this variation is None, and shared stock is told."""
        assert woocommerce.find_product("STRAP-BRN").quantity is None
        assert woocommerce.find_product("STRAP-SHR").quantity is None
        (problem,) = woocommerce.problems
        assert (problem.line, problem.column, problem.sku) == (5, "Stock", "STRAP-SHR")

    @pytest.mark.parametrize("stock", ["3", "0", "", "parent", "-2", "many"])
    def test_out_of_stock_is_zero_whatever_is_counted(self, tmp_path, stock):
        """What the shop took off sale cannot be sold on Reverb either, and no number is missing then."""
        file = tmp_path / "products.csv"
        file.write_text(f"Type,SKU,Name,Regular price,In stock?,Stock\nsimple,A-1,Strap,5.00,0,{stock}\n")
        shop = CsvShop(file)
        assert (shop.find_product("A-1").quantity, shop.problems) == (0, ())

    def test_draft_is_left_alone(self, woocommerce):
        """A product that the shop does not show is not sent."""
        assert woocommerce.find_product("DRAFT-1").sync is False

    def test_spreadsheet_guards_and_escapes_are_undone(self, woocommerce):
        r"""The ' before a minus, ``\,`` in lists and ``\n`` in descriptions are the exporter's, not the shop's."""
        product = woocommerce.find_product("-TS9")
        assert product.categories == ("Pedals > Overdrive", "Sale, this week")
        assert woocommerce.find_product("STRAP-BLK").description == "<p>Soft.\nWide.</p>"

    def test_regular_price_and_attributes(self, woocommerce):
        """The regular price counts; attributes named like Reverb's fields fill them."""
        product = woocommerce.find_product("-TS9")
        assert (product.price, product.year, product.model) == (Decimal("109.99"), "2024", "TS9")
        assert product.upc == "606559101156"


class TestShopify:
    def test_each_variant_is_a_product(self, shopify):
        """Photo rows and gift cards are no products."""
        assert skus(shopify) == ["AMP-OLD", "CABLE-20", "OFF-BK-L", "OFF-SB-R"]

    def test_variant_is_titled_by_its_options(self, shopify):
        """The title is the product's with the option values; one without variants keeps its own."""
        assert shopify.find_product("OFF-BK-L").title == "Offset Guitar - Black / Left"
        assert shopify.find_product("CABLE-20").title == "Cable 20'"

    def test_variant_has_its_own_stock_and_price(self, shopify):
        """Stock and price never come from the first row of the handle."""
        product = shopify.find_product("OFF-BK-L")
        assert (product.quantity, product.price, product.upc) == (0, Decimal("949.00"), "")

    def test_unknown_stock_and_price_of_a_variant_stay_unknown(self, tmp_path):
        """An empty cell of a variant is not filled from the first row of the handle."""
        file = tmp_path / "variants.csv"
        file.write_text(
            "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price\n"
            "cable,Cable,Length,3 m,C-3,7,19.00\n"
            "cable,,,6 m,C-6,,\n"
        )
        product = CsvShop(file).find_product("C-6")
        assert (product.title, product.quantity, product.price) == ("Cable - 6 m", None, None)

    def test_photos_are_gathered_from_all_rows(self, shopify):
        """The variant's own photo comes first, then those of the handle in order."""
        assert [photo[-10:-4] for photo in shopify.find_product("OFF-SB-R").photos] == [
            "off-sb", "/off-1", "/off-2", "/off-3",
        ]  # fmt: skip
        assert len(shopify.find_product("OFF-BK-L").photos) == 3

    def test_make_finish_condition_and_metafields(self, shopify):
        """Vendor, the colour option, the condition column and metafields fill Reverb's fields; tags do not."""
        product = shopify.find_product("OFF-BK-L")
        assert (product.make, product.finish, product.condition, product.year) == ("Fender", "Black", "new", "1999")
        assert product.categories == ("Electric Guitars",)

    def test_untracked_stock_is_unknown(self, shopify):
        """A number that Shopify does not track means nothing."""
        assert shopify.find_product("CABLE-20").quantity is None

    def test_archived_is_left_alone(self, shopify):
        """An archived product is not sent."""
        assert shopify.find_product("AMP-OLD").sync is False

    def test_new_column_names(self):
        """Shopify's newer export reads the same."""
        shop = CsvShop(FIXTURES / "shopify_new.csv")
        product = shop.find_product("SN-BLK")
        assert (product.title, product.finish, product.quantity) == ("Snare 5x14 - Black", "Black", 1)
        assert (product.price, len(product.photos), product.make) == (Decimal("439.99"), 2, "Tama")


class TestMagento:
    def test_translations_and_configurables_are_no_products(self, magento):
        """A store view's row is no second product, and a configurable is sold through its simple products."""
        assert skus(magento) == ["NOSTOCK-1", "OFF-1", "OUT-1", "PICK-BK", "PICK-WH", "TELE-52"]
        assert magento.problems == ()
        assert magento.find_product("TELE-52").title == "1952 Telecaster"

    def test_variant_takes_the_rest_from_its_configurable(self, magento):
        """Title, text and photos come from the configurable product, price and stock are its own."""
        product = magento.find_product("PICK-BK")
        assert (product.title, product.description, product.finish) == (
            "Pick Guard - Black",
            "<p>Three-ply.</p>",
            "Black",
        )
        assert (product.price, product.quantity, product.make) == (Decimal("24.90"), 5, "Fender")

    def test_photo_paths_become_urls(self, magento):
        """Paths are below the media URL, the base image first and only once."""
        assert magento.find_product("PICK-BK").photos == (
            "https://shop.example/media/catalog/product/p/i/pick.jpg",
            "https://shop.example/media/catalog/product/p/i/pick_1.jpg",
        )

    def test_photo_paths_without_media_url_are_told(self):
        """A photo that cannot be sent is a problem with a line and a column, and no made-up URL."""
        shop = CsvShop(FIXTURES / "magento2.csv")
        assert shop.find_product("PICK-BK").photos == ()
        assert [(problem.line, problem.column) for problem in shop.problems] == [(2, "base_image"), (3, "base_image")]

    def test_additional_attributes(self, magento):
        """Attributes are read from the list, commas in a value included."""
        product = magento.find_product("TELE-52")
        assert (product.condition, product.make, product.model, product.year) == (
            "Very Good", "Fender", "Telecaster, early", "1952",
        )  # fmt: skip

    def test_out_of_stock_is_zero_whatever_is_counted(self, magento):
        """Taken off sale is zero, with a number and without one."""
        assert magento.find_product("OUT-1").quantity == 0
        assert magento.find_product("NOSTOCK-1").quantity == 0

    @pytest.mark.parametrize(("use_config", "quantity"), [("0", None), ("1", 0)])
    def test_out_of_stock_means_nothing_where_stock_is_not_managed(self, tmp_path, use_config, quantity):
        """Magento goes by the mark only for products whose stock it manages."""
        file = tmp_path / "products.csv"
        file.write_text(
            "sku,product_type,name,price,qty,is_in_stock,manage_stock,use_config_manage_stock\n"
            f"A-1,simple,Strap,5.00,,0,0,{use_config}\n"
        )
        assert CsvShop(file).find_product("A-1").quantity == quantity

    def test_disabled_is_left_alone(self, magento):
        """A disabled product is not sent."""
        assert magento.find_product("OFF-1").sync is False


def test_variant_without_its_parent_keeps_its_own_name(tmp_path):
    """A variation whose parent is not in the file is still a product."""
    file = tmp_path / "part.csv"
    file.write_text(
        "Type,SKU,Name,Regular price,Parent,Attribute 1 name,Attribute 1 value(s)\n"
        "variation,A-1,Strap - Black,5.00,GONE,Color,Black\n"
    )
    assert CsvShop(file).find_product("A-1").title == "Strap - Black"


def test_product_without_sku_is_told(tmp_path):
    """A product that nobody gave a SKU is reported, and asking for an empty SKU finds nothing."""
    file = tmp_path / "nosku.csv"
    file.write_text("Type,SKU,Name,Regular price\nsimple,,Strap,5.00\n")
    shop = CsvShop(file)
    assert [(problem.line, problem.column) for problem in shop.problems] == [(2, "SKU")]
    assert shop.find_product("") is None


def test_host_error_for_a_product_that_cannot_be_read(tmp_path):
    """A row that cannot be read is not the same as a product that is gone."""
    file = tmp_path / "bad.csv"
    file.write_text("Type,SKU,Name,Regular price\nsimple,A-1,,5.00\n")
    with pytest.raises(HostError, match="line 2, column Name, SKU A-1"):
        CsvShop(file).find_product("A-1")
