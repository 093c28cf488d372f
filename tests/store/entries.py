"""Log rows and settlements for tests that care for one or two of their fields."""

from datetime import UTC, datetime

from reverb_plugin.store.store import Done, Settlement
from reverb_plugin.store.sync_log import LogEntry


def make_entry(created_at=datetime(2026, 1, 1, tzinfo=UTC), **fields):
    known = {
        "environment": "sandbox",
        "kind": "push_product",
        "action": "update",
        "outcome": "updated",
        "reason": "product saved",
        "sku": "A-1",
        "message": "",
    }
    return LogEntry(created_at, **known | fields)


def settlement(then=None, **fields):
    return Settlement(then or Done(), make_entry(), **fields)
