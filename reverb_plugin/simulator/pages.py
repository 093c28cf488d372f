"""The pages for people: what a buyer would see. Nothing here is recorded."""

import secrets
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader
from werkzeug import Request

from reverb_plugin.simulator.faults import Reply
from reverb_plugin.simulator.listing import read_listing_id
from reverb_plugin.simulator.paging import cut_page
from reverb_plugin.simulator.problems import RefusalError
from reverb_plugin.simulator.search_index import seen_state
from reverb_plugin.simulator.wording import central, money_body

if TYPE_CHECKING:
    from reverb_plugin.simulator.reverb import Reverb

ORDERS_SHOWN = 10


class Pages:
    """Writes the start page, the page of each listing and the page of each order."""

    def __init__(self, reverb: "Reverb") -> None:
        self._reverb = reverb

    def reply(self, request: Request) -> Reply:
        """The page at this address, or one that says there is none."""
        try:
            with self._reverb.lock:
                self._reverb.world.settle()
                return self._find_page(request)
        except RefusalError:
            return self._render("simulator_missing.html", HTTPStatus.NOT_FOUND)

    def _find_page(self, request: Request) -> Reply:
        kind, _, name = request.path.strip("/").rpartition("/")
        if request.path == "/":
            return self._start(request)
        if kind == "item":
            return self._item(name, request.args.get("ordered", ""))
        if kind == "my/selling/orders":
            return self._render("simulator_order.html", order=self._reverb.book.get_order(name))
        return self._render("simulator_missing.html", HTTPStatus.NOT_FOUND)

    def _start(self, request: Request) -> Reply:
        listings = sorted(self._reverb.world.listings.values(), key=lambda listing: listing.id, reverse=True)
        try:
            page = cut_page(listings, request.args.to_dict(), "/")
        except RefusalError:
            page = cut_page(listings, {}, "/")
        orders = self._reverb.book.newest_first()[:ORDERS_SHOWN]
        return self._render("simulator_start.html", page=page, orders=orders)

    def _item(self, name: str, ordered: str) -> Reply:
        listing = self._reverb.world.get_listing(read_listing_id(name))
        return self._render("simulator_item.html", listing=listing, ordered=ordered)

    def _render(self, template: str, status: int = HTTPStatus.OK, **values: Any) -> Reply:
        nonce = secrets.token_urlsafe(16)
        vacation = self._reverb.behaviour.vacation
        page = self._environment.get_template(template).render(
            nonce=nonce,
            shop=self._reverb.world.shop,
            state_of=lambda listing: seen_state(listing, vacation),
            **values,
        )
        headers = {
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": "no-store",
            "Content-Security-Policy": f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
        }
        return Reply(status, headers, page.encode())

    @cached_property
    def _environment(self) -> Environment:
        environment = Environment(loader=PackageLoader("reverb_plugin.templates", "."), autoescape=True)
        environment.filters["money"] = lambda money: money_body(money)["display"]
        environment.filters["central"] = central
        return environment
