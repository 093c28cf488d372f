"""Webhooks: refused to a personal token, delivered on this machine when allowed."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.simulator.caller import item

WAIT_SECONDS = 5


class Ear:
    """A small server that hears what is posted to it, answering with each of ``statuses`` in turn."""

    def __init__(self, *statuses):
        self.heard = []
        self._statuses = list(statuses)
        self._something = threading.Condition()
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(ear._statuses.pop(0) if ear._statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                with ear._something:
                    ear.heard.append((self.path, body))
                    ear._something.notify_all()

            def log_message(self, *args):
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def wait_for(self, count):
        with self._something:
            assert self._something.wait_for(lambda: len(self.heard) >= count, WAIT_SECONDS), self.heard
        return self.heard

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def ear():
    ear = Ear()
    yield ear
    ear.close()


def register(api, url, topic):
    return api.post("/webhooks/registrations", {"url": url, "topic": topic})


def test_a_personal_token_cannot_register(api):
    """401 although the token is good."""
    got = register(api, "https://shop.example/hook", "orders/update")
    assert (got.status, got.body) == (401, {"message": "Please log in via Oauth to create webhooks"})


def test_a_topic_nobody_knows_is_a_400(api):
    """The parameter check says so."""
    got = register(api, "https://shop.example/hook", "orders/lost")
    assert (got.status, got.body) == (400, {"error": "topic does not have a valid value"})


def test_registrations_can_be_made_read_and_removed(api, door):
    """201 with the registration, its link, the list, and 200 with {} on removal."""
    door.set(webhooks_allowed=True)
    got = register(api, "https://shop.example/hook", "orders/update")
    assert (got.status, set(got.body)) == (201, {"url", "topic", "created_at", "_links"})
    link = got.body["_links"]["self"]["href"]
    assert api.get(link).body == got.body
    assert api.get("/webhooks/registrations").body["registrations"] == [got.body]
    removed = api.delete(link)
    assert (removed.status, removed.body) == (200, {})
    assert api.get(link).status == 404


def test_an_order_is_told_as_it_reads(api, door, ear):
    """The body is the order of GET, without an envelope."""
    door.set(webhooks_allowed=True)
    register(api, f"{ear.url}/secret", "orders/create")
    number = door.buy(door.add_listing())
    ((path, body),) = ear.wait_for(1)
    assert path == "/secret"
    assert body == api.get(f"/my/orders/selling/{number}").body


def test_a_listing_is_told_when_it_goes_live_and_when_its_stock_changes(api, door, ear):
    """listings/publish and listings/update bring the listing as GET shows it."""
    door.set(webhooks_allowed=True)
    register(api, f"{ear.url}/publish", "listings/publish")
    register(api, f"{ear.url}/update", "listings/update")
    listing_id = api.post("/listings", item(publish=True)).body["listing"]["id"]
    heard = dict(ear.wait_for(2))
    assert heard["/publish"] == heard["/update"] == api.listing(listing_id)
    api.put(f"/listings/{listing_id}", {"inventory": 0})
    assert ear.wait_for(3)[-1][1]["state"]["slug"] == "ended"


def test_a_refused_delivery_is_tried_again(api, door):
    """Until it is answered with a 2xx, three times at most."""
    ear = Ear(500, 200)
    door.set(webhooks_allowed=True)
    register(api, ear.url, "orders/paid")
    door.buy(door.add_listing())
    ear.wait_for(2)
    ear.close()


def test_nobody_outside_of_this_machine_is_told(api, door, ear):
    """Only loopback addresses are called, also when another one registered before."""
    door.set(webhooks_allowed=True)
    register(api, "https://shop.invalid/hook", "orders/create")
    register(api, ear.url, "orders/create")
    door.buy(door.add_listing())
    ear.wait_for(1)
    assert {row["url"] for row in door.deliveries()} <= {ear.url}
