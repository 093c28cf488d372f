"""The one door to the network: a request goes out, an answer comes back, and every way to lose it has a name."""

import functools
import json
import logging
import os
import platform
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

import requests
import tenacity
import urllib3
from requests.adapters import HTTPAdapter

from reverb_plugin.clock import Clock
from reverb_plugin.errors import InvalidSettingError, ReverbError, UnavailableError
from reverb_plugin.redact import MASK, Secret, redact
from reverb_plugin.reverb_api.answer import OK_STATUSES, Answer, UnreadableError
from reverb_plugin.reverb_api.deadline import Deadline, TimedResponse, reading_until
from reverb_plugin.reverb_api.links import check_base_url, resolve, site_url
from reverb_plugin.reverb_api.problems import retry_after_seconds, shorten, unreadable
from reverb_plugin.version import __version__

MEDIA_TYPE = "application/hal+json"
APP = f"reverb-plugin/{__version__}"
USER_AGENT = f"{APP} (Python {platform.python_version()}; requests {requests.__version__})"
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_TEXT = 2000
CHUNK_BYTES = 64 * 1024
REPEATED_STATUSES = frozenset({502, 503, 504})

logger = logging.getLogger(__name__)


class Pacing(Protocol):
    """Who says when a request may go; asked before each single one, also before a repetition."""

    def wait(self) -> None:
        """Come back when the next request may go."""

    def answered(self, status: int, retry_after_seconds: float | None) -> None:
        """Hear how Reverb answered it."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """``total_seconds`` is for one request with its whole answer, so that one that drips ends as well.

    ``tries`` is how often a GET is sent at most while it gets no answer.
    """

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    total_seconds: float = 60.0
    tries: int = 3


HURRIED = Timeouts(connect_seconds=3.0, read_seconds=8.0, total_seconds=10.0, tries=1)
"""For a question whose answer a person waits for: web servers end a request that lasts longer than half a minute."""


class Transport:
    """Sends requests to the API at ``base_url``, with ``token`` when there is one.

    Certificates are always checked, redirects never followed, and a link out of an answer only ever leads to the same
    host. Threads and forked processes each have their own connections. Raises :class:`InvalidSettingError` for a
    ``base_url`` or a token that cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        token: Secret | None,
        *,
        clock: Clock,
        pace: Pacing,
        timeouts: Timeouts = Timeouts(),
    ) -> None:
        self.base_url = check_base_url(base_url)
        self.site_url = site_url(self.base_url)
        self.clock = clock
        self._token = _check_token(token)
        self._pace = pace
        self._timeouts = timeouts
        self._local = threading.local()

    def request(
        self,
        method: str,
        path_or_link: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        """Send one request and give back its answer, whatever its status.

        ``path_or_link`` is a path below the API (``my/listings``) or a link out of an answer. A GET is repeated when it
        got no answer or 502, 503 or 504; nothing else is ever sent twice. Raises :class:`UnavailableError` when the
        request had no effect, :class:`AmbiguousError` for a write that may have had one, :class:`UnexpectedLinkError`.
        """
        url = resolve(self.base_url, path_or_link)
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params, quote_via=quote)
        data = None if body is None else json.dumps(body).encode("utf-8")
        send = functools.partial(self._send, method, url, data)
        return self._repeating(send) if method == "GET" else send()

    def close(self) -> None:
        """Close this thread's connections; those of other threads close when the threads end."""
        session = getattr(self._local, "session", None)
        if session is not None:
            self._local.session = None
            session.close()

    def _repeating(self, send: Callable[[], Answer]) -> Answer:
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._timeouts.tries),
            retry=tenacity.retry_if_exception_type(UnavailableError) | tenacity.retry_if_result(_is_worth_repeating),
            wait=lambda state: 2.0 ** (state.attempt_number - 1) * (1 + self.clock.random()) / 2,
            sleep=self.clock.sleep,
            retry_error_callback=_last_outcome,
        )
        return retrying(send)

    def _send(self, method: str, url: str, data: bytes | None) -> Answer:
        self._pace.wait()
        started_at = self.clock.monotonic()
        try:
            answer = self._exchange(method, url, data, started_at)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnreadableError) as error:
            problem = self._lost(method, url, error)
        else:
            self._pace.answered(answer.status, retry_after_seconds(answer.headers, self.clock.now()))
            logger.debug("%s %s: %d in %.3f s", method, answer.path, answer.status, answer.duration_seconds)
            return answer
        # Raised here, outside the except block: the library's exception holds the request with its token and must not
        # travel along as the context of ours.
        raise problem

    def _exchange(self, method: str, url: str, data: bytes | None, started_at: float) -> Answer:
        with reading_until(Deadline(self.clock, self._timeouts.total_seconds)):
            response = self._session().request(
                method,
                url,
                data=data,
                headers={"Content-Type": MEDIA_TYPE} if data is not None else None,
                timeout=(self._timeouts.connect_seconds, self._timeouts.read_seconds),
                allow_redirects=False,
                verify=True,
                stream=True,
            )
        with closing(response):
            content, parsed = self._body(response)
        return Answer(
            status=response.status_code,
            method=method,
            path=urlsplit(url).path,
            headers={name.lower(): value for name, value in response.headers.items()},
            json=parsed,
            text=content[:MAX_TEXT].decode("utf-8", "replace"),
            duration_seconds=self.clock.monotonic() - started_at,
        )

    def _body(self, response: requests.Response) -> tuple[bytes, object]:
        """The body and what it says as JSON."""
        content_type = response.headers.get("Content-Type", "")
        if response.status_code in OK_STATUSES:
            content = _content(response)
            return content, _parse(content_type, content)
        content = b""
        try:  # of an error, the status counts even when the body is broken
            content = self._masked(_content(response))
            return content, _parse(content_type, content)
        except (urllib3.exceptions.HTTPError, UnreadableError):
            return content, None

    def _masked(self, content: bytes) -> bytes:
        """The body of an error is shown and logged; one that quotes our token must not spread it."""
        return content if self._token is None else content.replace(self._token.reveal().encode(), MASK.encode())

    def _lost(self, method: str, url: str, error: Exception) -> ReverbError:
        """The exception for a request without a usable answer."""
        parts = urlsplit(url)
        message = redact(shorten(f"{method} {parts.path} at {parts.hostname}: {innermost_words(error)}"), self._token)
        logger.debug("%s", message)
        return UnavailableError(message) if _was_not_sent(error) else unreadable(method, message)

    def _session(self) -> requests.Session:
        """This thread's session; a forked child must not write into its parent's connections."""
        local = self._local
        if getattr(local, "session", None) is None or local.pid != os.getpid():
            local.session, local.pid = self._new_session(), os.getpid()
        session: requests.Session = local.session
        return session

    def _new_session(self) -> requests.Session:
        session = _Session()
        session.mount("https://", TimedAdapter())
        session.mount("http://", TimedAdapter())
        session.headers.update(
            {
                "Accept": MEDIA_TYPE,
                "Accept-Version": "3.0",  # Reverb's default is 1.0
                "User-Agent": USER_AGENT,
                "X-Reverb-App": APP,  # as Reverb's own plugins do, so that its support knows who is asking
            }
        )
        # A callable, also without a token: else requests would put a password from ~/.netrc into the header.
        session.auth = functools.partial(_authorize, self._token)
        # A session cookie could outlive the token it was given for.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return session


