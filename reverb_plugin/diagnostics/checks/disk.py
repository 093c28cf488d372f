"""The machine's side: SQLite, packages, and the folder of the database with its room, rights and owners."""

import errno
import os
import sqlite3
import stat
from importlib import metadata

from packaging.requirements import Requirement
from packaging.version import Version

from reverb_plugin.diagnostics.check import Check, Repair
from reverb_plugin.diagnostics.disk import FolderLook, is_on_network, name_of_user
from reverb_plugin.diagnostics.finding import MootError, Verdict, failed, passed, warned
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.health import LEAST_FREE_BYTES
from reverb_plugin.store.engine import OLDEST_SQLITE

ROOT_USER = 0
FOLDER_MODE, FILE_MODE = 0o700, 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO
LEAST_FREE_FILES = 1_000
PERMISSION = frozenset({errno.EACCES, errno.EPERM})


def _sqlite(_scene: Scene) -> Verdict:
    version = sqlite3.sqlite_version
    if Version(version) < OLDEST_SQLITE:
        cause = f"Python's SQLite is version {version}; the database needs {OLDEST_SQLITE} or newer."
        return failed(cause, "Run the shop with a Python that brings a newer SQLite.")
    return passed(f"Python's SQLite is version {version}.")


def _packages(_scene: Scene) -> Verdict:
    """What pip saw to when it installed us may be gone, or another version, since: the shop shares its environment."""
    try:
        needed = map(Requirement, metadata.requires("reverb-plugin") or ())
    except metadata.PackageNotFoundError:
        raise MootError("the plugin is not installed as a package") from None
    for each in needed:
        if each.marker is not None and not each.marker.evaluate({"extra": ""}):
            continue
        step = f"Install it into the Python that runs the shop: pip install '{each.name}{each.specifier}'"
        try:
            version = metadata.version(each.name)
        except metadata.PackageNotFoundError:
            return failed(f"The package {each.name} is missing, which the plugin needs.", step)
        if not each.specifier.contains(version, prereleases=True):
            cause = f"The package {each.name} is of version {version}, and the plugin needs {each.specifier}."
            return failed(cause, step)
    return passed("The packages that the plugin needs are there.")


def _folder(scene: Scene) -> Verdict:
    look = scene.folder
    if look.is_folder:
        return passed(f"The data folder is {look.path}.")
    if look.exists:
        cause = f"The data folder {look.path} cannot be used: {look.trouble}."
        if look.number in PERMISSION:
            step = (
                "Run it as the shop's user, or let this user into the folders above it (chmod o+x, or another group)."
            )
            return failed(cause, step)
        return failed(cause, "Name another folder: data_dir of configure(), or REVERB_DATA_DIR.")
    cause = f"The data folder {look.path} does not exist."
    step = "It is made when the shop first calls a hook; when it was there before, put it back or name the right one."
    return warned(cause, step)


def _make_folder(scene: Scene) -> str:
    scene.path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    return f"The folder {scene.path.parent} is there."


def _full(scene: Scene) -> Verdict:
    look = _existing(scene)
    if look.number == errno.EDQUOT:
        cause = f"The quota of {name_of_user(os.geteuid())} on the disk of {look.path} is used up."
        return failed(cause, "Have the quota raised, or remove files of this user on that disk.")
    if look.is_full:
        what = "has no room for another file" if look.free_files == 0 else "is full"
        return failed(f"The disk of {look.path} {what}, so that no change can be kept.", "Make room on that disk.")
    if look.free_bytes is None:
        return passed("How much room the disk has cannot be told here.")
    if look.free_bytes < LEAST_FREE_BYTES:
        cause = f"The disk of {look.path} is nearly full: {look.free_bytes / 1e6:.0f} MB are left."
        return failed(cause, "Make room on that disk before it is full: then no change can be kept.")
    if look.free_files is not None and look.free_files < LEAST_FREE_FILES:
        cause = f"The disk of {look.path} has room for only {look.free_files} more files."
        return failed(cause, "Remove files that nobody needs from that disk.")
    return passed(f"The disk has {look.free_bytes / 1e9:.1f} GB left.")


