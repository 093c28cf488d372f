"""What becomes of the listing of a product that was deleted in the shop.

A draft is deleted; a published listing cannot be deleted on Reverb, so it is ended. A tombstone stays behind: only a
new save of the product brings a listing back.
"""

from dataclasses import replace

from reverb_plugin.changes import Action, Outcome
from reverb_plugin.errors import NotFoundError
from reverb_plugin.settings import Deleted
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import Settlement
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.decide import DRAFT, ENDED, ON_SALE_STATES, choose_listing, linked
from reverb_plugin.sync.exclusion import find_sku_exclusion
from reverb_plugin.sync.tools import Tools, read_listing, read_product


def end_listing(tools: Tools, attempt: Attempt) -> Settlement:
    """Ends or deletes the listing of a SKU whose product is gone."""
    sku = attempt.job.key
    attempt.product = read_product(tools.host, sku)
    if attempt.product is not None:
        return attempt.done(Outcome.SKIPPED, "The shop still has this product, so its listing stays.")
    attempt.product_is_gone = True
    exclusion = find_sku_exclusion(sku, tools.settings)
    if exclusion is not None:
        return attempt.done(Outcome.SKIPPED, exclusion.message)
    link = attempt.link = tools.store.find_link(sku)
    if link is None:
        link = _look_up(tools, attempt)
    if link.listing_id is None:
        attempt.keep(replace(link, deleted_at=tools.clock.now()))
        return attempt.done(Outcome.SKIPPED, "Reverb has no listing with this SKU.")
    buried = replace(link, deleted_at=tools.clock.now())
    if tools.settings.deleted_products is Deleted.LEAVE:
        attempt.keep(buried)
        return attempt.done(Outcome.SKIPPED, "The listing stays, as the setting deleted_products says.")
    try:
        return _end(tools, attempt, buried, link.listing_id)
    except NotFoundError:
        attempt.keep(_gone(buried))
        return attempt.done(Outcome.ENDED, "The listing is gone from Reverb already.")


def _look_up(tools: Tools, attempt: Attempt) -> Link:
    """The listing may never have been linked, or the answer to its creation may have been lost."""
    sku = attempt.job.key
    if tools.settings.deleted_products is Deleted.LEAVE:
        return Link(sku)
    attempt.action = Action.LOOK_UP
    listing = choose_listing(tools.client.find_listings(sku))
    return Link(sku) if listing is None else linked(sku, listing)


def _end(tools: Tools, attempt: Attempt, buried: Link, listing_id: str) -> Settlement:
    attempt.action = Action.LOOK_UP
    state = read_listing(tools.client, listing_id).state
    if state == DRAFT:
        attempt.action = Action.DELETE
        attempt.heard(tools.client.delete_listing(listing_id))
        attempt.keep(_gone(buried))
        return attempt.done(Outcome.ENDED, "The product was deleted in the shop; its draft is deleted.")
    if state in ON_SALE_STATES:
        attempt.action = Action.END
        attempt.heard(tools.client.end_listing(listing_id))
        attempt.keep(replace(buried, state=ENDED, ended_by_us=True))
        return attempt.done(Outcome.ENDED, "The product was deleted in the shop; its listing has ended.")
    attempt.keep(replace(buried, state=state))
    return attempt.done(Outcome.UNCHANGED, f"The listing is not for sale anyway ({state or 'unknown state'}).")


def _gone(buried: Link) -> Link:
    """What stays of a link whose listing is no more."""
    return replace(buried, listing_id=None, state=None, sent={}, photos=())
