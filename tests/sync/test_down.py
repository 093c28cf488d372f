"""Reverb is down, slow, or refuses the token: nothing is lost, nothing is marked done, and it is told once."""

import logging

import pytest

from reverb_plugin.hooks import on_product_saved
from tests.sync.market import guitar


def told(caplog, text):
    return [record.getMessage() for record in caplog.records if text in record.getMessage()]


def save_all(market, skus):
    for sku in skus:
        market.put(guitar(sku))
        on_product_saved(sku, plugin=market.plugin)


class TestToken:
    def test_a_dead_token_stops_sending(self, market):
        """One job finds out; the others are not even tried, and nothing waits for a person."""
        market.door.set(token_revoked=True)
        save_all(market, ["A", "B", "C"])
        market.drain(60)
        asked = market.asked()  # by each of the threads that were at it, once
        assert set(asked) == {"GET my/listings", "GET my/account"}
        assert len(asked) <= 2 * 3
        assert market.report.left == 3
        assert "refuses the token" in market.report.stopped_because
        assert market.parked() == []
        assert market.last().code == "token-refused"

    def test_a_new_token_resumes(self, market, open_market):
        """Another token is entered: everything goes through."""
        market.door.set(token="another")
        save_all(market, ["A", "B"])
        market.drain(60)
        again = open_market(host=market.host, token="another")
        again.drain()
        assert len(again.door.listings()) == 2

    def test_the_old_token_works_again(self, market):
        """Reverb refused it by mistake: tried again every ten minutes, and everything goes through."""
        market.door.set(token_revoked=True)
        save_all(market, ["A", "B"])
        market.drain(60)
        market.door.set(token_revoked=False)
        market.asked()
        market.live_through(500, step=100)
        assert market.asked() == []
        market.live_through(200, step=100)
        assert (len(market.door.listings()), market.report.left) == (2, 0)

    def test_a_401_for_one_thing_is_not_a_dead_token(self, market):
        """The account still answers: this job is not allowed, and the next product goes on."""
        body = {"message": "This feature is for preferred sellers"}
        market.door.add_fault("answer", "POST", "/listings", status=401, body=body)
        assert market.save(guitar("A")).code == "not-allowed"
        assert market.save(guitar("B")).outcome == "created"

    def test_without_a_token_everything_waits(self, market, open_market, monkeypatch):
        """Nothing is tried; once a token is entered it goes through."""
        save_all(market, ["A"])
        market.plugin.configuration._arguments.pop("token")
        market.plugin.configuration._read_at = None
        market.drain(10)
        assert (market.asked(), market.report.left) == ([], 1)
        assert "no token" in market.report.stopped_because
        market.set(token=market.simulator.token)
        market.drain()
        assert len(market.door.listings()) == 1


class TestRateLimit:
    @pytest.mark.parametrize("form", ["seconds", "date"])
    def test_retry_after_is_obeyed(self, market, form):
        """In both forms: for that long no request at all, then everything goes through by itself."""
        market.door.add_fault("rate_limit", retry_after=form, seconds=90)
        save_all(market, ["A", "B", "C"])
        started_at = market.clock.monotonic()
        market.drain(60)
        assert len(market.asked()) <= 3
        market.drain(80)
        assert len(market.door.listings()) == 3
        assert market.clock.monotonic() - started_at >= 90 - (form == "date")  # a date has no fractions of seconds
        assert market.parked() == []

    def test_without_retry_after_it_slows_down(self, market):
        """429 after 429: ever longer waits, no parked job, and in the end everything is there."""
        market.door.add_fault("rate_limit", times=12)
        save_all(market, ["A", "B", "C"])
        market.drain(600)
        assert (len(market.door.listings()), market.parked()) == (3, [])

    def test_it_does_not_count_as_a_try(self, market):
        """A limit hit again and again parks nothing."""
        market.door.add_fault("rate_limit", times=20)
        save_all(market, ["A"])
        market.live_through(3600, step=60)
        assert market.last().attempt == 1
        assert market.last().outcome == "created"

    def test_a_create_that_was_limited_is_repeated(self, market):
        """429 to the POST: nothing was made, so it is sent again, and there is one listing."""
        market.door.add_fault("rate_limit", "POST", retry_after="seconds", seconds=30)
        save_all(market, ["A"])
        market.drain(60)
        assert len(market.door.listings()) == 1


