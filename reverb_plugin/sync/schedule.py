"""What the worker starts by itself."""

from datetime import datetime, timedelta

from reverb_plugin.changes import Kind
from reverb_plugin.settings import OrderMode
from reverb_plugin.store.runs import DRIFT_CHECK
from reverb_plugin.sync.recording import find_skew
from reverb_plugin.sync.tools import Tools


def start_due_drift_check(tools: Tools, started_by: str) -> int | None:
    """Starts the drift check that is due; its number, None when none is due or another run is under way."""
    newest = tools.store.runs.newest(DRIFT_CHECK, 1)
    last_at = newest[0].created_at if newest else tools.store.first_logged_at()
    if not is_due(last_at, tools.settings.drift_check_hours, tools.clock.now()):
        return None
    return tools.store.runs.start(DRIFT_CHECK, started_by, apply=False, confirmed=False)


def is_due(last_at: datetime | None, hours: int, now: datetime) -> bool:
    """Whether ``hours`` are over since the last check, or, before the first, since anything was sent; 0 for never."""
    return bool(hours) and last_at is not None and last_at + timedelta(hours=hours) <= now


def start_due_poll(tools: Tools) -> bool:
    """Has the orders read when it is time; whether pushes of quantities have to wait for that.

    A look that waits for a person holds nothing up, and is not begun again by itself.
    """
    if tools.settings.orders is OrderMode.OFF:
        tools.store.orders.note_off(find_skew(tools.store))
        return False
    store, interval = tools.store, timedelta(minutes=tools.settings.orders_poll_minutes)
    trouble = store.find_trouble(Kind.POLL_ORDERS, store.environment)
    if trouble is not None and trouble.is_parked:
        return False
    poll, now = store.orders.find_poll(), tools.clock.now()
    last_at = None if poll is None else poll.last_began_at
    if is_poll_due(last_at, interval, now) and not store.orders.is_poll_noted():
        store.orders.ask_for_poll()
    return is_poll_due(last_at, 2 * interval, now)


def is_poll_due(last_at: datetime | None, interval: timedelta, now: datetime) -> bool:
    """Whether ``interval`` is over since the last look began, or there was none, or the clock was set back."""
    return last_at is None or not timedelta() <= now - last_at < interval
