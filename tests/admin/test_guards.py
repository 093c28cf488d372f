"""Only the page itself can change something: by the browser's word, with no session and no secret."""

import sqlite3
from contextlib import closing

import pytest
from werkzeug.test import create_environ, run_wsgi_app
from werkzeug.wrappers import Response

from reverb_plugin.admin.pages import PAGES
from reverb_plugin.admin.sections import SECTIONS
from tests.admin.offline import add_page, browser, open_offline
from tests.sync.market import SOLID_BODY, guitar


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    with open_offline(tmp_path_factory.mktemp("data")) as plugin:
        yield plugin


@pytest.fixture
def send(plugin, monkeypatch):
    """Sends a form to a page that notes that it was asked; whether it was let through."""
    asked = []
    add_page(monkeypatch, lambda visit: asked.append(visit) or Response("done"), "POST")
    client = browser(plugin)

    def send(base_url="https://shop.example/", **headers):
        asked.clear()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = client.post("/more", base_url=base_url, headers=given)
        assert answer.status_code == (200 if asked else 403)
        return bool(asked)

    return send


@pytest.mark.parametrize(("site", "passes"), [
    ("same-origin", True), ("none", True), ("same-site", False),
    ("cross-site", False), ("", False), ("nonsense", False),
])  # fmt: skip
def test_fetch_metadata(send, site, passes):
    """What the browser says of the sender decides; a sister site of the same domain is a stranger."""
    assert send(Sec_Fetch_Site=site) is passes


def test_fetch_metadata_goes_before_origin(send):
    """A cross-site request is refused whatever Origin says, and one of our own needs no Origin that fits (a proxy)."""
    assert not send(Sec_Fetch_Site="cross-site", Origin="https://shop.example")
    assert send(Sec_Fetch_Site="same-origin", Origin="https://public.example")


@pytest.mark.parametrize(("origin", "base_url", "passes"), [
    ("https://shop.example", "https://shop.example/", True),
    ("https://shop.example:443", "https://shop.example/", True),
    ("http://127.0.0.1:8321", "http://127.0.0.1:8321/", True),
    ("http://[::1]:8321", "http://[::1]:8321/", True),
    ("HTTPS://SHOP.example", "https://shop.example/", True),
    ("http://shop.example", "https://shop.example/", False),
    ("http://shop.example:443", "https://shop.example/", False),
    ("https://shop.example:8443", "https://shop.example/", False),
    ("http://127.0.0.1:8322", "http://127.0.0.1:8321/", False),
    ("https://evil.example", "https://shop.example/", False),
    ("https://shop.example.evil.example", "https://shop.example/", False),
    ("https://shop.example@evil.example", "https://shop.example/", False),
    ("null", "https://shop.example/", False),
    ("", "https://shop.example/", False),
    ("https://shop.example:port", "https://shop.example/", False),
    ("https://[shop", "https://shop.example/", False),
])  # fmt: skip
def test_origin(send, origin, base_url, passes):
    """An older browser names the origin: scheme, host and port have to be our own."""
    assert send(base_url, Origin=origin) is passes


@pytest.mark.parametrize("host", ["", "shop.example:port", "[shop"])
def test_a_host_that_is_none(plugin, host):
    """Where the request does not say who we are, an origin that says nothing either is no match."""
    environ = create_environ("/mass-sync/preview", method="POST", headers={"Origin": "null"})
    _, status, _ = run_wsgi_app(plugin.admin_app(lambda _: True), environ | {"HTTP_HOST": host})
    assert status == "403 FORBIDDEN"


def test_neither(send):
    """Without either header nobody vouches for the sender; a Referer proves nothing."""
    assert not send()
    assert not send(Referer="https://shop.example/settings")


def test_a_foreign_form_reads_why(plugin, monkeypatch):
    """The refusal is a page that says that nothing was changed, and what to do."""
    add_page(monkeypatch, lambda visit: Response("done"), "POST")
    page = browser(plugin).post("/more", headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 403
    assert "nothing was changed" in page.text


KEPT = {"cache", "remote_state"}  # what was heard from Reverb, not what anybody wants


def remembered(plugin):
    """Everything in the database that a person or the shop could have meant."""
    with closing(sqlite3.connect(plugin.store.path)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names - KEPT}


def test_reading_changes_nothing(market):
    """Whoever only follows links, even one that somebody else has written, starts and saves nothing."""
    market.door.add_fault("answer", "POST", "/listings", status=422, body={"message": "no"})
    market.save(guitar())
    market.plugin.mass_sync.preview()
    market.drain()
    before, client = remembered(market.plugin), browser(market.plugin)
    query = {
        "sku": "STRAT", "ask": "reverb", "word": "Guitars", "uuid": SOLID_BODY, "q": "solid",
        "to": "shop", "kind": "quantity", "confirmed": "on", "reviewed": "yes", "stock_buffer": "2", "token": "other",
    }  # fmt: skip
    for page in PAGES:
        for route in page.ROUTES:
            address = "/".join("1" if part.startswith("<") else part for part in route.path.split("/"))
            client.get(address, query_string=query)
            for section in SECTIONS if route.name == "settings-section" else ():
                assert client.get(f"/settings/{section}", query_string=query).status_code == 200
    assert remembered(market.plugin) == before


def test_every_route_that_changes_is_guarded(plugin):
    """No page takes a form from another site: GET and POST are all there is."""
    client = browser(plugin)
    routes = [route for page in PAGES for route in page.ROUTES]
    assert {route.method for route in routes} == {"GET", "POST"}
    for route in routes:
        if route.method == "POST":
            address = route.path.replace("<int:", "<").replace("<path:", "<")
            address = "/".join("1" if part.startswith("<") else part for part in address.split("/"))
            answer = client.post(address, headers={"Sec-Fetch-Site": "cross-site"})
            assert answer.status_code == 403, route.path


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST", "OPTIONS", "TRACE"])
def test_other_methods(plugin, method):
    """A page that is read takes no other method, and says so on a page and in the header for it."""
    answer = browser(plugin).open("/log", method=method, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert "takes no request of this kind" in answer.text


def test_a_huge_form_is_refused(plugin, monkeypatch):
    """A body of any size is not read into memory."""
    add_page(monkeypatch, lambda visit: Response(str(len(visit.request.form))), "POST")
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert browser(plugin).post("/more", data={"x": "y" * 900_000}, headers=headers).status_code == 200
    assert browser(plugin).post("/more", data={"x": "y" * 1_100_000}, headers=headers).status_code == 413
