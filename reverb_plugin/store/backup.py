"""A copy of the database at one moment, while others go on writing."""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from reverb_plugin.errors import StoreError

NAME = "before-update.sqlite3"


def forget_old(folder: Path, now: datetime, days: int) -> None:
    """Deletes the backup of the last update when it is older than ``days``, and than one day.

    It holds all that the database held, of buyers too.
    """
    path = folder / NAME
    with suppress(OSError):
        made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if made_at < now - timedelta(days=max(days, 1)):
            path.unlink()


def back_up(database: Path, target: Path) -> None:
    """Writes what ``database`` holds now to one file; an older one is replaced only when the new one is whole.

    Raises:
        StoreError: it cannot be read, or there is no room.
    """
    unfinished = target.with_suffix(".unfinished")
    try:
        _copy(database, unfinished)
        unfinished.replace(target)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise StoreError(f"{database} cannot be backed up: {error}") from error


def _copy(database: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    with (
        closing(sqlite3.connect(f"file:{quote(str(database))}?mode=rw", uri=True, timeout=5)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)  # in one go, so that no other writer makes it begin again
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a WAL beside it
        found = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(f"it is damaged: {found}")
    with target.open("rb+") as file:
        os.fsync(file.fileno())
