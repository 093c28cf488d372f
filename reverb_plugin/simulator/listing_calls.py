"""The API's answers about listings."""

from dataclasses import replace
from typing import Any

from reverb_plugin.simulator.call import Answer, Call
from reverb_plugin.simulator.listing import Listing, read_listing_id
from reverb_plugin.simulator.listing_bodies import ListingBodies, image_body
from reverb_plugin.simulator.listing_rules import read_fields, read_flag, read_urls
from reverb_plugin.simulator.old_bodies import old_listing, old_unsaved
from reverb_plugin.simulator.paging import cut_page
from reverb_plugin.simulator.problems import (
    FILL_IN,
    InvalidListingError,
    RefusalError,
    bad_parameter,
    not_a_choice,
    not_found,
    refuse,
)

CREATED = "Your draft listing has been created."
UPDATED = "Your listing has been updated."
PROCESSING = "We are processing your request"
END_REASONS = ("not_sold", "reverb_sale")


def my_listings(call: Call) -> Answer:
    """GET /my/listings: live ones unless ``state`` says otherwise, as the index sees them."""
    return _collection(call, call.query, own=True)


def my_drafts(call: Call) -> Answer:
    """GET /my/listings/drafts."""
    return _collection(call, {**call.query, "state": "draft"}, own=True)


def all_listings(call: Call) -> Answer:
    """GET /listings and /listings/all: what any visitor finds."""
    return _collection(call, {**call.query, "state": "live"}, own=False)


def show_listing(call: Call) -> Answer:
    """GET /listings/{id or slug}: always current; drafts only for their owner."""
    listing = _get_listing(call)
    if listing.state == "draft" and not call.with_token:
        raise not_found()
    return Answer(_write(call, listing))


def create_listing(call: Call) -> Answer:
    """POST /listings: 201, or 202 when photos have to be fetched."""
    changes = read_fields(call.body, call.reverb.world.shop.currency)
    photos = read_urls("photos", call.body.get("photos"))
    publish = _wants_publish(call)
    try:
        listing, warnings = call.reverb.world.create_listing(changes, photos, publish=publish)
    except InvalidListingError as invalid:
        raise _invalid(call, invalid) from None
    message = PROCESSING if publish and listing.publishing else CREATED
    return Answer(_envelope(call, listing, message, warnings), 202 if photos else 201)


def update_listing(call: Call) -> Answer:
    """PUT /listings/{id or slug}: changes the fields that were sent, and no others."""
    world = call.reverb.world
    listing = _get_listing(call)
    changes = read_fields(call.body, world.shop.currency)
    photos = read_urls("photos", call.body["photos"]) if "photos" in call.body else None
    method = call.body.get("photo_upload_method")
    if method not in (None, "override_position"):
        raise not_a_choice("photo_upload_method")
    publish = _wants_publish(call)
    try:
        warnings = world.update_listing(listing, changes, photos, in_place=method is not None, publish=publish)
    except InvalidListingError as invalid:
        raise _invalid(call, invalid) from None
    message = PROCESSING if publish and listing.publishing else UPDATED
    return Answer(_envelope(call, listing, message, warnings))


def end_listing(call: Call) -> Answer:
    """PUT /my/listings/{id or slug}/state/end: 200 with an empty body."""
    listing = _get_listing(call)
    reason = call.body.get("reason")
    if reason in (None, ""):
        raise refuse(412, "Missing parameter: reason")
    if reason not in END_REASONS:
        raise not_a_choice("reason")
    call.reverb.world.end_listing(listing, reason)
    return Answer(None)


def delete_listing(call: Call) -> Answer:
    """DELETE /listings/{id or slug}: drafts only."""
    call.reverb.world.delete_listing(_get_listing(call))
    return Answer({"message": "Your draft listing has been deleted."})


def edit_form(call: Call) -> Answer:
    """GET /listings/{id or slug}/edit: the listing as its owner edits it."""
    return Answer({"listing": _write(call, _get_listing(call))})


def images(call: Call) -> Answer:
    """GET /listings/{id}/images: the photos Reverb has fetched so far."""
    return Answer({"images": [image_body(photo) for photo in _get_listing(call).images]})


def delete_image(call: Call) -> Answer:
    """DELETE /listings/{id}/images/{image_id}."""
    call.reverb.world.delete_image(_get_listing(call), call.arguments["image_id"])
    return Answer({})


def sales(call: Call) -> Answer:
    """GET /listings/{id}/sales: this shop runs none."""
    _get_listing(call)
    return _nothing("sales")


def negotiations(_call: Call) -> Answer:
    """GET /my/listings/negotiations: nobody haggles here; the rows would be listings."""
    return _nothing("listings")


def bump(call: Call) -> Answer:
    """GET /listings/{id}/bump: none is running."""
    listing = _get_listing(call)
    return Answer({"tiers": [], "stats": {}, "_links": {"listing": {"href": f"{call.site}/api/listings/{listing.id}"}}})


def _nothing(name: str) -> Answer:
    return Answer({"total": 0, "current_page": 1, "total_pages": 0, name: [], "_links": {}})


def _get_listing(call: Call) -> Listing:
    return call.reverb.world.get_listing(read_listing_id(call.arguments["listing"]))


def _bodies(call: Call) -> ListingBodies:
    return ListingBodies(call.site, call.reverb.world.shop, vacation=call.reverb.behaviour.vacation)


def _collection(call: Call, query: dict[str, str], *, own: bool) -> Answer:
    found = call.reverb.world.index.find(query, vacation=call.reverb.behaviour.vacation)
    page = cut_page(found, call.query, call.own_url).cut_off(call.reverb.behaviour.most_pages)
    bodies = _bodies(call)
    rows = [bodies.row(listing) for listing in page.rows]
    if call.old_version:
        old_rows = [old_listing(row, call.site) for row in rows]
        return Answer({"total": page.total, "_links": page.links, "listings": old_rows})
    rows = rows if own else [bodies.public(row) for row in rows]
    return Answer({**page.envelope(per_page=True), "listings": rows, "_links": page.links})


def _write(call: Call, listing: Listing) -> dict[str, Any]:
    bodies = _bodies(call)
    body = bodies.detail(listing)
    if call.old_version:
        return old_listing(body, call.site)
    return body if call.with_token else bodies.public(body)


def _envelope(call: Call, listing: Listing, message: str, warnings: list[str]) -> dict[str, Any]:
    envelope = {"message": message, "listing": _write(call, listing), "errors": {}}
    return envelope if call.old_version else {**envelope, "warnings": warnings}


def _invalid(call: Call, invalid: InvalidListingError) -> RefusalError:
    """412: the errors by field, and the listing that was not saved, without an id."""
    listing = invalid.listing
    if call.old_version:
        echo = old_unsaved(_bodies(call).detail(replace(listing, id=0)), call.site)
        return RefusalError(412, {"message": FILL_IN, "listing": echo, "errors": invalid.errors})
    names = {"make": listing.make, "model": listing.model}
    echo = {name: text for name, text in names.items() if text} | {"draft": True, "live": False}
    return RefusalError(412, {"message": FILL_IN, "listing": echo, "errors": invalid.errors, "warnings": []})


def _wants_publish(call: Call) -> bool:
    """``publish`` in the body or, as Reverb's documentation also shows it, in the query."""
    value = call.body.get("publish", call.query.get("publish"))
    if isinstance(value, dict | list):
        raise bad_parameter("publish")
    return read_flag("publish", value)
