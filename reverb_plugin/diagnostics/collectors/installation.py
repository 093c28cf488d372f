"""Settings in force, and facts about the database file."""

from pathlib import Path
from typing import Any

from reverb_plugin.diagnostics.disk import look_at_folder
from reverb_plugin.redact import MASK
from reverb_plugin.settings import SETTINGS, LoadedSettings, show
from reverb_plugin.store.schema import HEAD
from reverb_plugin.store.snapshot import PLANS, VERSION_TABLE, Snapshot

MOST_COUNTED = 10_000_000
PRAGMAS = ("page_count", "page_size", "freelist_count", "journal_mode", "application_id", "user_version", "encoding")


def collect_settings(loaded: LoadedSettings) -> dict[str, Any]:
    """Each setting's value as text and where it comes from; of a secret only whether there is one."""
    found = {}
    for name, info in SETTINGS.items():
        value = getattr(loaded.values, name)
        text = (MASK if value is not None else "") if info.secret else show(value)
        found[name] = {"value": text, "source": loaded.sources[name]}
    return found


def collect_database(path: Path, snapshot: Snapshot | None) -> dict[str, Any]:
    """How large the database is, of which version, and on what it lies; only that when it cannot be read."""
    return {"path": str(path), "version_of_plugin": HEAD, **_inside(snapshot), **_around(path)}


def _inside(snapshot: Snapshot | None) -> dict[str, Any]:
    if snapshot is None:
        return {}
    return {
        "version": [version for (version,) in snapshot.values(VERSION_TABLE, ["version_num"], 3)],
        "pragmas": {name: snapshot.pragma(name) for name in PRAGMAS},
        "rows": {table: snapshot.count(table, MOST_COUNTED) for table in PLANS},
    }


def _around(path: Path) -> dict[str, Any]:
    folder = look_at_folder(path.parent, path.name)
    return {
        "files": {file.path.name: {"mode": f"{file.mode & 0o7777:04o}", "owner": file.owner} for file in folder.files},
        "folder": {
            "mode": f"{folder.mode & 0o7777:04o}",
            "owner": folder.owner,
            "free_bytes": folder.free_bytes,
            "file_system": folder.file_system,
            "read_only": folder.is_read_only,
            "trouble": folder.trouble,
        },
    }
