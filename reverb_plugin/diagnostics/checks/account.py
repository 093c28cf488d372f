"""Token and account, as Reverb sees them."""

from collections.abc import Callable, Mapping

from reverb_plugin import connection
from reverb_plugin.connection import Verdict as Known
from reverb_plugin.diagnostics.check import Check
from reverb_plugin.diagnostics.finding import MootError, Status, Verdict, failed, passed, warned
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.health import BILLING
from reverb_plugin.reverb_api.links import SITES
from reverb_plugin.settings import Environment, OrderMode, Source

REACHED = (
    *("no-token", "other-address", "rate-limited", "proxy", "name-resolution", "no-connection", "certificate"),
    *("captive-portal", "reverb-down", "reverb-slow"),
)
ASKED = (*REACHED, "account-unreadable")
ACCEPTED = (*ASKED, "token-environment", "token-refused")


_GIVEN: Mapping[Source, tuple[str, str]] = {
    "argument": (" that the shop's code gives to configure()", "give that"),
    "environment": (" in the variable REVERB_TOKEN", "put it there, or enter it and take the variable away"),
    "database": ("", "enter it"),
    "default": ("", "enter it"),
}
"""How a token is told of that comes from there, and what is to be done with a new one."""


def _is_refused(scene: Scene) -> bool:
    if scene.offline:
        return scene.facts.is_token_refused
    check = scene.connection.checks[0]
    if check.verdict is Known.UNKNOWN:
        raise MootError(check.text)
    return check.verdict is Known.MISSING


def _asking(scene: Scene) -> Verdict:
    """Reverb answers at its door, and still there may be no sense in what it says to the token."""
    check = scene.connection.checks[0]
    if check.verdict is not Known.UNKNOWN:
        return passed("Reverb answers questions about the account.")
    if not check.text.startswith(connection.COULD_NOT_BE_ASKED):
        raise MootError(check.text)  # the pace leaves no room for a question now
    return failed(check.text, "Run the doctor again; if it stays so, ask Reverb's support, and send a bundle to ours.")


def _environment(scene: Scene) -> Verdict:
    """The token is never shown to the other Reverb: that it belongs there is known when it was in use there."""
    environment = scene.settings.environment
    other = Environment.PRODUCTION if environment is Environment.SANDBOX else Environment.SANDBOX
    if _was_accepted(scene, other) and _is_refused(scene):
        cause = f"The token is one of the {other}, and the environment is {environment}."
        return failed(cause, f"Enter a token of the {environment}, or set the environment to {other}.")
    return passed(f"Nothing says that the token belongs to the {other} environment.")


def _was_accepted(scene: Scene, environment: Environment) -> bool:
    """The connection was tested there with this token, or something was sent there since it was entered."""
    store = scene.other_store(environment)
    kept = connection.find_last(store, scene.settings.token)
    if kept is not None:
        return kept.verdict is not Known.MISSING
    source = scene.loaded.sources["token"]
    entered_at = scene.store.checks.settings_saved_at("token") if source == "database" else None
    sent_at = store.log.last_success_at()
    return entered_at is not None and sent_at is not None and sent_at > entered_at


def _token(scene: Scene) -> Verdict:
    environment = scene.settings.environment
    if _is_refused(scene):
        given, put = _GIVEN[scene.loaded.sources["token"]]
        cause = (
            f"Reverb's {environment} refuses the token{given}: it was revoked, or it is one of the other environment."
        )
        place = connection.token_place(SITES[environment])
        return failed(cause, f"Make a new token for the {environment} and {put}: {place.url}")
    return passed(f"Reverb accepts the token in the {environment}.")


def _asked(name: str) -> Callable[[Scene], Verdict]:
    """A check that trying the connection makes as well."""

    def look(scene: Scene) -> Verdict:
        found = connection.find_last(scene.store, scene.settings.token) if scene.offline else scene.connection
        check = next((each for each in found.checks if each.name == name), None) if found is not None else None
        if check is None:
            raise MootError("it was not asked for yet" if found is None else found.checks[0].text)
        if check.verdict is Known.FINE:
            return passed(check.text)
        step = f"{check.place.name}: {check.place.url}" if check.place is not None else "Test the connection again."
        if check.verdict is Known.UNKNOWN:
            return passed(check.text)
        return failed(check.text, step)

    return look


def _scopes(scene: Scene) -> Verdict:
    """Whether the token may tell of parcels is asked only when that is wanted."""
    verdict = _asked("Scopes")(scene)
    if verdict.status is not Status.PASS or scene.offline or scene.settings.orders is not OrderMode.SHIPMENTS:
        return verdict
    if not scene.client.may("write_orders"):
        place = connection.token_place(SITES[scene.settings.environment])
        cause = "The token lacks the scope write_orders, so that Reverb cannot be told of parcels."
        return failed(cause, f"{place.name}: {place.url}")
    return passed("The token may read and change listings, read orders and ship them.")


def _billing(scene: Scene) -> Verdict:
    """Reverb tells only by refusing to publish; before that, nobody knows."""
    found = connection.find_last(scene.store, scene.settings.token) if scene.offline else scene.connection
    check = next((each for each in found.checks if each.name == BILLING), None) if found is not None else None
    if check is not None and check.verdict is Known.UNKNOWN and check.place is not None:
        cause = "Whether billing and verification are done on Reverb shows only when something is published."
        return warned(cause, f"Look whether they are done: {check.place.name}, {check.place.url}")
    return _asked(BILLING)(scene)


def _vacation(scene: Scene) -> Verdict:
    if scene.client.is_on_vacation():
        cause = "The shop on Reverb is on vacation, so that none of its listings are shown."
        return warned(cause, "End the vacation on Reverb when it is over; the listings come back by themselves.")
    return passed("The shop on Reverb is open.")


CHECKS = (
    Check("account-unreadable", "Questions to Reverb", _asking, REACHED),
    Check("token-environment", "Environment of the token", _environment, ASKED),
    Check("token-refused", "Token accepted", _token, (*ASKED, "token-environment")),
    Check("scopes-missing", "Scopes of the token", _scopes, ACCEPTED),
    Check("shop-missing", "Shop on Reverb", _asked("Shop"), ACCEPTED),
    Check("account-incomplete", "Billing and verification", _billing, ACCEPTED),
    Check("first-listing-missing", "First listing", _asked("First listing"), (*ACCEPTED, "shop-missing")),
    Check("vacation", "Vacation", _vacation, (*ACCEPTED, "shop-missing", "scopes-missing")),
)
