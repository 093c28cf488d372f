"""Newer versions of the plugin: what is known of them, and how the last update ended."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from reverb_plugin.settings import Settings
from reverb_plugin.update.notice import read_status
from reverb_plugin.update.report import find_report


def collect_updates(folder: Path, settings: Settings, now: datetime) -> dict[str, Any]:
    """What waits, when the package index was looked at, what it said, and the last update; None when there was none."""
    last = find_report(folder)
    ended = None if last is None else {**asdict(last), "ended_at": last.ended_at.isoformat()}
    return {**read_status(folder, settings, now).as_facts(), "last_update": ended}
