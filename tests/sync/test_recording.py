"""What an attempt asked Reverb and what it answered can be looked at later, and holds no more than it should."""

import json
from datetime import timedelta

import pytest

from reverb_plugin.redact import MASK, Secret
from reverb_plugin.reverb_api.transport import Timeouts
from reverb_plugin.store.store import open_store
from reverb_plugin.store.sync_log import LogFilter
from reverb_plugin.sync.recording import (
    MOST_EXCHANGES,
    MOST_LETTERS,
    NOT_KEPT,
    SKEW,
    RecordingTransport,
    Skew,
    find_skew,
)
from reverb_plugin.testing import FrozenClock
from tests.sync.market import guitar


def exchanges(market, entry):
    return market.plugin.store.log.find(entry.id, LogFilter()).exchanges


def test_an_attempt_keeps_what_it_asked_and_got(market):
    """The requests in their order with the bodies as sent, the answers with their status."""
    entry = market.save(guitar())
    look_up, create = exchanges(market, entry)
    assert (look_up.method, look_up.path) == ("GET", "/api/my/listings?sku=STRAT&state=all")
    assert (look_up.request, look_up.status) == (None, 200)
    assert '"listings": []' in look_up.answer
    assert (create.method, create.path, create.status) == ("POST", "/api/listings", 201)
    assert '"title": "Fender Player Stratocaster"' in create.request
    assert '"sku": "STRAT"' in create.answer


def test_each_attempt_has_its_own(market):
    """Nothing of the attempt before, and nothing of questions that were no attempt."""
    market.save(guitar())
    market.plugin.client.get_categories()
    entry = market.change("STRAT", price="700.00")
    assert [each.method for each in exchanges(market, entry)][-1] == "PUT"
    assert "700.00" in exchanges(market, entry)[-1].request
    assert not any("categories" in each.path for each in exchanges(market, entry))


def test_a_refusal_keeps_what_reverb_said(market):
    """The answer that explains a refusal is there to be read."""
    market.door.add_fault("answer", "POST", "listings", status=422, body={"message": "Title can't be blank"})
    entry = market.save(guitar())
    assert exchanges(market, entry)[-1].status == 422
    assert "Title can't be blank" in exchanges(market, entry)[-1].answer


def test_a_lost_answer_is_kept_as_such(market):
    """Without an answer there is no status, and the reason stands in its place."""
    market.door.add_fault("reset_after", "POST", "/listings")
    market.save(guitar())
    lost = [each for row in market.rows() for each in exchanges(market, row) if each.status is None]
    assert [each.method for each in lost] == ["POST"]
    assert lost[0].answer.startswith("POST /api/listings at 127.0.0.1:")


def test_long_texts_are_cut(market):
    """A long description takes a bounded part of the disk, and says how much is missing."""
    entry = market.save(guitar(description="x" * 50_000))
    sent = exchanges(market, entry)[-1].request
    assert len(sent) < 3000
    assert json.loads(sent)["description"].endswith("... and 49,500 more characters")


def test_what_is_long_altogether_is_cut(market):
    """Also where no single text is."""
    entry = market.save(guitar(photos=tuple(f"https://shop.example/{number}.jpg" for number in range(400))))
    sent = exchanges(market, entry)[-1].request
    assert len(sent) < MOST_LETTERS + 100
    assert sent.endswith("more characters")


class NoPace:
    def wait(self):
        pass

    def answered(self, status, retry_after_seconds):
        pass


@pytest.fixture
def store(tmp_path, clock):
    store = open_store(tmp_path / "data", "sandbox", clock)
    yield store
    store.close()


@pytest.fixture
def transport(simulator, store, clock):
    """A transport on its own."""
    skew = Skew(store, clock)
    transport = RecordingTransport(
        simulator.url, Secret(simulator.token), clock=clock, pace=NoPace(), timeouts=Timeouts(), skew=skew
    )
    yield transport
    transport.close()


def test_only_the_last_requests_of_a_long_attempt_are_kept(transport):
    """An attempt with many photos has many requests; the last ones tell how it ended."""
    transport.record()
    for number in range(MOST_EXCHANGES + 3):
        transport.request("GET", f"listings/{number}")
    paths = [each.path for each in transport.taken()]
    assert paths == [f"/api/listings/{n}" for n in range(3, MOST_EXCHANGES + 3)]
    assert transport.taken() == (), "and it records no more"
    transport.request("GET", "listings/1")
    assert transport.taken() == ()


def test_what_is_not_about_listings_is_not_kept(transport):
    """An order holds its buyer: that it was asked for is kept, what was said is not."""
    transport.record()
    transport.request("POST", "my/orders/selling/1/ship", body={"to": "Ann"})
    (kept,) = transport.taken()
    assert (kept.request, kept.answer) == (NOT_KEPT, NOT_KEPT)
    assert (kept.path, kept.status) == ("/api/my/orders/selling/1/ship", 404)


@pytest.mark.parametrize("token", ["tok-3f9c0d61", 'a"b\\c-3f9c0d61'])
def test_no_text_holds_the_token(simulator, store, clock, token):
    """Neither path nor bodies nor errors, also when JSON writes some of its signs otherwise."""
    simulator.door.set(token=token)
    transport = RecordingTransport(
        simulator.url, Secret(token), clock=clock, pace=NoPace(), timeouts=Timeouts(), skew=Skew(store, clock)
    )
    quoted = {"message": f"Bearer {token}", "listings": [token]}
    simulator.door.add_fault("answer", "POST", status=200, body=quoted)
    transport.record()
    transport.request("POST", "listings", params={"token": token}, body=quoted)
    kept = transport.taken()
    transport.close()
    assert len(kept) == 1
    assert "3f9c0d61" not in repr(kept)
    assert MASK in kept[0].request
    assert MASK in kept[0].answer


class TestSkew:
    def test_clocks_that_agree_cost_nothing(self, transport, store):
        """Nothing is written as long as the clocks agree."""
        transport.request("GET", "listings/1")
        assert find_skew(store) == 0.0
        assert store.find_cached(SKEW) is None

    def test_a_clock_that_is_off_is_noticed_and_one_that_was_set_again_as_well(self, simulator, store, clock):
        """How far it is off is remembered for the page, and forgotten when the clock is set."""
        for seconds, told in [(300, -300), (10, 0)]:
            ours = FrozenClock(clock.now() + timedelta(seconds=seconds))
            transport = RecordingTransport(
                simulator.url, None, clock=ours, pace=NoPace(), timeouts=Timeouts(), skew=Skew(store, ours)
            )
            transport.request("GET", "categories/flat")
            transport.close()
            assert find_skew(store) == pytest.approx(told, abs=11)

    @pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, {"date": ""}])
    def test_an_answer_without_a_readable_date_says_nothing(self, store, clock, headers):
        """A proxy may take the date away."""
        Skew(store, clock).hear(headers)
        assert find_skew(store) == 0.0

    def test_a_database_in_trouble_costs_no_answer(self, tmp_path, clock):
        """A listing that was just made is more than a clock."""
        (tmp_path / "data").write_text("this is no folder")
        Skew(open_store(tmp_path / "data", "sandbox", clock), clock).hear({"date": "Wed, 01 Jan 2020 00:00:00 GMT"})
