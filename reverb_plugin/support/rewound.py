"""What was known before an attempt, out of what is known after it and what went over the wire. Pure."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from reverb_plugin.changes import Kind, Reason, Scope
from reverb_plugin.reverb_api.answer import OK_STATUSES
from reverb_plugin.store.exchanges import Exchange
from reverb_plugin.store.links import Link
from reverb_plugin.store.outbox import Job
from reverb_plugin.store.sync_log import LogEntry
from reverb_plugin.support.answers import path_of
from reverb_plugin.sync.decide import LIVE, LOCKED_STATES, without_sent

LOOKUP = "/api/my/listings"
CREATION = ("POST", "/api/listings")
OF_A_RUN = frozenset({Kind.APPLY_ROW, Kind.TAKE_QUANTITY})
OF_A_SKU = OF_A_RUN | {Kind.PUSH_PRODUCT, Kind.END_LISTING, Kind.CHECK_PUBLISH}

_LISTING = re.compile(r"/api/listings/([^/]+)(?:/.*)?")


def link_before(link: Link | None, sku: str, exchanges: Sequence[Exchange]) -> Link | None:
    """What was known of the listing before these requests went out; ``link`` is what is known after them.

    The first request tells whether a listing was known, and which one; what was accepted since had not been accepted.
    """
    if not exchanges:
        return link
    first = exchanges[0]
    if (first.method, path_of(first)) == CREATION or path_of(first) == LOOKUP:
        return link if link is not None and link.deleted_at is not None else None
    named = _LISTING.fullmatch(path_of(first))
    if named is None:
        return link
    known = link if link is not None else Link(sku)
    if known.listing_id != named[1]:
        return replace(known, listing_id=named[1], sent={}, photos=(), state=None, condition_uuid=None)
    if first.method == "PUT" and known.state in LOCKED_STATES:
        known = replace(known, state=LIVE)  # or nothing would have been sent
    for exchange in exchanges:
        if exchange.method == "PUT" and exchange.status in OK_STATUSES:
            known = without_sent(known, _names(exchange.request))
    return known


def job_before(entry: LogEntry, waiting: Job | None) -> Job:
    """The job as it was when this attempt began; ``waiting`` is what is left of it now.

    A row of a mass sync is tried as a push of its product. The memory of a refusal stays only where it was the reason.
    """
    kind = Kind.PUSH_PRODUCT if entry.kind in OF_A_RUN else Kind(entry.kind)
    sent_at = waiting.create_sent_at if waiting is not None else None
    is_repeated = entry.http_status is None and not entry.requests
    return Job(
        id=0,
        kind=kind,
        key=entry.sku,
        scope=waiting.scope if waiting is not None else Scope.ALL,
        reason=Reason(entry.reason) if entry.reason in set(Reason) else Reason.BY_HAND,
        attempts=max(entry.attempt - 1, 0),
        lease_id="replay",
        create_sent_at=sent_at if sent_at is not None and sent_at < entry.created_at else None,
        refused_fingerprint=waiting.refused_fingerprint if waiting is not None and is_repeated else None,
    )


def _names(request: str | None) -> frozenset[str]:
    """The fields that a request sent; none of one that was cut."""
    try:
        body = json.loads(request or "{}")
    except (ValueError, RecursionError):
        return frozenset()
    return frozenset(body) if isinstance(body, dict) else frozenset()
