"""What Reverb or the shop does not let through: told once, with what to do, and not repeated for nothing."""

import pytest

from reverb_plugin.errors import InvalidValueError
from reverb_plugin.hooks import on_product_saved
from tests.sync.market import PHOTO_1, PHOTO_2, guitar, used_guitar

LONG_TITLE = {"message": "Please fill in all the fields", "errors": {"title": ["is too long"]}}


def refuse(market, method="PUT", times=1, **answer):
    market.door.add_fault("answer", method, "/listings", times, **({"status": 422, "body": LONG_TITLE} | answer))


class TestRefused:
    def test_it_is_told_with_reverbs_words(self, market):
        """The row has Reverb's errors by field, its status and its request id."""
        refuse(market, "POST", status=412)
        row = market.save(guitar())
        assert (row.outcome, row.code, row.http_status) == ("refused", "refused", 412)
        assert [str(error) for error in row.errors] == ["title: is too long"]
        assert row.request_id
        assert [(job.key, job.code) for job in market.parked()] == [("STRAT", "refused")]

    @pytest.mark.parametrize("status", [400, 406, 412, 422])
    def test_one_class_of_refusal(self, market, status):
        """Documentation and live answers differ about the status: all mean the same."""
        refuse(market, "POST", status=status)
        assert market.save(guitar()).code == "refused"

    def test_it_is_not_tried_again_by_itself(self, market):
        """Days later still one request."""
        refuse(market, "POST", times=None)
        market.save(guitar())
        market.asked()
        market.drain(100_000)
        assert market.asked() == []

    def test_saved_unchanged_it_is_not_sent_again(self, market):
        """The product has not changed since: a row that says so, and no request."""
        refuse(market, "POST", times=None)
        market.save(guitar())
        market.asked()
        row = market.save_again("STRAT")
        assert (row.outcome, market.asked()) == ("refused", [])
        assert "has not changed" in row.message

    def test_a_change_sends_it_again(self, market):
        """The seller has corrected the product: sent by itself, and nothing waits any more."""
        refuse(market, "POST")
        market.save(guitar())
        assert market.change("STRAT", title="Short").outcome == "created"
        assert market.parked() == []

    def test_try_again_sends_it_as_it_is(self, market):
        """A person says "try again": sent, although nothing changed in the shop."""
        refuse(market, "POST")
        market.save(guitar())
        assert market.plugin.store.retry("STRAT") == 1
        assert market.drain().outcome == "created"

    def test_try_again_for_all(self, market):
        """Without a SKU everything that waits is tried."""
        refuse(market, "POST", times=2)
        for sku in ("A", "B"):
            market.save(guitar(sku))
        assert market.plugin.store.retry() == 2
        market.drain()
        assert len(market.door.listings()) == 2

    def test_an_update_likewise(self, market):
        """A refused price is not sent again until it changes."""
        market.save(guitar())
        refuse(market)
        market.change("STRAT", price="1.00")
        market.asked()
        assert (market.save_again("STRAT").outcome, market.asked()) == ("refused", [])
        assert market.change("STRAT", price="2.00").outcome == "updated"

    def test_back_to_what_reverb_has(self, market):
        """The seller undoes the refused edit: unchanged, nothing waits."""
        market.save(guitar())
        refuse(market)
        market.change("STRAT", price="1.00")
        row = market.change("STRAT", price="799.00")
        assert (row.outcome, market.parked()) == ("unchanged", [])


