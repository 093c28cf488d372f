"""Whether a listing that was told to publish has done so: Reverb publishes later, and its answer cannot say."""

from dataclasses import replace

from reverb_plugin.changes import Action, Outcome
from reverb_plugin.store.store import Settlement
from reverb_plugin.store.sync_log import LogFilter
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.decide import DRAFT, LIVE
from reverb_plugin.sync.push import PUBLISH_CHECK_SECONDS, Tools

MOST_CHECKS = 5
NOT_PUBLISHED = "not-published"


def check_publish(tools: Tools, attempt: Attempt) -> Settlement:
    """Looks at the listing until it is live or has stayed a draft for too long."""
    link = attempt.link = tools.store.find_link(attempt.job.key)
    if link is None or link.listing_id is None:
        return attempt.done(Outcome.SKIPPED, "No listing is known for this SKU any more.")
    attempt.action = Action.PUBLISH
    listing = tools.client.get_listing(link.listing_id)
    attempt.keep(replace(link, state=listing.state, web_url=listing.web_url or link.web_url))
    if listing.state == LIVE:
        return attempt.done(Outcome.UPDATED, "The listing is live.")
    if listing.state != DRAFT:
        return attempt.done(Outcome.SKIPPED, f"The listing is {listing.state or 'in an unknown state'} meanwhile.")
    if attempt.job.attempts + 1 < MOST_CHECKS:
        wait = PUBLISH_CHECK_SECONDS * 2.0**attempt.job.attempts
        return attempt.later("Reverb has not published it yet.", wait, code=NOT_PUBLISHED, counts=True)
    _repeat_warnings(tools, attempt)
    return attempt.refused("Reverb kept it as a draft.", code=NOT_PUBLISHED)


def _repeat_warnings(tools: Tools, attempt: Attempt) -> None:
    """The reason stood only in the warnings of the answer to the write."""
    for entry in tools.store.log_page(LogFilter(sku=attempt.job.key)):
        if entry.errors and entry.action in {Action.CREATE, Action.UPDATE}:
            attempt.errors += entry.errors
            return
