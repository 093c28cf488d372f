"""Brings back what an update left behind that did not reach its end. Needs nothing but Python itself.

While the package is being replaced it may not be importable, so a copy of this file lies beside it, and a ``.pth`` file
has each start of Python in this environment call :func:`recover`. The old files lie there too, as hard links: they are
brought back by renaming, which needs neither space nor network. What is done can be done again, so that being killed in
the midst of it does no harm.

The database is migrated last, in one transaction. As long as that is not committed, the old version with the untouched
database is what counts; from then on it is the new version, which was tried on a copy before. What the next start does
with an update that was broken off:

=============  =====================================  ================================================================
Step           What it is doing                       The next start
=============  =====================================  ================================================================
preparing ...  downloading, holding the sender,       throws away what it has made; the hold runs out by itself, since
trying         backing up, trying in its own folder   it has to be renewed
guarding       links the old files                    throws the links away
installing     pip replaces the files                 brings the old files back
migrating      one transaction                        committed: keeps the new version; not committed: brings the old
                                                      files back, and the backup only where the database is neither
                                                      the old nor the new one
ending         tidies up                              goes on tidying up
=============  =====================================  ================================================================

Where the release leaves the database as it is, there is nothing to commit: an interrupted last step keeps the new
version, which is whole then, and a failed one brings the old files back.
"""

import contextlib
import fcntl
import importlib
import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import quote

PACKAGE = "reverb_plugin"
GUARD = "_reverb_plugin_update"
"""Beside the package while it is being replaced: a folder with this file and the old files, and ``GUARD.pth``."""

FOLDER, JOURNAL, LAST, LOCK, TURN = "update", "journal.json", "last.json", "lock", "turn"
WORK = ("wheels", "stage", "trial", "temporary")
"""What an update needs in its folder while it runs."""

BEFORE, BROKEN, OWNER = "before", "broken", "owner"
PATIENCE_SECONDS = 20.0
"""How long who starts meanwhile waits for an update that lives and replaces files: half of them cannot be imported."""

SPOILED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
"""What SQLite says of a file that is no database, a broken one, or one without our table."""

STEP_SECONDS = 0.02


class Step(StrEnum):
    """Where an update is."""

    PREPARING = "preparing"
    DOWNLOADING = "downloading"
    HOLDING = "holding"
    BACKING_UP = "backing-up"
    TRYING = "trying"
    GUARDING = "guarding"
    INSTALLING = "installing"
    MIGRATING = "migrating"
    ENDING = "ending"


class Outcome(StrEnum):
    """How an update ended."""

    INSTALLED = "installed"
    RESTORED = "restored"
    UNTOUCHED = "untouched"


def recover_if_needed(data_folder: Path) -> None:
    """Ends an update of this data folder that was broken off; returns at once when there is none.

    Raises:
        OSError: there is one, and the files cannot be brought back.
    """
    folder = data_folder / FOLDER
    if os.access(folder / JOURNAL, os.F_OK):  # False, too, when this user may not look
        recover(folder)


def recover(folder: str | Path) -> None:
    """Ends the update in ``folder`` if it was broken off. One that runs is waited for only while files are replaced.

    Raises:
        OSError: the files cannot be brought back, because of missing rights for example.
    """
    folder = Path(folder)
    journal = folder / JOURNAL
    if not os.access(journal, os.F_OK):
        if os.access(folder, os.X_OK):  # else it cannot be known: its disk is not mounted yet, or it is somebody else's
            _remove_left_guard(folder)
        return
    with _locked(folder / TURN, PATIENCE_SECONDS):
        ends_at = time.monotonic() + PATIENCE_SECONDS
        while journal.exists():
            with _locked(folder / LOCK, STEP_SECONDS) as is_ours:
                if is_ours:
                    end(folder, "its process ended in the midst of it")
                    return
            if not _is_worth_waiting(journal) or time.monotonic() >= ends_at:
                return


def end(folder: Path, cause: str, *, has_failed: bool = False) -> dict[str, Any]:
    """Ends an update, for who holds its lock: with the new version when that is in place, else with the old one.

    ``has_failed`` says that its last step was not only interrupted. The report is also left in the folder.
    """
    try:
        journal = json.loads((folder / JOURNAL).read_text())
    except (OSError, ValueError):
        journal = {"step": Step.PREPARING}
    outcome = _find_outcome(journal, has_failed=has_failed)
    if outcome is Outcome.RESTORED:
        _restore_files(journal)
        _restore_database(journal)
    report = _make_report(journal, outcome, "" if outcome is Outcome.INSTALLED else cause)
    clean(folder, journal, report)
    return report


def clean(folder: Path, journal: dict[str, Any], report: dict[str, Any]) -> None:
    """Leaves the report and takes away everything else; the journal last, since by it the rest is found."""
    for name in WORK:
        shutil.rmtree(folder / name, ignore_errors=True)
    if not report["backup"] and "backup" in journal:
        Path(journal["backup"]).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # on a disk that is full all the same
        write_json(folder / LAST, report)
    if "purelib" in journal:
        remove_guard(Path(journal["purelib"]), folder)
    for name in (JOURNAL, LAST):
        _unfinished(folder / name).unlink(missing_ok=True)
    (folder / JOURNAL).unlink(missing_ok=True)


