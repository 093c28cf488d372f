"""The API's answers about the account, the shop and the reference data."""

import hashlib
import json
from typing import Any

from reverb_plugin.simulator.call import Answer, Call
from reverb_plugin.simulator.catalogue import CATALOGUE, FOR_APPROVED_SHOPS, Category, Condition, slugify
from reverb_plugin.simulator.problems import not_a_choice, not_found

ACCOUNT_FIELDS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "currency": "currency",
    "locale_code": "locale",
    "shipping_region_code": "shipping_region_code",
}
SHOP_FIELDS = (
    "name",
    "description",
    "currency",
    "legal_country_code",
    "shop_type",
    "website",
    "payment_policy",
    "shipping_policy",
    "return_policy",
)


def root(call: Call) -> Answer:
    """GET /: where to begin."""
    names = ("categories", "listings", "listing_conditions", "my/account", "my/listings", "shop")
    links = {name.replace("/", "_"): {"href": f"{call.site}/api/{name}"} for name in names}
    return Answer({"_links": links})


def show_account(call: Call) -> Answer:
    """GET /my/account; without a ``shop`` while none is set up."""
    shop = call.reverb.world.shop
    body: dict[str, Any] = {
        "user_id": shop.user_id,
        "uuid": shop.user_uuid,
        "first_name": shop.first_name,
        "last_name": shop.last_name,
        "email": shop.email,
        "currency": shop.currency,
        "locale": shop.locale,
        "shipping_region_code": shop.shipping_region_code,
    }
    if call.reverb.behaviour.has_shop:
        body["shop"] = {"id": shop.id, "name": shop.name, "slug": shop.slug}
    return Answer({**body, "_links": {"self": {"href": f"{call.site}/api/my/account"}}})


def change_account(call: Call) -> Answer:
    """PUT /my/account."""
    for name, attribute in ACCOUNT_FIELDS.items():
        if isinstance(call.body.get(name), str):
            setattr(call.reverb.world.shop, attribute, call.body[name])
    return show_account(call)


def counts(call: Call) -> Answer:
    """GET /my/counts: how much there is to do."""
    orders = call.reverb.book.orders.values()
    return Answer(
        {
            "orders_awaiting_shipment": sum(order.status == "paid" for order in orders),
            "orders_unpaid": sum(order.status == "unpaid" for order in orders),
            "refund_requests": sum(
                refund.state == "pending_seller_response" for refund in call.reverb.book.refunds.values()
            ),
            "unread_messages": 0,
            "_links": {"self": {"href": call.own_url}},
        }
    )


def show_shop(call: Call) -> Answer:
    """GET /shop."""
    if not call.reverb.behaviour.has_shop:
        raise not_found()
    shop = call.reverb.world.shop
    return Answer(
        {
            "id": shop.id,
            "uuid": shop.uuid,
            "name": shop.name,
            "slug": shop.slug,
            "description": shop.description,
            "currency": shop.currency,
            "on_vacation": call.reverb.behaviour.vacation,
            "legal_country_code": shop.legal_country_code,
            "shop_type": shop.shop_type,
            "website": shop.website,
            "preferred_seller": True,
            "quick_responder": True,
            "quick_shipper": True,
            "feedback_count": 120,
            "address": shop.address,
            "payment_methods": ["direct_checkout"],
            "payment_policy": shop.payment_policy,
            "shipping_policy": shop.shipping_policy,
            "return_policy": shop.return_policy,
            "direct_checkout": True,
            "shipping_profiles": _profiles(call),
            "_links": {
                "self": {"href": f"{call.site}/api/shops/{shop.slug}"},
                "web": {"href": f"{call.site}/shop/{shop.slug}"},
            },
        }
    )


def change_shop(call: Call) -> Answer:
    """PUT /shop."""
    currency = call.body.get("currency")
    if currency is not None and currency not in CATALOGUE.rows("listing_currencies"):
        raise not_a_choice("currency")
    for name in SHOP_FIELDS:
        if isinstance(call.body.get(name), str):
            setattr(call.reverb.world.shop, name, call.body[name])
    if isinstance(call.body.get("address"), dict):
        call.reverb.world.shop.address |= call.body["address"]
    return show_shop(call)


def show_shop_by_slug(call: Call) -> Answer:
    """GET /shops/{slug}; there is only the one."""
    shop = call.reverb.world.shop
    if call.arguments["shop"] not in (shop.slug, str(shop.id)):
        raise not_found()
    return show_shop(call)


def shipping_profiles(call: Call) -> Answer:
    """GET /shops/{shop_id}/shipping_profiles."""
    show_shop_by_slug(call)
    return Answer({"shipping_profiles": _profiles(call)})


