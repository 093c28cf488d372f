"""An opened bundle shows the admin's own pages as they were; it changes nothing, asks nobody and harms nobody."""

import json
import os
import subprocess
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from werkzeug.test import Client

from reverb_plugin.admin.app import AdminApp
from reverb_plugin.admin.pages import PAGES, routes_of
from reverb_plugin.admin.sections import SECTIONS
from reverb_plugin.connection import NAME as CONNECTION
from reverb_plugin.connection import Check, Connection, Verdict, keep
from reverb_plugin.diagnostics.recorded_product import record_product
from reverb_plugin.errors import HostError, UnavailableError, UnreadableBundleError
from reverb_plugin.host import Product
from reverb_plugin.redact import Secret
from reverb_plugin.support.opened import open_bundle
from reverb_plugin.testing import FakeHost
from tests.support.databases import database, rows_of_each_table
from tests.support.forge import bundle

MARKUP = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}javascript:alert(1)"
GUITAR = Product("STRAT", "Fender Stratocaster", Decimal("799.00"), quantity=3)
SETTINGS = {
    "token": {"value": "[redacted]", "source": "environment"},
    "environment": {"value": "production", "source": "argument"},
    "price_percent": {"value": "12", "source": "database"},
    "stock_buffer": {"value": "3", "source": "default"},
    "auto_sync": {"value": 5, "source": "argument"},
    "no_such_setting": {"value": "1", "source": "argument"},
    "restock": {"value": "<b>", "source": "argument"},
}


def lines(*rows):
    return "\n".join(json.dumps(row) for row in rows).encode()


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A small bundle of a shop."""
    folder = tmp_path_factory.mktemp("plain")
    parts = {
        "settings.json": SETTINGS,
        "products.jsonl": lines(record_product(FakeHost([GUITAR]), "STRAT")),
        "database.sqlite3": database(folder / "source", rows_of_each_table("ordinary")),
    }
    return bundle(folder / "plain.zip", parts, environment="production")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A bundle with markup in each field of everything."""
    folder = tmp_path_factory.mktemp("hostile")
    parts = {
        "settings.json": {
            name: {"value": MARKUP, "source": "database"} for name in ("default_condition", "exclude_skus")
        },
        "products.jsonl": lines({"sku": MARKUP, "product": {"sku": MARKUP, "title": MARKUP, "url": "javascript:1"}}),
        "database.sqlite3": database(folder / "source", rows_of_each_table(MARKUP)),
        "checks.json": {
            "findings": [
                dict.fromkeys(("code", "name", "cause", "next_step", "docs", "repair"), MARKUP) | {"status": "fail"},
                {"status": ["fail"]},
                {"status": "warn", "cause": ["x"]},
                5,
            ],
            "skipped": [{"name": MARKUP, "why": MARKUP}, 7],
        },
    }
    entries = [{"name": MARKUP, "error": MARKUP}]
    return bundle(folder / "hostile.zip", parts, shop=MARKUP, plugin=MARKUP, sku=MARKUP, entries=entries)


def browser(opened):
    return Client(AdminApp(opened, lambda _environ: True, banner=opened.banner))


def addresses(method):
    """Each route that takes this method, filled in."""
    routes = [route for page in PAGES for route in routes_of(page) if route.method == method]
    for route in routes:
        sections = SECTIONS if "<section>" in route.path else [""]
        for section in sections:
            path = route.path.replace("<section>", section)
            for place in ("<int(max=9223372036854775807):run_id>", "<int(max=9223372036854775807):entry_id>"):
                path = path.replace(place, "1")
            assert "<" not in path, path
            yield path


def pages_of(sku):
    yield from addresses("GET")
    yield from ({"path": path, "query_string": {"sku": sku}} for path in ("/product", "/log"))
    yield {"path": "/product", "query_string": {"sku": sku, "ask": "reverb"}}
    yield {"path": "/settings/categories/choose", "query_string": {"word": sku}}


def visit(client, address):
    return client.get(**address) if isinstance(address, dict) else client.get(address)


def test_it_says_whose_it_is_and_that_nothing_can_be_changed(plain):
    """On every page, also that the moment is another one."""
    with open_bundle(plain) as opened:
        page = browser(opened).get("/").text
    assert "Read-only." in page
    assert "A bundle of Guitars &amp; Sons, made by version 0.1.0 of the plugin." in page
    assert '<time datetime="2026-01-01T12:00:00Z">' in page
    assert 'class="environment-production is-copy"' in page


