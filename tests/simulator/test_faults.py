"""Everything that can go wrong on demand, and the record of it."""

import http.client
import socket
import threading
import time

import pytest
import requests

from reverb_plugin.simulator import DoorError, Simulator
from tests.simulator.caller import Caller, item


@pytest.fixture
def session():
    """A client that keeps its connection open and tells broken connections apart."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


class TestKinds:
    @pytest.mark.parametrize(("retry_after", "header"), [(None, None), (3, "3"), ("seconds", "60")])
    def test_429_with_and_without_retry_after(self, api, door, retry_after, header):
        """The header only when it is asked for."""
        door.add_fault("rate_limit", retry_after=retry_after)
        got = api.get("/shop")
        assert (got.status, got.headers["Retry-After"]) == (429, header)

    def test_a_server_error_in_json(self, api, door):
        """500 with a message; nothing took effect."""
        door.add_fault("server_error")
        got = api.post("/listings", item())
        assert (got.status, got.body) == (500, {"message": "Something went wrong"})
        assert door.listings() == []

    def test_a_server_error_after_the_effect(self, api, door):
        """``applied`` lets the write happen all the same."""
        door.add_fault("server_error", status=502, applied=True)
        assert api.post("/listings", item()).status == 502
        assert door.listing("STRAT-1")["state"] == "draft"

    def test_an_html_page(self, api, door):
        """As a proxy in front of Reverb sends it."""
        door.add_fault("html")
        got = api.get("/shop")
        assert (got.status, got.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
        assert got.body.startswith("<!DOCTYPE html>")

    def test_an_empty_body(self, api, door):
        """A 200 with nothing in it."""
        door.add_fault("empty")
        got = api.get("/shop")
        assert (got.status, got.body) == (200, None)

    def test_any_answer(self, api, door):
        """A test may put any status and body there."""
        door.add_fault("answer", status=422, body={"errors": ["Price can't be blank"]}, headers={"X-Odd": "1"})
        got = api.get("/shop")
        assert (got.status, got.body, got.headers["X-Odd"]) == (422, {"errors": ["Price can't be blank"]}, "1")

    def test_any_text(self, api, door):
        """Also what is no JSON at all."""
        door.add_fault("answer", status=502, text="<h1>Bad gateway</h1>")
        got = api.get("/shop")
        assert (got.status, got.headers["Content-Type"]) == (502, "text/html; charset=utf-8")

    def test_a_reset_before_the_write(self, simulator, door, session):
        """The connection breaks and nothing was done."""
        door.add_fault("reset_before")
        with pytest.raises(requests.ConnectionError):
            session.post(f"{simulator.url}/listings", json=item(), headers=Caller(simulator).headers)
        assert door.listings() == []
        assert [(row.status, row.fault) for row in door.requests()] == [(None, "reset_before")]

    def test_a_reset_after_the_write(self, simulator, door, session):
        """The connection breaks although the listing was made."""
        door.add_fault("reset_after")
        with pytest.raises(requests.ConnectionError):
            session.post(f"{simulator.url}/listings", json=item(), headers=Caller(simulator).headers)
        assert door.listing("STRAT-1")

    def test_a_reset_is_a_reset(self, simulator, door):
        """The peer's kernel says "connection reset", not "end of file"."""
        door.add_fault("reset_before")
        host, port = simulator.site.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b"GET /api/shop HTTP/1.1\r\nHost: simulator\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                connection.recv(1)

    def test_a_truncated_body(self, api, door):
        """Less comes than Content-Length said."""
        door.add_fault("truncate")
        with pytest.raises(http.client.IncompleteRead):
            api.get("/shop")

    def test_a_dripping_body(self, slow, slow_api, clock):
        """The body comes whole, in pieces with pauses between them."""
        slow.door.add_fault("drip", pieces=10, seconds=0.5)
        before = clock.monotonic()
        assert slow_api.get("/shop").body["name"] == "Example Gear Shop"
        assert clock.monotonic() - before >= 9 * 0.5

    def test_latency_for_one_request(self, slow, slow_api, clock):
        """Before or after the effect."""
        slow.door.add_fault("latency", seconds=3)
        slow.door.add_fault("late_answer", seconds=4)
        before = clock.monotonic()
        assert [slow_api.get("/shop").status, slow_api.get("/shop").status] == [200, 200]
        assert clock.monotonic() - before == pytest.approx(7)

    def test_wrong_types(self, api, door):
        """JSON with other types than documented, at the top or in the leaves."""
        door.add_fault("wrong_types")
        assert api.get("/my/listings").body["listings"] == "not a list"
        door.add_listing()
        door.add_fault("wrong_types", deep=True)
        row = api.get("/my/listings").body["listings"][0]
        assert (row["id"], row["title"], row["has_inventory"]) == ("about 97400001", 42, "perhaps")


