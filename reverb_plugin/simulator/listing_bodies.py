"""Listings as Reverb writes them: the row of a list, the detail, and the old shape of API version 1.0."""

from decimal import Decimal
from typing import Any

from reverb_plugin.simulator.listing import Listing, Photo
from reverb_plugin.simulator.search_index import seen_state
from reverb_plugin.simulator.shop import Shop
from reverb_plugin.simulator.wording import Money, central, money_body, price_body

BLANK_PHOTO = "https://static.reverb-assets.com/assets/products/blank_medium.jpg"
CROPS = ("large_crop", "small_crop", "full", "thumbnail")
PROFILE_RATES = [("US_CON", Decimal("35.00")), ("XX", Decimal("120.00"))]


class ListingBodies:
    """Writes listings for one reader; ``site`` is scheme and host of the links, without a slash at the end."""

    def __init__(self, site: str, shop: Shop, *, vacation: bool) -> None:
        self.site = site
        self.shop = shop
        self.vacation = vacation

    def row(self, listing: Listing) -> dict[str, Any]:
        """A listing in a list: one photo, no texts about the shop."""
        return {
            **self._common(listing),
            "_links": self._links(listing),
            "photos": [photo_body(photo) for photo in listing.images[:1]],
            **_published(listing),
            "shop": {"slug": self.shop.slug, "preferred_seller": True},
        }

    def detail(self, listing: Listing) -> dict[str, Any]:
        """A listing by itself."""
        body = {
            **self._common(listing),
            "_links": self._links(listing) | self._detail_links(listing),
            "photos": [photo_body(photo) for photo in listing.images],
            **_published(listing),
            "shop": {"feedback_count": 120, "preferred_seller": True, "rating_percentage": 1.0},
            **self._policies(listing),
            **_facts(listing, seen_state(listing, self.vacation)),
        }
        if listing.condition:
            body["condition"]["description"] = listing.condition.description
        if listing.seller_cost:
            body["seller_cost"] = money_body(listing.seller_cost)
        return body | {"seller": {"paypal_email": None}}

    def public(self, body: dict[str, Any]) -> dict[str, Any]:
        """The same without what only the seller sees."""
        private = ("seller_price", "seller_cost", "shipping_profile_id")
        body = {name: value for name, value in body.items() if name not in private}
        return body | {"is_my_listing": False} if "is_my_listing" in body else body

    def _common(self, listing: Listing) -> dict[str, Any]:
        price = listing.price or Money(Decimal(0), self.shop.currency)
        state = seen_state(listing, self.vacation)
        body = {
            "id": listing.id,
            "make": listing.make,
            "model": listing.model,
            "finish": listing.finish,
            "year": listing.year,
            "title": listing.title,
            "created_at": central(listing.created_at),
            "shop_name": self.shop.name,
            "description": listing.description,
            "condition": _condition(listing),
            "price": price_body(price),
            "buyer_price": price_body(price),
            "seller_price": money_body(price),
            "inventory": listing.shown_inventory,
            "has_inventory": listing.shows_inventory,
            "offers_enabled": listing.offers_enabled,
            "categories": [{"uuid": row.uuid, "full_name": row.full_name} for row in listing.categories],
            "listing_currency": price.currency,
            "state": {"slug": state, "description": state.replace("_", " ").title()},
            "auction": False,
            "shop_id": self.shop.id,
            "shipping_profile_id": int(listing.shipping_profile_id) if listing.shipping_profile_id else None,
            "sku": listing.sku,
            "us_outlet": False,
            "slug": listing.slug,
            "stats": {"views": 0, "watches": 0},
            "shipping": shipping_body(listing, price.currency),
        }
        return {name: value for name, value in body.items() if value is not None}

    def _links(self, listing: Listing) -> dict[str, Any]:
        api, slug = f"{self.site}/api", listing.slug
        return {
            "photo": {"href": photo_url(listing.images[0], "small_crop") if listing.images else BLANK_PHOTO},
            "self": {"href": f"{api}/listings/{slug}"},
            "update": {"method": "PUT", "href": f"{api}/listings/{slug}"},
            "end": {"method": "PUT", "href": f"{api}/my/listings/{slug}/state/end"},
            "want": {"method": "PUT", "href": f"{api}/wants/{slug}"},
            "unwant": {"method": "DELETE", "href": f"{api}/wants/{slug}"},
            "edit": {"href": f"{api}/listings/{slug}/edit"},
            "web": {"href": f"{self.site}/item/{slug}"},
            "make_offer": {"method": "POST", "href": f"{api}/listings/{slug}/offer"},
            "cart": {"href": f"{api}/cart/{listing.id}"},
        }

    def _detail_links(self, listing: Listing) -> dict[str, Any]:
        api, site, slug = f"{self.site}/api", self.site, listing.slug
        return {
            "buy": {"href": f"{site}/cart/add?cart_item%5Bproduct_id%5D={listing.id}"},
            "flag": {"href": f"{api}/listings/{slug}/flag"},
            "contact_seller": {"web": {"href": f"{site}/my/messages/new?item={slug}"}},
            "conversations": {"href": f"{api}/listings/{listing.id or ''}/conversations"},
            "shop": {
                "href": f"{api}/shops/{self.shop.slug}",
                "web": {"href": f"{site}/shop/{self.shop.slug}"},
            },
            "sales": {"href": f"{api}/listings/{listing.id}/sales"},
        }

    def _policies(self, listing: Listing) -> dict[str, Any]:
        location: dict[str, Any] = {"display_location": None}
        if listing.location:
            place = (listing.location.get(name) for name in ("locality", "region", "country_code"))
            location = {**listing.location, "display_location": ", ".join(filter(None, place))}
        elif listing.state != "draft":
            location = dict(self.shop.address)
        return {
            "accepted_payment_methods": ["direct_checkout"],
            "location": location,
            "shipping_policy": self.shop.shipping_policy or "Ships in two business days.",
            "payment_policy": self.shop.payment_policy or "Reverb checkout.",
            "return_policy": {"used_return_window_days": 7, "new_return_window_days": 14},
        }


