"""Starting the command that updates, as a process of its own that outlives the one which asked for it."""

import json
import os
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from reverb_plugin.errors import UpdateError
from reverb_plugin.sync.owner import is_running
from reverb_plugin.update.environment import find_python
from reverb_plugin.update.recover import FOLDER, open_private, write_json

NOTE_NAME = "launched.json"
SAID_NAME = "launched.txt"
MOST_SAID = 2_000


@dataclass(frozen=True, slots=True)
class Launched:
    """The update that was started last: to which version, whether it is under way, and what it has said so far."""

    version: str
    is_under_way: bool
    said: str


def launch(data_folder: Path, version: str) -> None:
    """Starts ``reverb-plugin update`` for this version and no other; does not wait for it.

    Raises:
        UpdateError: one is under way, or it cannot be started.
    """
    launched = find_launched(data_folder)
    if launched is not None and launched.is_under_way:
        raise UpdateError(f"The update to {launched.version} is under way")
    command = [find_python(), "-m", "reverb_plugin", "update", "--yes", "--only", version, "--data-dir", data_folder]
    folder = data_folder / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with open(open_private(folder / SAID_NAME, os.O_WRONLY | os.O_TRUNC), "wb") as said:  # noqa: PTH123
            process = subprocess.Popen(  # noqa: S603 - our own command
                list(map(str, command)),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=data_folder,
                start_new_session=True,
            )
        write_json(folder / NOTE_NAME, {"pid": process.pid, "version": version})
    except OSError as error:
        raise UpdateError(f"The update cannot be started: {error}") from error
    threading.Thread(target=process.wait, name="reverb-plugin-update", daemon=True).start()  # or a zombie would stay


def find_launched(data_folder: Path) -> Launched | None:
    """The update that was started last; None when none was, or what it left cannot be read."""
    folder = data_folder / FOLDER
    try:
        note = json.loads((folder / NOTE_NAME).read_text())
        said = (folder / SAID_NAME).read_text(errors="replace")
        return Launched(str(note["version"]), is_running(int(note["pid"])), said[-MOST_SAID:])
    except (OSError, ValueError, KeyError, TypeError):
        return None
