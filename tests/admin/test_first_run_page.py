"""From nothing to the first preview in at most five entries."""

import pytest
from werkzeug.test import Client

from tests.sync.market import guitar


@pytest.fixture
def market(open_market):
    """A shop with a product that was never connected."""
    market = open_market(token=None)
    market.put(guitar())
    return market


@pytest.fixture
def client(market):
    return Client(market.plugin.admin_app(authorize=lambda environ: True))


def send(client, address, **form):
    return client.post(address, data=form, headers={"Sec-Fetch-Site": "same-origin"})


def test_from_nothing_to_the_preview(client, market):
    """A token, what Reverb says to it, two switches, the preview: two forms."""
    page = client.get("/start").text
    assert "This opens once Reverb accepts the token." in page
    assert "https://reverb.com/my/account/api" in page
    assert all(f"<code>{scope}</code>" in page for scope in ("read_listings", "write_listings", "read_profile"))

    answer = send(client, "/start/connect", environment="sandbox", token=market.simulator.token)
    assert answer.location == "/start"
    page = client.get("/start").text
    assert "Example Gear Shop" in page
    assert "Show the preview" in page

    answer = send(client, "/start/preview", auto_sync="on", auto_publish="off")
    assert answer.location == "/mass-sync"
    market.drain()
    (run,) = market.plugin.store.runs.newest("mass sync")
    assert market.plugin.mass_sync.progress(run).counts == {"create": 1}
    assert market.door.listings() == []


def test_no_token(client):
    """Without a token the field says that one is needed."""
    page = send(client, "/start/connect", environment="sandbox", token="")
    assert page.status_code == 422
    assert "Is needed: paste it here." in page.text


def test_a_token_that_reverb_refuses(client, market):
    """The first step stays open, with what to do."""
    send(client, "/start/connect", environment="sandbox", token="wrong")
    page = client.get("/start").text
    assert "refuses the token" in page
    assert "Show the preview" not in page


def test_no_worker(client, market):
    """That a preview would wait without a worker is said before it is asked for."""
    send(client, "/start/connect", environment="sandbox", token=market.simulator.token)
    assert "No worker is running" in client.get("/start").text


def test_twice(client, market):
    """A preview that is under way already is the one that is shown."""
    send(client, "/start/connect", environment="sandbox", token=market.simulator.token)
    answers = [send(client, "/start/preview", auto_sync="on") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[1].location == "/mass-sync"


def test_where_a_variable_decides(client, market, monkeypatch):
    """A token out of the environment needs no entry, only a try."""
    monkeypatch.setenv("REVERB_TOKEN", market.simulator.token)
    market.clock.advance(2)
    assert "Set by the environment variable REVERB_TOKEN" in client.get("/start").text
    send(client, "/start/connect")
    assert "Example Gear Shop" in client.get("/start").text