class TestEssentials:
    @pytest.fixture
    def texts(self, market):
        """A market where texts follow the shop, whose next PUT is refused for its title."""
        market.set(policy_title="always", policy_description="always", policy_photos="always")
        market.save(guitar(photos=(PHOTO_1,)))
        refuse(market)
        market.asked()
        return market

    def test_a_refused_text_does_not_hold_back_stock_and_price(self, texts):
        """The whole is refused, stock and price are sent alone; the row says what went through."""
        row = texts.change("STRAT", title="x", quantity=1, price="1.00")
        puts = texts.requests("PUT")
        assert [sorted(put.body) for put in puts] == [
            ["has_inventory", "inventory", "price", "title"],
            ["has_inventory", "inventory", "price"],
        ]
        assert (row.outcome, [error.field for error in row.errors]) == ("refused", ["title"])
        assert "price and quantity went through, the rest did not" in row.message
        assert (texts.listing("STRAT")["inventory"], texts.listing("STRAT")["price"]) == (1, "1.00")

    def test_then_saved_unchanged_it_costs_nothing(self, texts):
        """What was refused is remembered without what went through."""
        texts.change("STRAT", title="x", quantity=1)
        texts.asked()
        assert (texts.save_again("STRAT").outcome, texts.asked()) == ("refused", [])

    def test_then_a_sale_still_goes_through(self, texts):
        """An order moves the stock of a product whose title waits for the seller."""
        texts.change("STRAT", title="x", quantity=3, price="1.00")
        refuse(texts)
        texts.sell("STRAT")
        assert texts.listing("STRAT")["inventory"] == 2

    def test_then_corrected(self, texts):
        """A good title is sent, and nothing waits."""
        texts.change("STRAT", title="x", quantity=1)
        texts.change("STRAT", title="Good")
        assert (texts.listing("STRAT")["title"], texts.parked()) == ("Good", [])

    def test_photos_count_as_the_rest(self, texts):
        """A refused list of photos does not hold back the price either."""
        texts.change("STRAT", photos=(PHOTO_1, PHOTO_2), price="1.00")
        assert texts.listing("STRAT")["price"] == "1.00"


class TestTwoHundredIsNotSuccess:
    def test_errors_in_a_2xx_are_a_refusal(self, market):
        """200 with ``errors``: refused, and nothing is remembered as accepted."""
        market.save(guitar())
        refuse(market, status=200, body={"message": "Updated", "errors": {"price": ["is too low"]}})
        row = market.change("STRAT", price="1.00")
        assert (row.outcome, str(row.errors[0])) == ("refused", "price: is too low")
        market.plugin.store.retry()
        assert market.drain().outcome == "updated"
        assert market.listing("STRAT")["price"] == "1.00"

    def test_errors_in_a_2xx_to_a_create(self, market):
        """201 with ``errors``, and the listing was made all the same: in the end it is one."""
        refuse(market, "POST", status=201, body={"errors": {"price": ["is odd"]}}, applied=True)
        assert market.save(guitar()).outcome == "refused"
        market.change("STRAT", price="1.00")
        assert [listing["price"] for listing in market.door.listings()] == ["1.00"]

    def test_warnings_in_a_2xx_are_shown(self, market):
        """200 with ``warnings``: done, and the row says what Reverb said."""
        market.save(guitar())
        number = market.listing("STRAT")["id"]
        body = {"listing": {"id": number, "state": {"slug": "draft"}}, "errors": {}, "warnings": ["Odd price"]}
        refuse(market, status=200, body=body)
        row = market.change("STRAT", price="1.00")
        assert (row.outcome, [str(error) for error in row.errors]) == ("updated", ["Odd price"])


class TestNotAllowed:
    @pytest.mark.parametrize(
        ("message", "page"),
        [
            ("Please add a credit card for billing", "/my/billing"),
            ("Please verify your account before publishing.", "/my/"),
            ("Missing scope write_listings", "/my/account/api"),
        ],
    )
    def test_the_row_links_to_the_page(self, market, message, page):
        """Billing, verification, scope: the row carries the page on Reverb, and the job waits."""
        refuse(market, "POST", status=403, body={"message": message})
        row = market.save(guitar())
        assert (row.outcome, row.code) == ("refused", "not-allowed")
        assert message in row.message
        assert f"https://sandbox.reverb.com{page}" in row.message
        assert len(market.parked()) == 1

    def test_others_go_on(self, market):
        """What one product may not do does not stop the next one."""
        refuse(market, "POST", status=403, body={"message": "no"})
        market.save(guitar("A"))
        assert market.save(guitar("B")).outcome == "created"


