"""Trying the connection: whose token it is, and what the account still lacks, each with its place on Reverb."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from reverb_plugin.changes import Action, Outcome
from reverb_plugin.errors import NotAllowedError, ReverbError, TokenRefusedError
from reverb_plugin.reverb_api.links import SITES

if TYPE_CHECKING:
    from reverb_plugin.clock import Clock
    from reverb_plugin.redact import Secret
    from reverb_plugin.reverb_api.client import ReverbClient
    from reverb_plugin.reverb_api.models import Account, Listing
    from reverb_plugin.store.store import Store

SCOPES = ("public", "read_listings", "write_listings", "read_orders", "write_orders", "read_profile")
"""What a token has to be made with. Source: Reverb's documentation of its scopes."""

NAME = "connection"
COULD_NOT_BE_ASKED = "Reverb could not be asked"
UNPUBLISHED_STATES = frozenset({"", "draft"})
NEWEST_ROWS = 50

PLACES = {"/my/billing": "Billing on Reverb", "/my/account/settings": "Account settings on Reverb"}
"""Where Reverb sends a seller whose account is not complete."""


class Verdict(StrEnum):
    """What was found out about one thing."""

    FINE = "fine"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """A page of Reverb's site: what it is called, and its address."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to be there: whether it is, in words, and where on Reverb it is put right."""

    name: str
    verdict: Verdict
    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """What was found; ``shop_name`` is empty when the account has no shop or the token may not see it."""

    environment: str
    tried_at: datetime
    shop_name: str
    currency: str
    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Verdict:
        """Whether the shop can be synced, as far as can be known."""
        if self.missing:
            return Verdict.MISSING
        return self.checks[0].verdict

    @property
    def missing(self) -> tuple[Check, ...]:
        """What is known to be missing."""
        return tuple(check for check in self.checks if check.verdict is Verdict.MISSING)


def token_place(site_url: str) -> Place:
    """Where a token is made."""
    site = "Reverb" if site_url == SITES["production"] else "Reverb's sandbox"
    return Place(f"API & Integrations on {site}", f"{site_url}/my/account/api")


def try_connection(client: "ReverbClient", store: "Store", clock: "Clock") -> Connection:
    """Asks Reverb a few cheap questions; nothing is changed there. That it cannot be asked is a finding too.

    Raises:
        StoreError: the database cannot be used.
    """
    from reverb_plugin.sync.remote import NotNowError  # noqa: PLC0415

    now = clock.now()
    try:
        found = _ask(client)
    except TokenRefusedError as error:
        text = f"Reverb refuses the token in the {store.environment}: {error.message}"
        refused = Check("Token", Verdict.MISSING, text, token_place(client.site_url))
        return Connection(store.environment, now, "", "", (refused,))
    except ReverbError as error:
        unknown = Check("Token", Verdict.UNKNOWN, f"{COULD_NOT_BE_ASKED}: {error.message}")
        return Connection(store.environment, now, "", "", (unknown,))
    except NotNowError as error:
        text = f"Reverb was not asked: {error.cause}. Try again in {math.ceil(error.wait_seconds)} seconds."
        return Connection(store.environment, now, "", "", (Check("Token", Verdict.UNKNOWN, text),))
    checks = (
        Check("Token", Verdict.FINE, f"Reverb accepts the token in the {store.environment}."),
        _scopes(found, client.site_url),
        _shop(found, client.site_url),
        _first_listing(found.listings, client.site_url),
        _account(found.listings, find_complaint(store), client.site_url),
    )
    account = found.account
    if account is None:
        return Connection(store.environment, now, "", "", checks)
    return Connection(store.environment, now, account.shop_name, account.currency, checks)


def keep(store: "Store", connection: Connection, token: "Secret") -> None:
    """Remembers what was found, for as long as this token is in use.

    Raises:
        StoreError: the database cannot be written.
    """
    content = asdict(connection) | {"tried_at": connection.tried_at.isoformat(), "token": _fingerprint(token)}
    store.save_cached(NAME, content)


def find_last(store: "Store", token: "Secret | None") -> Connection | None:
    """What was found when the connection was last tried with this token; None when it never was.

    Raises:
        StoreError: the database cannot be read.
    """
    kept = store.find_cached(NAME)
    if token is None or kept is None:
        return None
    try:
        return _read(kept.content) if kept.content["token"] == _fingerprint(token) else None
    except (KeyError, TypeError, ValueError):  # another version kept it
        return None