def test_each_page_shows_what_the_admin_saw(plain):
    """All of them answer; what is remembered of a SKU and what the shop said of it stand there."""
    with open_bundle(plain) as opened:
        client = browser(opened)
        answers = {str(address): visit(client, address).status_code for address in pages_of("STRAT")}
        product = client.get("/product", query_string={"sku": "STRAT"}).text
        log = client.get("/log").text
    bad = {address: status for address, status in answers.items() if status not in {200, 303, 404}}
    assert not bad
    assert "Fender Stratocaster" in product
    assert "ordinary" in log


def test_the_clock_stands_still(plain):
    """It is the moment at which the bundle was made."""
    with open_bundle(plain) as opened:
        assert opened.clock.now() == datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_bundle_without_a_moment(tmp_path):
    """It is shown as of now, and says that it does not know."""
    with open_bundle(bundle(tmp_path / "a.zip", created_at="soon")) as opened:
        assert "as it was then (nobody knows when)" in browser(opened).get("/").text


def test_the_settings_in_force_come_over_with_their_sources(plain):
    """What cannot be one is passed over; a secret is known to be there, and is not."""
    with open_bundle(plain) as opened:
        loaded = opened.configuration.load()
    assert loaded.values.price_percent == 12
    assert loaded.values.environment == "production"
    assert (loaded.sources["environment"], loaded.sources["price_percent"]) == ("argument", "database")
    assert (loaded.values.stock_buffer, loaded.sources["stock_buffer"]) == (0, "default")
    assert loaded.values.token == Secret("[redacted]")
    assert [problem.field for problem in loaded.problems] == ["restock"]


def test_variables_of_this_machine_do_not_count(plain, monkeypatch):
    """Support's own token stays out of it."""
    monkeypatch.setenv("REVERB_TOKEN", "support's own")
    monkeypatch.setenv("REVERB_STOCK_BUFFER", "7")
    with open_bundle(plain) as opened:
        assert opened.settings.token == Secret("[redacted]")
        assert opened.settings.stock_buffer == 0


@pytest.mark.parametrize("said", ["current", "other"])
def test_what_is_said_of_the_token(tmp_path, said):
    """That Reverb refuses it, and whose it is, as long as that was of the token in force."""
    found = Connection(
        "sandbox", datetime(2026, 1, 1, tzinfo=UTC), "Guitars", "USD", (Check("Token", Verdict.FINE, ""),)
    )
    rows = rows_of_each_table("x")
    kept = {}
    keep(
        type("Store", (), {"save_cached": lambda _, name, content: kept.update({name: content})})(), found, Secret("x")
    )
    rows["cache"] = ["sandbox", CONNECTION, json.dumps(kept[CONNECTION] | {"token": said}), "2026-01-01T11:00:00Z"]
    rows["remote_state"][-2:] = [said, "2026-01-01T11:59:00Z"]
    parts = {"database.sqlite3": database(tmp_path / "s", rows), "settings.json": {"token": SETTINGS["token"]}}
    with open_bundle(bundle(tmp_path / "a.zip", parts)) as opened:
        page = browser(opened).get("/").text
    assert ("refuses the token" in page) is (said == "current")
    assert ('<span class="shop">Guitars</span>' in page) is (said == "current")


def test_the_findings_are_those_of_the_shop(tmp_path):
    """Nothing is looked at on support's machine; what was found then is shown, without a way to repair it."""
    found = {
        "code": "disk-full",
        "name": "Disk",
        "status": "fail",
        "cause": "The disk is full.",
        "next_step": "Make room.",
    }
    said = {"findings": [found | {"docs": "d", "repair": "Delete it"}], "skipped": [], "offline": True}
    with open_bundle(bundle(tmp_path / "a.zip", {"checks.json": said})) as opened:
        page = browser(opened).get("/support").text
        assert opened.diagnose() is opened.findings()
    assert "The disk is full." in page
    assert "1 thing does not work" in page
    assert "Delete it" not in page


@pytest.mark.parametrize("said", [[], 5, {"findings": 7}, {"findings": [], "skipped": 3, "checked_at": []}])
def test_findings_that_are_none(tmp_path, said):
    """The page answers all the same."""
    with open_bundle(bundle(tmp_path / "a.zip", {"checks.json": said})) as opened:
        assert browser(opened).get("/support").status_code == 200


def test_another_bundle_cannot_be_made_of_it(plain):
    """Only the shop can tell more."""
    with open_bundle(plain) as opened:
        answer = browser(opened).get("/support/bundle")
    assert (answer.status_code, "only be had in the shop itself" in answer.text) == (404, True)


