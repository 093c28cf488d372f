"""Whether a listing that was told to publish has done so: Reverb publishes later, and its answer cannot say."""

from dataclasses import replace

from reverb_plugin.changes import Action, Outcome
from reverb_plugin.errors import FieldError, NotFoundError, NotPublishedError
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import Settlement
from reverb_plugin.store.sync_log import LogFilter
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.decide import DRAFT, ENDED, LIVE
from reverb_plugin.sync.payload import make_payload
from reverb_plugin.sync.tools import Tools, read_listing, read_product

WAITS_SECONDS = (5.0, 10.0, 20.0, 40.0)
"""Between one look and the next: publishing mostly takes a second."""

LONG_WAITS_SECONDS = (600.0, 3600.0)
"""And then, when no warning says that waiting is in vain: Reverb may just be busy."""


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
    warnings = _find_warnings(tools, attempt)
    waits = WAITS_SECONDS if warnings else WAITS_SECONDS + LONG_WAITS_SECONDS
    if attempt.job.attempts < len(waits):
        wait = waits[attempt.job.attempts]
        return attempt.later("Reverb has not published it yet.", wait, code=NotPublishedError.code, counts=True)
    attempt.errors += warnings
    attempt.keep(replace(link, publish_withheld=True))
    message = "Reverb has not published it; the next save of the product asks again."
    return attempt.refused(message, code=NotPublishedError.code)


def _is_sold_out(tools: Tools, attempt: Attempt, link: Link) -> bool:
    """The shop has none meanwhile, or has deleted the product."""
    product = attempt.product
    return product is None or make_payload(product, tools.settings, link.condition_uuid).quantity == 0


def _find_warnings(tools: Tools, attempt: Attempt) -> tuple[FieldError, ...]:
    """The reason stands only in the warnings of the answer to the write."""
    entries = tools.store.log_page(LogFilter(sku=attempt.job.key))
    writes = (entry for entry in entries if entry.action in {Action.CREATE, Action.UPDATE})
    return next((entry.errors for entry in writes if entry.errors), ())
