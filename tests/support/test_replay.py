"""A recorded failure is tried again, out of a real bundle: the same product, the same decision, the same answers."""

import json
import socket
from datetime import timedelta

import pytest

from reverb_plugin.errors import ReplayError
from reverb_plugin.hooks import on_product_saved
from reverb_plugin.store.snapshot import Narrowing
from reverb_plugin.support.cells import columns_of
from reverb_plugin.support.opened import open_bundle
from reverb_plugin.support.replay import replay
from tests.support.databases import database, rows_of_each_table
from tests.support.failures import FAILURES, LONG_TITLE, fault, made
from tests.support.forge import bundle
from tests.sync.market import Market, guitar


class TroubledMarket(Market):
    """A market whose worker has no time to try anything a second time."""

    def save_once(self, product):
        self.put(product)
        return self.save_unread(product.sku)

    def change_once(self, sku, **fields):
        return self.save_once(self.host.change(sku, **fields))

    def save_unread(self, sku):
        """The shop says that it was saved; nobody has looked at what."""
        on_product_saved(sku, plugin=self.plugin)
        return self.drain(4.5)

    def export(self, path, sku=None):
        self.plugin.bundle.export(path, Narrowing(sku))
        return path

    def replayed(self, path, sku="STRAT", *, narrowed=False):
        """What comes of the newest failure in a bundle made now."""
        with open_bundle(self.export(path, sku if narrowed else None)) as opened:
            assert opened.notes == []
            return replay(opened, sku)


@pytest.fixture
def market(market):
    return TroubledMarket(market.simulator, market.host, market.plugin, market.clock)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.__name__)
def test_the_failure_comes_again(market, tmp_path, failure):
    """With the same outcome, code, status and complaints, and without a request that was not made then."""
    failure(market)
    sku = market.rows()[0].sku
    result = market.replayed(tmp_path / "bundle.zip", sku, narrowed=True)
    assert result.comes_again, (result.recorded, result.replayed)
    assert (result.unrecorded, result.notes) == ([], [])


def test_a_success_with_a_complaint_is_a_failure_too(market, tmp_path):
    """A bundle about everything holds the product of which something was left out."""
    market.save(guitar(categories=("Electric Guitars",)))
    result = market.replayed(tmp_path / "bundle.zip")
    assert (result.recorded.code, result.comes_again) == ("left-out", True)


def test_there_are_enough_of_them():
    """They differ, and there are more than twenty."""
    assert len({failure.__name__ for failure in FAILURES}) >= 20


def test_nothing_leaves_this_machine(market, tmp_path):
    """The replay asks a simulator of its own: the Reverb that refused then is not asked again."""
    fault(market, "answer", "POST", status=422, body=LONG_TITLE)
    market.save(guitar())
    path = market.export(tmp_path / "bundle.zip")
    market.door.clear_requests()
    with open_bundle(path) as opened:
        assert replay(opened, "STRAT").comes_again
    assert market.door.requests() == []


def test_a_proxy_of_support_is_not_asked(market, tmp_path, monkeypatch):
    """Variables of this machine do not lead the requests anywhere."""
    fault(market, "answer", "POST", status=422, body=LONG_TITLE)
    market.save(guitar())
    path = market.export(tmp_path / "bundle.zip")
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with open_bundle(path) as opened:
        assert replay(opened, "STRAT").comes_again


def test_what_was_mended_does_not_come_again(market, tmp_path):
    """The seller has given the product a price since: it says what comes of it now."""
    market.save(guitar(price=None))
    market.host.change("STRAT", price=guitar().price)
    result = market.replayed(tmp_path / "bundle.zip")
    assert not result.comes_again
    assert (result.recorded.outcome, result.replayed.outcome) == ("refused", "created")
    assert result.unrecorded == ["POST /api/listings"]


def test_a_failure_that_is_over_comes_again(market, tmp_path):
    """What was sent since is taken back first."""
    made(market)
    fault(market, "server_error", "PUT")
    market.change("STRAT", price=guitar().price + 1)
    assert market.last().outcome == "updated"
    result = market.replayed(tmp_path / "bundle.zip")
    assert (result.recorded.outcome, result.comes_again) == ("deferred", True)


def test_a_row_of_a_mass_sync_is_tried_as_a_push(market, tmp_path):
    """And it is said so."""
    made(market)
    market.put(guitar(quantity=1))
    fault(market, "answer", "PUT", status=422, body=LONG_TITLE, times=None)
    market.plugin.mass_sync.start(confirmed=True)
    market.drain()
    result = market.replayed(tmp_path / "bundle.zip")
    assert result.comes_again
    assert result.notes == ["It happened in a mass sync; the replay pushes the product by itself."]


def test_the_newest_failure_counts(market, tmp_path):
    """And its moment: the clock stands there."""
    market.save(guitar(price=None))
    market.clock.advance(3600)
    fault(market, "answer", "POST", status=422, body=LONG_TITLE)
    market.save(guitar())
    market.clock.advance(3600)
    result = market.replayed(tmp_path / "bundle.zip")
    assert str(result.recorded.errors[0]) == "title: is too long"
    assert result.replayed.created_at - result.recorded.created_at < timedelta(seconds=1)


