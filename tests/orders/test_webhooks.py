"""Posts only make the plugin look sooner; whatever else they hold changes nothing."""

import io
import json

import pytest

from reverb_plugin.webhooks import LARGEST_BODY, make_secret, register


@pytest.fixture
def secret(counter):
    secret = make_secret()
    counter.market.set(webhook_secret=secret)
    return secret


def post(counter, path, body=b"", method="POST", length=None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    environ = {
        "PATH_INFO": f"/{path}",
        "REQUEST_METHOD": method,
        "CONTENT_LENGTH": str(len(raw) if length is None else length),
        "wsgi.input": io.BytesIO(raw),
    }
    said = []
    assert list(counter.plugin.webhook_receiver(environ, lambda status, headers: said.append(status))) == [b""]
    return said[0]


def test_an_order_is_taken_at_once(counter, secret):
    """A post about an order makes the look happen now, and not in minutes."""
    number = counter.buy()
    assert post(counter, secret, {"order_number": number, "status": "paid"}) == "200 OK"
    counter.market.drain()
    assert counter.both() == (2, 2)


def test_an_edit_is_taken_at_once(counter, secret):
    """A post about a listing makes its quantity be looked at."""
    counter.edit(70)
    assert post(counter, secret, {"id": counter.market.listing("STRAT")["id"], "inventory": 4711}) == "200 OK"
    counter.market.drain()
    assert counter.both() == (70, 70)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"[1]", b"{", b"\xff\xfe", b"{}", b'{"order_number": null}', b'{"order_number": [1]}',
        b'{"id": true}', b'{"id": {"a": 1}}', b"[" * 100_000, b'"' * 10, {"id": "4711"},
    ],
)  # fmt: skip
def test_malformed_posts_change_nothing(counter, secret, body):
    """Whatever it is: 200, no request to Reverb, nothing moved."""
    before = counter.market.rows()
    assert post(counter, secret, body) == "200 OK"
    counter.market.drain()
    assert counter.market.asked() == []
    assert counter.market.rows() == before


def test_a_huge_post_is_not_read(counter, secret):
    """More than any order could be is not even read."""
    assert post(counter, secret, {"order_number": "1"}, length=LARGEST_BODY + 1) == "200 OK"
    counter.market.drain()
    assert counter.market.asked() == []


@pytest.mark.parametrize("path", ["", "guess", "..", "%00", "ä"])
def test_forged_posts_find_nothing(counter, secret, path):
    """Without the secret there is nothing to post to."""
    assert post(counter, path, {"order_number": "1"}) == "404 Not Found"
    assert counter.plugin.store.queue_status().pending == 0


def test_without_a_secret_nothing_is_received(counter):
    """Until somebody makes a secret path, there is none."""
    assert post(counter, "", {"order_number": "1"}) == "404 Not Found"


def test_only_posts_are_heard(counter, secret):
    """A look at the address shows nothing."""
    assert post(counter, secret, method="GET") == "405 Method Not Allowed"


def test_replayed_posts_cost_one_look(counter, secret):
    """A hundred posts in a second are one look for orders, and one more when the pause is over."""
    for _ in range(100):
        post(counter, secret, {"order_number": "90000101"})
    counter.market.drain()
    assert counter.market.asked().count("GET my/orders/selling/all") <= 2


@pytest.mark.swallows
def test_a_broken_database_is_not_reverbs_business(counter, secret, monkeypatch):
    """Also when nothing can be noted the answer is 200, and nothing is raised."""
    monkeypatch.setattr("reverb_plugin.store.order_store.OrderStore.ask_for_poll", lambda *args: 1 / 0)
    assert post(counter, secret, {"order_number": "1"}) == "200 OK"


def test_a_refused_registration_is_said(counter):
    """Reverb takes no personal token: each topic says so. Where it does, they are registered."""
    said = register(counter.plugin.client, "https://shop.example/reverb/secret")
    assert all("Oauth" in text for text in said.values())
    counter.door.set(webhooks_allowed=True)
    assert set(register(counter.plugin.client, "https://shop.example/reverb/secret").values()) == {""}