def _published(listing: Listing) -> dict[str, Any]:
    return {"published_at": central(listing.published_at)} if listing.published_at else {}


def _condition(listing: Listing) -> dict[str, Any] | None:
    condition = listing.condition
    if condition is None:
        return None
    return {"uuid": condition.uuid, "display_name": condition.display_name, "slug": condition.slug}


def _facts(listing: Listing, state: str) -> dict[str, Any]:
    return {
        "videos": listing.videos,
        "offer_count": 0,
        "handmade": listing.handmade,
        "sold_as_is": listing.sold_as_is,
        "local_pickup_only": bool(listing.shipping and listing.shipping["local"] and not listing.shipping["rates"]),
        "in_watchlist": False,
        "wanted": False,
        "has_offer_for_buyer": False,
        "is_my_listing": True,
        "draft": state == "draft",
        "live": state == "live",
        "cloudinary_photos": [],
        "upc_does_not_apply": listing.upc_does_not_apply,
        "origin_country_code": listing.origin_country_code,
        "same_day_shipping_ineligible": False,
        "comparison_shopping_page_id": None,
    }


def photo_url(photo: Photo, crop: str) -> str:
    """Where Reverb shows a photo: never the address it came from."""
    return f"https://rvb-img.reverb.com/image/upload/{crop}/photo-{photo.id}.jpg"


def photo_body(photo: Photo) -> dict[str, Any]:
    """A photo inside a listing: four crops, no id."""
    return {"_links": {crop: {"href": photo_url(photo, crop)} for crop in CROPS}}


def image_body(photo: Photo) -> dict[str, Any]:
    """A photo in the list of images, which does have an id."""
    return {"id": str(photo.id), "url": f"https://images.reverb.com/image/upload/{photo.id}.jpg"}


def shipping_body(listing: Listing, currency: str) -> dict[str, Any]:
    """The rates of the listing, or those of its profile."""
    local, pairs = True, [(code, Money(amount, currency)) for code, amount in PROFILE_RATES]
    if listing.shipping:
        local, pairs = listing.shipping["local"], listing.shipping["rates"]
    rates = [_rate(code, money or Money(Decimal(0), currency)) for code, money in pairs]
    body = {"free_expedited_shipping": False, "local": local, "rates": rates}
    if rates:
        first = rates[0]["rate"]
        body["user_region_rate"] = rates[0]
        body["initial_offer_rate"] = {**rates[0], "rate": {"original": first, "display": first}}
    return body


def _rate(region_code: str, money: Money) -> dict[str, Any]:
    return {
        "region_code": region_code,
        "rate": money_body(money),
        "carrier_calculated": False,
        "regional": False,
        "destination_postal_code_needed": False,
    }
