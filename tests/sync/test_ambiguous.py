"""A write whose answer got lost: looked up before it is repeated, and never two listings of one SKU."""

import pytest

from reverb_plugin.hooks import on_product_saved
from reverb_plugin.reverb_api.client import ReverbClient
from tests.sync.market import guitar

LOST = [
    ("reset_after", {}),
    ("reset_before", {}),
    ("html", {"status": 200, "applied": True}),
    ("html", {"status": 502, "applied": True}),
    ("html", {"status": 502, "applied": False}),
    ("server_error", {"status": 500, "applied": True}),
    ("server_error", {"status": 500, "applied": False}),
    ("server_error", {"status": 504, "applied": True}),
    ("empty", {"status": 200}),
    ("truncate", {}),
    ("wrong_types", {"deep": True}),
]


class TestCreate:
    @pytest.mark.parametrize("lag", [0, 30])
    @pytest.mark.parametrize(("kind", "options"), LOST)
    def test_it_never_makes_two(self, market, kind, options, lag):
        """The POST got no usable answer, made or not, the index quick or slow: in the end one listing and a link."""
        market.door.set(index_lag_seconds=lag)
        market.door.add_fault(kind, "POST", "/listings", **options)
        market.save(guitar())
        market.drain(300)
        (listing,) = market.door.listings()
        assert market.link("STRAT").listing_id == str(listing["id"])
        assert (market.report.left, market.parked()) == (0, [])

    def test_it_is_looked_up_before_it_is_repeated(self, market):
        """Made, though the answer was lost: found, and not posted again."""
        market.door.add_fault("reset_after", "POST", "/listings")
        market.save(guitar())
        assert market.asked() == ["GET my/listings", "POST listings", "GET my/listings"]
        deferred, found = reversed(market.rows())
        assert (deferred.outcome, deferred.code) == ("deferred", "ambiguous")
        assert found.outcome == "unchanged"

    def test_a_lagging_index_is_given_time(self, market):
        """The lookup does not show it yet: looked again and again for a minute before it would be posted anew."""
        market.door.set(index_lag_seconds=45)
        market.door.add_fault("reset_after", "POST", "/listings")
        market.save(guitar())
        asked = market.asked()
        assert asked.count("POST listings") == 1
        assert asked.count("GET my/listings") > 3

    def test_edits_meanwhile_are_not_lost(self, market):
        """The product changes while the answer is looked for: the one listing shows the newest price."""
        market.door.add_fault("reset_after", "POST", "/listings")
        market.put(guitar())
        on_product_saved("STRAT", plugin=market.plugin)
        market.try_once()
        market.change("STRAT", price="1.00")
        assert [listing["price"] for listing in market.door.listings()] == ["1.00"]

    def test_try_again_looks_too(self, market):
        """A person presses "try again" while the index still lags: no second POST."""
        market.door.set(index_lag_seconds=30)
        market.door.add_fault("answer", "POST", "/listings", status=201, body={"errors": {"x": ["y"]}}, applied=True)
        market.save(guitar())
        market.plugin.store.retry()
        market.drain()
        assert market.asked().count("POST listings") == 1
        assert len(market.door.listings()) == 1

    def test_a_restart_does_not_forget_it(self, open_market):
        """The process ends after the lost answer: the next one still looks before it posts."""
        market = open_market()
        market.door.set(index_lag_seconds=30)
        market.door.add_fault("reset_after", "POST", "/listings")
        market.put(guitar())
        on_product_saved("STRAT", plugin=market.plugin)
        market.try_once()
        again = open_market(host=market.host)
        again.drain()
        assert again.asked().count("POST listings") == 1
        assert len(again.door.listings()) == 1

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    def test_a_worker_that_dies_at_the_post(self, market, monkeypatch):
        """The worker dies as soon as the POST has arrived: the next one finds the listing and posts no second."""
        create = ReverbClient.create_listing

        def die(client, body):
            create(client, body)
            raise SystemExit

        market.put(guitar())
        on_product_saved("STRAT", plugin=market.plugin)
        with monkeypatch.context() as patched:
            patched.setattr(ReverbClient, "create_listing", die)
            market.plugin.drain(1)
        market.live_through(600, step=30)
        assert market.asked().count("POST listings") == 1
        assert market.link("STRAT").listing_id == str(market.listing("STRAT")["id"])

    def test_reverb_says_duplicate(self, market):
        """The index lags behind a listing made by hand: Reverb refuses the second one, and it is found and adopted."""
        market.door.set(index_lag_seconds=30)
        number = market.plugin.client.create_listing({"sku": "STRAT", "title": "By hand"}).listing.id
        row = market.save(guitar())
        assert market.rows()[-1].code == "duplicate-sku"
        assert (row.outcome, row.listing_id) == ("updated", number)
        assert len(market.door.listings()) == 1

    def test_a_duplicate_that_is_never_found(self, market):
        """Reverb says duplicate and the lookup never shows it: a person is asked, after eight tries."""
        market.door.set(index_lag_seconds=10**9)
        market.plugin.client.create_listing({"sku": "STRAT", "title": "By hand"})
        market.put(guitar())
        on_product_saved("STRAT", plugin=market.plugin)
        market.live_through(4 * 3600)
        assert [job.code for job in market.parked()] == ["duplicate-sku"]
        assert len(market.door.listings()) == 1


