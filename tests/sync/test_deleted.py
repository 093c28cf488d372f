"""What becomes of the listing of a product that was deleted in the shop."""

import pytest

from reverb_plugin.hooks import on_order_placed, on_product_deleted, on_product_saved
from reverb_plugin.host import Line, OrderPlaced
from tests.sync.market import guitar, used_guitar


def test_a_draft_is_deleted(market):
    """What was never published is deleted."""
    market.save(guitar())
    row = market.delete("STRAT")
    assert (row.outcome, row.action) == ("ended", "delete")
    assert market.door.listings() == []


@pytest.mark.parametrize("product", [guitar(), used_guitar(sku="STRAT")])
def test_a_published_listing_is_ended(market, product):
    """Reverb deletes no published listing: it is ended as not sold."""
    market.save(product)
    market.go_live("STRAT")
    row = market.delete("STRAT")
    assert (row.outcome, row.action) == ("ended", "end")
    assert market.requests("PUT")[0].body == {"reason": "not_sold"}
    assert market.listing("STRAT")["state"] == "ended"


def test_a_listing_on_vacation_is_ended(market):
    """While the shop on Reverb is on vacation its listings are hidden and would come back: ended too."""
    market.save(guitar())
    market.go_live("STRAT")
    market.door.set(vacation=True)
    market.delete("STRAT")
    market.door.set(vacation=False)
    assert market.listing("STRAT")["state"] == "ended"


def test_left_when_the_seller_wants_it(market):
    """deleted_products=leave: no request, and the row says why."""
    market.set(deleted_products="leave")
    market.save(guitar())
    market.asked()
    row = market.delete("STRAT")
    assert (row.outcome, market.asked()) == ("skipped", [])
    assert "deleted_products" in row.message
    assert market.listing("STRAT")["state"] == "draft"


def test_a_product_that_is_still_there_keeps_its_listing(market):
    """The hook says deleted, the shop still has it (it was restored): nothing happens."""
    market.save(guitar())
    market.asked()
    on_product_deleted("STRAT", plugin=market.plugin)
    assert market.drain().outcome == "skipped"
    assert market.asked() == []


def test_without_a_listing_nothing_happens(market):
    """A product that never was on Reverb: it is looked for, and that is all."""
    market.put(guitar())
    assert market.delete("STRAT").outcome == "skipped"
    assert [request.method for request in market.requests()] == ["GET"]


def test_a_listing_that_was_never_linked_ends_too(market):
    """The shop deletes a product whose SKU somebody else listed: nobody may buy it there any more."""
    market.put(guitar())
    market.door.add_listing(sku="STRAT", title="Fender Stratocaster", state="live", inventory=3)
    assert market.delete("STRAT").outcome == "ended"
    assert market.listing("STRAT")["state"] == "ended"


@pytest.mark.parametrize("index_lag_seconds", [0, 20])
def test_a_listing_whose_answer_was_lost_ends_too(market, index_lag_seconds):
    """Made, the answer lost, deleted in the shop, the lookup lagging behind: it must not stay for sale."""
    market.door.set(index_lag_seconds=index_lag_seconds)
    market.door.add_fault("reset_after", method="POST")
    market.put(guitar())
    on_product_saved("STRAT", plugin=market.plugin)
    market.plugin.drain(1)
    assert market.listing("STRAT")["state"] == "draft"
    market.delete("STRAT")
    market.drain(300)
    assert market.door.find_listing("STRAT") is None
    assert market.plugin.store.queue_status().pending == 0


def test_nothing_stays_parked_for_a_product_that_is_gone(market):
    """Refused, then deleted in the shop: nobody has to care for it any more."""
    market.door.add_fault("answer", method="POST", status=412, body={"message": "No.", "errors": {"title": ["bad"]}})
    market.save(guitar())
    assert len(market.parked()) == 1
    market.delete("STRAT")
    assert market.parked() == []


def test_an_id_that_is_given_again_is_not_a_renamed_product(market):
    """The shop gives the id of a deleted product to another one: the old listing stays what it was."""
    market.save(guitar(id="7"))
    market.go_live("STRAT")
    market.delete("STRAT")
    market.save(used_guitar("JAZZ", id="7", title="Fender Jazzmaster"))
    assert market.listing("STRAT")["state"] == "ended"
    assert market.listing("JAZZ")["state"] == "draft"