def _read(kept: dict[str, Any]) -> Connection:
    content = {name: value for name, value in kept.items() if name != "token"}
    checks = tuple(_read_check(check) for check in content["checks"])
    return Connection(**content | {"tried_at": datetime.fromisoformat(content["tried_at"]), "checks": checks})


def _read_check(content: dict[str, Any]) -> Check:
    place = content["place"]
    verdict = Verdict(content["verdict"])
    return Check(content["name"], verdict, content["text"], None if place is None else Place(**place))


def _fingerprint(token: "Secret") -> str:
    from reverb_plugin.sync.remote import token_fingerprint  # noqa: PLC0415

    return token_fingerprint(token)


@dataclass(frozen=True, slots=True)
class _Found:
    """What Reverb answered; None where the token may not ask."""

    account: "Account | None"
    listings: "Sequence[Listing] | None"
    lacking: tuple[str, ...]


def _ask(client: "ReverbClient") -> _Found:
    account: Account | None = None
    listings: Sequence[Listing] | None = None
    lacking = []
    try:
        account = client.get_account()
    except NotAllowedError:
        lacking.append("read_profile")
    try:
        listings = client.get_page().listings
    except NotAllowedError:
        lacking.append("read_listings")
    lacking += [scope for scope in ("write_listings", "read_orders") if not client.may(scope)]
    return _Found(account, listings, tuple(scope for scope in SCOPES if scope in lacking))


def _scopes(found: _Found, site_url: str) -> Check:
    if found.lacking:
        names = ", ".join(found.lacking)
        text = f"The token lacks {names}. Make a new one with all scopes that are named beside the field, and enter it."
        return Check("Scopes", Verdict.MISSING, text, token_place(site_url))
    text = "The token may read and change listings, and read orders. Whether it may ship them shows with the first."
    return Check("Scopes", Verdict.FINE, text)


def _shop(found: _Found, site_url: str) -> Check:
    if found.account is None:
        return Check("Shop", Verdict.UNKNOWN, "The token may not see the account.")
    if not found.account.shop_name:
        return Check(
            "Shop", Verdict.MISSING, "The account has no shop yet.", Place("Sell on Reverb", f"{site_url}/sell")
        )
    return Check("Shop", Verdict.FINE, f"The account belongs to the shop {found.account.shop_name}.")


def _first_listing(listings: "Sequence[Listing] | None", site_url: str) -> Check:
    """Reverb wants one listing made by hand first. Source: integration guide, before syncing."""
    name, place = "First listing", Place("Make a listing on Reverb", f"{site_url}/sell")
    if listings is None:
        return Check(name, Verdict.UNKNOWN, "The token may not see the listings.")
    if not listings:
        text = "There is no listing yet. Reverb wants the first one to be made by hand and published on its site."
        return Check(name, Verdict.MISSING, text, place)
    if not _is_any_published(listings):
        text = "Only drafts were found. Reverb wants the first listing to be made by hand and published on its site."
        return Check(name, Verdict.UNKNOWN, text, place)
    return Check(name, Verdict.FINE, "The shop has published listings.")


def _account(listings: "Sequence[Listing] | None", complaint: str | None, site_url: str) -> Check:
    """Reverb's API does not show whether billing is set up; publishing fails until it is."""
    name, places = "Billing and verification", {path: Place(title, site_url + path) for path, title in PLACES.items()}
    if complaint is not None:
        place = next(place for path, place in places.items() if path in complaint)
        return Check(name, Verdict.MISSING, complaint, place)
    if listings is not None and _is_any_published(listings):
        return Check(name, Verdict.FINE, "Reverb has published listings of this account.")
    text = "Reverb does not tell before something is published. Look whether billing data is entered there."
    return Check(name, Verdict.UNKNOWN, text, places["/my/billing"])


def find_complaint(store: "Store") -> str | None:
    """What Reverb last asked of the account, when nothing has gone live since."""
    for entry in store.log_page(limit=NEWEST_ROWS):
        if entry.environment != store.environment:
            continue
        if entry.code == NotAllowedError.code and any(path in entry.message for path in PLACES):
            return entry.message
        if entry.action == Action.PUBLISH and entry.outcome == Outcome.UPDATED:
            return None
    return None


def _is_any_published(listings: "Sequence[Listing]") -> bool:
    return any(listing.state not in UNPUBLISHED_STATES for listing in listings)
