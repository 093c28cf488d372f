"""A terminal for the commands that the documentation says to type."""

import multiprocessing
import os
import runpy
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from reverb_plugin.cli import main
from reverb_plugin.simulator import Simulator
from tests.docs.pages import ROOT

SERVES = (["serve"], ["simulator"], ["bundle", "open"])
GOES_ON = (*SERVES, ["worker"])
"""Commands that a person ends; they say so when they have begun."""

PATIENCE_SECONDS = 60

processes = multiprocessing.get_context("forkserver")
"""Each command is a process of its own, forked from one that has loaded the libraries: which is quick."""

processes.set_forkserver_preload([__name__, "reverb_plugin.plugin", "reverb_plugin.store.store", "rich.progress"])


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a command."""

    code: int
    screen: str


class Terminal:
    """One that stands in a folder and is led to a simulator instead of Reverb, and to no package index."""

    def __init__(self, folder: Path, simulator: Simulator) -> None:
        self.folder = folder
        self.secret = simulator.token  # typed where a command asks for something
        self.environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "BROWSER": "true",
            "SHOP_API_URL": simulator.url,
            "REVERB_API_URL": simulator.url,
            "REVERB_TOKEN": simulator.token,
            "REVERB_REQUESTS_PER_MINUTE": "600",
            "REVERB_MASS_SYNC_PAUSE_HOURS": "0",
            "REVERB_UPDATE_INDEX_URL": "http://127.0.0.1:9/",
        }
        self._screen = folder.with_name(f"{folder.name}-screen")

    def type(self, line: str) -> Ended:
        """Types a line and waits for its end; what would go on is ended by Ctrl-C as soon as it has begun."""
        words = shlex.split(line)
        if words[0] == "export":
            self.environ |= dict(word.split("=", 1) for word in words[1:])
            return Ended(0, "")
        variables = {}
        while "=" in words[0]:
            name, _, variables[name] = words.pop(0).partition("=")
        stdin = self.secret
        if "<" in words:
            *words, _, file = words
            stdin = (self.folder / file).read_text()
        environ = self.environ | variables
        if "DJANGO_SETTINGS_MODULE" in variables:
            del environ["REVERB_API_URL"]  # Django's settings name it
        if words[0] in {"reverb-plugin", "python"}:
            return self._fork(words, environ, stdin)
        return self._run(line)

    def _run(self, line: str) -> Ended:
        run = subprocess.run(
            ["bash", "-c", line], cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False
        )
        return Ended(run.returncode, run.stdout + run.stderr)

    def _fork(self, words: list[str], environ: dict[str, str], stdin: str) -> Ended:
        if _is_one_of(SERVES, words):
            words += ["--port", "0"]  # the one that was named may be taken
        self._screen.write_text("")
        process = processes.Process(target=_act, args=(words, self.folder, environ, stdin, self._screen))
        process.start()
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        if _is_one_of(GOES_ON, words):
            while not self._screen.read_text() and process.is_alive() and time.monotonic() < give_up_at:
                time.sleep(0.02)
            if process.is_alive():
                os.kill(process.pid, signal.SIGINT)
        process.join(max(0, give_up_at - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()
        return Ended(process.exitcode, self._screen.read_text())


def _is_one_of(commands: tuple[list[str], ...], words: list[str]) -> bool:
    return any(words[1:][: len(each)] == each for each in commands)


def _act(words: list[str], folder: Path, environ: dict[str, str], stdin: str, screen: Path) -> None:
    """In the new process."""
    os.setsid()  # without a terminal, passwords are read from stdin
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = words
    read, write = os.pipe()
    os.write(write, f"{stdin}\n".encode())
    os.close(write)
    sys.stdin = os.fdopen(read)
    with screen.open("wb") as file:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(file.fileno(), stream.fileno())
    if words[0] == "python":
        sys.argv = words[1:]
        runpy.run_path(words[1], run_name="__main__")
    else:
        main()
