"""Making a listing, once."""

from reverb_plugin.changes import Action, Outcome
from reverb_plugin.errors import AmbiguousError, DuplicateSkuError, ReverbError
from reverb_plugin.host import Product
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import Settlement
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.decide import Create, after_write
from reverb_plugin.sync.tools import Tools
from reverb_plugin.sync.write import may_have_taken_effect, publish_check, write

UNANSWERED_CREATE_SECONDS = 60.0
"""How long a listing whose creation got no answer is looked for before it is made again: the lookup's index lags
behind by an unstated time, and Reverb itself refuses a second listing with the SKU."""

LOOK_AGAIN_SECONDS = 10.0


def is_unanswered(tools: Tools, attempt: Attempt) -> bool:
    """A listing may have been made that the lookup does not show yet."""
    if attempt.create_sent_at is None:
        return False
    waited = (tools.clock.now() - attempt.create_sent_at).total_seconds()
    return 0 <= waited < UNANSWERED_CREATE_SECONDS


def create_listing(
    tools: Tools, attempt: Attempt, product: Product, decision: Create, owed: tuple[str, ...]
) -> Settlement:
    """Makes the listing of a product that Reverb was just seen not to have; ``owed`` groups had to be left out.

    Raises:
        ReverbError: as every write may.
    """
    if is_unanswered(tools, attempt):
        message = "The answer to an earlier try was lost; looking whether Reverb made the listing."
        return attempt.later(message, LOOK_AGAIN_SECONDS, code=AmbiguousError.code, counts=False)
    attempt.action = Action.CREATE
    tools.store.note_create_sent(attempt.job)
    attempt.create_sent_at = tools.clock.now()
    try:
        written = write(attempt, tools.client.create_listing, decision.body)
    except ReverbError as error:
        if not (may_have_taken_effect(error) or isinstance(error, DuplicateSkuError)):
            attempt.create_sent_at = None
        raise
    attempt.create_sent_at = None
    new = Link(product.sku, product_id=product.id, publish_withheld=decision.publish_withheld, owed=owed)
    attempt.keep(after_write(new, decision.body, written.listing))
    attempt.showed(decision.body)
    if decision.body["publish"]:
        follow_up = publish_check(product.sku)
        return attempt.done(Outcome.CREATED, "Made; Reverb is publishing it.", follow_up=follow_up)
    return attempt.done(Outcome.CREATED, "Made as a draft.")
