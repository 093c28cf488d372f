"""The API's answers about orders, refund requests, payments and payouts."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from reverb_plugin.simulator.call import Answer, Call
from reverb_plugin.simulator.catalogue import CATALOGUE
from reverb_plugin.simulator.listing_rules import read_flag, read_money
from reverb_plugin.simulator.order import NOT_YET_PAID, Order
from reverb_plugin.simulator.order_bodies import order_body
from reverb_plugin.simulator.order_book import OrderBook, RefundRequest
from reverb_plugin.simulator.paging import Page, cut_page
from reverb_plugin.simulator.problems import bad_parameter, not_a_choice, not_found, refuse
from reverb_plugin.simulator.wording import Money, central, money_body

REFUND_ANSWERS = ("approved", "denied", "conditionally_approved")
REFUND_REASONS = (
    "buyer_return",
    "lost_shipment",
    "shipping_damage",
    "sold_elsewhere",
    "accidental_order",
    "change_shipping_address",
    "shipping_adjustments",
)


def all_orders(call: Call) -> Answer:
    """GET /my/orders/selling/all: newest first, cut by the four date filters."""
    return _orders(call, lambda _order: True)


def unpaid_orders(call: Call) -> Answer:
    """GET /my/orders/selling/unpaid."""
    return _orders(call, lambda order: order.status in NOT_YET_PAID)


def awaiting_shipment(call: Call) -> Answer:
    """GET /my/orders/selling/awaiting_shipment."""
    return _orders(call, lambda order: order.status == "paid")


def buyer_history(call: Call) -> Answer:
    """GET /my/orders/selling/buyer_history/{buyer_id}."""
    return _orders(call, lambda order: str(order.buyer.id) == call.arguments["buyer_id"])


def bought_orders(call: Call) -> Answer:
    """GET /my/orders/buying/all: this seller buys nothing."""
    return _orders(call, lambda _order: False)


def show_order(call: Call) -> Answer:
    """GET /my/orders/selling/{order_number}."""
    return Answer(_write(call, _get_order(call)))


def show_order_by_uuid(call: Call) -> Answer:
    """GET /my/orders/selling/by_uuid/{uuid}."""
    for order in _book(call).orders.values():
        if order.uuid == call.arguments["uuid"]:
            return Answer(_write(call, order))
    raise not_found()


def ship(call: Call) -> Answer:
    """POST /my/orders/selling/{order_number}/ship: provider, tracking_number and send_notification are required."""
    order = _get_order(call)
    for name in ("provider", "tracking_number", "send_notification"):
        if call.body.get(name) in (None, ""):
            raise bad_parameter(name, "is missing")
    if call.body["provider"] not in CATALOGUE.rows("shipping_providers"):
        raise not_a_choice("provider")
    read_flag("send_notification", call.body["send_notification"])
    _book(call).ship(order, call.body["provider"], str(call.body["tracking_number"]))
    return Answer({"message": "Your order has been marked as shipped."})


def mark_picked_up(call: Call) -> Answer:
    """POST /my/orders/selling/{order_number}/mark_picked_up; a ``date`` is optional."""
    _book(call).mark_picked_up(_get_order(call))
    return Answer({"message": "Your order has been marked as picked up."})


def refund_requests(call: Call) -> Answer:
    """GET /my/refund_requests/selling, cut by state, order number and dates."""
    states = {value for name, value in call.query.items() if name in ("state", "state[]")}
    states |= set(call.query_lists.get("state[]", ()))
    number = call.query.get("order_number")
    rows = [
        refund
        for refund in sorted(_book(call).refunds.values(), key=lambda refund: refund.id, reverse=True)
        if (not states or refund.state in states) and number in (None, refund.order_number)
    ]
    page = cut_page(_in_window(call, rows), call.query, call.own_url)
    return _page(page, "refund_requests", [_refund(call, refund) for refund in page.rows])


def answer_refund(call: Call) -> Answer:
    """PUT /my/refund_requests/selling/{id}: the seller's word."""
    refund = _book(call).refunds.get(int(call.arguments["refund_id"]))
    if refund is None:
        raise not_found()
    state, amount = _read_refund(call)
    _book(call).answer_refund(refund, state, amount, call.body.get("note_to_buyer"))
    return Answer(_refund(call, refund))


def create_refund(call: Call) -> Answer:
    """POST /my/orders/selling/{order_number}/refund_requests: the seller begins."""
    order = _get_order(call)
    state, amount = _read_refund(call)
    if call.body.get("reason") not in REFUND_REASONS:
        raise not_a_choice("reason") if call.body.get("reason") else bad_parameter("reason", "is missing")
    if amount is None:
        raise bad_parameter("refund_amount", "is missing")
    refund = _book(call).ask_refund(
        order.number,
        amount=str(amount.amount),
        state=state,
        reason=call.body["reason"],
        note_to_buyer=str(call.body.get("note_to_buyer") or ""),
    )
    return Answer(_refund(call, refund), 201)