class TestHost:
    def test_an_adapter_that_raises(self, market):
        """The shop's own error is deferred, told, and tried again by itself."""
        market.put(guitar())
        market.host.fail(RuntimeError("database is away"))
        on_product_saved("STRAT", plugin=market.plugin)
        row = market.try_once()
        assert (row.outcome, row.code) == ("deferred", "host-error")
        assert "RuntimeError: database is away" in row.message
        market.host.heal()
        assert market.drain().outcome == "created"

    def test_an_adapter_that_never_recovers(self, market):
        """After eight tries the job waits for a person; one "try again" later it goes through."""
        market.put(guitar())
        market.host.fail(RuntimeError("broken"), sku="STRAT")
        on_product_saved("STRAT", plugin=market.plugin)
        market.drain(10_000)
        assert [(job.code, job.attempts) for job in market.parked()] == [("host-error", 8)]
        market.host.heal()
        market.plugin.store.retry()
        assert market.drain().outcome == "created"

    @pytest.mark.parametrize("answer", ["a guitar", guitar("OTHER")])
    def test_an_adapter_that_breaks_its_contract(self, market, monkeypatch, answer):
        """Another type or another SKU is an error of the adapter and is never sent."""
        monkeypatch.setattr(market.host, "find_product", lambda sku: answer)
        on_product_saved("STRAT", plugin=market.plugin)
        assert market.try_once().code == "host-error"
        assert market.asked() == []

    def test_a_value_that_cannot_be_meant(self, market):
        """The shop holds nonsense: the seller's turn, with field and value, and no retry."""
        market.host.fail(InvalidValueError("price", "abc", "is not a number"), sku="STRAT")
        on_product_saved("STRAT", plugin=market.plugin)
        row = market.drain()
        assert (row.outcome, row.code) == ("refused", "invalid-value")
        assert "price: is not a number (got 'abc')" in row.message

    def test_one_broken_product_does_not_stop_the_others(self, market):
        """Each SKU for itself."""
        market.host.fail(RuntimeError("broken"), sku="A")
        market.put(guitar("B"))
        for sku in ("A", "B"):
            on_product_saved(sku, plugin=market.plugin)
        market.try_once()
        assert market.last("B").outcome == "created"


def test_a_used_items_refusal_is_looked_into(market):
    """A refusal of a used item that was not sold is told as it is."""
    market.save(used_guitar())
    refuse(market)
    row = market.change("JAZZ", price="1.00")
    assert (row.code, str(row.errors[0])) == ("refused", "title: is too long")


def test_a_job_tells_of_the_product(market):
    """Each row names product, shop page, SKU, listing and its page on Reverb, status, request id, time and cost."""
    row = market.save(guitar())
    number = str(market.listing("STRAT")["id"])
    assert (row.product_id, row.product_url, row.sku) == ("id-of-STRAT", "https://shop.example/STRAT", "STRAT")
    assert (row.listing_id, row.http_status, row.attempt, row.requests) == (number, 201, 1, 2)
    assert row.listing_url.startswith(f"{market.simulator.site}/item/{number}-")
    assert row.request_id == market.door.requests("POST")[0].request_id
    assert row.environment == "sandbox"


def test_a_refusal_in_the_sandbox_does_not_count_in_production(market):
    """The same product may be fine for the other environment: it is asked."""
    market.door.add_fault("answer", method="POST", status=412, body={"message": "No.", "errors": {"title": ["bad"]}})
    assert market.save(guitar()).outcome == "refused"
    market.set(environment="production")
    assert market.save_again("STRAT").outcome == "created"