def test_a_listing_that_is_gone_already(market):
    """The seller deleted it on Reverb first: done, and nothing waits."""
    market.save(guitar())
    market.plugin.client.delete_listing(str(market.listing("STRAT")["id"]))
    row = market.delete("STRAT")
    assert (row.outcome, row.message) == ("ended", "The listing is gone from Reverb already.")
    assert market.parked() == []


def test_a_dead_token_does_not_make_a_draft_gone(market):
    """Reverb shows a draft to its owner alone: with a dead token it looks gone, and is deleted when the token works."""
    market.save(guitar())
    market.door.set(token_revoked=True)
    market.host.remove("STRAT")
    on_product_deleted("STRAT", plugin=market.plugin)
    assert market.try_once().code == "token-refused"
    market.door.set(token_revoked=False)
    market.live_through(900, step=300)
    assert (market.last().action, market.door.listings()) == ("delete", [])


def test_a_listing_that_vanishes_between_look_and_deletion(market):
    """404 to the deletion itself is the same."""
    market.save(guitar())
    market.door.add_fault("answer", "DELETE", status=404, body={"message": "Not found"}, applied=True)
    assert market.delete("STRAT").outcome == "ended"
    assert market.parked() == []


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "server_error"])
@pytest.mark.parametrize("live", [True, False])
def test_a_lost_answer_is_cleared_up(market, kind, live):
    """The ending got no answer: looked at again, and in the end it is off sale."""
    market.save(guitar())
    if live:
        market.go_live("STRAT")
    market.door.add_fault(kind, "PUT" if live else "DELETE")
    market.delete("STRAT")
    assert [row["state"] for row in market.door.listings()] == (["ended"] if live else [])
    assert (market.report.left, market.parked()) == (0, [])


class TestTombstone:
    @pytest.fixture(params=["draft", "live"])
    def buried(self, market, request):
        market.save(guitar())
        if request.param == "live":
            market.go_live("STRAT")
        market.delete("STRAT")
        market.asked()
        return market

    def test_an_order_does_not_bring_it_back(self, buried):
        """An order for a deleted product, also when the shop has restored it since: no listing."""
        on_order_placed(OrderPlaced("1", (Line("STRAT"),)), plugin=buried.plugin)
        assert buried.drain().outcome == "skipped"
        buried.put(guitar())
        row = buried.sell("STRAT")
        assert row.outcome == "skipped"
        assert "save it to list it anew" in row.message
        assert buried.asked() == []

    def test_a_save_does(self, buried):
        """The product is saved anew: it is listed again."""
        buried.save(guitar())
        buried.drain(600)
        listing = buried.listing("STRAT")
        assert listing["state"] in {"draft", "live"}
        assert buried.link("STRAT").deleted_at is None

    def test_a_save_right_after_the_deletion(self, market):
        """The lookup still shows the deleted draft: it is not taken for a listing."""
        market.save(guitar())
        market.door.set(index_lag_seconds=30)
        market.delete("STRAT")
        assert market.save(guitar()).outcome == "created"
        assert market.link("STRAT").listing_id == str(market.listing("STRAT")["id"])

    def test_an_ended_listing_comes_back_as_itself(self, market):
        """The listing that was ended is published again, with what changed meanwhile."""
        market.save(used_guitar())
        market.go_live("JAZZ")
        number = market.listing("JAZZ")["id"]
        market.delete("JAZZ")
        market.save(used_guitar(price="500.00"))
        listing = market.listing("JAZZ")
        assert (listing["id"], listing["state"], listing["price"]) == (number, "live", "500.00")

    def test_a_save_and_an_order_together(self, buried):
        """The order joins the waiting save: the save still counts."""
        buried.put(guitar())
        on_product_saved("STRAT", plugin=buried.plugin)
        buried.sell("STRAT")
        buried.drain(600)
        assert buried.link("STRAT").deleted_at is None
        assert buried.listing("STRAT")["inventory"] == 2

    def test_what_was_left_stays_buried(self, market):
        """deleted_products=leave: an order does not touch the listing that stayed either."""
        market.set(deleted_products="leave")
        market.save(guitar())
        market.delete("STRAT")
        market.put(guitar())
        market.asked()
        market.sell("STRAT")
        assert market.asked() == []
