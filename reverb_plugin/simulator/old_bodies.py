"""The shapes of API version 1.0, which a caller gets who sends no ``Accept-Version``.

Listings have no id, no SKU, no state, no stock count and relative links; money is just amount, currency and symbol.
Orders and everything else are written as in version 3.0.
"""

from typing import Any

KEPT = ("make", "model", "finish", "title", "created_at", "offers_enabled")
KEPT_IN_DETAIL = (
    "has_inventory",
    "draft",
    "live",
    "cloudinary_photos",
    "shop",
    "stats",
    "offer_count",
    "shipping_policy",
    "payment_policy",
    "photos",
)
NEW_LINKS = frozenset({"cart", "sales"})
LOGIN_LINKS = {
    "email_auth": {"templated": True, "href": "/api/auth/email{?email,password}", "method": "POST"},
    "fb_auth": {"templated": True, "href": "/api/auth/facebook{?fb_token}", "method": "POST"},
}


def old_listing(body: dict[str, Any], site: str) -> dict[str, Any]:
    """A version 3.0 row or detail, written in the old way."""
    old = {name: body[name] for name in KEPT if name in body}
    if body["price"]["amount_cents"]:
        old["price"] = {name: body["price"][name] for name in ("amount", "currency", "symbol")}
    old["_links"] = _old_links(body["_links"], body["slug"], site)
    if "draft" in body:
        old |= {name: body[name] for name in KEPT_IN_DETAIL if name in body}
        old |= {"accepted_payment_methods": [], "seller": {"paypal_email": "seller@example.com"}}
        old["location"] = {name: body["location"].get(name) for name in ("country_code", "locality", "region")}
        old["shipping"] = {"us": False, "rates": []}
        old["is_my_listing"] = False
    return old


def old_unsaved(body: dict[str, Any], site: str) -> dict[str, Any]:
    """A listing that was refused: nobody can buy it, and it was never created."""
    old = old_listing(body, site)
    old.pop("created_at")
    old["_links"] = {name: link for name, link in old["_links"].items() if name not in ("make_offer", "buy")}
    return old


def _old_links(links: dict[str, Any], slug: str, site: str) -> dict[str, Any]:
    old: dict[str, Any] = {}
    for name, link in links.items():
        if name not in NEW_LINKS:
            href = link.get("href", "")
            old[name] = {**link, "href": href.removeprefix(site)} if href.startswith(f"{site}/api/") else link
    return old | {
        "add_to_wishlist": {"method": "POST", "href": f"/api/my/wishlist/{slug}"},
        "remove_from_wishlist": {"method": "DELETE", "href": f"/api/my/wishlist/{slug}"},
    }


def old_error(status: int, body: dict[str, Any]) -> dict[str, Any]:
    """An error body in the old way: only the one about the token differs."""
    if status != 401 or "details" not in body:  # noqa: PLR2004 - the status is the point
        return body
    details = "Invalid token. Please re-authenticate to obtain X-Auth-Token header."
    return {**body, "details": details, "_links": LOGIN_LINKS}
