"""A policy for each field, and the seller's own words for conditions, categories and prices."""

import json
from decimal import Decimal

import pytest

from reverb_plugin.settings import Policy
from reverb_plugin.sync.fields import Group
from tests.sync.market import PHOTO_1, PHOTO_2, SOLID_BODY, guitar

ACOUSTIC = "3ca3eb03-7eac-477d-b253-15ce603d2550"

# group: (the product's fields, the other value, the field of the API, its value before and after)
GROUPS = {
    Group.TITLE: ({"title": "Old"}, {"title": "New"}, "title", "Old", "New"),
    Group.DESCRIPTION: ({"description": "Old"}, {"description": "New"}, "description", "Old", "New"),
    Group.PRICE: (
        {"price": Decimal(10)},
        {"price": Decimal(11)},
        "price",
        {"amount": "10.00", "currency": "USD"},
        {"amount": "11.00", "currency": "USD"},
    ),
    Group.QUANTITY: ({"quantity": 3}, {"quantity": 4}, "inventory", 3, 4),
    Group.CONDITION: (
        {"condition": "Brand New"},
        {"condition": "B-Stock"},
        "condition",
        {"uuid": "7c3f45de-2ae0-4c81-8400-fdb6b1d74890"},
        {"uuid": "9225283f-60c2-4413-ad18-1f5eba7a856f"},
    ),
    Group.MAKE_MODEL: ({"make": "Old"}, {"make": "New"}, "make", "Old", "New"),
    Group.YEAR: ({"year": "1965"}, {"year": "1966"}, "year", "1965", "1966"),
    Group.FINISH: ({"finish": "Red"}, {"finish": "Blue"}, "finish", "Red", "Blue"),
    Group.CATEGORIES: (
        {"categories": (SOLID_BODY,)},
        {"categories": (ACOUSTIC,)},
        "categories",
        [{"uuid": SOLID_BODY}],
        [{"uuid": ACOUSTIC}],
    ),
    Group.PHOTOS: ({"photos": (PHOTO_1,)}, {"photos": (PHOTO_1, PHOTO_2)}, "photos", [PHOTO_1], [PHOTO_1, PHOTO_2]),
    Group.SHIPPING_PROFILE: (
        {"shipping_profile": "61256"},
        {"shipping_profile": "61257"},
        "shipping_profile_id",
        "61256",
        "61257",
    ),
    Group.UPC: ({"upc": "012345678905"}, {"upc": "036000291452"}, "upc", "012345678905", "036000291452"),
    Group.OFFERS: ({"offers_enabled": True}, {"offers_enabled": False}, "offers_enabled", True, False),
}


def test_every_group_has_a_row():
    """The table below knows all groups."""
    assert GROUPS.keys() == set(Group)


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("group", Group)
def test_a_policy_decides_when_a_field_is_sent(market, group, policy):
    """``always`` sends with the listing and at each change, ``create`` only with the listing, ``never`` not at all."""
    fields, other_fields, name, before, after = GROUPS[group]
    market.set(**{f"policy_{group}": policy.value})
    market.save(guitar(**fields))
    (post,) = market.requests("POST")
    assert post.body.get(name) == (None if policy is Policy.NEVER else before)
    market.change("STRAT", **other_fields)
    puts = market.requests("PUT")
    if policy is Policy.ALWAYS:
        assert [put.body[name] for put in puts] == [after]
    else:
        assert puts == []


@pytest.mark.parametrize("group", Group)
def test_the_defaults_are_careful(market, group):
    """Quantity and price follow the shop; everything else is sent on create only."""
    policy = getattr(market.plugin.settings, f"policy_{group}")
    assert policy is (Policy.ALWAYS if group in {Group.PRICE, Group.QUANTITY} else Policy.ON_CREATE)


def test_empty_make_and_model_are_left_out(market):
    """Reverb refuses an empty make or model, and guesses one that is absent."""
    market.save(guitar(make="", model="", year="", finish="", description=""))
    (post,) = market.requests("POST")
    assert not {"make", "model", "year", "finish", "description"} & post.body.keys()
    assert market.listing("STRAT")["make"] == "Fender"


def test_a_text_that_the_shop_lost_wipes_nothing(market):
    """A description that became empty is not sent, also when the policy says always."""
    market.set(policy_description="always", policy_make_model="always")
    market.save(guitar())
    market.change("STRAT", description="", make="")
    assert market.listing("STRAT")["description"] == "Alder body, maple neck."


