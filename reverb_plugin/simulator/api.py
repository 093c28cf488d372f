"""Which address does what, who may call it, and how every answer is dressed."""

import hmac
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug import Request
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect, Rule

from reverb_plugin.simulator import listing_calls, order_calls, shop_calls, webhook_calls
from reverb_plugin.simulator.call import Answer, Call, read_body
from reverb_plugin.simulator.faults import MAINTENANCE, TOO_MANY, UNAVAILABLE, Reply, json_reply
from reverb_plugin.simulator.old_bodies import old_error
from reverb_plugin.simulator.problems import RefusalError, not_found, refuse

if TYPE_CHECKING:
    from reverb_plugin.simulator.reverb import Reverb

Handler = Callable[[Call], Answer]

LISTINGS = (
    ("GET", "/my/listings", listing_calls.my_listings, "read_listings"),
    ("GET", "/my/listings/drafts", listing_calls.my_drafts, "read_listings"),
    ("PUT", "/my/listings/<listing>/state/end", listing_calls.end_listing, "write_listings"),
    ("GET", "/listings", listing_calls.all_listings, None),
    ("GET", "/listings/all", listing_calls.all_listings, None),
    ("POST", "/listings", listing_calls.create_listing, "write_listings"),
    ("GET", "/listings/<listing>", listing_calls.show_listing, None),
    ("PUT", "/listings/<listing>", listing_calls.update_listing, "write_listings"),
    ("DELETE", "/listings/<listing>", listing_calls.delete_listing, "write_listings"),
    ("GET", "/listings/<listing>/edit", listing_calls.edit_form, "write_listings"),
    ("GET", "/listings/<listing>/images", listing_calls.images, "read_listings"),
    ("DELETE", "/listings/<listing>/images/<image_id>", listing_calls.delete_image, "write_listings"),
    ("GET", "/listings/<listing>/bump", listing_calls.bump, "read_listings"),
    ("GET", "/listings/<listing>/sales", listing_calls.sales, None),
    ("GET", "/my/listings/negotiations", listing_calls.negotiations, "read_offers"),
)
ORDERS = (
    ("GET", "/my/orders/selling/all", order_calls.all_orders, "read_orders"),
    ("GET", "/my/orders/selling/unpaid", order_calls.unpaid_orders, "read_orders"),
    ("GET", "/my/orders/selling/awaiting_shipment", order_calls.awaiting_shipment, "read_orders"),
    ("GET", "/my/orders/selling/by_uuid/<uuid>", order_calls.show_order_by_uuid, "read_orders"),
    ("GET", "/my/orders/selling/buyer_history/<buyer_id>", order_calls.buyer_history, "read_orders"),
    ("GET", "/my/orders/selling/<order>", order_calls.show_order, "read_orders"),
    ("POST", "/my/orders/selling/<order>/ship", order_calls.ship, "write_orders"),
    ("POST", "/my/orders/selling/<order>/mark_picked_up", order_calls.mark_picked_up, "write_orders"),
    ("POST", "/my/orders/selling/<order>/refund_requests", order_calls.create_refund, "write_orders"),
    ("GET", "/my/orders/buying/all", order_calls.bought_orders, "read_orders"),
    ("GET", "/my/refund_requests/selling", order_calls.refund_requests, "read_orders"),
    ("PUT", "/my/refund_requests/selling/<int:refund_id>", order_calls.answer_refund, "write_orders"),
    ("GET", "/my/payments/selling", order_calls.payments, "read_orders"),
    ("GET", "/my/payments/selling/<payment_id>", order_calls.show_payment, "read_orders"),
    ("GET", "/my/payouts", order_calls.payouts, "read_payouts"),
    ("GET", "/my/payouts/<payout_id>/line_items", order_calls.payout_lines, "read_payouts"),
)
SHOP = (
    ("GET", "", shop_calls.root, None),
    ("GET", "/my/account", shop_calls.show_account, "read_profile"),
    ("PUT", "/my/account", shop_calls.change_account, "write_profile"),
    ("GET", "/my/counts", shop_calls.counts, "read_profile"),
    ("GET", "/shop", shop_calls.show_shop, "read_profile"),
    ("PUT", "/shop", shop_calls.change_shop, "write_profile"),
    ("GET", "/shop/listing_conditions", shop_calls.own_conditions, "read_profile"),
    ("GET", "/shop/payment_methods", shop_calls.payment_methods, "read_profile"),
    ("GET", "/shop/vacation", shop_calls.show_vacation, "read_profile"),
    ("POST", "/shop/vacation", shop_calls.start_vacation, "write_profile"),
    ("DELETE", "/shop/vacation", shop_calls.end_vacation, "write_profile"),
    ("GET", "/shops/<shop>", shop_calls.show_shop_by_slug, None),
    ("GET", "/shops/<shop>/shipping_profiles", shop_calls.shipping_profiles, "read_profile"),
    ("GET", "/webhooks/registrations", webhook_calls.registrations, "public"),
    ("POST", "/webhooks/registrations", webhook_calls.register, "public"),
    ("GET", "/webhooks/registrations/<int:registration_id>", webhook_calls.show, "public"),
    ("DELETE", "/webhooks/registrations/<int:registration_id>", webhook_calls.remove, "public"),
)
REFERENCE = (
    ("GET", "/listing_conditions", shop_calls.listing_conditions, None),
    ("GET", "/categories", shop_calls.categories, None),
    ("GET", "/categories/taxonomy", shop_calls.categories, None),
    ("GET", "/categories/flat", shop_calls.categories_flat, None),
    ("GET", "/categories/<uuid>", shop_calls.show_category, None),
    ("GET", "/shipping/providers", shop_calls.shipping_providers, None),
    ("GET", "/shipping/regions", shop_calls.shipping_regions, None),
    ("GET", "/currencies/listing", shop_calls.listing_currencies, None),
    ("GET", "/currencies/display", shop_calls.display_currencies, None),
    ("GET", "/countries", shop_calls.countries, None),
    ("GET", "/payment_methods", shop_calls.payment_methods, None),
)
ROUTES: tuple[tuple[str, str, Handler, str | None], ...] = (*LISTINGS, *ORDERS, *SHOP, *REFERENCE)
"""Method, path below /api, what answers, and the scope the token needs (None: no token)."""

