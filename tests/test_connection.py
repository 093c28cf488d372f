"""Trying the connection: whose token it is and what is missing, each with its place on Reverb."""

from dataclasses import replace

import pytest

from reverb_plugin.connection import Verdict, find_last, keep, try_connection
from reverb_plugin.redact import Secret
from tests.sync.market import guitar

SITE = "https://sandbox.reverb.com"


@pytest.fixture
def connect(market):
    """Tries the connection after the switches of the simulated Reverb are turned."""

    def ask(**switches):
        market.door.set(**switches)
        market.door.clear_requests()
        return try_connection(market.plugin.client, market.plugin.store, market.clock)

    return ask


def verdicts(connection):
    return {check.name: check.verdict.value for check in connection.checks}


def find(connection, name):
    (check,) = (check for check in connection.checks if check.name == name)
    return check


def test_whose_account(market, connect):
    """A shop that sells already: its name, its currency, and nothing is missing."""
    market.door.add_listing(sku="OLD", title="By hand", price=10, condition="Good")

    connection = connect()

    assert (connection.environment, connection.shop_name, connection.currency) == (
        "sandbox",
        "Example Gear Shop",
        "USD",
    )
    assert set(verdicts(connection).values()) == {"fine"}
    assert connection.verdict is Verdict.FINE


def test_nothing_is_changed_there(market, connect):
    """The listings are the same as before, and few questions are asked."""
    market.door.add_listing(sku="OLD", title="By hand", price=10, condition="Good")
    before = market.door.listings()

    connect()

    assert market.door.listings() == before
    assert market.asked() == [
        "GET my/account",
        "GET my/listings",
        "PUT listings/#",
        "GET my/orders/selling/all",
    ]


def test_a_new_account(connect):
    """Without any listing the first one is missing; whether billing is entered cannot be known, and that is said."""
    connection = connect()

    first, billing = find(connection, "First listing"), find(connection, "Billing and verification")
    assert (first.verdict, first.place.url) == (Verdict.MISSING, f"{SITE}/sell")
    assert (billing.verdict, billing.place.url) == (Verdict.UNKNOWN, f"{SITE}/my/billing")
    assert connection.verdict is Verdict.MISSING


def test_only_drafts(market, connect):
    """Our own drafts are not the listing that Reverb wants to be made by hand."""
    market.save(guitar())

    assert verdicts(connect())["First listing"] == "unknown"


def test_no_shop(connect):
    """An account without a shop is told so."""
    connection = connect(has_shop=False)

    shop = find(connection, "Shop")
    assert (shop.verdict, shop.place.url, connection.shop_name) == (Verdict.MISSING, f"{SITE}/sell", "")


@pytest.mark.parametrize("scope", ["read_listings", "write_listings", "read_orders", "read_profile"])
def test_a_scope_is_missing(scope, connect):
    """The scope is named with the place where a new token is made; everything else is still looked at."""
    scopes = {"public", "read_listings", "write_listings", "read_orders", "write_orders", "read_profile"} - {scope}

    connection = connect(scopes=sorted(scopes))

    check = find(connection, "Scopes")
    assert (check.verdict, check.place.url) == (Verdict.MISSING, f"{SITE}/my/account/api")
    assert f"lacks {scope}." in check.text
    assert len(connection.checks) == 5


def test_a_revoked_token(connect):
    """One finding: the token is refused, with the place for a new one."""
    (check,) = connect(token_revoked=True).checks

    assert (check.name, check.verdict, check.place.url) == ("Token", Verdict.MISSING, f"{SITE}/my/account/api")


def test_unfinished_account(market, connect):
    """What Reverb said when something was to be published is repeated with its page, until something goes live."""
    market.set(auto_publish="on")
    market.door.set(account_ready=False)
    market.save(guitar())

    account = find(connect(), "Billing and verification")

    assert (account.verdict, account.place.url) == (Verdict.MISSING, f"{SITE}/my/account/settings")
    assert "Please verify your account" in account.text
    elsewhere = try_connection(market.plugin.client, market.plugin.store.of("production"), market.clock)
    assert find(elsewhere, "Billing and verification").verdict is Verdict.UNKNOWN

    market.door.set(account_ready=True)
    market.plugin.store.retry()
    market.drain()
    market.door.publish_now()
    market.live_through(60, step=30)
    assert find(connect(), "Billing and verification").verdict is Verdict.FINE


def test_reverb_is_down(market, connect):
    """That says nothing about the account; once it is known to be down it is not asked at all."""
    market.door.go_down()

    first = connect()
    until = market.clock.now().timestamp() + 60
    market.plugin.store.change_remote_state(
        lambda state: replace(state, failures=9, open_until=until, cause="HTTP 503", probing=False)
    )
    second = connect()

    assert verdicts(first) == verdicts(second) == {"Token": "unknown"}
    assert first.verdict is Verdict.UNKNOWN
    assert "could not be asked: Reverb's down for tuning" in first.checks[0].text
    assert "was not asked: Reverb cannot be reached (HTTP 503). Try again in 60 seconds." in second.checks[0].text
    assert market.asked() == []


def test_a_slow_pace(market, connect):
    """Nobody waits for minutes where one request a minute may go: the web server would end the page before."""
    market.set(requests_per_minute="1")
    begun_at = market.clock.now()

    (check,) = connect().checks

    assert check.verdict is Verdict.UNKNOWN
    assert "not yet the turn" in check.text
    assert (market.clock.now() - begun_at).total_seconds() <= 20


def test_what_was_found_is_kept(market, connect):
    """The last finding can be shown again as it was, until another token is used."""
    token, store = market.plugin.settings.token, market.plugin.store
    connection = connect()
    assert find_last(store, token) is None

    keep(store, connection, token)

    assert find_last(store, token) == connection
    assert find_last(store, Secret("another")) is None
    assert find_last(store.of("production"), token) is None


def test_what_another_version_kept(market, connect):
    """It counts as nothing, until the connection is tried again: every page would fail otherwise."""
    token, store = market.plugin.settings.token, market.plugin.store
    keep(store, connect(), token)
    kept = store.find_cached("connection").content
    for other in ({"more": 1}, {"checks": [{"name": "Token"}]}, {"tried_at": "today"}):
        store.save_cached("connection", kept | other)
        assert find_last(store, token) is None
    store.save_cached("connection", {})
    assert find_last(store, token) is None


def test_the_token_is_not_kept_with_it(market, connect):
    """The finding holds nothing that leads back to the token."""
    keep(market.plugin.store, connect(), market.plugin.settings.token)

    assert market.simulator.token not in str(market.plugin.store.find_cached("connection"))