def _read_only(scene: Scene) -> Verdict:
    look = _existing(scene)
    if look.is_read_only:
        cause = f"The disk of {look.path} is mounted read-only."
        return failed(
            cause, "Have whoever runs the machine mount it for writing: after errors of a disk Linux does this."
        )
    if look.trouble and look.number not in PERMISSION and not look.is_full:
        return failed(f"Nothing can be written in {look.path}: {look.trouble}.", "Have the disk looked at.")
    return passed("The disk can be written to.")


def _owner(scene: Scene) -> Verdict:
    look = _existing(scene)
    me = os.geteuid()
    owner = next((each.owner for each in look.files), look.owner)
    for each in look.files:
        if each.owner != look.owner:
            told = f"{name_of_user(each.owner)}, the folder to {name_of_user(look.owner or 0)}"
            step = f"Give all files in {look.path} to the user the shop runs as: chown -R USER {look.path}"
            return failed(f"{each.path.name} belongs to {told}; one of the two cannot write it.", step)
    if owner is None or owner == me:
        return passed(f"The database belongs to {name_of_user(me)}, as whom this runs.")
    told = f"The database belongs to {name_of_user(owner)}, and this runs as {name_of_user(me)}"
    if me == ROOT_USER:
        return warned(f"{told}.", f"Run commands as the shop's user: sudo -u {name_of_user(owner)} reverb-plugin ...")
    give = f"chown -R {name_of_user(me)} {look.path}"
    if owner == ROOT_USER:
        return failed(f"{told}, who may not change it.", f"A command was run with sudo; give the folder back: {give}")
    return failed(
        f"{told}, who may not change it.", f"Run it as {name_of_user(owner)}; if the shop is now this user: {give}"
    )


def _mode(scene: Scene) -> Verdict:
    look = _existing(scene)
    for path, mode, needed in _modes(scene):
        if mode & needed != needed:
            lacking = "use" if needed == FOLDER_MODE else "write"
            step = f"Put it right: chmod u+{'rwx' if needed == FOLDER_MODE else 'rw'} {path}"
            return failed(f"{path} has the mode {mode:04o}, so that its owner cannot {lacking} it.", step)
    if look.number in PERMISSION:
        return failed(f"{look.path} does not let us write: {look.trouble}.", "Give the folder to the shop's user.")
    for each in look.files if look.mode & OTHERS else ():
        if each.mode & OTHERS:
            cause = f"{each.path} has the mode {each.mode:04o}: others can read the token and buyers' names."
            return warned(cause, f"Shut them out: chmod 600 {each.path}")
    return passed("Nobody else on this machine can read the database.")


def _modes(scene: Scene) -> list[tuple[str, int, int]]:
    """Path, mode, and what the owner needs."""
    look = scene.folder
    files = [(str(each.path), each.mode, FILE_MODE) for each in look.files]
    return [(str(look.path), look.mode, FOLDER_MODE), *files]


def _shut(scene: Scene) -> str:
    """The folder stays open to whom it was: it may hold other things, or be a wrong one."""
    if not scene.folder.files:
        raise MootError("there is no database in the folder")
    scene.folder.path.chmod(scene.folder.mode | FOLDER_MODE)
    for each in scene.folder.files:
        each.path.chmod(FILE_MODE)
    return "The database is its owner's alone, who can read and write it."


def _network(scene: Scene) -> Verdict:
    kind = _existing(scene).file_system
    if is_on_network(kind):
        cause = f"The database lies on a network file system ({kind}), where SQLite's locks cannot be relied on."
        return failed(cause, "Move the data folder to a disk of this machine, and name it with data_dir.")
    return passed(f"The database lies on a disk of this machine{f' ({kind})' if kind else ''}.")


def _existing(scene: Scene) -> FolderLook:
    if not scene.folder.is_folder:
        raise MootError("there is no data folder")
    return scene.folder


SHUT = Repair("Put the rights right", _shut, lambda scene: bool(scene.folder.files))

CHECKS = (
    Check("sqlite-old", "SQLite", _sqlite),
    Check("packages-unfit", "Packages", _packages),
    Check(
        "data-folder",
        "Data folder",
        _folder,
        repair=Repair("Make the folder", _make_folder, lambda scene: not scene.folder.exists),
    ),
    Check("network-file-system", "File system", _network),
    Check("disk-full", "Room on the disk", _full),
    Check("disk-read-only", "Disk can be written", _read_only),
    Check("database-owner", "Owner of the database", _owner),
    Check("database-mode", "Rights of the database", _mode, ("database-owner",), SHUT),
)
