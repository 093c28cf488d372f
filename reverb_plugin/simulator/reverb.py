"""The simulated Reverb as a whole: its parts, and how one request passes through them."""

import threading
import time
import uuid
from dataclasses import replace
from typing import Any

from werkzeug import Request

from reverb_plugin.clock import Clock
from reverb_plugin.simulator.api import Api
from reverb_plugin.simulator.backstage import Backstage
from reverb_plugin.simulator.behaviour import Behaviour
from reverb_plugin.simulator.faults import Fault, Faults, Reply, reply_with
from reverb_plugin.simulator.limits import RateLimit
from reverb_plugin.simulator.listing import Listing
from reverb_plugin.simulator.listing_bodies import ListingBodies
from reverb_plugin.simulator.order import Order
from reverb_plugin.simulator.order_bodies import order_body
from reverb_plugin.simulator.order_book import OrderBook
from reverb_plugin.simulator.pages import Pages
from reverb_plugin.simulator.recorder import RecordedRequest, Recorder, without_secrets
from reverb_plugin.simulator.webhooks import Webhooks
from reverb_plugin.simulator.world import World


class Reverb:
    """Holds the parts together. ``lock`` guards everything but the recorder and the faults, which have their own."""

    def __init__(self, clock: Clock, behaviour: Behaviour) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.site = ""
        self.recorder = Recorder()
        self.faults = Faults()
        self._behaviour_at_start = replace(behaviour)
        self.behaviour = behaviour
        self.webhooks = Webhooks(clock)
        self._begin()
        self._api = Api(self)
        self._backstage = Backstage(self)
        self._pages = Pages(self)

    def _begin(self) -> None:
        self.world = World(self.clock, self.behaviour, self._announce_listing)
        self.book = OrderBook(self.world, self._announce_order)
        self.limit = RateLimit(self.clock, self.behaviour)

    def reset(self) -> None:
        """Everything as it was at the start: no listings, no orders, no faults, nothing recorded."""
        with self.lock:
            self.behaviour.change(**vars(self._behaviour_at_start))
            self.webhooks.registrations.clear()
            self.webhooks.deliveries.clear()
            self.recorder.clear()
            self.faults.clear()
            self._begin()

    def settle(self) -> None:
        """Let happen what is due, also while nobody asks for anything."""
        with self.lock:
            self.world.settle()

    def reply(self, request: Request) -> Reply:
        """Answer one request: the door, the pages for people, or the API, which is recorded."""
        if request.path.startswith("/_simulator/"):
            return self._backstage.reply(request)
        if request.path == "/api" or request.path.startswith("/api/"):
            return self._reply_and_record(request)
        return self._pages.reply(request)

    def _reply_and_record(self, request: Request) -> Reply:
        at, started = self.clock.now(), time.perf_counter()
        request_id = str(uuid.uuid4())
        fault = self.faults.take(request.method, request.path)

        def act() -> Reply:
            return self._api.reply(request, request_id)

        self.clock.sleep(self.behaviour.latency_seconds)
        reply = reply_with(fault, act, self.clock) if fault else act()
        reply.headers.setdefault("X-Request-Id", request_id)
        self.recorder.add(
            RecordedRequest(
                method=request.method,
                path=request.path,
                query=dict(request.args.items(multi=True)),
                headers=without_secrets(dict(request.headers)),
                body=_body_of(request),
                status=reply.status,
                at=at.isoformat(),
                duration_seconds=round(time.perf_counter() - started, 6),
                request_id=request_id,
                fault=_name(fault),
            )
        )
        return reply

    def _announce_listing(self, topic: str, listing: Listing) -> None:
        bodies = ListingBodies(self.site, self.world.shop, vacation=self.behaviour.vacation)
        self.webhooks.announce(topic, lambda: bodies.detail(listing))

    def _announce_order(self, topic: str, order: Order) -> None:
        self.webhooks.announce(topic, lambda: order_body(order, self.site, self.world.shop))


def _name(fault: Fault | None) -> str | None:
    return fault.kind if fault else None


def _body_of(request: Request) -> Any:
    """The body as it was sent: parsed where it is JSON, text where not, None where there is none."""
    raw = request.get_data()
    if not raw:
        return None
    parsed = request.get_json(force=True, silent=True)
    return raw.decode("utf-8", "replace") if parsed is None else parsed
