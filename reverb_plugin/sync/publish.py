"""Whether a listing that was told to publish has done so: Reverb publishes later, and its answer cannot say."""

from dataclasses import replace

from reverb_plugin.changes import Action, Outcome
from reverb_plugin.errors import NotFoundError
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import Settlement
from reverb_plugin.store.sync_log import LogFilter
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.decide import DRAFT, ENDED, LIVE
from reverb_plugin.sync.payload import make_payload
from reverb_plugin.sync.tools import Tools, read_listing, read_product
from reverb_plugin.sync.write import PUBLISH_CHECK_SECONDS

MOST_CHECKS = 5
NOT_PUBLISHED = "not-published"


def check_publish(tools: Tools, attempt: Attempt) -> Settlement:
    """Looks at the listing until it is live or has stayed off sale for too long."""
    link = attempt.link = tools.store.find_link(attempt.job.key)
    attempt.product = read_product(tools.host, attempt.job.key)
    if link is None or link.listing_id is None:
        return attempt.done(Outcome.SKIPPED, "No listing is known for this SKU any more.")
    attempt.action = Action.PUBLISH
    try:
        listing = read_listing(tools.client, link.listing_id)
    except NotFoundError:
        return attempt.done(Outcome.SKIPPED, "The listing is gone from Reverb meanwhile.")
    link = replace(link, state=listing.state, web_url=listing.web_url or link.web_url)
    attempt.keep(link)
    if listing.state == LIVE:
        attempt.keep(replace(link, ended_by_us=False, publish_withheld=False))
        return attempt.done(Outcome.UPDATED, "The listing is live.")
    if listing.state not in {DRAFT, ENDED} or link.ended_by_us:
        return attempt.done(Outcome.SKIPPED, f"The listing is {listing.state or 'in an unknown state'} meanwhile.")
    return _still_waiting(tools, attempt, link)


def _still_waiting(tools: Tools, attempt: Attempt, link: Link) -> Settlement:
    if _is_sold_out(tools, attempt, link):
        attempt.keep(replace(link, publish_withheld=True))
        return attempt.done(Outcome.SKIPPED, "The shop has none meanwhile; it is published when there is stock again.")
    if attempt.job.attempts + 1 < MOST_CHECKS:
        wait = PUBLISH_CHECK_SECONDS * 2.0**attempt.job.attempts
        return attempt.later("Reverb has not published it yet.", wait, code=NOT_PUBLISHED, counts=True)
    _repeat_warnings(tools, attempt)
    attempt.keep(replace(link, publish_withheld=True))
    return attempt.refused("Reverb has not published it; the next save of the product asks again.", code=NOT_PUBLISHED)


def _is_sold_out(tools: Tools, attempt: Attempt, link: Link) -> bool:
    """The shop has none meanwhile, or has deleted the product."""
    product = attempt.product
    return product is None or make_payload(product, tools.settings, link.condition_uuid).quantity == 0


def _repeat_warnings(tools: Tools, attempt: Attempt) -> None:
    """The reason stood only in the warnings of the answer to the write."""
    for entry in tools.store.log_page(LogFilter(sku=attempt.job.key)):
        if entry.errors and entry.action in {Action.CREATE, Action.UPDATE}:
            attempt.errors += entry.errors
            return