class TestWhen:
    def test_a_fault_waits_for_its_request(self, api, door):
        """Method and path have to fit, and it happens as often as it should."""
        door.add_fault("server_error", "PUT", r"/listings/\d+$", times=2)
        assert api.get("/shop").status == 200
        assert [api.put("/listings/1", {}).status for _ in range(3)] == [500, 500, 404]

    def test_a_fault_can_last_until_it_is_cleared(self, api, door):
        """times=None."""
        door.add_fault("html", times=None)
        assert {api.get("/shop").status for _ in range(5)} == {502}
        door.clear_faults()
        assert api.get("/shop").status == 200

    def test_what_the_simulator_does_not_know_is_refused(self, door):
        """A typing error in a test is not silently no fault."""
        with pytest.raises(DoorError, match="no fault named latencey"):
            door.add_fault("latencey")
        with pytest.raises(DoorError, match="does not take status"):
            door.add_fault("latency", status=500)
        with pytest.raises(DoorError, match="no switch named latency"):
            door.set(latency=3)

    def test_down_for_maintenance(self, api, door):
        """503 as it was recorded, and back."""
        door.go_down()
        got = api.get("/shop")
        assert (got.status, got.body) == (503, {"message": "Reverb's down for tuning. BRB!"})
        assert got.headers["Content-Type"] == "application/json"
        door.come_up()
        assert api.get("/shop").status == 200

    def test_latency_for_all(self, slow, slow_api, clock):
        """Every API request takes that long; the door does not."""
        slow.door.set(latency_seconds=0.3)
        before = clock.monotonic()
        slow_api.get("/shop")
        slow.door.listings()
        assert clock.monotonic() - before == pytest.approx(0.3)

    def test_latency_does_not_queue_up(self):
        """Requests that wait, wait at the same time."""
        with Simulator(latency_seconds=0.3) as simulator:
            threads = [threading.Thread(target=Caller(simulator).get, args=("/shop",)) for _ in range(5)]
            started = time.monotonic()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert time.monotonic() - started < 5 * 0.3


class TestRecord:
    def test_everything_asked_is_recorded_without_the_token(self, api, door, simulator):
        """Method, path, query, body, status, time and request id."""
        got = api.post("/listings?publish=false", item())
        (row,) = door.requests()
        assert (row.method, row.path, row.query, row.status) == ("POST", "/api/listings", {"publish": "false"}, 201)
        assert row.body == item()
        assert row.headers["Authorization"] == "***"
        assert simulator.token not in repr(row)
        assert row.request_id == got.headers["X-Request-Id"]
        assert row.at.endswith("+00:00")

    def test_the_record_can_be_cut_and_cleared(self, api, door):
        """By method and by a part of the path; the door and the pages are not in it."""
        api.get("/shop")
        api.post("/listings", item())
        door.listings()
        assert [row.path for row in door.requests()] == ["/api/shop", "/api/listings"]
        assert [row.path for row in door.requests("POST")] == ["/api/listings"]
        assert [row.method for row in door.requests(path="shop")] == ["GET"]
        door.clear_requests()
        assert door.requests() == []

    def test_reset_forgets_everything(self, api, door):
        """Listings, orders, faults, switches and the record."""
        door.buy(door.add_listing())
        door.set(token_revoked=True)
        door.add_fault("html", times=None)
        api.get("/shop")
        door.reset()
        assert (door.listings(), door.orders(), door.requests()) == ([], [], [])
        assert api.get("/shop").status == 200


def test_a_connection_serves_many_requests(simulator):
    """HTTP/1.1 keep-alive: one connection, several answers, also after refusals and empty bodies."""
    connection = http.client.HTTPConnection("127.0.0.1", int(simulator.site.rpartition(":")[2]), timeout=10)
    headers = Caller(simulator).headers
    connection.connect()
    first = connection.sock
    for path in ("/api/shop", "/api/nowhere", "/api/my/listings", "/api/shop"):
        connection.request("GET", path, headers=headers)
        connection.getresponse().read()
    assert connection.sock is first
    connection.close()


def test_a_stopped_simulator_can_be_started_again():
    """It keeps its port, its token and its listings."""
    simulator = Simulator().start()
    url, listing_id = simulator.url, simulator.door.add_listing(sku="A")
    simulator.stop()
    with pytest.raises(OSError, match="refused"):
        Caller(simulator).get("/shop")
    with simulator:
        assert simulator.url == url
        assert Caller(simulator).listing(listing_id)["sku"] == "A"
