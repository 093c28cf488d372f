"""The keys and types of Reverb's bodies, as they were recorded or documented, are those of the simulator's."""

import json
from pathlib import Path

import pytest

from tests.simulator.caller import item

SHAPES = json.loads(Path(__file__).with_name("fixtures").joinpath("shapes.json").read_text("utf-8"))
NAMES = {str: "text", bool: "flag", int: "number", float: "fraction", type(None): "null"}
SEEDED = {
    "sku": "SKU-1",
    "year": "1965",
    "finish": "Sunburst",
    "seller_cost": "9.00",
    "shipping_profile_id": "61256",
    "origin_country_code": "US",
}
PHOTOS = ["https://shop.example/1.jpg", "https://shop.example/2.jpg"]
STOCK = {"condition": "Brand New", "inventory": 20}
COMPLETE = item(seller_cost="900.00", shipping_profile_id=61256, origin_country_code="US")
OLD = {"Accept-Version": None}
SHORT = {"title": "Fender Stratocaster", "make": "Fender", "model": "Stratocaster", "sku": "THETESTSKU"}
SHIPMENT = {"provider": "UPS", "tracking_number": "1Z999", "send_notification": True}


def shape(value):
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return NAMES[type(value)]


def test_a_page_of_listings_looks_like_reverbs(api, door):
    """Rows, envelope and next link of a page of listings have Reverb's keys and types."""
    door.add_listings([{**SEEDED, "photos": PHOTOS} for _ in range(3)])
    assert shape(api.get("/my/listings", state="all", per_page=2).body) == SHAPES["listing page"]


def test_the_last_page_has_a_link_back_only(api, door):
    """The last page of several has ``prev`` and no ``next``."""
    door.add_listings([SEEDED] * 3)
    body = api.get("/my/listings", state="all", per_page=2, page=2).body
    del body["listings"]
    assert shape(body) == SHAPES["last listing page"]


def test_a_sku_nobody_has_is_an_empty_page(api):
    """A lookup without a hit is a 200 with total 0."""
    got = api.get("/my/listings", sku="NOSKU", state="all")
    assert (got.status, shape(got.body)) == (200, SHAPES["listing not found"])


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("listing live", {"photos": PHOTOS}),
        ("listing sold", {"photos": PHOTOS, "state": "sold", **STOCK}),
        ("listing draft", {"state": "draft"}),
    ],
)
def test_a_listing_by_itself_looks_like_reverbs(api, door, name, fields):
    """A live, a sold and a draft listing have Reverb's keys and types, absent ones included."""
    assert shape(api.listing(door.add_listing(**SEEDED, **fields))) == SHAPES[name]


def test_a_created_draft_comes_in_reverbs_envelope(api):
    """POST answers message, listing, errors and warnings."""
    got = api.post("/listings", COMPLETE)
    assert (got.status, shape(got.body)) == (201, SHAPES["listing created"])


def test_a_refused_listing_is_echoed_without_an_id(api):
    """412 carries errors by field and an echo of the listing that was not saved."""
    api.post("/listings", COMPLETE)
    got = api.post("/listings", {**COMPLETE, "price": None, "condition": None, "publish": True})
    assert (got.status, shape(got.body)) == (412, SHAPES["listing invalid"])


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("account", "/my/account"),
        ("shop", "/shop"),
        ("vacation", "/shop/vacation"),
        ("shipping profiles", "/shops/104300/shipping_profiles"),
        ("shipping providers", "/shipping/providers"),
        ("conditions", "/listing_conditions"),
        ("categories flat", "/categories/flat"),
        ("no orders", "/my/orders/selling/all"),
    ],
)
def test_what_stands_still_looks_like_reverbs(api, name, path):
    """Account, shop and reference data have Reverb's keys and types."""
    assert shape(api.get(path).body) == SHAPES[name]


def test_images_have_an_id_where_photos_have_none(api, door):
    """The list of images has id and url."""
    listing_id = door.add_listing(photos=PHOTOS)
    assert shape(api.get(f"/listings/{listing_id}/images").body) == SHAPES["images"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("order paid", {}),
        ("order payment_pending", {"status": "payment_pending"}),
        ("order pending_review", {"status": "pending_review"}),
        ("order blocked", {"status": "blocked"}),
        ("order unpaid offer", {"status": "unpaid", "order_type": "offer"}),
        ("order local pickup", {"local_pickup": True}),
    ],
)
def test_an_order_has_only_the_keys_of_its_status(api, door, name, options):
    """An order in each status has Reverb's keys and types: what it has no value for is left out."""
    number = door.buy(door.add_listing(**STOCK, photos=PHOTOS), **options)
    assert shape(api.get(f"/my/orders/selling/{number}").body) == SHAPES[name]


def test_a_shipped_order_tells_of_its_parcel(api, door):
    """A shipped order has carrier, number and dates, and no longer a link to ship it."""
    number = door.buy(door.add_listing(**STOCK, photos=PHOTOS))
    api.post(f"/my/orders/selling/{number}/ship", SHIPMENT)
    assert shape(api.get(f"/my/orders/selling/{number}").body) == SHAPES["order shipped"]


def test_a_refunded_order_keeps_its_parcel(api, door):
    """An order refunded after shipment keeps the shipment's keys."""
    number = door.buy(door.add_listing(**STOCK, photos=PHOTOS), buyer={"address": {"extended_address": None}})
    api.post(f"/my/orders/selling/{number}/ship", SHIPMENT)
    door.set_order_status(number, "refunded")
    assert shape(api.get(f"/my/orders/selling/{number}").body) == SHAPES["order refunded"]


def test_refund_requests_and_payouts_look_like_reverbs(api, door):
    """The rows of both lists have Reverb's keys and types."""
    number = door.buy(door.add_listing(**STOCK))
    door.request_refund(number, amount="50.00", note_to_seller="Not as expected")
    door.set_order_status(number, "shipped")
    assert shape(api.get("/my/refund_requests/selling").body) == SHAPES["refund requests"]
    assert shape(api.get("/my/payouts").body) == SHAPES["payouts"]


class TestWithoutAcceptVersion:
    """Who sends no Accept-Version is answered in the shapes of version 1.0."""

    def test_a_created_listing_has_no_id(self, api):
        """The old envelope has no warnings, the old listing no id and no state."""
        got = api.post("/listings", SHORT, OLD)
        assert (got.status, shape(got.body)) == (201, SHAPES["old listing created"])

    def test_a_refused_listing_is_echoed_in_full(self, api):
        """The recorded refusal of a SKU taken already."""
        api.post("/listings", SHORT, OLD)
        got = api.post("/listings", SHORT, OLD)
        assert (got.status, shape(got.body)) == (412, SHAPES["old listing invalid"])
        assert got.body["errors"] == {
            "sku": ["You already have a listing with the SKU THETESTSKU. Please use a unique SKU."]
        }
        assert got.body["listing"]["_links"]["self"] == {"href": "/api/listings/-fender-stratocaster"}

    def test_an_empty_lookup_is_three_keys(self, api):
        """The old collection has only total, links and rows."""
        got = api.get("/my/listings", OLD, sku="NOSKU", state="all")
        assert got.body == {"total": 0, "_links": {}, "listings": []}

    def test_a_bad_token_is_told_where_to_log_in(self, api):
        """The old 401 has links."""
        got = api.get("/my/listings", {**OLD, "Authorization": None, "X-Auth-Token": "wrong"})
        assert (got.status, shape(got.body)) == (401, SHAPES["old token error"])
