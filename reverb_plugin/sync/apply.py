"""Applying one row of a plan: exactly what the preview showed is sent, or nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reverb_plugin.changes import Action, Outcome
from reverb_plugin.errors import NotFoundError
from reverb_plugin.host import Product
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.store import runs
from reverb_plugin.store.links import Link
from reverb_plugin.store.run_store import RowResult
from reverb_plugin.store.runs import RunRow
from reverb_plugin.store.store import Done, Later, Settlement
from reverb_plugin.sync.attempt import SET_ASIDE, Attempt
from reverb_plugin.sync.create import create_listing
from reverb_plugin.sync.decide import Create, adopt, choose_listing, owed_by, relevant_problems, update_of
from reverb_plugin.sync.exclusion import find_exclusion
from reverb_plugin.sync.fields import fingerprint
from reverb_plugin.sync.look import know_stock
from reverb_plugin.sync.payload import make_payload
from reverb_plugin.sync.photos import PhotoChange
from reverb_plugin.sync.plan import link_fingerprint, product_fingerprint, readable, shortened, shown_fields
from reverb_plugin.sync.tools import Tools, read_listing, read_product
from reverb_plugin.sync.update import Target, update_listing
from reverb_plugin.sync.write import publish_check

MOST_BEGUN = 2

ALONE_SECONDS = 1.0
"""How often a row that a worker died at looks whether it is its turn: behind all others, so that what dies with it the
next time is nobody else.
"""


def apply_row(tools: Tools, attempt: Attempt) -> Settlement:
    """Sends the row of the active run for the job's SKU."""
    store = tools.store.runs
    run = store.find_active()
    row = None if run is None else store.find_queued_row(run.id, attempt.job.key)
    if run is None or row is None:
        return Settlement(Done(), None)
    if run.state != runs.APPLYING:
        return Settlement(Done(), None, row=RowResult(row.id, runs.ROW_PLANNED, row.message))
    attempt.row = row
    if row.begun >= MOST_BEGUN:
        return attempt.refused("The worker died twice at this row; it is set aside.", code=SET_ASIDE)
    if row.begun and not store.is_alone(row):
        return Settlement(Later(ALONE_SECONDS, counts=False), None, create_sent_at=attempt.create_sent_at)
    tools.take_turn()
    store.begin_row(row.id)
    attempt.link = tools.store.find_link(row.sku)
    try:
        must_look = row.listing_id is not None and not run.apply_when_planned
        move = _look_again(tools, attempt, row) if must_look else None
        return attempt.moved(f"The listing changed since the preview: {move}.") if move else _apply(tools, attempt, row)
    except NotFoundError:
        return attempt.moved("The listing is gone from Reverb.")


def _look_again(tools: Tools, attempt: Attempt, row: RunRow) -> str | None:
    """What somebody changed on Reverb since the plan was seen; after it, it is the turn of the write."""
    attempt.action = Action.LOOK_UP
    move = _find_move(row, read_listing(tools.client, str(row.listing_id)))
    if move is None:
        attempt.action = Action.READ_SHOP
        tools.take_turn()
    return move


def _find_move(row: RunRow, listing: Listing) -> str | None:
    """What the listing shows otherwise than it did to the plan, in words; None when it may be written.

    Of a row that was tried before, a part may have been sent: what it shall be is no move.
    """
    seen, body = row.seen or {}, row.body or {}
    if listing.sku != row.sku:
        return f"its SKU is {listing.sku!r} now"
    if not row.tried and listing.state != seen["observed"]["state"]:
        return f"it is {listing.state or 'in an unknown state'} now"
    shown = shown_fields(listing)
    for name in (difference["field"] for difference in row.differences if difference["field"] in seen["old"]):
        text = shown[name]
        if fingerprint(text) != seen["old"][name] and not (row.tried and text == readable(name, body[name])):
            return f"{name} is {shortened(text) or '(nothing)'} now"
    return None


def _apply(tools: Tools, attempt: Attempt, row: RunRow) -> Settlement:
    known = know_stock(tools, row.sku)
    attempt.moves = None if known is None else known.row.moves
    product = attempt.product = read_product(tools.host, row.sku)
    is_sold = known is not None and known.may_differ
    if product is None or row.seen is None or is_sold or _has_moved(row, row.seen, product, attempt.link):
        return attempt.moved()
    exclusion = find_exclusion(product, tools.settings)
    if exclusion is not None:
        return attempt.moved(exclusion.message)
    return _send(tools, attempt, row, row.seen, product)


def _has_moved(row: RunRow, seen: Mapping[str, Any], product: Product, link: Link | None) -> bool:
    """A row that was tried before may have left its own traces in the link."""
    fingerprint = link_fingerprint(link, tried=row.tried)
    expected = seen["tried_link" if row.tried else "link"]
    return (product_fingerprint(product), fingerprint) != (seen["product"], expected)


def _send(tools: Tools, attempt: Attempt, row: RunRow, seen: Mapping[str, Any], product: Product) -> Settlement:
    body, observed = dict(row.body or {}), seen["observed"]
    if observed is None:
        return _create(tools, attempt, product, body)
    link = Link(**observed | {"photos": tuple(observed["photos"]), "owed": tuple(observed["owed"])})
    if attempt.link is not None and attempt.link.listing_id == link.listing_id:
        link = replace(link, photos=attempt.link.photos)
    payload = make_payload(product, tools.settings, link.condition_uuid)
    attempt.errors += relevant_problems(payload, tools.settings, link)
    target = Target(link, str(link.listing_id), row.sku, payload.quantity, payload.holds_stock)
    return update_listing(tools, attempt, target, update_of(body, _photos(seen["photos"], link)))


def _photos(planned: Mapping[str, Any] | None, link: Link) -> PhotoChange | None:
    """What has to happen to the photos; an earlier try may have removed some."""
    if planned is None:
        return None
    removed = tuple(url for url in planned["removed"] if url in link.photos)
    return PhotoChange(tuple(planned["sources"]), planned["send"], removed)


def _create(tools: Tools, attempt: Attempt, product: Product, body: dict[str, Any]) -> Settlement:
    """A listing whose creation may have got through already is looked for first."""
    withheld = tools.settings.auto_publish and not body["publish"]
    if attempt.create_sent_at is not None:
        attempt.action = Action.LOOK_UP
        made = choose_listing(tools.client.find_listings(product.sku))
        if made is not None:
            attempt.create_sent_at = None
            payload = make_payload(product, tools.settings, made.condition_uuid)
            attempt.keep(replace(adopt(product.sku, product.id, payload, made), publish_withheld=withheld))
            follow_up = publish_check(product.sku) if body["publish"] else None
            message = "Linked to the listing with this SKU: the answer to an earlier try was lost."
            return attempt.done(Outcome.CREATED, message, follow_up=follow_up)
    payload = make_payload(product, tools.settings)
    problems = relevant_problems(payload, tools.settings, None)
    attempt.errors += problems
    return create_listing(tools, attempt, product, Create(body, publish_withheld=withheld), owed_by(problems))