def open_private(path: Path, flags: int) -> int:
    """A file that only the owner of its folder may use, made when it is missing, whoever makes it, be it root."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


def write_json(path: Path, content: object) -> None:
    """Writes the whole file or leaves the one before; it is on the disk when this returns."""
    temporary = _unfinished(path)
    try:
        with open(open_private(temporary, os.O_WRONLY | os.O_TRUNC), "w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _unfinished(path: Path) -> Path:
    return path.with_suffix(".new")


def remove_guard(purelib: Path, folder: Path) -> None:
    """What is needed no more once the package is whole: first what runs, then what it runs with.

    The guard of an update in another folder, of another shop in this environment, is left alone.
    """
    guard = purelib / GUARD
    try:
        if (guard / OWNER).read_text() not in {"", str(folder)}:
            return
    except FileNotFoundError:
        pass
    (purelib / f"{GUARD}.pth").unlink(missing_ok=True)
    shutil.rmtree(guard, ignore_errors=True)


def find_head(database: str | Path) -> str | None:
    """The version of the database; None when there is no database, "" when it is spoiled.

    Raises:
        OSError: it cannot be read now, because it is locked or the disk is full; that says nothing of what is in it.
    """
    if not Path(database).exists():
        return None
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(str(database))}?mode=rw", uri=True, timeout=2)) as opened:
            row = opened.execute("SELECT version_num FROM alembic_version").fetchone()
            return "" if row is None else str(row[0])
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in SPOILED:
            raise OSError(f"{database} cannot be read: {error}") from error
        return ""


def _find_outcome(journal: dict[str, Any], *, has_failed: bool) -> Outcome:
    """Nothing was touched, the new version is in place, or the old one has to be brought back."""
    steps = list(Step)
    at = steps.index(journal["step"])
    if at < steps.index(Step.INSTALLING):
        return Outcome.UNTOUCHED
    if at == steps.index(Step.ENDING):
        return Outcome.INSTALLED
    if at < steps.index(Step.MIGRATING):
        return Outcome.RESTORED
    is_migrated = find_head(journal["database"]) == journal["head_after"]
    is_sure = not has_failed or journal["head_after"] != journal["head_before"]
    return Outcome.INSTALLED if is_migrated and is_sure else Outcome.RESTORED


def _restore_files(journal: dict[str, Any]) -> None:
    purelib = Path(journal["purelib"])
    guard = purelib / GUARD
    (guard / BROKEN).mkdir(parents=True, exist_ok=True)
    for name in _strays(purelib, journal):
        _put_aside(purelib / name, guard)
    for number, name in enumerate(journal.get("entries", ())):
        old, place = guard / BEFORE / str(number), purelib / name
        if old.exists():  # else it is in its place already
            _put_aside(place, guard)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(old, place)
    importlib.invalidate_caches()


def _strays(purelib: Path, journal: dict[str, Any]) -> Iterator[str]:
    """What the new version brought, and what pip set aside: it gives that names that begin with a tilde."""
    yield from journal.get("added", ())
    for path in purelib.glob(f"{PACKAGE}-*.dist-info"):
        if path.name not in journal.get("entries", ()):
            yield path.name
    for path in purelib.glob(f"~*{PACKAGE[2:]}*"):
        yield path.name


def _put_aside(path: Path, guard: Path) -> None:
    if not path.exists() and not path.is_symlink():
        return
    for number in range(1_000_000):
        aside = guard / BROKEN / str(number)
        if not aside.exists():
            shutil.move(path, aside)
            return


def _restore_database(journal: dict[str, Any]) -> None:
    """From the backup, and only when it was spoiled: all that came since then is lost with it."""
    if journal["step"] != Step.MIGRATING or find_head(journal["database"]) == journal["head_before"]:
        return
    database, backup = Path(journal["database"]), Path(journal.get("backup", "none"))
    if backup.is_file():
        try:
            _copy_database(backup, database)  # in its place, for those that have it open
        except sqlite3.Error:
            _replace_database(backup, database)


def _copy_database(backup: Path, database: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(backup)) as source,
        contextlib.closing(sqlite3.connect(database, timeout=2)) as target,
    ):
        source.backup(target)


def _replace_database(backup: Path, database: Path) -> None:
    new = Path(f"{database}.new")
    shutil.copyfile(backup, new)
    new.chmod(0o600)
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    new.replace(database)


def _make_report(journal: dict[str, Any], outcome: Outcome, cause: str) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "version_before": journal.get("version_before", ""),
        "version_after": journal.get("version_after", ""),
        "step": journal["step"],
        "cause": cause,
        "backup": journal.get("backup", "") if outcome is Outcome.INSTALLED else "",
        "ended_at": datetime.now(UTC).isoformat(),
    }


def _is_worth_waiting(journal: Path) -> bool:
    """The update lives, and in a moment the package is whole again; or it is dead, and its last child dies now."""
    try:
        content = json.loads(journal.read_text())
    except (OSError, ValueError):
        return False
    if content["pid"] in {os.getpid(), os.getppid()}:
        return False
    return content["step"] == Step.INSTALLING or not _lives(content["pid"])


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextlib.contextmanager
def _locked(path: Path, patience_seconds: float) -> Iterator[bool]:
    """Whether the lock is ours meanwhile. The system frees it when its holder dies."""
    ends_at = time.monotonic() + patience_seconds
    descriptor = open_private(path, os.O_RDWR)
    try:
        while not (is_ours := _take(descriptor)) and time.monotonic() < ends_at:
            time.sleep(STEP_SECONDS / 4)
        yield is_ours
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_left_guard(folder: Path) -> None:
    """Only when this is the copy beside the package."""
    if Path(__file__).parent.name == GUARD:
        remove_guard(Path(__file__).parent.parent, folder)


if __name__ == "__main__":
    recover(sys.argv[1])
