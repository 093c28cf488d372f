"""Publishing: asked for with the listing, done by Reverb later, and its failure is told."""

import pytest

from reverb_plugin.hooks import on_product_saved
from tests.sync.market import guitar, used_guitar


@pytest.fixture
def public(market):
    """A market whose new listings are published at once."""
    market.set(auto_publish="on")
    return market


def test_new_listings_are_drafts(market):
    """By default nothing is published."""
    market.save(guitar())
    assert market.requests("POST")[0].body["publish"] is False
    assert market.listing("STRAT")["state"] == "draft"


def test_published_when_the_seller_wants_it(public):
    """With auto_publish the POST says so; a later look says that it is live."""
    public.save(guitar())
    assert public.listing("STRAT")["state"] == "live"
    created, live = reversed(public.rows())
    assert (created.outcome, created.message) == ("created", "Made; Reverb is publishing it.")
    assert (live.action, live.outcome, live.message) == ("publish", "updated", "The listing is live.")
    assert live.product_url == "https://shop.example/STRAT"


def test_the_look_waits(public):
    """Reverb publishes about a second later: the first look is not at once."""
    public.save(guitar())
    post, look = public.requests()[-2:]
    assert (post.method, look.method) == ("POST", "GET")
    assert look.at > post.at
    assert public.link("STRAT").state == "live"


def test_what_keeps_it_a_draft_is_told(public):
    """A UPC that is none: Reverb accepts the listing, warns, and never publishes. The row ends as refused with the
    warning, and does not wait for ever.
    """
    public.save(guitar(upc="123"))
    row = public.drain(600)
    assert (row.outcome, row.code, row.action) == ("refused", "not-published", "publish")
    assert ["UPC is required" in str(error) for error in row.errors] == [True]
    assert [job.code for job in public.parked()] == ["not-published"]
    assert public.listing("STRAT")["state"] == "draft"


def test_silence_is_not_success(public):
    """Reverb publishes nothing and gives no reason: refused all the same."""
    public.door.set(publish_succeeds=False)
    public.save(guitar())
    assert public.drain(6000).code == "not-published"


def test_it_is_asked_for_again(public):
    """After a failed publication the next save of the product asks again, and once it is live no more."""
    public.door.set(publish_succeeds=False)
    public.save(guitar())
    public.drain(6000)
    public.door.set(publish_succeeds=True)
    public.asked()
    public.save_again("STRAT")
    assert public.requests("PUT")[0].body["publish"] is True
    assert (public.listing("STRAT")["state"], public.parked()) == ("live", [])
    public.asked()
    assert public.save_again("STRAT").outcome == "unchanged"
    assert public.asked() == []


def test_published_by_hand_in_the_end(public):
    """The seller publishes it on Reverb: nothing is owed any more, so what the seller ends later stays ended."""
    public.door.set(publish_succeeds=False)
    public.save(guitar())
    public.drain(6000)
    public.door.set(publish_succeeds=True)
    public.go_live("STRAT")
    public.plugin.store.retry()
    assert public.drain().message == "The listing is live."
    public.plugin.client.end_listing(str(public.listing("STRAT")["id"]))
    public.change("STRAT", price="1.00")
    public.change("STRAT", price="2.00")
    assert public.listing("STRAT")["state"] == "ended"


@pytest.mark.parametrize("product", [guitar(quantity=0), used_guitar(sku="STRAT", quantity=0)])
def test_nothing_is_published_without_stock(public, product):
    """A product of which the shop has none is made as a draft, and published when there is one."""
    public.save(product)
    assert public.requests("POST")[0].body["publish"] is False
    public.refund("STRAT")
    assert public.requests("PUT")[0].body["publish"] is True
    assert public.listing("STRAT")["state"] == "live"


def test_sold_before_it_went_live(public):
    """The last one is sold in the shop while Reverb is still publishing: no failure, and it is published later."""
    public.put(used_guitar())
    public.door.set(publish_delay_seconds=60)
    on_product_saved("JAZZ", plugin=public.plugin)
    public.try_once()
    public.sell("JAZZ")
    public.drain(600)
    assert (public.listing("JAZZ")["state"], public.parked()) == ("draft", [])
    assert "published when there is stock again" in public.last().message
    public.door.set(publish_delay_seconds=1)
    public.refund("JAZZ")
    assert public.listing("JAZZ")["state"] == "live"


def test_an_account_that_may_not_publish(public):
    """Billing or verification is unfinished: not allowed, with the page on Reverb, and nothing is made."""
    public.door.set(account_ready=False)
    row = public.save(guitar())
    assert (row.outcome, row.code, row.http_status) == ("refused", "not-allowed", 403)
    assert "See https://sandbox.reverb.com/my/" in row.message
    assert public.door.listings() == []


def test_try_again_after_the_account_is_ready(public):
    """A person has finished it on Reverb and presses "try again"."""
    public.door.set(account_ready=False)
    public.save(guitar())
    public.door.set(account_ready=True)
    assert public.plugin.store.retry("STRAT") == 1
    public.drain()
    assert (public.listing("STRAT")["state"], public.parked()) == ("live", [])


def test_a_draft_that_was_deleted_meanwhile(public):
    """The seller deletes the new draft on Reverb before the look: nothing is wrong."""
    public.door.set(publish_succeeds=False)
    public.put(guitar())
    public.save(guitar())
    public.rows()
    listing = public.listing("STRAT")
    public.plugin.client.delete_listing(str(listing["id"]))
    public.plugin.store.retry()
    row = public.drain(600)
    assert (row.outcome, row.message) == ("skipped", "The listing is gone from Reverb meanwhile.")
    assert public.parked() == []


def test_warnings_are_shown(market):
    """A 2xx with warnings is a row with those warnings."""
    row = market.save(guitar(upc="123"))
    assert row.outcome == "created"
    assert "UPC is required" in str(row.errors[0])


def test_a_lost_answer_is_looked_after(public):
    """The answer to a creation that was to be published got lost: the listing is found, and looked after too."""
    public.door.set(publish_succeeds=False)
    public.door.add_fault("reset_after", method="POST")
    public.save(guitar())
    public.drain(6000)
    assert [job.code for job in public.parked()] == ["not-published"]
