"""What goes over the wire, kept for people: the exchanges of an attempt, and how far our clock is from Reverb's."""

import json
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urlsplit

from reverb_plugin.clock import Clock
from reverb_plugin.errors import ReverbError, StoreError
from reverb_plugin.redact import Secret, redact
from reverb_plugin.reverb_api.answer import Answer
from reverb_plugin.reverb_api.transport import Pacing, Timeouts, Transport
from reverb_plugin.store.exchanges import Exchange
from reverb_plugin.store.store import Store

MOST_EXCHANGES = 12
"""The last ones of an attempt; only one with many photos has more."""

MOST_LETTERS = 8_000
LONG_TEXT = 500
"""Of a body that is too long, texts longer than this are cut first: so it stays JSON."""

CUT = "\n... and {:,} more characters"
WITH_LISTINGS = "listings"
NOT_KEPT = "(not kept)"
"""Stands for a body about anything else than listings, such as an order with its buyer."""

SKEW = "clock skew"
NOTEWORTHY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request as it was made, with its answer or the error that came instead."""

    method: str
    path: str
    body: Mapping[str, object] | None
    outcome: Answer | ReverbError
    duration_seconds: float


class RecordingTransport(Transport):
    """A transport that remembers the exchanges of this thread while it is recording.

    Args:
        base_url, token, clock, pace, timeouts: what :class:`Transport` takes.
        skew: is told what time it is at Reverb.
    """

    def __init__(
        self, base_url: str, token: Secret | None, *, clock: Clock, pace: Pacing, timeouts: Timeouts, skew: "Skew"
    ) -> None:
        super().__init__(base_url, token, clock=clock, pace=pace, timeouts=timeouts)
        self._skew = skew
        self._tape = threading.local()

    def record(self) -> None:
        """From now on this thread's exchanges are remembered; those from before are forgotten."""
        self._tape.sent = deque(maxlen=MOST_EXCHANGES)

    def taken(self) -> tuple[Exchange, ...]:
        """This thread's exchanges since :meth:`record`, which ends with that; no text holds the token."""
        sent, self._tape.sent = getattr(self._tape, "sent", None), None
        return tuple(_exchange(each, self._token) for each in sent or ())

    def request(
        self,
        method: str,
        path_or_link: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        """As :meth:`Transport.request`."""
        started_at = self.clock.monotonic()
        outcome: Answer | ReverbError | None = None
        try:
            outcome = super().request(method, path_or_link, params=params, body=body)
        except ReverbError as error:
            outcome = error
            raise
        finally:
            tape = getattr(self._tape, "sent", None)
            if tape is not None and outcome is not None:
                path = _path(path_or_link, params)
                tape.append(_Sent(method, path, body, outcome, self.clock.monotonic() - started_at))
        self._skew.hear(outcome.headers)
        return outcome


class Skew:
    """How far the clock of this machine is from Reverb's; remembered when it has changed noticeably."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: float | None = None

    def hear(self, headers: Mapping[str, str]) -> None:
        """Learns from the time that an answer is dated with."""
        try:
            seconds = (parsedate_to_datetime(headers["date"]) - self._clock.now()).total_seconds()
        except (KeyError, ValueError, TypeError):
            return  # no date, or one that cannot be read
        try:
            if self._known is None:
                self._known = find_skew(self._store)
            if abs(seconds - self._known) >= NOTEWORTHY_SECONDS:
                self._store.save_cached(SKEW, seconds)
                self._known = seconds
        except StoreError:
            return  # the answer counts for more


def find_skew(store: Store) -> float:
    """The seconds that Reverb's clock was ahead of ours when it was last heard; 0 when they agreed."""
    known = store.find_cached(SKEW)
    return 0.0 if known is None else float(known.content)


def _path(path_or_link: str, params: Mapping[str, str] | None) -> str:
    parts = urlsplit(path_or_link)
    query = "&".join(filter(None, (parts.query, urlencode(params or {}))))
    path = parts.path if parts.path.startswith("/") else f"/api/{parts.path}"
    return f"{path}?{query}" if query else path


def _exchange(sent: _Sent, token: Secret | None) -> Exchange:
    def text(content: object) -> str:
        return _shown(content, token) if WITH_LISTINGS in sent.path else NOT_KEPT

    outcome = sent.outcome
    request = None if sent.body is None else text(sent.body)
    if isinstance(outcome, ReverbError):
        answer, status = _capped(redact(outcome.message, token)), outcome.status
    else:
        answer, status = text(outcome.text if outcome.json is None else outcome.json), outcome.status
    return Exchange(sent.method, redact(sent.path, token), request, status, answer, sent.duration_seconds)


def _shown(content: object, token: Secret | None) -> str:
    """Made safe before it is cut: a part of the token is one too."""
    text = _safe(_written(content), token)
    if len(text) > MOST_LETTERS and not isinstance(content, str):
        with suppress(ValueError):  # what stood for a token was cut out with a sign of JSON
            text = _written(_with_short_texts(json.loads(text)))
    return _capped(text)


def _written(content: object) -> str:
    return content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False)


def _safe(text: str, token: Secret | None) -> str:
    return redact(text, token, None if token is None else Secret(json.dumps(token.reveal())[1:-1]))


def _with_short_texts(content: object) -> object:
    match content:
        case str():
            return _capped(content, LONG_TEXT)
        case list():
            return [_with_short_texts(each) for each in content]
        case dict():
            return {name: _with_short_texts(each) for name, each in content.items()}
    return content


def _capped(text: str, most: int = MOST_LETTERS) -> str:
    rest = len(text) - most
    return text if rest <= 0 else f"{text[:most]}{CUT.format(rest)}"