class TestImpossible:
    def test_without_a_failure(self, market, tmp_path):
        """Everything of this SKU went well."""
        made(market)
        with pytest.raises(ReplayError, match="no failure of STRAT"):
            market.replayed(tmp_path / "bundle.zip")

    def test_without_the_product(self, market, tmp_path):
        """The bundle was made where the shop could not be asked."""
        market.save(guitar(price=None))
        path = market.export(tmp_path / "bundle.zip")
        with open_bundle(path) as opened:
            opened.records.clear()
            with pytest.raises(ReplayError, match="does not hold what the shop said of STRAT"):
                replay(opened, "STRAT")

    def test_an_empty_bundle(self, tmp_path):
        """There is nothing to try."""
        with open_bundle(bundle(tmp_path / "a.zip")) as opened, pytest.raises(ReplayError, match="no failure of A"):
            replay(opened, "A")

    def test_when_the_answers_are_no_longer_kept(self, market, tmp_path, monkeypatch):
        """They are kept for the newest attempts only."""
        monkeypatch.setattr("reverb_plugin.store.exchanges.MOST_BYTES", 0)
        fault(market, "answer", "POST", status=422, body=LONG_TITLE)
        market.save(guitar())
        market.plugin.store.trim_log(90, 100_000)
        with pytest.raises(ReplayError, match="no longer kept"):
            market.replayed(tmp_path / "bundle.zip")


class TestHostile:
    """Whatever a bundle holds, a replay ends soon, with a verdict or a sentence, and on this machine."""

    @pytest.fixture(autouse=True)
    def _no_way_out(self, monkeypatch):
        """Nothing but this machine is connected to, whatever name was looked up."""
        connect = socket.socket.connect

        def watched(self, address):
            assert address[0] in {"127.0.0.1", "::1"}, address
            return connect(self, address)

        monkeypatch.setattr(socket.socket, "connect", watched)

    def replayed(self, folder, product=None, exchanges=(), **entry):
        names = [column.name for column in columns_of("sync_log")]
        usual = dict(zip(names, rows_of_each_table("A")["sync_log"], strict=True))
        told = {"kind": "push_product", "reason": "product saved", "code": "refused", "requests": 1, "attempt": 1}
        columns = [column.name for column in columns_of("exchanges")]
        kept = dict(zip(columns, rows_of_each_table("A")["exchanges"], strict=True))
        rows = [("sync_log", [*(usual | told | entry).values()])]
        rows += [("exchanges", [*(kept | each | {"number": n}).values()]) for n, each in enumerate(exchanges)]
        record = {"sku": "A", "product": {"sku": "A", "title": "A", "price": "1.00", "quantity": 1} | (product or {})}
        parts = {
            "database.sqlite3": database(folder / "source", rows),
            "products.jsonl": json.dumps(record).encode(),
            "settings.json": {"token": {"value": "[redacted]", "source": "database"}},
        }
        with open_bundle(bundle(folder / "a.zip", parts, api_url="https://evil.example/api")) as opened:
            return replay(opened, "A")

    @pytest.mark.parametrize(
        "exchange",
        [
            {"method": "GET\r\nHost: evil", "path": "/api/my/listings"},
            {"method": "GET", "path": "http://evil.example/api/my/listings"},
            {"method": "GET", "path": "/api/my/listings", "status": 200, "answer": "[" * 500_000},
            {
                "method": "GET",
                "path": "/api/my/listings",
                "status": 302,
                "answer": '{"location": "https://evil.example/"}',
            },
            {"method": "GET", "path": "/api/my/listings", "status": 101, "answer": ""},
            {"method": "PUT", "path": "/api/listings/..%2F..%2Fmy%2Faccount", "status": 404, "answer": "{}"},
            {"method": "PUT", "path": "/api/listings/https:%2F%2Fevil.example", "status": 404, "answer": "{}"},
            {
                "method": "GET",
                "path": "/api/my/listings",
                "status": 200,
                "answer": '{"listings": [], "_links": {"next": {"href": "https://evil.example/api/my/listings"}}}',
            },
            {
                "method": "GET",
                "path": "/api/my/listings",
                "status": 200,
                "answer": '{"listings": [{"id": 1e999}], "total": "x"}',
            },
        ],
    )
    def test_any_exchange(self, tmp_path, exchange):
        """A request or an answer that nobody made."""
        usual = {"request": "{}", "status": None, "answer": ""}
        self.replayed(tmp_path, exchanges=[usual | exchange] * 3)

    def test_a_lookup_without_end(self, tmp_path):
        """A page that leads to itself."""
        link = {"listings": [], "_links": {"next": {"href": "https://evil.example/api/my/listings?page=2"}}}
        page = {"method": "GET", "path": "/api/my/listings", "status": 200, "answer": json.dumps(link)}
        assert self.replayed(tmp_path, exchanges=[page] * 100).replayed.code == "unavailable"

    @pytest.mark.parametrize(
        "product",
        [
            {"price": "9" * 40},
            {"title": "<script>" * 20},
            {"description": "x" * 500_000},
            {"photos": ["file:///x"] * 5000},
        ],
    )
    def test_any_product(self, tmp_path, product):
        """Values at the edge of what can be meant."""
        self.replayed(tmp_path, product, exchanges=[{"method": "GET", "path": "/api/my/listings", "status": 500}])

    @pytest.mark.parametrize(
        "entry",
        [{"attempt": 10**12}, {"attempt": -5}, {"kind": "end_listing"}, {"kind": "check_publish"}, {"reason": "x"}],
    )
    def test_any_row(self, tmp_path, entry):
        """An attempt that never was."""
        self.replayed(tmp_path, exchanges=[{"method": "GET", "path": "/api/my/listings", "status": 500}], **entry)

    def test_a_kind_that_is_none(self, tmp_path):
        """It is no failure of ours."""
        with pytest.raises(ReplayError, match="no failure of A"):
            self.replayed(tmp_path, kind="format_disk")
