"""Which listing belongs to a product: by the link, by the SKU, after a renaming, and when it is gone."""

import pytest

from tests.sync.market import guitar, used_guitar


class TestAdopting:
    def test_a_listing_without_a_link_is_adopted(self, market):
        """Somebody made it by hand: it is linked and kept in step, and none is made beside it."""
        number = market.door.add_listing(sku="STRAT", title="Mine", price="1.00", condition="Brand New", inventory=1)
        row = market.save(guitar())
        (listing,) = market.door.listings()
        assert (listing["id"], listing["title"], listing["price"], listing["inventory"]) == (
            number,
            "Mine",
            "799.00",
            3,
        )
        assert "Linked to the listing with this SKU." in row.message
        assert row.listing_id == str(number)

    def test_its_self_link_is_used(self, market):
        """Found by lookup: the PUT goes to the listing's own self link."""
        market.door.add_listing(sku="STRAT", title="By Hand", price="1.00", condition="Brand New", inventory=1)
        market.save(guitar())
        assert market.requests("PUT")[0].path.endswith("-by-hand")

    @pytest.mark.parametrize("sku", ["STRAT 1", "STRAT+1", "a/b?c=d&e#f", "50%", "Ünï-日本", "STRAT", "../x"])
    def test_any_sku_is_found(self, market, sku):
        """The SKU goes through the query unharmed: the listing is found, not made again."""
        market.door.add_listing(sku=sku, price="1.00", condition="Brand New", inventory=3)
        market.save(guitar(sku))
        assert len(market.door.listings()) == 1

    def test_only_the_exact_sku_counts(self, market):
        """What the lookup finds besides is not ours."""
        number = market.door.add_listing(sku="STRAT-1", price="1.00")
        found = {"total": 1, "listings": [{"id": number, "sku": "STRAT-1"}], "_links": {}}
        market.door.add_fault("answer", "GET", "my/listings", body=found)
        assert market.save(guitar("STRAT")).outcome == "created"
        assert market.listing("STRAT-1")["price"] == "1.00"

    def test_a_draft_is_found_as_well(self, market):
        """The lookup asks for every state, not for live ones alone."""
        market.door.add_listing(sku="STRAT", price="1.00", condition="Brand New", inventory=3, state="draft")
        market.save(guitar())
        assert len(market.door.listings()) == 1

    def test_two_listings_of_one_sku(self, market):
        """Reported, the live one kept in step, and a third is never made."""
        market.door.add_listing(sku="STRAT", price="1.00", condition="Brand New", inventory=3, state="ended")
        live = market.door.add_listing(sku="STRAT", price="1.00", condition="Brand New", inventory=3, state="live")
        market.door.add_listing(sku="STRAT", price="1.00", condition="Brand New", inventory=3, state="draft")
        row = market.save(guitar())
        assert ["3 listings on Reverb have this SKU" in error.message for error in row.errors] == [True]
        assert row.code == "left-out"
        prices = {listing["id"]: listing["price"] for listing in market.door.listings()}
        assert [number for number, price in prices.items() if price == "799.00"] == [live]
        market.change("STRAT", price="5.00")
        assert len(market.door.listings()) == 3

    def test_a_sold_used_item_is_not_made_again(self, market):
        """A used guitar sold on Reverb, found by SKU, and the shop says it has one: locked, not listed anew."""
        market.door.add_listing(sku="JAZZ", state="ordered")
        row = market.save(used_guitar())
        assert (row.outcome, row.code) == ("refused", "listing-locked")
        assert len(market.door.listings()) == 1

    def test_what_the_seller_ended_is_told(self, market):
        """An ended listing is adopted and not brought back, and the row says that it is not for sale."""
        market.door.add_listing(sku="JAZZ", state="ended", price="1.00")
        row = market.save(used_guitar())
        assert market.listing("JAZZ")["state"] == "ended"
        assert "not for sale on Reverb (ended)" in row.message

    def test_an_unreadable_lookup_makes_nothing(self, market):
        """An answer that makes no sense is not "not found"."""
        market.door.add_fault("wrong_types", "GET", "my/listings", times=3)
        market.put(guitar())
        market.save(guitar())
        assert market.rows()[-1].outcome == "deferred"
        assert len(market.door.listings()) == 1