class TestUpc:
    def test_a_new_item_with_a_upc_sends_it(self, market):
        """A UPC is sent, and no flag beside it."""
        market.save(guitar(upc="012345678905"))
        (post,) = market.requests("POST")
        assert (post.body["upc"], "upc_does_not_apply" in post.body) == ("012345678905", False)

    def test_a_new_item_without_a_upc_says_that_none_applies(self, market):
        """Without the flag a Brand New listing would stay a draft for ever."""
        market.save(guitar(upc=""))
        assert market.requests("POST")[0].body["upc_does_not_apply"] is True

    def test_a_used_item_needs_neither(self, market):
        """The flag is for Brand New alone."""
        market.save(guitar(condition="Excellent"))
        assert not {"upc", "upc_does_not_apply"} & market.requests("POST")[0].body.keys()

    def test_the_flag_as_text(self, market):
        """Documentation shows the flag as text: where the boolean is refused, the text is tried."""
        complaint = {"message": "Invalid", "errors": {"upc_does_not_apply": ["must be a string"]}}
        market.door.add_fault("answer", "POST", "/listings", status=422, body=complaint)
        assert market.save(guitar()).outcome == "created"
        assert [post.body["upc_does_not_apply"] for post in market.requests("POST")] == [True, "true"]


class TestConditions:
    def test_the_shops_word_is_mapped(self, market):
        """condition_map gives the shop's word Reverb's name."""
        market.set(condition_map='{"gebraucht": "Very Good"}')
        market.save(guitar(condition="gebraucht"))
        assert market.listing("STRAT")["condition"] == "Very Good"

    @pytest.mark.parametrize(("word", "given"), [("new", {}), ("New", {}), ("new", {"new": "B-Stock"})], ids=str)
    def test_new_is_brand_new(self, market, word, given):
        """What Shopify and Magento export for new gear needs no map; a map that has the word counts."""
        market.set(condition_map=json.dumps(given))
        market.save(guitar(condition=word))
        assert market.listing("STRAT")["condition"] == given.get(word, "Brand New")

    def test_a_product_without_a_condition_gets_the_default(self, market):
        """default_condition speaks for products that name none, through the map."""
        market.set(condition_map='{"b-ware": "B-Stock"}', default_condition="b-ware")
        market.save(guitar(condition=""))
        assert market.listing("STRAT")["condition"] == "B-Stock"

    def test_an_unknown_word_makes_no_listing(self, market):
        """No listing without a condition: refused with the setting to change, and nothing is sent."""
        row = market.save(guitar(condition="as seen"))
        assert (row.outcome, market.asked()) == ("refused", ["GET my/listings"])
        assert [error.field for error in row.errors] == ["condition"]
        assert "condition_map" in row.errors[0].message

    def test_the_map_is_the_cure(self, market):
        """Once the word is mapped, the product is listed when it is saved again."""
        market.save(guitar(condition="as seen"))
        market.set(condition_map='{"as seen": "Poor"}')
        assert market.save_again("STRAT").outcome == "created"

    def test_an_unknown_word_does_not_hold_back_the_price(self, market):
        """A listing that is there keeps its condition; price and stock go on."""
        market.save(guitar())
        market.change("STRAT", condition="as seen", price="1.00", quantity=7)
        assert (market.listing("STRAT")["price"], market.listing("STRAT")["inventory"]) == ("1.00", 7)

    def test_the_listings_own_condition_decides_its_stock(self, market):
        """A listing that was made as used stays one of a kind when the shop calls the product new: the condition is
        sent on create only.
        """
        market.save(guitar(condition="Excellent", quantity=1))
        market.change("STRAT", condition="Brand New", quantity=5)
        market.change("STRAT", price="1.00", quantity=0)
        assert [put.body.get("has_inventory") for put in market.requests("PUT")] == [False]


class TestCategories:
    def test_the_shops_category_is_mapped(self, market):
        """category_map gives the shop's category Reverb's uuid; twice the same is sent once."""
        market.set(category_map=f'{{"Guitars": "{SOLID_BODY}"}}')
        market.save(guitar(categories=("Guitars", SOLID_BODY)))
        assert market.listing("STRAT")["categories"] == [SOLID_BODY]

    def test_a_category_without_a_place_is_left_out(self, market):
        """It stops nothing: the listing is made, and the row says which setting to change."""
        row = market.save(guitar(categories=("Guitars",)))
        assert (row.outcome, row.code) == ("created", "left-out")
        assert "category_map" in row.errors[0].message
        assert "categories" not in market.requests("POST")[0].body


