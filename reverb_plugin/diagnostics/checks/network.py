"""The way to Reverb: proxy, name, connection, certificate, clock, and what answers there."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from reverb_plugin.addresses import is_loopback
from reverb_plugin.diagnostics.check import Check, Repair
from reverb_plugin.diagnostics.finding import MootError, Verdict, failed, passed, warned
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.errors import StoreError
from reverb_plugin.health import SKEW_SECONDS
from reverb_plugin.reverb_api.transport import HURRIED
from reverb_plugin.reverb_api.way import CertificateTrouble, Heard, Step
from reverb_plugin.store.order_polls import CREDIBLE
from reverb_plugin.sync.recording import find_skew
from reverb_plugin.texts import duration

SLOW_SECONDS = 2.0
PLAUSIBLE = timedelta(days=14)
EXPECTED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
"""What Reverb says to somebody without a token."""

BY_PROXY = frozenset({403, 407, 502, 503, 504})
SUCCESSES, REDIRECTS = range(200, 300), range(300, 400)
LOOK_AGAIN = "Wait a while and look again; if it stays so, have the connection of the machine looked at."
WAY = ("proxy", "name-resolution", "no-connection", "certificate")


def _limited(scene: Scene) -> Verdict:
    with suppress(MootError):
        if _heard(scene).status == HTTPStatus.TOO_MANY_REQUESTS:
            cause = "Reverb asks this machine to slow down (HTTP 429)."
            return failed(cause, "Wait; if it happens often, see what else on this machine asks Reverb.")
    with suppress(MootError):
        scene.connection  # noqa: B018 - the limit may be met by the questions after this one
    state = scene.store.get_remote_state()
    if wait := scene.blocked_seconds:
        cause = f"Reverb asked us to slow down; the next request may go in {duration(wait)}."
        return failed(
            cause, "Wait; if it happens often, lower requests_per_minute, and see what else uses the account."
        )
    usual = 60.0 / scene.settings.requests_per_minute
    if state.refusals or state.interval_seconds > usual * 1.5:
        pause = max(state.interval_seconds, usual)
        cause = f"Reverb has asked us to slow down lately: one request goes every {pause:.1f} s."
        return warned(cause, "Nothing has to be done; if it stays so, lower requests_per_minute in the settings.")
    return passed("Reverb does not ask us to slow down.")


def _proxy(scene: Scene) -> Verdict:
    way = scene.way
    if way.failed_at is Step.PROXY:
        step = "Correct HTTPS_PROXY, ALL_PROXY or NO_PROXY in the environment of the shop, or have the proxy looked at."
        return failed(f"The proxy {way.proxy} does not let us through: {way.trouble}.", step)
    heard = way.heard
    if way.proxy is not None and heard is not None and heard.status in BY_PROXY and not heard.is_json:
        cause = f"The proxy {way.proxy} answers in Reverb's place (HTTP {heard.status})."
        return failed(cause, "Have the proxy let this machine through to Reverb, or name another in HTTPS_PROXY.")
    return passed("No proxy is in between." if way.proxy is None else f"The proxy {way.proxy} lets us through.")


def _name(scene: Scene) -> Verdict:
    way = scene.way
    if way.failed_at is Step.NAME:
        cause = f"The name {way.host} cannot be resolved: {way.trouble}."
        return failed(cause, "Have whoever runs the machine look at its name servers (/etc/resolv.conf).")
    return passed(f"The name {way.host} can be resolved.")


def _connection(scene: Scene) -> Verdict:
    way = scene.way
    if way.failed_at is Step.CONNECTION:
        cause = f"No connection to {way.host}, port {way.port}, comes about: {way.trouble}."
        if is_loopback(way.host):
            return failed(cause, "Start what is to answer there, or leave out api_url (--api-url, REVERB_API_URL).")
        return failed(cause, f"Have the firewall let this machine out to {way.host}, port {way.port}.")
    return passed(f"{way.host} can be reached.")


def _clock(scene: Scene) -> Verdict:
    way = scene.way
    now = scene.clock.now().strftime("%Y-%m-%d %H:%M UTC")
    if way.certificate is CertificateTrouble.TIME and not _is_clock_plausible(scene):
        cause = f"The certificate of {way.host} is not valid at this machine's time, {now}: the clock is probably off."
        return failed(cause, "Turn on the machine's time synchronisation (timedatectl set-ntp true).")
    heard_now = way.heard.skew_seconds if way.heard is not None else None
    seconds = find_skew(scene.store) if heard_now is None else heard_now
    if abs(seconds) <= SKEW_SECONDS:
        return passed("The clock agrees with Reverb's.")
    how = "behind" if seconds > 0 else "ahead of"
    tell = failed if abs(seconds) > CREDIBLE.total_seconds() else warned
    cause = f"The clock of this machine is {duration(abs(seconds))} {how} Reverb's."
    return tell(cause, "Turn on the machine's time synchronisation (timedatectl set-ntp true).")


def _is_clock_plausible(scene: Scene) -> bool:
    """By this clock, something was sent a while ago: it has not jumped since."""
    try:
        sent_at = scene.facts.last_success_at
    except (MootError, StoreError):
        return False
    return sent_at is not None and timedelta() <= scene.clock.now() - sent_at < PLAUSIBLE


def _certificate(scene: Scene) -> Verdict:
    way = scene.way
    match way.certificate:
        case None:
            is_safe = urlsplit(scene.api_url).scheme == "https"
            return passed(
                "The certificate is Reverb's." if is_safe else "No certificate is needed on this machine itself."
            )
        case CertificateTrouble.TIME:
            cause = f"The certificate of {way.host} is not valid at this machine's time: {way.trouble}."
            step = (
                "When the clock is right, something else than Reverb answers, such as a proxy with an old certificate."
            )
        case CertificateTrouble.NAME:
            cause = f"What answers as {way.host} has the certificate of another name: {way.trouble}."
            step = "Something stands in between, such as a network's login page or a wrong name server: have it found."
        case CertificateTrouble.AUTHORITY:
            cause = f"The certificate of {way.host} is of nobody we trust: {way.trouble}."
            step = "A proxy that looks into connections needs its authority in REQUESTS_CA_BUNDLE; checking stays on."
        case CertificateTrouble.BUNDLE:
            cause = f"The certificate authorities cannot be read: {way.trouble}."
            step = "Correct REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, or install certifi again."
        case _:
            cause = f"No safe connection to {way.host} comes about: {way.trouble}."
            step = "See whether a firewall or proxy cuts TLS connections, and which TLS versions this Python allows."
    return failed(cause, step)


def _portal(scene: Scene) -> Verdict:
    heard = _heard(scene)
    host = scene.way.host
    where = urlsplit(heard.location).hostname or ""
    step = "Open a web page on that machine: a network's login page or a filter stands in between; get past it."
    if heard.status == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED or heard.status in REDIRECTS:
        return failed(f"Requests to {host} are sent elsewhere{f', to {where}' if where else ''}.", step)
    if heard.status in SUCCESSES:  # without a token Reverb's answer would be 401
        told = f"{heard.content_type}{f', {heard.title!r}' if heard.title else ''}"
        return failed(f"What answers at {host} is not Reverb's API (HTTP {heard.status}, {told}).", step)
    return passed("It is Reverb's API that answers.")


def _down(scene: Scene) -> Verdict:
    way = scene.way
    if way.failed_at is Step.ANSWER:
        return failed(
            f"{way.host} takes requests and does not answer: {way.trouble}.", "Wait, and see Reverb's status page."
        )
    heard = _heard(scene)
    told = f"HTTP {heard.status}{f', {heard.title!r}' if heard.title else ''}"
    if heard.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return failed(f"Reverb is down ({told}).", "Wait: everything is kept and sent when Reverb is back.")
    if heard.status == HTTPStatus.FORBIDDEN and not heard.is_json:
        return failed(
            f"Reverb's front door refuses this machine ({told}).", "Ask Reverb's support to let its address in."
        )
    if heard.status not in EXPECTED:
        cause = f"Reverb refuses the simplest question ({told})."
        return failed(cause, "Look whether the address of the API is right, then ask Reverb's support.")
    return passed("Reverb answers.")


def _slow(scene: Scene) -> Verdict:
    seconds = _heard(scene).seconds
    if seconds > SLOW_SECONDS:
        cause = f"Reverb took {seconds:.1f} s for a small answer, so that everything takes long."
        return failed(cause, LOOK_AGAIN) if seconds > HURRIED.read_seconds else warned(cause, LOOK_AGAIN)
    with suppress(MootError, StoreError):
        usual = scene.store.checks.usual_seconds(scene.clock.now() - timedelta(hours=1))
        if usual > SLOW_SECONDS:
            cause = f"In the last hour Reverb took {usual:.1f} s for an answer, so that everything takes long."
            return warned(cause, LOOK_AGAIN)
    return passed(f"Reverb answered within {max(seconds, 0.01):.2f} s.")


def _circuit(scene: Scene) -> Verdict:
    problem = scene.find_problem("unreachable")
    if problem is None:
        return passed("Nothing keeps the queue from being sent to Reverb.")
    cause = f"{problem.title}, so that everything waits."
    return failed(cause, "Nothing has to be done, it is tried again by itself; or have it tried now.")


def _try_now(scene: Scene) -> str:
    scene.store.change_remote_state(lambda state: replace(state, failures=0, open_until=0.0, cause="", probing=False))
    return "It is tried again now."


def _heard(scene: Scene) -> Heard:
    if scene.way.heard is None:
        raise MootError("nothing answered")
    return scene.way.heard


CHECKS = (
    Check("proxy", "Proxy", _proxy, ("other-address",)),
    Check("name-resolution", "Name of Reverb", _name, ("proxy",)),
    Check("no-connection", "Connection", _connection, WAY[:2]),
    Check("clock-off", "Clock", _clock, ("other-address",)),
    Check("certificate", "Certificate", _certificate, WAY[:3]),
    Check("captive-portal", "Who answers", _portal, WAY),
    Check("reverb-down", "Reverb's answer", _down, (*WAY, "captive-portal")),
    Check("reverb-slow", "Speed of Reverb", _slow, (*WAY, "captive-portal", "reverb-down")),
    Check("rate-limited", "Reverb's limit", _limited, (*WAY, "captive-portal", "reverb-down")),
)

CIRCUIT = Check(
    "unreachable",
    "Sending to Reverb",
    _circuit,
    (*WAY, "captive-portal", "reverb-down", "no-token", "rate-limited"),
    Repair("Try now", _try_now),
)
"""What the worker has met; told behind the account, which may be the cause."""
