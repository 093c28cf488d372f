"""What a person decides about one SKU: to leave it alone, to take it up again, to adopt its listing."""

import pytest

from reverb_plugin.adoption import adopt_listing
from reverb_plugin.errors import InvalidValueError, NotFoundError
from reverb_plugin.settings import Settings, get_info, show
from reverb_plugin.sync.exclusion import find_sku_exclusion, pattern_of
from tests.mass.desk import listing_fields
from tests.sync.market import guitar

STRANGE = [
    "A*",
    "A?",
    "[A]",
    "A|B",
    "[|]",
    "||",
    "[!A]",
    "a/b",
    "back\\slash",
    "100%",
    "😀",
    "Ünïcode-ß",
    "A [1-3] | *",
]


class TestExclude:
    @pytest.mark.parametrize("sku", STRANGE)
    def test_exactly_this_sku_is_left_alone(self, market, sku):
        """Whatever signs it holds, also those that have a meaning in patterns, no other SKU is meant by it."""
        market.plugin.configuration.change_list("exclude_skus", add=pattern_of(sku))
        settings = market.plugin.configuration.values
        assert [other for other in [*STRANGE, "A", "AB", "B", "1"] if find_sku_exclusion(other, settings)] == [sku]

    def test_all_together_are_kept_apart(self, market):
        """One after the other is added, and each is taken away again by itself."""
        for sku in STRANGE:
            market.plugin.configuration.change_list("exclude_skus", add=pattern_of(sku))
        assert market.plugin.settings.exclude_skus == tuple(map(pattern_of, STRANGE))
        market.plugin.configuration.change_list("exclude_skus", remove=pattern_of("A|B"))
        assert not find_sku_exclusion("A|B", market.plugin.settings)
        assert find_sku_exclusion("A*", market.plugin.settings)

    def test_a_list_is_read_as_it_is_shown(self):
        """A separator in brackets separates nothing, with blanks around it or without."""
        info = get_info("exclude_skus")
        assert info.parse("A[|]B|C") == ("A[|]B", "C")
        assert info.parse("[A|B]") == ("[A", "B]")
        assert info.parse(show(tuple(map(pattern_of, STRANGE)))) == tuple(map(pattern_of, STRANGE))

    def test_twice_is_once(self, market):
        """A SKU that is excluded already is not noted again, and what a person wrote stays."""
        market.set(exclude_skus="TEST-* | OLD")
        for _ in range(2):
            market.plugin.configuration.change_list("exclude_skus", add="A")
        assert market.plugin.settings.exclude_skus == ("TEST-*", "OLD", "A")
        assert Settings().exclude_skus == ()


class TestAdopt:
    def adopt(self, market, sku, listing_id):
        plugin = market.plugin
        return adopt_listing(market.host, plugin.client, plugin.store, plugin.settings, market.clock, sku, listing_id)

    def listed(self, market, sku="A", **fields):
        market.put(guitar("A"))
        (listing_id,) = market.door.add_listings([listing_fields(guitar(sku)) | {"state": "live"} | fields])
        market.door.clear_requests()
        return str(listing_id)

    def test_it_is_linked_and_nothing_is_sent(self, market):
        """One question is asked; the log tells it; the next save sends only what differs."""
        listing_id = self.listed(market, title="Written on Reverb")
        assert self.adopt(market, "A", listing_id).listing_id == listing_id
        assert market.asked() == ["GET listings/#"]
        assert "Adopted" in market.last("A").message
        market.change("A", price="650.00")
        assert [row.body for row in market.requests("PUT")] == [{"price": {"amount": "650.00", "currency": "USD"}}]

    def test_another_sku_is_not_adopted(self, market):
        """What nearly fits is a different product: it is said what to do."""
        listing_id = self.listed(market, "a")
        with pytest.raises(InvalidValueError, match="make both the same"):
            self.adopt(market, "A", listing_id)
        assert market.link("A") is None

    def test_twice_is_said(self, market):
        """The second time nothing is asked."""
        listing_id = self.listed(market)
        self.adopt(market, "A", listing_id)
        market.door.clear_requests()
        with pytest.raises(InvalidValueError, match="already"):
            self.adopt(market, "A", listing_id)
        assert market.asked() == []

    def test_what_is_not_there_is_said(self, market):
        """A listing that Reverb does not have, a product that the shop does not have."""
        market.put(guitar("A"))
        with pytest.raises(NotFoundError):
            self.adopt(market, "A", "99999")
        with pytest.raises(InvalidValueError, match="no product"):
            self.adopt(market, "B", "1")


class TestBothSides:
    def test_each_field_is_told_as_both_sides_have_it(self, market):
        """For each group the shop's value and what the listing shows, and the listings to choose from."""
        market.put(guitar("A", price="650.00"))
        market.door.add_listings([listing_fields(guitar("A")) | {"state": "live"}])
        explanation = market.plugin.explain("A")
        (price,) = [each for each in explanation.fields if each.group == "price"]
        assert (price.value["price"]["amount"], price.shown) == ("650.00", {"price": "799.00 USD"})
        assert price.is_sent
        assert [(each.state, each.is_chosen, each.is_linked) for each in explanation.listings] == [
            ("live", True, False)
        ]

    def test_without_a_listing_nothing_is_shown(self, market):
        """What would be made has no other side."""
        market.put(guitar("A"))
        explanation = market.plugin.explain("A")
        assert {each.shown for each in explanation.fields} == {None}
        assert explanation.listings == ()