class TestPrices:
    @pytest.mark.parametrize(
        ("price", "percent", "rounding", "sent"),
        [
            ("100", "0", "cent", "100.00"),
            ("99.99", "5", "cent", "104.99"),
            ("99.99", "-10", "cent", "89.99"),
            ("10.10", "0", "whole", "10"),
            ("10.50", "0", "whole", "11"),
            ("100", "7", "ninety-nine", "106.99"),
            ("100.60", "0", "ninety-nine", "100.99"),
            ("0.20", "0", "ninety-nine", "0.99"),
            ("0.20", "0", "whole", "1"),
            ("0.01", "-90", "cent", "0.01"),
        ],
    )
    def test_adjusted_and_rounded(self, market, price, percent, rounding, sent):
        """The shop's price with the percentage, rounded as the seller wants it."""
        market.set(price_percent=percent, price_rounding=rounding)
        market.save(guitar(price=Decimal(price)))
        assert market.requests("POST")[0].body["price"] == {"amount": sent, "currency": "USD"}

    def test_yen_have_no_cents(self, market):
        """A currency without cents gets whole amounts."""
        market.save(guitar(price=Decimal("1000.50"), currency="JPY"))
        assert market.requests("POST")[0].body["price"] == {"amount": "1001", "currency": "JPY"}

    @pytest.mark.parametrize(
        "fields", [{"price": None}, {"price": Decimal(0)}, {"currency": "SEK"}, {"price": Decimal("1e30")}]
    )
    def test_a_price_that_cannot_be_meant_makes_no_listing(self, market, fields):
        """No price, 0, a currency Reverb does not take or an absurd one: refused, and the reason names the field."""
        row = market.save(guitar(**fields))
        assert (row.outcome, [error.field for error in row.errors]) == ("refused", ["price"])
        assert market.door.find_listing("STRAT") is None

    def test_it_does_not_hold_back_the_stock(self, market):
        """A listing that is there gets its quantity, and the row says what is wrong with the price."""
        market.save(guitar())
        row = market.change("STRAT", price=Decimal(0), quantity=1)
        assert (row.outcome, row.code) == ("updated", "left-out")
        assert (market.listing("STRAT")["price"], market.listing("STRAT")["inventory"]) == ("799.00", 1)

    def test_alone_it_is_refused(self, market):
        """Nothing but the price changed, and it cannot be sent: a row that asks for the seller, and no request."""
        market.save(guitar())
        market.asked()
        row = market.change("STRAT", price=None)
        assert (row.outcome, market.asked()) == ("refused", [])


def test_create_listings_off(market):
    """If not found, do nothing; a listing that is there is kept in step all the same."""
    market.set(create_listings="off")
    row = market.save(guitar())
    assert (row.outcome, market.asked()) == ("skipped", ["GET my/listings"])
    assert "create_listings" in row.message
    market.door.add_listing(sku="STRAT", price="1.00", condition="Brand New", inventory=3)
    market.save_again("STRAT")
    assert market.listing("STRAT")["price"] == "799.00"


def test_a_product_left_alone(market):
    """``sync`` False: nothing is sent, and the listing stays as it is."""
    market.save(guitar())
    market.asked()
    row = market.change("STRAT", price="1.00", sync=False)
    assert (row.outcome, market.asked()) == ("skipped", [])


def test_what_had_to_be_left_out_is_still_owed(market):
    """A category without a mapping is left out of the creation; mapped later, it is sent with the next save, once."""
    market.save(guitar(categories=("Our guitars",)))
    assert market.listing("STRAT")["categories"] == []
    assert "could be sent" in market.save_again("STRAT").message
    market.set(category_map=json.dumps({"Our guitars": SOLID_BODY}))
    market.save_again("STRAT")
    assert market.listing("STRAT")["categories"] == [SOLID_BODY]
    market.change("STRAT", categories=(ACOUSTIC,))
    assert market.listing("STRAT")["categories"] == [SOLID_BODY]


def test_a_photo_that_was_left_out_is_still_owed(market):
    """A photo at a private address is left out; at a public one it is sent with the next save."""
    market.save(guitar(photos=("http://localhost/1.jpg",)))
    market.change("STRAT", photos=("https://shop.example/1.jpg",))
    assert market.requests("PUT")[-1].body["photos"] == ["https://shop.example/1.jpg"]
