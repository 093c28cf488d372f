"""Writing a listing: what creating and changing one have in common."""

from collections.abc import Callable

from reverb_plugin.changes import Change, Kind, Priority, Reason, Scope
from reverb_plugin.errors import AmbiguousError, RefusedError, ReverbError
from reverb_plugin.reverb_api.answer import OK_STATUSES
from reverb_plugin.reverb_api.models import Written
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.fields import Fields

PUBLISH_CHECK_SECONDS = 5.0
SERVER_ERROR = 500


def write(attempt: Attempt, send: Callable[[Fields], Written], body: Fields) -> Written:
    """Sends ``body``; documentation shows ``upc_does_not_apply`` as text, clients send a boolean: try both."""
    try:
        written = send(body)
    except RefusedError as error:
        if body.get("upc_does_not_apply") is not True or all(e.field != "upc_does_not_apply" for e in error.errors):
            raise
        written = send(body | {"upc_does_not_apply": "true"})
    attempt.heard(written)
    return written


def may_have_taken_effect(error: ReverbError) -> bool:
    """A write that ended so may be done, wholly or in part, although Reverb did not say so."""
    return isinstance(error, AmbiguousError) or error.status == SERVER_ERROR or error.status in OK_STATUSES


def publish_check(sku: str) -> Change:
    """Reverb publishes later, and its answer cannot say whether: somebody has to look again."""
    return Change(
        Kind.CHECK_PUBLISH,
        sku,
        Reason.LISTING_PUBLISHED,
        Scope.ALL,
        Priority.SAVED,
        delay_seconds=PUBLISH_CHECK_SECONDS,
    )
