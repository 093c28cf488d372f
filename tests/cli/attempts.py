"""Attempts as the worker makes them, without a worker."""

from datetime import UTC, datetime

from reverb_plugin.changes import Kind, Reason, product_changed
from reverb_plugin.store.store import Settlement
from reverb_plugin.store.sync_log import LogEntry


def attempt(store, sku, then, outcome, **more):
    """One attempt at the product: job and row of the log."""
    store.record([product_changed(sku, Reason.BY_HAND)])
    job = store.lease("test", 60)
    fields = {
        "created_at": datetime.now(UTC),
        "environment": store.environment,
        "kind": Kind.PUSH_PRODUCT,
        "action": "update",
        "outcome": outcome,
        "reason": "by hand",
        "sku": sku,
        "message": "Done.",
    }
    store.settle(job, Settlement(then, LogEntry(**fields | more)))