class TestReadOnly:
    def test_every_form_is_refused(self, plain):
        """Whatever is sent, by whomever: a page that says so, and the data are as before."""
        with open_bundle(plain) as opened:
            client = browser(opened)
            before = opened.store.path.read_bytes()
            for path in addresses("POST"):
                answer = client.post(path, data={"sku": "STRAT"}, headers={"Sec-Fetch-Site": "same-origin"})
                assert answer.status_code == 403, path
                assert "Nothing was changed" in answer.text
            assert opened.store.path.read_bytes() == before
            assert opened.store.queue_status().leased == 0

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
    def test_there_are_no_other_ways_to_write(self, plain, method):
        """The pages know GET and POST."""
        with open_bundle(plain) as opened:
            assert browser(opened).open("/settings/sync", method=method).status_code == 405

    def test_nobody_is_asked(self, plain, monkeypatch):
        """Neither Reverb nor a shop: no connection is even tried."""
        monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("connected"))
        monkeypatch.setattr("socket.getaddrinfo", lambda *_: pytest.fail("looked up"))
        with open_bundle(plain) as opened:
            for address in pages_of("STRAT"):
                visit(browser(opened), address)
            with pytest.raises(UnavailableError, match="Reverb is not asked"):
                opened.client.get_account()
            assert "Reverb is not asked" in str(opened.explain("STRAT").answers)

    def test_the_shop_is_what_was_recorded(self, plain):
        """Some products by their SKU; of all others it is said that nobody knows."""
        with open_bundle(plain) as opened:
            assert opened.host.find_product("STRAT") == GUITAR
            with pytest.raises(HostError, match="does not hold"):
                opened.host.find_product("OTHER")
            with pytest.raises(HostError, match="1 product of"):
                opened.host.iter_products()


class TestHostile:
    def test_markup_stays_text(self, hostile):
        """In every field of every table, of the settings, of the shop and of the bundle itself."""
        with open_bundle(hostile) as opened:
            client = browser(opened)
            for address in pages_of(MARKUP):
                answer = visit(client, address)
                assert answer.status_code in {200, 303, 404}, address
                if answer.mimetype == "text/html":
                    assert "<script>alert" not in answer.text
                    assert "<img src=x" not in answer.text
                    assert 'href="javascript:' not in answer.text
                    assert "49" not in answer.text.replace(MARKUP, "").partition("<main")[0]

    @pytest.mark.parametrize("source", ["argument", "environment", "database", "saved"])
    def test_a_number_that_would_take_a_billion_digits(self, tmp_path, source):
        """It counts as not given, wherever it comes from."""
        number = "1E-999999999"
        rows = [("settings", ["price_percent", number, "2026-01-01T11:00:00Z"])] if source == "saved" else []
        parts = {"database.sqlite3": database(tmp_path / "s", rows)}
        if source != "saved":
            parts["settings.json"] = {"price_percent": {"value": number, "source": source}}
        with open_bundle(bundle(tmp_path / "a.zip", parts)) as opened:
            assert browser(opened).get("/settings/price-stock").status_code == 200
            assert opened.settings.price_percent == 0

    def test_webhooks_are_not_received(self, hostile):
        """There is no way around the forms."""
        with open_bundle(hostile) as opened:
            assert browser(opened).post("/webhooks/x", json={"id": 5}).status_code == 404
            assert opened.store.queue_status().pending == 0

    def test_nothing_stays_on_the_disk(self, hostile, tmp_path, monkeypatch):
        """The copy goes with the end."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with open_bundle(hostile) as opened:
            assert opened.store.path.is_relative_to(tmp_path)
            browser(opened).get("/")
        assert list(tmp_path.iterdir()) == []

    def test_what_a_killed_process_left_goes_at_the_next_beginning(self, hostile, tmp_path, monkeypatch):
        """Its copy is removed; that of a process that still runs, and what has another name, stays."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        with subprocess.Popen(["true"]) as ended:
            pass
        left, used, other = (
            tmp_path / f"reverb-plugin-bundle-{name}" for name in (f"{ended.pid}-a", f"{os.getpid()}-b", "c")
        )
        for folder in (left, used, other):
            (folder / "deep").mkdir(parents=True)
        with open_bundle(hostile):
            pass
        assert sorted(tmp_path.iterdir()) == sorted([used, other])

    def test_nothing_stays_of_what_is_no_bundle(self, tmp_path, monkeypatch):
        """Refused halfway, too."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
        (tmp_path / "tmp").mkdir()
        path = bundle(tmp_path / "a.zip", {"settings.json": b"{"})
        with pytest.raises(UnreadableBundleError, match=r"settings\.json"), open_bundle(path):
            pass
        assert list((tmp_path / "tmp").iterdir()) == []

    @pytest.mark.parametrize("settings", [[], 5, {"token": []}, {"token": {"value": "x"}}, {"token": {"source": []}}])
    def test_settings_that_are_none(self, tmp_path, settings):
        """They count as not given."""
        with open_bundle(bundle(tmp_path / "a.zip", {"settings.json": settings})) as opened:
            assert opened.settings.token is None