ADDRESSES = Map(
    [Rule(f"/api{path}", methods=[method], endpoint=(handler, scope)) for method, path, handler, scope in ROUTES],
    strict_slashes=False,
    merge_slashes=False,
)


class Api:
    """Answers requests below /api."""

    def __init__(self, reverb: "Reverb") -> None:
        self._reverb = reverb

    def reply(self, request: Request, request_id: str) -> Reply:
        """The proper answer to a request, without any fault."""
        started = time.perf_counter()
        old_version = not request.headers.get("Accept-Version", "1.0").startswith("3")
        try:
            with self._reverb.lock:
                reply = self._answer(request, old_version=old_version)
        except RefusalError as refusal:
            body = old_error(refusal.status, refusal.body) if old_version else refusal.body
            reply = json_reply(refusal.status, body)
        defaults = {
            "Cache-Control": "no-cache",
            "Vary": "Accept-Version",
            "X-Request-Id": request_id,
            "X-Reverb-Version": "1.0" if old_version else "3.0",
            "X-Runtime": f"{time.perf_counter() - started:.6f}",
        }
        reply.headers = defaults | reply.headers
        return reply

    def _answer(self, request: Request, *, old_version: bool) -> Reply:
        if self._reverb.behaviour.down:
            return json_reply(UNAVAILABLE, MAINTENANCE, "application/json")
        if not self._reverb.limit.admit():
            return self._too_many()
        self._reverb.world.settle()
        handler, scope, arguments = _find_route(request)
        call = Call(
            reverb=self._reverb,
            query=dict(request.args.items(multi=True)),
            query_lists=dict(request.args.lists()),
            body={},
            arguments={name: str(value) for name, value in arguments.items()},
            path=request.path,
            site=request.host_url.rstrip("/"),
            with_token=self._check_token(request, scope),
            old_version=old_version,
        )
        call.body = read_body(request)
        answer = handler(call)
        return _dress(answer, request)

    def _check_token(self, request: Request, scope: str | None) -> bool:
        """Whether a good token came along; a RefusalError (401, 403) where one is needed."""
        behaviour = self._reverb.behaviour
        kind, _, given = request.headers.get("Authorization", "").partition(" ")
        token = given.strip() if kind.lower() == "bearer" else request.headers.get("X-Auth-Token", "")
        good = hmac.compare_digest(token.encode(), behaviour.token.encode()) and not behaviour.token_revoked
        if scope is None:
            return good
        if not good:
            raise refuse(401, "Please log in to view your listings.", details="Invalid token.")
        if scope not in behaviour.scopes:
            raise refuse(403, "The access token does not have the required scope")
        return True

    def _too_many(self) -> Reply:
        reply = json_reply(429, TOO_MANY)
        if (retry_after := self._reverb.limit.retry_after()) is not None:
            reply.headers["Retry-After"] = retry_after
        return reply


def _find_route(request: Request) -> tuple[Handler, str | None, dict[str, str]]:
    try:
        (handler, scope), arguments = ADDRESSES.bind_to_environ(request.environ).match()
    except (NotFound, RequestRedirect):
        raise not_found() from None
    except MethodNotAllowed:
        raise refuse(405, "Method not allowed") from None
    return handler, scope, dict(arguments)


def _dress(answer: Answer, request: Request) -> Reply:
    etag = answer.headers.get("ETag")
    if etag and etag in request.headers.get("If-None-Match", ""):
        return Reply(304, dict(answer.headers))
    reply = json_reply(answer.status, answer.body)
    reply.headers |= answer.headers
    return reply
