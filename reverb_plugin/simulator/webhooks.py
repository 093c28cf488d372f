"""Webhooks: who wants to hear about what, and telling them."""

import contextlib
import ipaddress
import json
import queue
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from reverb_plugin.clock import Clock

TOPICS = (
    "listings/update",
    "listings/publish",
    "listings/bumps-ran-out",
    "orders/create",
    "orders/update",
    "orders/paid",
    "payments/create",
    "payments/update",
    "app/uninstalled",
)
ATTEMPTS = 3
PAUSE_SECONDS = 0.2
TIMEOUT_SECONDS = 5.0
MOST_SUCCESS = 299


@dataclass(frozen=True, slots=True)
class Registration:
    """One address that wants to hear about one topic."""

    id: int
    url: str
    topic: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to tell somebody; ``status`` is None when nobody answered."""

    url: str
    topic: str
    body: dict[str, Any]
    status: int | None


class Webhooks:
    """The registrations, and a thread that posts to those on this machine; other addresses are never called."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ids = count(1)
        self.registrations: dict[int, Registration] = {}
        self.deliveries: list[Delivery] = []
        self._waiting: queue.SimpleQueue[tuple[Registration, dict[str, Any]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def register(self, url: str, topic: str) -> Registration:
        """Tell ``url`` about ``topic`` from now on."""
        registration = Registration(next(self._ids), url, topic, self._clock.now())
        self.registrations[registration.id] = registration
        return registration

    def announce(self, topic: str, write: Callable[[], dict[str, Any]]) -> None:
        """Tell everyone who wants to hear about ``topic``; the body is written only if there is someone."""
        listeners = [row for row in self.registrations.values() if row.topic == topic and on_this_machine(row.url)]
        if not listeners:
            return
        body = write()
        self._start()
        for registration in listeners:
            self._waiting.put((registration, body))

    def stop(self) -> None:
        """End the thread; what was not told by then is dropped."""
        if self._thread:
            self._waiting.put(None)
            self._thread.join(TIMEOUT_SECONDS * ATTEMPTS)
            self._thread = None

    def deliveries_as_json(self) -> list[dict[str, Any]]:
        """Every attempt so far, as plain data."""
        return [asdict(delivery) for delivery in list(self.deliveries)]

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._deliver, name="simulator-webhooks", daemon=True)
            self._thread.start()

    def _deliver(self) -> None:
        while (entry := self._waiting.get()) is not None:
            registration, body = entry
            for attempt in range(ATTEMPTS):
                status = _post(registration.url, body)
                self.deliveries.append(Delivery(registration.url, registration.topic, body, status))
                if status is not None and status <= MOST_SUCCESS:
                    break
                if attempt < ATTEMPTS - 1:
                    self._clock.sleep(PAUSE_SECONDS)


def on_this_machine(url: str) -> bool:
    """Whether the address is a loopback one."""
    host = urlsplit(url).hostname or ""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _post(url: str, body: dict[str, Any]) -> int | None:
    request = urllib.request.Request(  # noqa: S310 - only loopback http addresses come here
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return None