def show_vacation(call: Call) -> Answer:
    """GET /shop/vacation."""
    return Answer({"enabled": call.reverb.behaviour.vacation})


def start_vacation(call: Call) -> Answer:
    """POST /shop/vacation: every live listing becomes unavailable."""
    call.reverb.behaviour.vacation = True
    return show_vacation(call)


def end_vacation(call: Call) -> Answer:
    """DELETE /shop/vacation: the listings are back."""
    call.reverb.behaviour.vacation = False
    return show_vacation(call)


def listing_conditions(call: Call) -> Answer:
    """GET /listing_conditions: the public eight without a token, with one those the shop may use."""
    if call.with_token:
        return own_conditions(call)
    public = [row for row in reversed(CATALOGUE.conditions) if row.display_name not in FOR_APPROVED_SHOPS]
    return Answer({"conditions": [_condition(row) for row in public]})


def own_conditions(call: Call) -> Answer:
    """GET /shop/listing_conditions."""
    approved = call.reverb.behaviour.stock_conditions_approved
    rows = [row for row in CATALOGUE.conditions if approved or row.display_name not in FOR_APPROVED_SHOPS]
    return Answer({"conditions": [_condition(row) for row in rows]})


def categories_flat(call: Call) -> Answer:
    """GET /categories/flat: all of them at once, to be kept for a day."""
    body = {"categories": [_category(call, row) for row in CATALOGUE.categories.values()]}
    etag = hashlib.sha256(json.dumps(body).encode()).hexdigest()[:32]
    return Answer(body, headers={"Cache-Control": "max-age=86400, public", "ETag": f'W/"{etag}"'})


def categories(call: Call) -> Answer:
    """GET /categories and /categories/taxonomy: the roots with what is below them."""
    return Answer({"categories": [_tree(call, row) for row in CATALOGUE.roots]})


def show_category(call: Call) -> Answer:
    """GET /categories/{uuid}."""
    category = CATALOGUE.categories.get(call.arguments["uuid"])
    if category is None:
        raise not_found()
    return Answer(_category(call, category))


def shipping_providers(_call: Call) -> Answer:
    """GET /shipping/providers."""
    return Answer({"shipping_providers": [{"name": name} for name in CATALOGUE.rows("shipping_providers")]})


def shipping_regions(_call: Call) -> Answer:
    """GET /shipping/regions."""
    return Answer({"shipping_regions": CATALOGUE.rows("shipping_regions")})


def listing_currencies(_call: Call) -> Answer:
    """GET /currencies/listing: what a shop can sell in."""
    return Answer({"currencies": CATALOGUE.rows("listing_currencies")})


def display_currencies(_call: Call) -> Answer:
    """GET /currencies/display: what a visitor can look at prices in."""
    return Answer({"currencies": CATALOGUE.rows("display_currencies")})


def countries(_call: Call) -> Answer:
    """GET /countries."""
    return Answer({"countries": CATALOGUE.rows("countries")})


def payment_methods(_call: Call) -> Answer:
    """GET /payment_methods and /shop/payment_methods."""
    return Answer({"payment_methods": [{"slug": "direct_checkout", "name": "Reverb Checkout"}]})


def _profiles(call: Call) -> list[dict[str, str]]:
    profiles = call.reverb.world.shop.shipping_profiles
    return [{"id": profile_id, "name": name} for profile_id, name in profiles.items()]


def _condition(condition: Condition) -> dict[str, str]:
    return {
        "uuid": condition.uuid,
        "display_name": condition.display_name,
        "description": condition.description,
    }


def _category(call: Call, category: Category) -> dict[str, Any]:
    api, slug, root_slug = f"{call.site}/api", slugify(category.name), slugify(category.path[0])
    title = category.name if len(category.path) == 1 else f"{category.name} {category.path[0]}"
    return {
        "uuid": category.uuid,
        "full_name": category.full_name,
        "name": category.name,
        "root_uuid": category.root_uuid,
        "root_slug": root_slug,
        "slug": slug,
        "collection_title": title,
        "listable": True,
        "_links": {
            "image": {"href": "https://static.reverb-assets.com/assets/products/blank_medium.jpg"},
            "self": {"href": f"{api}/categories/{category.uuid}"},
            "listings": {"href": f"{api}/listings?category_uuid={category.uuid}"},
            "follow": {"href": f"{api}/my/follows/categories/{category.uuid}"},
            "collection_header_image": {"href": f"https://rvb-img.reverb.com/i/{slug}"},
            "web": {"href": f"/marketplace?category={slug}&product_type={root_slug}"},
        },
    }


def _tree(call: Call, category: Category) -> dict[str, Any]:
    return {**_category(call, category), "subcategories": [_tree(call, child) for child in category.children]}
