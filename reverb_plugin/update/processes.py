"""Which processes of this machine have the database open; they run what they loaded, whatever is installed later."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SHOWN_LETTERS = 60
PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its id, and how it was called."""

    pid: int
    command: str

    def __str__(self) -> str:
        return f"{self.pid} ({self.command})"


def find_users(database: Path) -> tuple[Process, ...]:
    """The other processes that have the file open, as far as this user may see; none on systems without /proc."""
    wanted = os.path.realpath(database)
    return tuple(_look(pid) for pid in sorted(_pids()) if pid != os.getpid() and wanted in _open_files(pid))


def _pids() -> Iterator[int]:
    try:
        names = [path.name for path in PROCESSES.iterdir()]
    except OSError:
        return
    yield from (int(name) for name in names if name.isdecimal())


def _open_files(pid: int) -> set[str]:
    folder = PROCESSES / str(pid) / "fd"
    files = set()
    try:
        for descriptor in folder.iterdir():
            files.add(str(descriptor.readlink()))
    except OSError:
        return files  # it has ended, or belongs to somebody else
    return files


def _look(pid: int) -> Process:
    try:
        words = (PROCESSES / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        words = []
    return Process(pid, " ".join(words).strip()[:SHOWN_LETTERS])
