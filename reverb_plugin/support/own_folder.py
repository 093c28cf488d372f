"""The folder of an opened bundle: gone at its end, or, when its process was killed, when the next one is opened."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

PREFIX = "reverb-plugin-bundle-"
"""The number of the process stands behind it."""


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that nobody else may look into, until the end of ``with``."""
    clear_left_behind()
    with TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as folder:
        yield Path(folder)


def clear_left_behind() -> None:
    """Removes folders of this user whose process is no more."""
    for folder in Path(gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        with suppress(OSError):
            if folder.lstat().st_uid == os.getuid() and pid.isdecimal() and not _is_running(int(pid)):
                shutil.rmtree(folder)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