def payments(call: Call) -> Answer:
    """GET /my/payments/selling: one payment for each order that was paid."""
    wanted = call.query.get("order_id")
    paid = [order for order in _book(call).newest_first() if order.paid_at and wanted in (None, order.number)]
    page = cut_page(_in_window(call, paid), call.query, call.own_url)
    return _page(page, "payments", [_payment(call, order) for order in page.rows])


def show_payment(call: Call) -> Answer:
    """GET /my/payments/selling/{id}."""
    order = _book(call).get_order(call.arguments["payment_id"])
    if not order.paid_at:
        raise not_found()
    return Answer(_payment(call, order))


def payouts(call: Call) -> Answer:
    """GET /my/payouts: one payout for each order that was sent; a row has no id but in its link."""
    page = cut_page(_in_window(call, _paid_out(call)), call.query, call.own_url)
    return _page(page, "payouts", [_payout(call, order) for order in page.rows])


def payout_lines(call: Call) -> Answer:
    """GET /my/payouts/{id}/line_items."""
    orders = [order for order in _paid_out(call) if order.number == call.arguments["payout_id"]]
    if not orders:
        raise not_found()
    lines = [{"order_id": order.number, "total": money_body(order.payout)} for order in orders]
    return Answer({"total": len(lines), "current_page": 1, "total_pages": 1, "line_items": lines, "_links": {}})


def _book(call: Call) -> OrderBook:
    return call.reverb.book


def _get_order(call: Call) -> Order:
    return _book(call).get_order(call.arguments["order"])


def _write(call: Call, order: Order) -> dict[str, Any]:
    return order_body(order, call.site, call.reverb.world.shop)


def _orders(call: Call, wanted: Callable[[Order], bool]) -> Answer:
    """A list of orders; its links are relative, as they were when these lists were recorded."""
    found = [order for order in _in_window(call, _book(call).newest_first()) if wanted(order)]
    page = cut_page(found, call.query, call.path)
    return _page(page, "orders", [_write(call, order) for order in page.rows])


def _page(page: Page[Any], name: str, rows: list[dict[str, Any]]) -> Answer:
    return Answer({**page.envelope(per_page=False), name: rows, "_links": page.links})


def _in_window(call: Call, rows: Sequence[Any]) -> list[Any]:
    """The rows whose created_at and updated_at lie within the bounds of the query."""
    kept = list(rows)
    for attribute in ("created", "updated"):
        start = _read_time(call, f"{attribute}_start_date")
        end = _read_time(call, f"{attribute}_end_date")
        kept = [
            row
            for row in kept
            if (start is None or getattr(row, f"{attribute}_at") >= start)
            and (end is None or getattr(row, f"{attribute}_at") <= end)
        ]
    return kept


def _read_time(call: Call, name: str) -> datetime | None:
    """ISO 8601 with or without seconds and offset; a raw "+" that arrived as a blank is a 400, not a guess."""
    text = call.query.get(name)
    if not text:
        return None
    if not re.fullmatch(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?", text):
        raise bad_parameter(name)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise bad_parameter(name) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _read_refund(call: Call) -> tuple[str, Money | None]:
    state = call.body.get("state")
    if state not in REFUND_ANSWERS:
        raise not_a_choice("state") if state else bad_parameter("state", "is missing")
    amount = read_money("refund_amount", call.body.get("refund_amount"))
    if amount and amount.currency != call.reverb.world.shop.currency:
        raise refuse(422, "The refund has to be in the currency of your shop.")
    return state, amount


def _refund(call: Call, refund: RefundRequest) -> dict[str, Any]:
    own = f"{call.site}/api/my/refund_requests/selling/{refund.id}"
    body = {
        "id": refund.id,
        "order_number": refund.order_number,
        "state": refund.state,
        "reason": refund.reason,
        "note_to_seller": refund.note_to_seller,
        "refund_amount": money_body(refund.amount),
        "created_at": central(refund.created_at),
        "updated_at": central(refund.updated_at),
        "_links": {
            "self": {"href": own},
            "order": {"href": f"{call.site}/api/my/orders/selling/{refund.order_number}"},
        },
    }
    return body | {"note_to_buyer": refund.note_to_buyer} if refund.note_to_buyer else body


def _payment(call: Call, order: Order) -> dict[str, Any]:
    return {
        "id": int(order.number),
        "order_id": order.number,
        "status": "refunded" if order.status == "refunded" else "received",
        "amount": money_body(order.total),
        "created_at": central(order.paid_at or order.created_at),
        "updated_at": central(order.updated_at),
        "_links": {
            "self": {"href": f"{call.site}/api/my/payments/selling/{order.number}"},
            "order": {"href": f"{call.site}/api/my/orders/selling/{order.number}"},
        },
    }


def _paid_out(call: Call) -> list[Order]:
    return [order for order in _book(call).newest_first() if order.status in ("shipped", "picked_up", "received")]


def _payout(call: Call, order: Order) -> dict[str, Any]:
    return {
        "total": money_body(order.payout),
        "created_at": central(order.created_at),
        "updated_at": central(order.updated_at),
        "_links": {"line_items": {"href": f"{call.site}/api/my/payouts/{order.number}/line_items"}},
    }