class TestOutage:
    def test_nothing_is_lost(self, market):
        """An outage of hours: everything that was saved goes through afterwards, in its newest form."""
        market.save(guitar("A"))
        market.door.go_down()
        save_all(market, ["B", "C"])
        market.host.change("A", price="1.00")
        on_product_saved("A", plugin=market.plugin)
        market.live_through(4 * 3600)
        assert market.report.left == 3
        market.host.change("A", price="2.00")
        market.door.come_up()
        market.drain(900)
        assert {row["sku"]: row["price"] for row in market.door.listings()} == {
            "A": "2.00",
            "B": "799.00",
            "C": "799.00",
        }
        assert market.report.left == 0

    def test_no_job_is_parked_by_a_long_outage(self, market):
        """A day of 503: no job waits for a person, and Reverb is asked a few hundred times, not all day long."""
        market.door.go_down()
        save_all(market, [f"SKU-{number}" for number in range(5)])
        market.live_through(24 * 3600)
        assert (market.parked(), market.report.left) == ([], 5)
        assert len(market.asked()) < 2000
        market.door.come_up()
        market.drain(900)
        assert (len(market.door.listings()), market.report.left) == (5, 0)

    def test_one_line_down_and_one_up(self, market, caplog):
        """The log tells once that it went down and once that it is back, however many jobs failed."""
        caplog.set_level(logging.INFO, "reverb_plugin")
        worker = market.plugin._worker()
        market.door.go_down()
        save_all(market, [f"SKU-{number}" for number in range(8)])
        worker.drain(600)
        assert len(told(caplog, "Sending to Reverb waits: ")) == 1
        market.door.come_up()
        worker._stop.clear()
        worker.drain(900)
        assert len(told(caplog, "Sending to Reverb goes on")) == 1
        assert len(told(caplog, "Sending to Reverb waits: ")) == 1
        assert len(market.door.listings()) == 8

    def test_one_probe_at_a_time(self, market):
        """While it is down, one request now and then looks whether it is back."""
        market.door.go_down()
        save_all(market, [f"SKU-{number}" for number in range(8)])
        market.drain(60)
        market.requests()
        market.drain(120)
        assert 1 <= len(market.requests()) <= 9

    def test_a_listing_that_alone_fails(self, market):
        """Reverb answers 500 to one listing for ever, others go through: that one waits for a person in the end."""
        market.save(guitar("A"))
        market.save(guitar("B"))
        number = market.listing("A")["id"]
        market.door.add_fault("server_error", "PUT", f"listings/{number}", times=None)
        market.host.change("A", price="1.00")
        on_product_saved("A", plugin=market.plugin)
        for step in range(30):
            market.put(guitar("B", price=str(step + 1)))
            on_product_saved("B", plugin=market.plugin)
            market.try_once()
            market.clock.advance(600)
        assert [job.key for job in market.parked()] == ["A"]
        assert market.listing("B")["price"] == "30.00"

    @pytest.mark.parametrize("kind", ["html", "empty", "truncate", "wrong_types", "reset_before", "reset_after"])
    def test_answers_that_make_no_sense(self, market, kind):
        """HTML, nothing, half an answer, other types, or none, to everything for a while: in the end all is right."""
        market.save(guitar("A"))
        market.door.add_fault(kind, "GET" if kind == "wrong_types" else None, times=6)
        save_all(market, ["B"])
        market.host.change("A", price="1.00")
        on_product_saved("A", plugin=market.plugin)
        market.live_through(2 * 3600)
        assert {row["sku"]: row["price"] for row in market.door.listings()} == {"A": "1.00", "B": "799.00"}
        assert (market.report.left, market.parked()) == (0, [])
