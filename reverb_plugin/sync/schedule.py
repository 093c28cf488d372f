"""What the worker starts by itself."""

from datetime import datetime, timedelta

from reverb_plugin.store.runs import DRIFT_CHECK
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
