"""Reverb's posts at the page itself, over real HTTP: past authorize, to the secret path, and nowhere else."""

import http.client
import json
import threading
from contextlib import contextmanager, suppress

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

from reverb_plugin.webhooks import LARGEST_BODY, make_secret

SAID = {"Content-Type": "application/json"}


class _Quiet(WSGIRequestHandler):
    def log(self, *_):
        """The terminal is for the tests."""


@contextmanager
def served(app):
    """A server with threads, and the port it listens at."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Poster:
    """Whoever calls the shop."""

    def __init__(self, port, secret):
        self.port, self.secret = port, secret

    def send(self, body=b"", path=None, method="POST", headers=SAID, *, chunked=False):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            target = f"/admin/reverb/webhooks/{self.secret}" if path is None else path
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            content = iter([raw[:5], raw[5:]]) if chunked else raw
            connection.request(method, target, content, headers, encode_chunked=chunked)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@pytest.fixture
def poster(counter):
    """The page under a prefix, where nobody may enter."""
    secret = make_secret()
    counter.market.set(webhook_secret=secret)
    page = counter.plugin.admin_app(authorize=lambda environ: False)
    with served(DispatcherMiddleware(lambda environ, start: [], {"/admin/reverb": page})) as port:
        yield Poster(port, secret)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_post_makes_the_poll_happen_now(counter, poster, chunked):
    """Reverb signs in nowhere and sends no Origin: the secret lets it in; a body without a length is read too."""
    number = counter.buy()
    headers = SAID | ({"Transfer-Encoding": "chunked"} if chunked else {})
    assert poster.send({"order_number": number, "status": "paid"}, headers=headers, chunked=chunked) == (200, b"")
    counter.market.drain()
    assert counter.both() == (2, 2)


@pytest.mark.parametrize("path", ["", "guess", "../settings", "%2e%2e/", "{secret}x", "{secret}/settings", "//"])
def test_a_forged_post_finds_nothing(counter, poster, path):
    """Beside the secret there is nothing: no page, no hint, no look."""
    address = "/admin/reverb/webhooks/" + path.format(secret=poster.secret)
    status, body = poster.send({"order_number": "1"}, address)
    assert (status, body) == (404, b"")
    assert counter.plugin.store.queue_status().pending == 0


def test_the_page_stays_closed(poster):
    """What lets a webhook in lets nobody see the page."""
    assert poster.send(path="/admin/reverb/", method="GET")[0] == 403
    assert poster.send(path=f"/admin/reverb/{poster.secret}", method="GET")[0] == 403
    assert poster.send(method="GET") == (405, b"")


@pytest.mark.parametrize(
    ("body", "chunked"),
    [(b"", False), (b"{", False), (b"\xff\x00", False), (b"[" * 90_000, True), (b"[]", True), (b"not json", True)],
)
def test_a_malformed_post_changes_nothing(counter, poster, body, chunked):
    """Whatever it holds, it is answered with 200 and forgotten."""
    headers = SAID | ({"Transfer-Encoding": "chunked"} if chunked else {})
    assert poster.send(body, headers=headers, chunked=chunked)[0] == 200
    counter.market.drain()
    assert counter.market.asked() == []


@pytest.mark.parametrize("chunked", [False, True])
def test_a_huge_post_changes_nothing(counter, poster, chunked):
    """More than any order is not believed to be one, whether it says its length or not; the server stays up."""
    body = json.dumps({"order_number": "1", "title": "x" * LARGEST_BODY}).encode()
    headers = SAID | ({"Transfer-Encoding": "chunked"} if chunked else {})
    with suppress(ConnectionError, http.client.HTTPException):  # the server hangs up on what nobody reads
        poster.send(body, headers=headers, chunked=chunked)
    assert poster.send(b"{}")[0] == 200
    counter.market.drain()
    assert counter.market.asked() == []


def test_replays_cost_one_look(counter, poster):
    """The same post a hundred times makes one look, and one more when the pause is over; the stock moves once."""
    number = counter.buy()
    for _ in range(30):
        poster.send({"order_number": number})
    counter.market.drain()
    assert counter.market.asked().count("GET my/orders/selling/all") <= 2
    assert counter.both() == (2, 2)


def test_without_a_secret_nobody_is_let_in(counter, poster):
    """A secret that was taken away stops working at once."""
    counter.plugin.configuration.save("webhook_secret", None)
    assert poster.send({"order_number": "1"})[0] == 404
    assert poster.send({"order_number": "1"}, "/admin/reverb/webhooks/")[0] == 404
