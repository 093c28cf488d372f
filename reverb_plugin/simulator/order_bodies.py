"""Orders as Reverb writes them: relative API links, and only the fields that have a value."""

from typing import Any

from reverb_plugin.simulator.order import SENT, Order
from reverb_plugin.simulator.shop import Shop
from reverb_plugin.simulator.wording import Money, central, central_date, money_body

SHIPMENTS = {"shipped": "in_transit", "picked_up": "delivered", "received": "delivered"}


def order_body(order: Order, site: str, shop: Shop) -> dict[str, Any]:
    """An order, by itself or in a list: both look the same."""
    return {
        **_amounts(order),
        **_who_and_when(order),
        **_shipment(order),
        **_what(order, shop),
        **_fees(order),
        "order_notes": order.notes,
        "_links": _links(order, site),
        **_email(order),
    }


def _amounts(order: Order) -> dict[str, Any]:
    if not order.checked_out:
        return {
            "amount_product": money_body(order.price),
            "amount_product_subtotal": money_body(order.subtotal),
            "shipping": money_body(order.shipping),
        }
    rows = {
        "product": ("amount_product", order.price),
        "product_subtotal": ("amount_product_subtotal", order.subtotal),
        "shipping": ("shipping", order.shipping),
        "tax": ("amount_tax", order.tax),
        "total": ("total", order.total),
    }
    body: dict[str, Any] = {}
    for twin, (name, money) in rows.items():
        body[name] = money_body(money)
        body[f"presentment_amount_{twin}"] = money_body(order.presented(money))
    return body | {"shipping_taxed": order.shipping_taxed}


def _who_and_when(order: Order) -> dict[str, Any]:
    body: dict[str, Any] = {
        "buyer_name": order.buyer.name,
        "buyer_first_name": order.buyer.first_name,
        "buyer_last_name": order.buyer.last_name,
        "buyer_id": order.buyer.id,
        "created_at": central(order.created_at),
        "order_number": order.number,
    }
    if order.checked_out:
        body["tax_rate"] = float(order.tax_rate)
    body |= {
        "order_source": "reverb",
        "needs_feedback_for_buyer": False,
        "needs_feedback_for_seller": False,
        "order_type": order.order_type,
    }
    if order.paid_at:
        body["paid_at"] = central(order.paid_at)
    return body | {"quantity": order.quantity}


def _shipment(order: Order) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if order.checked_out and order.buyer.address and not order.local_pickup:
        body["shipping_address"] = order.buyer.address
    if order.shipped_at:
        body |= {
            "shipping_date": central_date(order.shipped_at),
            "shipped_at": central(order.shipped_at),
            "shipping_provider": order.shipping_provider,
            "shipping_code": order.tracking_number,
        }
    if order.checked_out:
        body["shipping_method"] = "local" if order.local_pickup else "shipped"
    return body | {
        "shipment_status": SHIPMENTS.get(order.status, "unknown"),
        "local_pickup": order.local_pickup,
    }


def _what(order: Order, shop: Shop) -> dict[str, Any]:
    body: dict[str, Any] = {
        "shop_name": shop.name,
        "status": order.status,
        "title": order.title,
        "updated_at": central(order.updated_at),
    }
    if order.checked_out:
        body |= {"payment_method": order.payment_method, "order_bundle_id": order.bundle_id}
    body |= {
        "product_id": str(order.listing_id),
        "uuid": order.uuid,
        "photos": [_photo(order)] if order.photo_id else [],
        "sku": order.sku or "",
    }
    return body | {"remaining_listing_inventory": order.remaining_inventory} if order.checked_out else body


def _fees(order: Order) -> dict[str, Any]:
    nothing = Money(order.price.amount * 0, order.price.currency)
    taxes = {
        "tax_on_fees": money_body(nothing),
        "tax_responsible_party": order.tax_responsible_party,
    }
    if not order.checked_out:
        return taxes
    return {
        "selling_fee": money_body(order.selling_fee),
        "bump_fee": money_body(Money(order.bump_fee, order.price.currency)),
        "direct_checkout_fee": money_body(order.checkout_fee),
        **taxes,
        "direct_checkout_payout": money_body(order.payout),
    }


def _email(order: Order) -> dict[str, Any]:
    """Seen only on orders that wait for shipment."""
    return {"buyer_email": order.buyer.email} if _waits(order) else {}


def _waits(order: Order) -> bool:
    return order.checked_out and order.status not in SENT | {"refunded", "cancelled"}


def _links(order: Order, site: str) -> dict[str, Any]:
    own, web = f"/api/my/orders/selling/{order.number}", f"{site}/my/selling/orders/{order.number}"
    listing, buyer = order.listing_id, order.buyer.id
    links: dict[str, Any] = {
        "photo": {"href": _photo_url(order, "t_card-square")},
        "feedback_for_buyer": {"href": f"/api/orders/{order.number}/feedback/buyer"},
        "feedback_for_seller": {"href": f"/api/orders/{order.number}/feedback/seller"},
        "listing": {"href": f"/api/listings/{listing}"},
        "start_conversation": {"href": f"/api/my/conversations?listing_id={listing}&recipient_id={buyer}"},
        "web": {"href": web},
        "web_listing": {"href": f"{site}/item/{order.listing_slug}"},
        "self": {"href": own},
        "mark_picked_up": {"href": f"{own}/mark_picked_up"},
        "payments": {"href": f"/api/my/payments/selling?order_id={order.number}"},
        "contact_buyer": {"web": {"href": f"{site}/my/messages/new?item={order.listing_slug}"}},
    }
    if order.order_type == "offer" or order.status == "refunded":
        links["conversation"] = {"href": f"/api/my/conversations/{3_000_000 + int(order.number) % 1_000_000}"}
    if order.tracking_number:
        links["web_tracking"] = {"href": f"https://carrier.example/track?number={order.tracking_number}"}
    if _waits(order):
        links |= {} if order.local_pickup else {"ship": {"href": f"{own}/ship"}}
        links["packing_slip"] = {"web": {"href": f"{web}/packing_slip"}}
        links["purchase_shipping_label"] = {"web": {"href": f"{web}/shipping_label"}}
    return links


def _photo_url(order: Order, crop: str) -> str:
    return f"https://images.reverb.com/image/upload/{crop}/photo-{order.photo_id or 'blank'}.jpg"


def _photo(order: Order) -> dict[str, Any]:
    crops = ("large_crop", "small_crop", "full", "thumbnail")
    return {"_links": {crop: {"href": _photo_url(order, crop)} for crop in crops}}
