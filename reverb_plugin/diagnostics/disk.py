"""The folder of the database as the operating system sees it: room, rights, owners, and what it lies on."""

import errno
import os
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

TRIED_BYTES = 64 * 1024
MOUNTS = Path("/proc/self/mountinfo")
FILE_KINDS = ("", "-wal", "-shm", "-journal")
NETWORK_TYPES = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "coda", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs3", "nfs4"}
    | {"ocfs2", "orangefs", "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs", "davfs"}
)
NETWORK_WORDS = ("sshfs", "nfs", "smb", "cifs", "gluster", "s3", "gcsfuse", "blobfuse", "davfs", "rclone", "ceph")
"""In the names of file systems that a program of its own provides: ``fuse.sshfs``."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file's owner and rights."""

    path: Path
    owner: int
    mode: int


@dataclass(frozen=True, slots=True)
class FolderLook:
    """What was seen. ``trouble`` says why nothing can be written there, ``number`` is the system's for it.

    ``files`` are those of the database that exist. ``free_bytes`` and ``free_files`` are None when they cannot be told.
    """

    path: Path
    exists: bool
    is_folder: bool
    owner: int | None = None
    mode: int = 0
    files: tuple[FileFacts, ...] = ()
    free_bytes: int | None = None
    free_files: int | None = None
    is_read_only: bool = False
    file_system: str = ""
    trouble: str = ""
    number: int = 0

    @property
    def is_shut(self) -> bool:
        """The database cannot be opened as it should be, whatever state it is in."""
        return bool(self.trouble) or not all(os.access(each.path, os.R_OK | os.W_OK) for each in self.files)

    @property
    def is_full(self) -> bool:
        """Nothing more fits onto it."""
        no_room = self.free_bytes == 0 or self.free_files == 0
        return no_room or self.number in {errno.ENOSPC, errno.EDQUOT}


def look_at_folder(folder: Path, file_name: str) -> FolderLook:
    """Looks at the folder of the database; tries to write a small file there, which is gone again at once."""
    try:
        folder_stat = folder.stat()
    except OSError as error:
        exists = not isinstance(error, FileNotFoundError)
        return FolderLook(
            folder, exists, is_folder=False, trouble=error.strerror or str(error), number=error.errno or 0
        )
    if not stat.S_ISDIR(folder_stat.st_mode):
        return FolderLook(folder, exists=True, is_folder=False, trouble="it is no folder")
    free_bytes, free_files, is_read_only = _room(folder)
    trouble, number = _try_to_write(folder, folder / file_name)
    return FolderLook(
        folder,
        exists=True,
        is_folder=True,
        owner=folder_stat.st_uid,
        mode=stat.S_IMODE(folder_stat.st_mode),
        files=tuple(_files(folder / file_name)),
        free_bytes=free_bytes,
        free_files=free_files,
        is_read_only=is_read_only or number == errno.EROFS,
        file_system=find_file_system(folder, MOUNTS),
        trouble=trouble,
        number=number,
    )


def find_file_system(folder: Path, mounts: Path) -> str:
    """The type of the file system that the folder lies on, as the kernel calls it; empty when it does not tell."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    found, longest = "", -1
    for line in lines:
        front, _, back = line.partition(" - ")
        words = front.split()
        if not back or len(words) < 5:  # noqa: PLR2004 - proc(5): the fifth is where it is mounted
            continue
        place = Path(words[4].replace("\\040", " "))
        # The last one counts that is mounted there: it hides the others.
        if folder.resolve().is_relative_to(place) and len(place.parts) >= longest:
            found, longest = back.split()[0], len(place.parts)
    return found


def is_on_network(file_system: str) -> bool:
    """SQLite's locks cannot be relied on there."""
    kind, _, program = file_system.partition(".")
    return kind in NETWORK_TYPES or (kind == "fuse" and any(word in program for word in NETWORK_WORDS))


def name_of_user(number: int) -> str:
    """The user's name, or the number where there is none."""
    import pwd  # noqa: PLC0415 - there is none on Windows

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"number {number}"


def _room(folder: Path) -> tuple[int | None, int | None, bool]:
    try:
        free_bytes, room = shutil.disk_usage(folder).free, os.statvfs(folder)
    except OSError:
        return None, None, False
    free_files = room.f_favail if room.f_files else None  # some file systems do not count them
    return free_bytes, free_files, bool(room.f_flag & os.ST_RDONLY)


def _try_to_write(folder: Path, database: Path) -> tuple[str, int]:
    try:
        with NamedTemporaryFile(dir=folder, prefix=".reverb-plugin-") as trial:
            trial.write(b"\0" * TRIED_BYTES)
            trial.flush()  # raw, it would write what fits and be content
            os.fsync(trial.fileno())
    except OSError as error:
        return error.strerror or str(error), error.errno or 0
    # Asked and not tried: closing the file would let go of the locks that SQLite holds on it in this process.
    if database.exists() and not os.access(database, os.W_OK):
        return f"{database.name} may not be written", errno.EPERM
    return "", 0


def _files(database: Path) -> list[FileFacts]:
    found = []
    for kind in FILE_KINDS:
        path = database.with_name(database.name + kind)
        with suppress(OSError):
            facts = path.stat()
            found.append(FileFacts(path, facts.st_uid, stat.S_IMODE(facts.st_mode)))
    return found
