"""The way to Reverb, step by step: proxy, name, connection, certificate, answer. It ends at the first that fails.

The transport goes the same way and says that a request was lost; here each step is taken by itself, so that the cause
can be named. No token is sent.
"""

import base64
import http.client
import importlib.util
import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from reverb_plugin.clock import Clock
from reverb_plugin.reverb_api.transport import MEDIA_TYPE, USER_AGENT, find_authorities, find_proxy

STEP_SECONDS = 5.0
ANSWER_SECONDS = 10.0
MOST_BYTES = 4096
PORTS = {"http": 80, "https": 443}
SOCKS_PORT = 1080
EXPIRED, NOT_YET_VALID, OTHER_NAME = 10, 9, 62
"""OpenSSL's numbers for what is wrong with a certificate."""

T = TypeVar("T")


class Step(StrEnum):
    """A part of the way."""

    PROXY = "proxy"
    NAME = "name"
    CONNECTION = "connection"
    CERTIFICATE = "certificate"
    ANSWER = "answer"


class CertificateTrouble(StrEnum):
    """Why a certificate is not believed."""

    TIME = "time"
    NAME = "name"
    AUTHORITY = "authority"
    BUNDLE = "bundle"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer: ``is_json`` says that its body is what Reverb's would be, ``title`` what its page is called.

    ``skew_seconds`` is how far the answer's clock is ahead of ours; None when it bears no date.
    """

    status: int
    content_type: str
    location: str
    is_json: bool
    title: str
    skew_seconds: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Way:
    """How far it went. ``failed_at`` is the step that failed, with the ``trouble`` in the system's words.

    ``is_known`` False: a proxy of another kind than HTTP is in between; it is there, and was not looked into.
    """

    host: str
    port: int
    proxy: str | None = None
    failed_at: Step | None = None
    trouble: str = ""
    certificate: CertificateTrouble | None = None
    heard: Heard | None = None
    is_known: bool = True


class _LostError(Exception):
    def __init__(self, step: Step, trouble: str, certificate: CertificateTrouble | None = None) -> None:
        super().__init__(trouble)
        self.step = step
        self.certificate = certificate


def go(base_url: str, clock: Clock) -> Way:
    """Goes the way to the API at ``base_url`` once; never raises for what it meets."""
    target = urlsplit(base_url)
    host, port = target.hostname or "", target.port or PORTS[target.scheme]
    proxy = find_proxy(f"{base_url}/my/account")
    shown = None if proxy is None else _without_password(proxy)
    try:
        if proxy is not None and "://" in proxy and not proxy.lower().startswith("http://"):
            _reach(proxy)
            return Way(host, port, shown, is_known=False)
        heard = _go(target, host, port, proxy, clock)
    except _LostError as lost:
        return Way(host, port, shown, lost.step, str(lost), lost.certificate)
    return Way(host, port, shown, heard=heard)


def _go(target: SplitResult, host: str, port: int, proxy: str | None, clock: Clock) -> Heard:
    near_host, near_port, headers = (host, port, dict[str, str]()) if proxy is None else _read_proxy(proxy)
    _resolve(near_host, near_port, Step.NAME if proxy is None else Step.PROXY)
    connection = http.client.HTTPConnection(near_host, near_port, timeout=STEP_SECONDS)
    with closing(connection):
        is_tunnel = proxy is not None and target.scheme == "https"
        if is_tunnel:
            connection.set_tunnel(host, port, headers)
        _connect(connection, Step.CONNECTION if proxy is None else Step.PROXY)
        if target.scheme == "https":
            connection.sock = _secure(connection.sock, host)
        path = f"{target.path}/my/account"
        is_forwarded = proxy is not None and not is_tunnel
        where = f"{target.scheme}://{target.netloc}{path}" if is_forwarded else path
        return _ask(connection, where, headers if is_forwarded else {}, clock)


def _reach(proxy: str) -> None:
    """What is looked at of a proxy of another kind: whether it is there, and whether we could speak with it."""
    if proxy.lower().startswith("socks") and importlib.util.find_spec("socks") is None:
        raise _LostError(Step.PROXY, "SOCKS needs the package PySocks, which is not installed")
    host, port, _ = _read_proxy(proxy)
    _resolve(host, port, Step.PROXY)
    with closing(http.client.HTTPConnection(host, port, timeout=STEP_SECONDS)) as connection:
        _connect(connection, Step.PROXY)


def _read_proxy(proxy: str) -> tuple[str, int, dict[str, str]]:
    """Where the proxy is, and what it wants to be told."""
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, SOCKS_PORT)
    except ValueError:
        raise _LostError(Step.PROXY, "its address is not a URL") from None
    if not host:
        raise _LostError(Step.PROXY, "its address names no host")
    if parts.username is None:
        return host, port, {}
    word = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return host, port, {"Proxy-Authorization": "Basic " + base64.b64encode(word.encode()).decode()}


def _without_password(proxy: str) -> str:
    return re.sub(r"//[^/@]*@", "//", proxy)


def _resolve(host: str, port: int, step: Step) -> None:
    try:
        _within(STEP_SECONDS, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except TimeoutError:
        raise _LostError(step, f"no answer to the question for the address of {host}") from None
    except (OSError, UnicodeError) as error:
        raise _LostError(step, f"{host}: {error}") from error


def _within(seconds: float, act: Callable[[], T]) -> T:
    """What cannot be given a time limit is done in a thread, which is left behind when it takes too long."""
    done: list[T] = []
    troubles: list[Exception] = []

    def run() -> None:
        try:
            done.append(act())
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread that asked
            troubles.append(error)

    thread = threading.Thread(target=run, name="reverb-plugin-look", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # no threads here
        return act()
    thread.join(seconds)
    if troubles:
        raise troubles[0]
    if not done:
        raise TimeoutError
    return done[0]


def _connect(connection: http.client.HTTPConnection, step: Step) -> None:
    try:
        connection.connect()
    except TimeoutError:
        raise _LostError(step, f"nothing answered within {STEP_SECONDS:.0f} s") from None
    except (OSError, http.client.HTTPException) as error:
        raise _LostError(step, str(error) or type(error).__name__) from error


def _secure(sock: socket.socket, host: str) -> ssl.SSLSocket:
    try:
        return _trust().wrap_socket(sock, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise _LostError(Step.CERTIFICATE, error.verify_message, _kind(error)) from error
    except OSError as error:
        raise _LostError(Step.CERTIFICATE, str(error) or "it hung up", CertificateTrouble.OTHER) from error


def _trust() -> ssl.SSLContext:
    authorities = find_authorities()
    try:
        return ssl.create_default_context(cafile=authorities)
    except IsADirectoryError:
        return ssl.create_default_context(capath=authorities)
    except OSError as error:
        problem = f"{authorities}: {error.strerror or error}"
        raise _LostError(Step.CERTIFICATE, problem, CertificateTrouble.BUNDLE) from error


def _kind(error: ssl.SSLCertVerificationError) -> CertificateTrouble:
    if error.verify_code in {EXPIRED, NOT_YET_VALID}:
        return CertificateTrouble.TIME
    return CertificateTrouble.NAME if error.verify_code >= OTHER_NAME else CertificateTrouble.AUTHORITY


def _ask(connection: http.client.HTTPConnection, where: str, headers: dict[str, str], clock: Clock) -> Heard:
    began_at = clock.monotonic()
    connection.sock.settimeout(ANSWER_SECONDS)
    own = {"Accept": MEDIA_TYPE, "Accept-Version": "3.0", "User-Agent": USER_AGENT}
    try:
        connection.request("GET", where, headers=own | headers)
        answer = connection.getresponse()
        body = answer.read1(MOST_BYTES)
    except TimeoutError:
        raise _LostError(Step.ANSWER, f"no answer within {ANSWER_SECONDS:.0f} s") from None
    except (OSError, http.client.HTTPException) as error:
        raise _LostError(Step.ANSWER, str(error) or type(error).__name__) from error
    text = body.decode("utf-8", "replace")
    content_type = answer.headers.get_content_type()
    title = re.search(r"(?is)<title[^>]*>(.*?)</title>", text)
    return Heard(
        answer.status,
        content_type,
        answer.headers.get("Location", ""),
        is_json="json" in content_type or text.lstrip()[:1] in {"{", "["} or not text.strip(),
        title=" ".join(title[1].split())[:100] if title else "",
        skew_seconds=_skew(answer.headers.get("Date"), clock),
        seconds=clock.monotonic() - began_at,
    )


def _skew(date: str | None, clock: Clock) -> float | None:
    try:
        return (parsedate_to_datetime(date or "") - clock.now()).total_seconds()
    except (ValueError, TypeError):
        return None
