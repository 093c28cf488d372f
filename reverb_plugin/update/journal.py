"""What an update notes down before each step, so that who comes after a crash knows where it was."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reverb_plugin.errors import UpdateError
from reverb_plugin.update.recover import FOLDER, JOURNAL, LOCK, WORK, Step, open_private, write_json


@dataclass(slots=True)
class Journal:
    """The notes of the update that this process does in ``folder``; ``lock`` is the descriptor of its lock."""

    folder: Path
    lock: int
    facts: dict[str, Any] = field(default_factory=dict)

    def note(self, step: Step, **facts: Any) -> None:
        """Notes the step that begins now, with what is needed to undo it; on the disk when this returns.

        Raises:
            OSError: it cannot be written; then the step must not begin.
        """
        self.facts |= {key: str(value) if isinstance(value, Path) else value for key, value in facts.items()}
        write_json(self.folder / JOURNAL, {"step": step, "pid": os.getpid(), **self.facts})

    def place(self, name: str) -> Path:
        """A folder of this update alone, made when it is missing."""
        if name not in WORK:
            raise KeyError(name)
        path = self.folder / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path


@contextmanager
def opened(data_folder: Path) -> Iterator[Journal]:
    """The right to update, for one process at a time.

    Raises:
        UpdateError: another process has it.
        OSError: the folder cannot be written.
    """
    folder = data_folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = open_private(folder / LOCK, os.O_RDWR)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UpdateError("Another update of this shop's plugin is under way; wait until it has ended") from None
        yield Journal(folder, descriptor)
    finally:
        os.close(descriptor)
