"""The token stands in no log, exception, repr or row, whatever goes wrong and whoever quotes it."""

import logging
import sqlite3

import pytest

from reverb_plugin.errors import PluginError
from reverb_plugin.hooks import on_product_saved
from tests.sync.market import guitar

TOKEN = "tok-3f9c0d61b7e24a58"


@pytest.fixture
def leaky(simulator, open_market, caplog):
    """A market whose Reverb and whose shop quote the token in everything they say."""
    caplog.set_level(logging.DEBUG)
    simulator.door.set(token=TOKEN)
    return open_market(token=TOKEN)


def provoke(market):
    quoted = {"message": f"Bearer {TOKEN} is odd", "errors": {"title": [f"token={TOKEN}", TOKEN]}}
    for sku, method, status in [("A", "POST", 422), ("B", "POST", 403), ("C", "GET", 500), ("D", "POST", 201)]:
        body = quoted if status != 201 else {"listing": {"id": 7, "sku": sku}, "warnings": [f"seen {TOKEN}"]}
        market.door.add_fault("answer", method, "listings", times=3, status=status, body=body)
        market.put(guitar(sku))
        on_product_saved(sku, plugin=market.plugin)
        market.try_once()
        market.door.clear_faults()
    market.put(guitar("E"))
    market.host.fail(RuntimeError(f"could not send {TOKEN}"), sku="E")
    on_product_saved("E", plugin=market.plugin)
    market.try_once()
    market.door.set(token_revoked=True)
    market.save(guitar("F"))
    for kind in ("reset_before", "html"):
        market.door.add_fault(kind)
        market.try_once()


def test_the_log_does_not_hold_it(leaky, caplog):
    """Every log line of every library at DEBUG, with its traceback."""
    provoke(leaky)
    assert len(caplog.records) > 20
    assert TOKEN not in caplog.text


def test_no_row_holds_it(leaky):
    """Every table of the database but the settings, where a person may have entered it."""
    provoke(leaky)
    assert len(leaky.rows()) > 6
    with sqlite3.connect(leaky.plugin.store.path) as database:
        dump = "\n".join(line for line in database.iterdump() if not line.startswith('INSERT INTO "settings"'))
    assert "sync_log" in dump
    assert TOKEN not in dump


def test_an_entered_token_is_in_the_settings_alone(leaky):
    """Entered on the page instead of given by the host: the file holds it once, in its settings."""
    leaky.set(token=TOKEN)
    provoke(leaky)
    with sqlite3.connect(leaky.plugin.store.path) as database:
        lines = [line for line in database.iterdump() if TOKEN in line]
    assert [line.split("(")[0] for line in lines] == ['INSERT INTO "settings" VALUES']


def test_no_repr_shows_it(leaky):
    """Settings, plugin, client and their parts can be printed."""
    plugin = leaky.plugin
    transport = plugin.client._transport
    shown = [plugin, plugin.settings, plugin.configuration.load(), plugin.configuration, transport, vars(transport)]
    assert TOKEN not in "\n".join(map(repr, shown))


def test_no_exception_carries_it(leaky):
    """Neither its text nor what it was caused by."""
    leaky.door.add_fault("answer", "GET", status=422, body={"message": f"Bearer {TOKEN}"})
    with pytest.raises(PluginError) as caught:
        leaky.plugin.client.find_listings("A")
    error = caught.value
    while error is not None:
        assert TOKEN not in f"{error!r} {error} {vars(error)}"
        error = error.__cause__ or error.__context__


def test_reverb_got_it_in_the_header_alone(leaky):
    """Not in a path, a query or a body."""
    provoke(leaky)
    for request in leaky.requests():
        assert TOKEN not in f"{request.path} {request.query} {request.body}"
