"""The far side of the test-only door: what a test may do behind Reverb's back."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug import Request

from reverb_plugin.simulator.faults import Reply, json_reply
from reverb_plugin.simulator.listing import Listing
from reverb_plugin.simulator.listing_rules import read_fields, read_urls
from reverb_plugin.simulator.order import Order
from reverb_plugin.simulator.problems import RefusalError
from reverb_plugin.simulator.world import seed_fields

if TYPE_CHECKING:
    from reverb_plugin.simulator.reverb import Reverb

PREFIX = "/_simulator/"
STATES = ("draft", "live", "ended", "sold", "ordered", "suspended")


class Backstage:
    """One method for each thing the door can ask for; a request names it in its path and sends arguments as JSON."""

    def __init__(self, reverb: "Reverb") -> None:
        self._reverb = reverb
        self._actions: dict[str, Callable[..., Any]] = {
            "requests": lambda: [request.as_json() for request in reverb.recorder.all()],
            "clear_requests": reverb.recorder.clear,
            "add_fault": reverb.faults.add,
            "clear_faults": reverb.faults.clear,
            "set": self._set,
            "listings": lambda: [view_listing(listing) for listing in reverb.world.listings.values()],
            "listings_of_sku": lambda sku: [view_listing(row) for row in reverb.world.listings_of_sku(sku)],
            "add_listings": self._add_listings,
            "publish": self._publish,
            "buy": lambda **options: reverb.book.buy(**options).number,
            "orders": lambda: [view_order(order) for order in reverb.book.orders.values()],
            "set_order_status": self._set_order_status,
            "request_refund": lambda order_number, **options: reverb.book.ask_refund(order_number, **options).id,
            "run_now": self._run_now,
            "deliveries": reverb.webhooks.deliveries_as_json,
            "reset": reverb.reset,
        }

    def reply(self, request: Request) -> Reply:
        """Do what the path names; 400 with the reason when it cannot be done."""
        action = self._actions.get(request.path.removeprefix(PREFIX))
        if action is None or request.method != "POST":
            return json_reply(HTTPStatus.NOT_FOUND, {"error": f"the door knows {', '.join(self._actions)}"})
        try:
            if request.mimetype == "application/x-www-form-urlencoded":
                return self._by_form(request)
            arguments = json.loads(request.get_data() or b"{}")
            with self._reverb.lock:
                self._reverb.world.settle()
                result = action(**arguments)
        except (ValueError, TypeError, KeyError, ArithmeticError, RefusalError) as error:
            return json_reply(HTTPStatus.BAD_REQUEST, {"error": str(error)}, "application/json")
        return json_reply(HTTPStatus.OK, {"result": result}, "application/json")

    def _by_form(self, request: Request) -> Reply:
        """The button on the page of a listing, of a buyer or of the seller; leads back to that page."""
        listing_id = int(request.form["listing_id"])
        with self._reverb.lock:
            if request.path == f"{PREFIX}publish":
                self._publish(listing_id)
                return Reply(HTTPStatus.SEE_OTHER, {"Location": f"/item/{listing_id}"})
            order = self._reverb.book.buy(listing_id)
        return Reply(HTTPStatus.SEE_OTHER, {"Location": f"/item/{order.listing_slug}?ordered={order.number}"})

    def _set(self, **values: Any) -> None:
        self._reverb.behaviour.change(**values)
        if "requests_per_minute" in values or "rate_window_seconds" in values:
            self._reverb.limit.restart()

    def _add_listings(self, rows: list[dict[str, Any]]) -> list[int]:
        return [self._add_listing(dict(row)) for row in rows]

    def _add_listing(self, row: dict[str, Any]) -> int:
        state, photos = row.pop("state", "live"), row.pop("photos", [])
        if state not in STATES:
            raise ValueError(f"there is no state {state}; known are {', '.join(STATES)}")
        body = seed_fields(row)
        changes = read_fields(body, self._reverb.world.shop.currency)
        if unknown := body.keys() - changes.keys():
            raise ValueError(f"a listing has no {', '.join(sorted(unknown))}")
        return self._reverb.world.add_listing(changes, read_urls("photos", photos), state).id

    def _publish(self, listing_id: int) -> list[str]:
        world = self._reverb.world
        return world.update_listing(world.get_listing(listing_id), {}, None, in_place=False, publish=True)

    def _set_order_status(self, order_number: str, status: str) -> None:
        self._reverb.book.set_status(order_number, status)

    def _run_now(self, kind: str) -> None:
        if kind not in ("index", "publish", "photo"):
            raise ValueError(f"{kind} is neither index nor publish nor photo")
        self._reverb.world.agenda.run_all(kind)  # type: ignore[arg-type]  # checked in the line above


def view_listing(listing: Listing) -> dict[str, Any]:
    """Everything about a listing, as it is this moment."""
    return {
        "id": listing.id,
        "slug": listing.slug,
        "sku": listing.sku,
        "state": listing.state,
        "locked": listing.locked,
        "publishing": listing.publishing,
        "title": listing.title,
        "make": listing.make,
        "model": listing.model,
        "finish": listing.finish,
        "year": listing.year,
        "description": listing.description,
        "condition": listing.condition.display_name if listing.condition else None,
        "price": str(listing.price.amount) if listing.price else None,
        "currency": listing.price.currency if listing.price else None,
        "has_inventory": listing.shows_inventory,
        "inventory": listing.shown_inventory,
        "offers_enabled": listing.offers_enabled,
        "upc": listing.upc,
        "upc_does_not_apply": listing.upc_does_not_apply,
        "categories": [category.uuid for category in listing.categories],
        "shipping_profile_id": listing.shipping_profile_id,
        "seller_cost": str(listing.seller_cost.amount) if listing.seller_cost else None,
        "photos": [
            {"id": str(photo.id), "source_url": photo.source_url, "fetched": photo.fetched} for photo in listing.photos
        ],
        "other": listing.other,
    }


def view_order(order: Order) -> dict[str, Any]:
    """What a test wants to know of an order."""
    return {
        "order_number": order.number,
        "uuid": order.uuid,
        "listing_id": order.listing_id,
        "sku": order.sku,
        "quantity": order.quantity,
        "status": order.status,
        "buyer": order.buyer.name,
        "total": str(order.total.amount),
        "shipping_provider": order.shipping_provider,
        "tracking_number": order.tracking_number,
    }