class TestRenaming:
    def test_a_renamed_sku_is_one_put(self, market):
        """The link moves: one request, the same listing, no second one."""
        market.save(guitar("OLD"))
        number = market.listing("OLD")["id"]
        market.asked()
        row = market.rename("OLD", "NEW")
        (put,) = market.requests()
        assert put.body == {"sku": "NEW"}
        assert (market.listing("NEW")["id"], row.outcome) == (number, "updated")
        assert (market.link("OLD"), market.link("NEW").listing_id) == (None, str(number))

    def test_what_else_changed_goes_along(self, market):
        """Still one PUT."""
        market.save(guitar("OLD"))
        market.asked()
        market.host.change("OLD", price="1.00")
        market.rename("OLD", "NEW")
        (put,) = market.requests()
        assert put.body == {"sku": "NEW", "price": {"amount": "1.00", "currency": "USD"}}

    def test_afterwards_it_is_unchanged(self, market):
        """Saved again under the new SKU: no request."""
        market.save(guitar("OLD"))
        market.rename("OLD", "NEW")
        market.asked()
        assert (market.save_again("NEW").outcome, market.asked()) == ("unchanged", [])

    def test_a_shop_that_says_deleted_and_saved(self, market):
        """Some shops tell of a renaming as a deletion and a save: the live listing survives it."""
        market.save(guitar("OLD"))
        market.go_live("OLD")
        number = market.listing("OLD")["id"]
        market.delete("OLD")
        market.save(guitar("NEW", id="id-of-OLD"))
        assert (market.listing("NEW")["id"], market.listing("NEW")["state"]) == (number, "live")

    def test_a_second_product_of_the_same_id_is_none(self, market):
        """The shop still has the old SKU (a variant of the same product): a listing of its own."""
        market.save(guitar("A", id="7"))
        market.save(guitar("B", id="7"))
        assert {listing["sku"] for listing in market.door.listings()} == {"A", "B"}

    def test_a_new_sku_that_is_taken(self, market):
        """Another listing has the new SKU already: refused with Reverb's message, and the price still goes through."""
        market.save(guitar("OLD"))
        market.door.add_listing(sku="NEW", price="1.00")
        market.host.change("OLD", price="5.00")
        row = market.rename("OLD", "NEW")
        assert (row.outcome, row.code) == ("refused", "duplicate-sku")
        assert "already have a listing with the SKU NEW" in str(row.errors[0])
        assert market.listing("OLD")["price"] == "5.00"

    @pytest.mark.parametrize("kind", ["reset_after", "reset_before", "server_error"])
    def test_a_lost_renaming(self, market, kind):
        """The PUT got no answer: sent again, and there is one listing with one link."""
        market.save(guitar("OLD"))
        market.door.add_fault(kind, "PUT")
        market.rename("OLD", "NEW")
        (listing,) = market.door.listings()
        assert (listing["sku"], market.link("OLD"), market.report.left) == ("NEW", None, 0)

    def test_the_old_sku_was_given_to_another_product(self, market):
        """The old SKU went to another product, which was deleted since: the renamed one still finds its own listing."""
        market.save(guitar("OLD", id="1"))
        market.go_live("OLD")
        market.save(guitar("OTHER", id="2"))
        market.host.remove("OLD")
        market.save(guitar("OLD", id="3"))
        market.save(guitar("NEW", id="1"))
        market.delete("OLD")
        number = market.listing("NEW")["id"]
        market.rename("NEW", "NEWER")
        assert market.listing("NEWER")["id"] == number
        assert "NEW" not in {listing["sku"] for listing in market.door.listings()}

    def test_a_lookup_that_still_shows_the_old_sku(self, market):
        """The index lags behind a renaming, and a new product has the old SKU: it does not get the other's listing."""
        market.door.set(index_lag_seconds=30)
        market.save(guitar("OLD", price="799.00"))
        market.clock.advance(60)
        market.rename("OLD", "NEW")
        market.save(guitar("OLD", id="another", price="5.00"))
        prices = {listing["sku"]: listing["price"] for listing in market.door.listings()}
        assert prices == {"OLD": "5.00", "NEW": "799.00"}

    def test_a_sku_that_was_moved_by_hand(self, market):
        """The seller gave the listing of one product the SKU of another on Reverb: it is that one's now."""
        market.save(guitar("A"))
        number = market.listing("A")["id"]
        market.plugin.client.update_listing(str(number), {"sku": "B"})
        market.save(guitar("B", price="5.00"))
        assert (market.listing("B")["id"], market.listing("B")["price"]) == (number, "5.00")

    def test_a_sold_item_stays_behind(self, market):
        """A used guitar was bought on Reverb, and the seller gives the next one a SKU of its own, as the refusal says:
        it gets a listing of its own.
        """
        market.save(used_guitar("OLD"))
        market.go_live("OLD")
        market.door.buy(market.listing("OLD")["id"])
        assert market.change("OLD", price="1.00").code == "listing-locked"
        assert market.rename("OLD", "NEW").outcome == "created"
        assert {listing["sku"] for listing in market.door.listings()} == {"OLD", "NEW"}

    def test_renamed_and_gone(self, market):
        """The listing was deleted on Reverb meanwhile: made anew under the new SKU, and the old link is forgotten."""
        market.save(guitar("OLD"))
        market.plugin.client.delete_listing(str(market.listing("OLD")["id"]))
        assert market.rename("OLD", "NEW").outcome == "created"
        assert (market.link("OLD"), market.listing("NEW")["sku"]) == (None, "NEW")


