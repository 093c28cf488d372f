"""The sample shop of the demo."""

from collections import Counter
from pathlib import Path

import reverb_plugin.demo
from reverb_plugin.hosts.csv_shop import CsvShop

SHOP = CsvShop(Path(reverb_plugin.demo.__file__).with_name("products.csv"))
PRODUCTS = list(SHOP.iter_products())


def has_valid_check_digit(upc):
    digits = [int(digit) for digit in upc]
    return len(digits) == 12 and sum(digits[::2]) * 3 % 10 == -sum(digits[1::2]) % 10


def test_every_row_can_be_read():
    """The sample shop has about forty products and no problems."""
    assert SHOP.problems == ()
    assert 38 <= len(PRODUCTS) <= 45


def test_every_condition_is_there():
    """New stock, and used items of every condition."""
    conditions = Counter(product.condition for product in PRODUCTS)
    assert set(conditions) == {
        "Brand New", "B-Stock", "Mint", "Excellent", "Very Good", "Good", "Fair", "Poor", "Non Functioning",
    }  # fmt: skip
    assert conditions["Brand New"] >= 25


def test_used_items_are_one_of_a_kind():
    """There is one of each used item."""
    assert {product.quantity for product in PRODUCTS if product.sku.startswith("U-")} == {1}


def test_upcs_are_valid():
    """Most new products have a UPC, and each has the right check digit."""
    upcs = [product.upc for product in PRODUCTS if product.upc]
    assert len(upcs) >= 25
    assert all(map(has_valid_check_digit, upcs))


def test_products_are_believable():
    """Each has what a buyer wants to know."""
    for product in PRODUCTS:
        assert product.price is not None
        assert product.price > 5
        assert product.make
        assert product.model
        assert len(product.description) > 60
        assert product.photos
        assert len(product.categories) == 1


def test_one_product_has_a_category_that_is_too_wide():
    """One used guitar stands in the category that Reverb refuses; the demo tells its story."""
    assert [product.sku for product in PRODUCTS if product.categories == ("Guitars",)] == ["U-SQ-STRAT-93"]
