"""The database file: whether it can be had, is whole, and of this code's version."""

from contextlib import suppress
from pathlib import Path

from reverb_plugin.diagnostics.check import Check, Repair
from reverb_plugin.diagnostics.finding import MootError, Verdict, failed, passed, warned
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.errors import StoreError
from reverb_plugin.store.inspection import FileLook, can_reindex, holders, reindex
from reverb_plugin.store.schema import HEAD
from reverb_plugin.sync.owner import is_stopped
from reverb_plugin.texts import duration

SLOW_SECONDS = 0.5


def _locked(scene: Scene) -> Verdict:
    look = scene.file
    if look.is_locked:
        stopped = next((pid for pid in holders(scene.path) if is_stopped(pid)), None)
        step = (
            "End what holds it: a backup, a database browser."
            if stopped is None
            else f"Let it go on: kill -CONT {stopped}"
        )
        how = "" if stopped is None else ", which is stopped by Ctrl-Z or a signal,"
        return failed(f"{_who(scene.path)}{how} keeps the database locked.", step)
    if look.wait_seconds > SLOW_SECONDS:
        cause = f"A writer had to wait {look.wait_seconds:.1f} s for the database: {_who(scene.path)} keeps it busy."
        return warned(cause, "Find out what else works on the file so much, and let it pause in between.")
    return passed("The database can be had at once.")


def _who(path: Path) -> str:
    for pid in holders(path):
        with suppress(OSError):
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            return f"The process {pid} ({name})"
        return f"The process {pid}"
    return "Another process"


def _missing(scene: Scene) -> Verdict:
    look = scene.file
    if not look.exists and scene.is_named:
        cause = f"There is no database in {scene.path.parent}; nothing has been recorded there."
        return failed(cause, "Name the folder that the shop gives to configure(): --data-dir, or REVERB_DATA_DIR.")
    if not look.exists:
        step = "It is made when the shop first calls a hook; when there was one, restore it or name its folder."
        return warned(f"There is no database in {scene.path.parent} yet.", step)
    if not look.size_bytes and look.trouble:
        raise MootError(f"it cannot be looked at: {look.trouble}")
    if not look.size_bytes:
        return failed(f"The database {scene.path} is empty.", "Restore it from a backup; without one, remove the file.")
    return passed(f"The database is {scene.path}.")


def _damaged(scene: Scene) -> Verdict:
    look = _there(scene)
    if look.is_locked and look.trouble:
        raise MootError("the database is locked")
    if look.trouble and (scene.folder.is_shut or scene.folder.is_full):
        raise MootError("the file cannot be read")
    if look.trouble or look.complaints or look.version is None or (look.missing and look.version == HEAD):
        cause = f"The database is damaged: {look.damage or 'it has lost its version'}."
        if can_reindex(look):
            return failed(cause, "Only indexes are damaged: have them made anew here.")
        return failed(cause, "Stop the shop, restore the data folder from a backup, and run a mass sync.")
    if not look.is_whole:
        return passed("As far as there was time to look, the database is whole.")
    return passed("The database is whole.")


def _reindex(scene: Scene) -> str:
    if not can_reindex(scene.file):
        raise MootError("more than its indexes is damaged")
    reindex(scene.path)
    return "The indexes are made anew."


def _newer(scene: Scene) -> Verdict:
    version = _version(scene)
    if version > HEAD:
        cause = f"The database is of version {version}, and this code knows versions up to {HEAD}."
        return failed(cause, "Install the newer version of reverb-plugin again, and restart everything that uses it.")
    return passed("The database is of no newer version than this code.")


def _older(scene: Scene) -> Verdict:
    version = _version(scene)
    if version < HEAD:
        cause = f"The database is of version {version}, older than this code's {HEAD}."
        return failed(cause, "Restart the shop, which brings it up; or have it done here.")
    return passed("The database is of no older version than this code.")


def _migrate(scene: Scene) -> str:
    if not scene.file.exists:
        raise MootError("there is no database")
    scene.untouched_store.saved_settings()
    return f"The database is of version {HEAD}."


def _version(scene: Scene) -> str:
    look = _there(scene)
    if look.version is None:
        raise MootError("the database does not say its version")
    return look.version


def _there(scene: Scene) -> FileLook:
    if not scene.file.size_bytes:
        raise MootError("there is no database yet")
    return scene.file


def _unusable(scene: Scene) -> Verdict:
    """What only shows in this process: a fork in the midst of a transaction, for example."""
    try:
        scene.store.get_remote_state()
    except StoreError as error:
        return failed(f"This process cannot use the database: {error.message}.", error.hint)
    return passed("This process can use the database.")


def _other(scene: Scene) -> Verdict:
    other = scene.other_database
    if other is None:
        return passed("There is no second database beside this one.")
    age = scene.clock.now().timestamp() - max(_changed_at(other), _changed_at(other.with_name(other.name + "-wal")))
    if age > 7 * 86_400:
        return passed(f"The other database {other} has not been used for {duration(age)}.")
    cause = f"There are two databases in use: {scene.path}, and {other} (changed {duration(age)} ago)."
    return warned(cause, "Let all processes use one: the same data_dir, or the same REVERB_DATA_DIR, everywhere.")


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


USABLE = (
    *("disk-full", "disk-read-only", "database-owner", "database-mode", "database-locked", "database-damaged"),
    *("schema-newer", "schema-older"),
)
"""While one of these fails, this process can do no better."""

REINDEX = Repair("Make the indexes anew", _reindex, lambda scene: can_reindex(scene.file))

CHECKS = (
    Check("database-missing", "Database", _missing),
    Check("database-locked", "Lock of the database", _locked),
    Check("database-damaged", "Wholeness of the database", _damaged, repair=REINDEX),
    Check("schema-newer", "Newer database", _newer, ("database-damaged",)),
    Check("schema-older", "Older database", _older, ("database-damaged",), Repair("Bring it up now", _migrate)),
    Check("database-unusable", "Use of the database", _unusable, USABLE),
    Check("two-databases", "Second database", _other),
)