class TestGone:
    def test_a_listing_that_is_gone_is_made_again(self, market):
        """404 to the PUT: looked up, not found, made again, all in one attempt; the row says so."""
        market.save(guitar())
        market.plugin.client.delete_listing(str(market.listing("STRAT")["id"]))
        market.asked()
        row = market.change("STRAT", price="1.00")
        assert market.asked() == ["PUT listings/#", "GET my/listings", "POST listings"]
        assert row.outcome == "created"
        assert "gone from Reverb" in row.message
        assert market.listing("STRAT")["price"] == "1.00"

    def test_one_that_was_made_by_hand_instead_is_adopted(self, market):
        """The seller replaced it by another of the same SKU: that one is used."""
        market.save(guitar())
        market.plugin.client.delete_listing(str(market.listing("STRAT")["id"]))
        number = market.door.add_listing(sku="STRAT", price="2.00", condition="Brand New", inventory=3)
        market.change("STRAT", price="1.00")
        (listing,) = market.door.listings()
        assert (listing["id"], listing["price"]) == (number, "1.00")

    def test_a_lookup_that_still_shows_it(self, market):
        """The index lags behind the deletion: the listing is looked at, and made again all the same."""
        market.save(guitar())
        market.door.set(index_lag_seconds=30)
        market.plugin.client.delete_listing(str(market.listing("STRAT")["id"]))
        assert market.change("STRAT", price="1.00").outcome == "created"
        assert market.listing("STRAT")["price"] == "1.00"

    def test_an_order_does_not_make_it_again(self, market):
        """Only the stock changed: the link is forgotten and nothing is made."""
        market.save(guitar())
        market.plugin.client.delete_listing(str(market.listing("STRAT")["id"]))
        assert market.sell("STRAT").outcome == "skipped"
        assert market.door.listings() == []


def test_each_environment_has_its_own_listings(market):
    """Links of the sandbox mean nothing in production."""
    market.save(guitar())
    market.set(environment="production")
    market.asked()
    market.save_again("STRAT")
    assert market.asked() == ["GET my/listings"]


def test_a_note_is_told_once(market):
    """The listing is gone and made again: what a person should know of the product stands once in the row."""
    market.save(used_guitar(quantity=3))
    market.plugin.client.delete_listing(str(market.listing("JAZZ")["id"]))
    row = market.change("JAZZ", price="700.00")
    assert row.outcome == "created"
    assert row.message.count("shown is 1") == 1
