"""Reverb's webhooks: a receiver that only makes us look sooner, and asking Reverb to call it.

They carry no signature, so nothing in them is believed. Polling alone is always enough.
"""

import hmac
import json
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from reverb_plugin.clock import Clock
from reverb_plugin.errors import InvalidValueError, ReverbError
from reverb_plugin.guard import swallowed

if TYPE_CHECKING:
    from reverb_plugin.reverb_api.client import ReverbClient
    from reverb_plugin.store.order_store import OrderStore

TOPICS = ("orders/create", "orders/update", "orders/paid", "listings/update")
LARGEST_BODY = 256 * 1024
"""No order or listing comes near; more is not read."""

PAUSE_SECONDS = 10.0
"""Posts that come faster than this make one look together."""

StartResponse = Callable[[str, list[tuple[str, str]]], Any]

logger = logging.getLogger(__name__)


class WebhookReceiver:
    """A WSGI application for Reverb's posts, at ``/<secret>`` below wherever it is mounted.

    It reads nothing but ids, answers at once, and never raises.

    Args:
        secret: gives the secret part of the path; empty for none, then nothing is received.
        orders: gives the orders in force.
        wake: called when there is something to do.
        clock: how fast posts come.
    """

    def __init__(
        self,
        secret: Callable[[], str],
        orders: "Callable[[], OrderStore]",
        wake: Callable[[], None],
        clock: Clock,
    ) -> None:
        self._secret = secret
        self._orders = orders
        self._wake = wake
        self._clock = clock
        self._looked_at: float | None = None

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request."""
        status = self._receive(environ)
        start_response(status, [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return [b""]

    def _receive(self, environ: Mapping[str, Any]) -> str:
        try:
            path = str(environ.get("PATH_INFO", "")).strip("/").encode("utf-8", "replace")
            secret = self._secret().encode()
            if not secret or not hmac.compare_digest(path, secret):
                return "404 Not Found"
            if environ.get("REQUEST_METHOD") != "POST":
                return "405 Method Not Allowed"
            self._note(_read_body(environ))
        except Exception as error:
            swallowed(error)
            logger.exception("A webhook was passed over")
        return "200 OK"

    def _note(self, body: Mapping[str, Any]) -> None:
        if isinstance(body.get("order_number"), str | int):
            self._look_for_orders()
        elif isinstance(body.get("id"), str | int) and not isinstance(body["id"], bool):
            self._orders().look_at_listing(str(body["id"]))
            self._wake()

    def _look_for_orders(self) -> None:
        now = self._clock.monotonic()
        ago = PAUSE_SECONDS if self._looked_at is None else now - self._looked_at
        if ago < 0:
            return  # a look is ahead already
        delay = max(0.0, PAUSE_SECONDS - ago)
        self._looked_at = now + delay
        self._orders().ask_for_poll(delay)
        self._wake()


def make_secret() -> str:
    """A path that nobody guesses."""
    return secrets.token_urlsafe(32)


def register(client: "ReverbClient", url: str) -> Mapping[str, str]:
    """Asks Reverb to post to ``url``; for each topic an empty text, or why Reverb refused it.

    Raises:
        InvalidValueError: the address is none that Reverb can call.
    """
    if not url.startswith("https://"):
        raise InvalidValueError("url", url, "must begin with https://")
    said = {}
    for topic in TOPICS:
        try:
            client.register_webhook(url, topic)
            said[topic] = ""
        except ReverbError as error:
            said[topic] = error.message
    return said


def _read_body(environ: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object that was posted; an empty one for anything else."""
    try:
        body = json.loads(_read_bytes(environ))
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _read_bytes(environ: Mapping[str, Any]) -> bytes:
    """What was posted, nothing of it when it is too large.

    Without a length it is read only where the server says that the body has an end: elsewhere it would be waited for.
    """
    text = str(environ.get("CONTENT_LENGTH") or "")
    if text:
        length = int(text)
        return bytes(environ["wsgi.input"].read(length)) if 0 < length <= LARGEST_BODY else b""
    if not environ.get("wsgi.input_terminated"):
        return b""
    body = b""
    while len(body) <= LARGEST_BODY and (piece := environ["wsgi.input"].read(LARGEST_BODY + 1 - len(body))):
        body += piece
    return body if len(body) <= LARGEST_BODY else b""