class TestUpdate:
    @pytest.mark.parametrize(("kind", "options"), LOST)
    def test_it_is_sent_again(self, market, kind, options):
        """The PUT got no usable answer: in the end the listing shows the new price."""
        market.save(guitar())
        market.door.add_fault(kind, "PUT", **options)
        market.change("STRAT", price="1.00")
        if market.parked():
            market.plugin.store.retry()
            market.drain()
        assert market.listing("STRAT")["price"] == "1.00"
        assert (market.report.left, market.parked()) == (0, [])

    @pytest.mark.parametrize(("kind", "options"), LOST)
    def test_an_edit_back_is_not_taken_for_unchanged(self, market, kind, options):
        """The answer to 1.00 was lost, and the shop went back to the price Reverb had accepted before: it is sent."""
        market.save(guitar(price="799.00"))
        market.door.add_fault(kind, "PUT", **options)
        market.host.change("STRAT", price="1.00", quantity=1)
        on_product_saved("STRAT", plugin=market.plugin)
        market.try_once()
        market.change("STRAT", price="799.00", quantity=3)
        assert (market.listing("STRAT")["price"], market.listing("STRAT")["inventory"]) == ("799.00", 3)

    def test_a_job_that_kills_its_worker_is_put_aside(self, market):
        """Eight workers died at it: it waits for a person, who sees why, and the others go on."""
        market.put(guitar("A"))
        on_product_saved("A", plugin=market.plugin)
        for number in range(8):
            assert market.plugin.store.lease(f"worker {number}", 60) is not None
            market.clock.advance(61)
            assert market.plugin.store.reap() == 1
        row = market.drain()
        assert (row.outcome, market.asked()) == ("refused", [])
        assert "could not be finished 8 times" in row.message
        assert market.save(guitar("B")).outcome == "created"
        market.plugin.store.retry("A")
        assert market.drain().outcome == "created"

    def test_a_worker_that_died_is_not_trusted(self, market):
        """A worker took the PUT with it: what it was sending may have arrived, so an edit back is sent."""
        market.save(guitar(price="799.00"))
        market.host.change("STRAT", price="1.00")
        on_product_saved("STRAT", plugin=market.plugin)
        job = market.plugin.store.lease("a worker that dies", 60)
        number = market.listing("STRAT")["id"]
        market.plugin.client.update_listing(str(number), {"price": {"amount": "1.00", "currency": "USD"}})
        market.clock.advance(61)
        market.change("STRAT", price="799.00")
        assert job is not None
        assert market.listing("STRAT")["price"] == "799.00"