def find_proxy(url: str) -> str | None:
    """The proxy that requests to ``url`` go through, as the environment of this process says."""
    return requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url, no_proxy=None))


def find_authorities() -> str:
    """The file or folder of certificate authorities that are trusted."""
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    return named or str(requests.utils.DEFAULT_CA_BUNDLE_PATH)


class _Session(requests.Session):
    """Knows no redirects; ``allow_redirects=False`` alone would still read the redirect's body and parse its target."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


class TimedAdapter(HTTPAdapter):
    """Reads every answer under the deadline of its request, those of proxies too."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """As requests makes it, with our answers."""
        super().init_poolmanager(*args, **options)
        _time_answers(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """As requests makes it, with our answers."""
        manager = super().proxy_manager_for(proxy, **options)
        _time_answers(manager)
        return manager


def _time_answers(manager: urllib3.PoolManager) -> None:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _timed(pool) for scheme, pool in pools.items()}


@functools.cache
def _timed(pool: Any) -> Any:
    """The same kind of connections, with answers that know a deadline; the host's own stay as they are."""
    if issubclass(pool.ConnectionCls.response_class, TimedResponse):
        return pool
    connection = type(pool.ConnectionCls.__name__, (pool.ConnectionCls,), {"response_class": TimedResponse})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


def _authorize(token: Secret | None, request: requests.PreparedRequest) -> requests.PreparedRequest:
    if token is not None:
        request.headers["Authorization"] = f"Bearer {token.reveal()}"
    return request


def _check_token(token: Secret | None) -> Secret | None:
    """Refused here, because the HTTP library would quote a header it cannot send, token and all."""
    if token is None:
        return None
    text = token.reveal()
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise InvalidSettingError("token", token, "must be one word of ASCII letters, digits and signs")
    return token


def _is_worth_repeating(answer: Answer) -> bool:
    """A server that says when to come back is not asked before."""
    return answer.status in REPEATED_STATUSES and "retry-after" not in answer.headers


def _last_outcome(state: tenacity.RetryCallState) -> Answer:
    assert state.outcome is not None  # noqa: S101 - tenacity calls this after a try
    answer: Answer = state.outcome.result()
    return answer


def _content(response: requests.Response) -> bytes:
    """The whole body, decompressed. Raises :class:`UnreadableError` when it is too large."""
    content = bytearray()
    while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise UnreadableError(f"it is larger than {MAX_BODY_BYTES} bytes")
    return bytes(content)


def _parse(content_type: str, content: bytes) -> object:
    if not content.strip():
        return None
    if content_type and "json" not in content_type.lower():
        raise UnreadableError(f"it is {shorten(content_type, 60)} instead of JSON")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("it is no valid JSON") from error


def _chain(error: BaseException) -> list[BaseException]:
    """The error and the errors it wraps, outermost first; requests and urllib3 put them in different places."""
    chain: list[BaseException] = []
    found: object = error
    while isinstance(found, BaseException) and found not in chain:
        chain.append(found)
        inside = (arg for arg in found.args if isinstance(arg, BaseException))
        found = getattr(found, "reason", None) or next(inside, None) or found.__cause__
    return chain


def innermost_words(error: Exception) -> str:
    """What went wrong at the bottom of it, without what the libraries wrapped around it."""
    if isinstance(error, UnreadableError):
        return f"the answer cannot be read: {error}"
    cause = _chain(error)[-1]
    return str(cause) or type(cause).__name__


def _was_not_sent(error: Exception) -> bool:
    """The connection never came about, so that nothing can have taken effect.

    Everything else may have: a kept-alive connection that Reverb has closed looks the same as one that broke after
    the request arrived.
    """
    never = (
        urllib3.exceptions.NewConnectionError,  # refused, no route, unknown name
        urllib3.exceptions.ConnectTimeoutError,
        requests.ConnectTimeout,
        urllib3.exceptions.ProxyError,
        ssl.SSLCertVerificationError,
    )
    if isinstance(error, ValueError) or type(error) is OSError:
        return True  # no request could be made: a malformed proxy address, a CA bundle that is not there
    return any(isinstance(cause, never) for cause in _chain(error))
