"""Exclusion rules: what they name is left alone, by a mass sync and by single pushes."""

import pytest

from tests.mass.desk import guitars
from tests.sync.market import SOLID_BODY, guitar

# setting, its value, what it excludes, what it does not
RULES = [
    ("exclude_skus", "DEMO-*", {"sku": "DEMO-1"}, {"sku": "XDEMO-1"}),
    ("exclude_skus", "A-1 | demo-?", {"sku": "DEMO-1"}, {"sku": "DEMO-10"}),
    (
        "exclude_categories",
        "Guitars > Electric*",
        {"categories": ("Guitars > Electric > Solid",)},
        {"categories": ("Bass",)},
    ),
    ("exclude_categories", SOLID_BODY, {"categories": (SOLID_BODY,)}, {"categories": ()}),
    ("exclude_makes", "behringer | fender", {"make": "Fender"}, {"make": "Fender Custom Shop"}),
    ("exclude_price_below", "100", {"price": "99.99"}, {"price": "100.00"}),
    ("exclude_price_above", "5000.50", {"price": "5000.51"}, {"price": "5000.50"}),
    (None, None, {"sync": False}, {"sync": True}),
]


def product(**fields):
    return guitar(**{"sku": "A"} | fields)


@pytest.mark.parametrize(("name", "value", "excluded", "other"), RULES)
class TestRules:
    def test_a_mass_sync_leaves_it_alone(self, desk, name, value, excluded, other):
        """What is excluded is neither made nor changed, and the plan names the rule; the other one is sent."""
        desk.market.set(category_map=f'{{"Guitars > Electric > Solid": "{SOLID_BODY}", "Bass": "{SOLID_BODY}"}}')
        if name:
            desk.market.set(**{name: value})
        desk.fill_shop(product(**excluded), product(**{"sku": "OTHER"} | other))
        run = desk.sync()
        row = desk.row(run, product(**excluded).sku)
        assert (row.action, row.body) == ("excluded", None)
        assert row.message
        assert [each["sku"] for each in desk.door.listings()] == [product(**{"sku": "OTHER"} | other).sku]

    def test_a_single_push_leaves_it_alone(self, desk, name, value, excluded, other):
        """Saved by itself nothing is sent, and the log names the rule."""
        if name:
            desk.market.set(**{name: value})
        row = desk.market.save(product(**excluded))
        assert (row.outcome, desk.door.listings(), desk.market.asked()) == ("skipped", [], [])
        assert row.message

    def test_its_listing_is_left_alone_too(self, desk, name, value, excluded, other):
        """A listing that exists is not changed, not linked, and no drift."""
        desk.list_all([product(**excluded | {"price": "650.00", "categories": ()})])
        if name:
            desk.market.set(**{name: value})
        desk.fill_shop(product(**excluded))
        desk.sync()
        sku = product(**excluded).sku
        assert (desk.door.listing(sku)["price"], desk.market.link(sku)) == ("650.00", None)
        assert desk.kinds(desk.check_drift()) == {}
        desk.market.save_again(sku)
        assert desk.door.listing(sku)["price"] == "650.00"


class TestOutOfStock:
    def test_no_listing_is_made(self, desk):
        """A product without stock gets no listing, by a mass sync or a save; one whose stock is unknown does."""
        desk.market.set(exclude_out_of_stock="on")
        desk.fill_shop(guitar("NONE", quantity=0), guitar("SOME"), guitar("UNKNOWN", quantity=None))
        run = desk.sync()
        assert desk.row(run, "NONE").action == "skipped"
        assert "no stock" in desk.row(run, "NONE").message
        desk.market.save_again("NONE")
        assert {row["sku"] for row in desk.door.listings()} == {"SOME", "UNKNOWN"}

    def test_a_listing_still_goes_down_to_zero(self, desk):
        """One that exists is kept in step: otherwise the shop would oversell."""
        desk.market.set(exclude_out_of_stock="on")
        desk.list_all(guitars(2))
        desk.fill_shop(*guitars(2, quantity=0))
        desk.sync()
        assert [row["inventory"] for row in desk.door.listings()] == [0, 0]


def test_a_deleted_product_of_an_excluded_sku_keeps_its_listing(desk):
    """Left alone is left alone: the listing does not end with the product."""
    desk.market.save(guitar("DEMO-1"))
    desk.market.set(exclude_skus="DEMO-*")
    desk.market.delete("DEMO-1")
    assert desk.door.listing("DEMO-1")["state"] == "draft"
