"""pip, which installs what was downloaded and verified, and never looks anywhere else."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reverb_plugin.errors import UpdateError
from reverb_plugin.update.index import ReleaseFile
from reverb_plugin.update.journal import Journal
from reverb_plugin.update.recover import GUARD

SECONDS = 300.0
MOST_LETTERS = 1_000
PIP_MARKS = ("ERROR: ", " depends on ", "The user requested")
"""What pip's lines hold that say what is wrong."""

QUIET = (
    "--isolated",
    "--disable-pip-version-check",
    "--no-input",
    "--no-color",
    "--no-cache-dir",
    "--only-binary=:all:",
)


@dataclass(frozen=True, slots=True)
class Child:
    """A module of Python that is run apart, and ends when we do."""

    module: str
    arguments: Sequence[str]
    environ: Mapping[str, str]


def install_arguments(wheels: Path, files: Iterable[ReleaseFile]) -> list[str]:
    """What pip is called with to install exactly these files out of the folder ``wheels``, and nothing besides."""
    requirements = wheels / "requirements.txt"
    lines = (f"{file.filename.split('-')[0]}=={file.version} --hash=sha256:{file.sha256}\n" for file in files)
    requirements.write_text("".join(lines))
    return [
        "install",
        *QUIET,
        "--no-index",
        f"--find-links={wheels}",
        "--no-deps",
        "--require-hashes",
        "--no-warn-script-location",
        "--root-user-action=ignore",
        f"--requirement={requirements}",
    ]


def clean_environ(temporary: Path) -> dict[str, str]:
    """The environment without what would lead pip or Python elsewhere."""
    known = {name: text for name, text in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    return known | {"PIP_CONFIG_FILE": os.devnull, "TMPDIR": str(temporary)}


def environ_of_ours(temporary: Path) -> dict[str, str]:
    """The environment for code of ours, which may need what the shop has put on Python's path."""
    return {**os.environ, "TMPDIR": str(temporary)}


def run_leashed(child: Child, journal: Journal, purelib: Path) -> str:
    """Runs it to its end; what it printed.

    Raises:
        UpdateError: it failed, with its last words, or took too long.
        OSError: it cannot be started.
    """
    hear, hold = os.pipe()
    command = [
        sys.executable,
        "-P",
        str(purelib / GUARD / "leash.py"),
        *(str(hear), str(journal.lock), str(journal.folder)),
        *(child.module, *child.arguments),
    ]
    try:
        return _run(command, child.environ, (hear, journal.lock))
    finally:
        os.close(hear)
        os.close(hold)


def run_trial(child: Child, stage: Path) -> str:
    """The same for code that is not installed yet: it lies in the folder ``stage``."""
    path = os.pathsep.join([str(stage), *filter(None, [os.environ.get("PYTHONPATH")])])
    environ = {**child.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return _run([sys.executable, "-P", "-m", child.module, *child.arguments], environ, ())


def run_pip(child: Child) -> str:
    """The same for pip when it only looks."""
    return _run([sys.executable, "-I", "-m", child.module, *child.arguments], child.environ, ())


def _run(command: Sequence[str], environ: Mapping[str, str], descriptors: Sequence[int]) -> str:
    with subprocess.Popen(  # noqa: S603 - our own interpreter with arguments of our own
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(environ),
        pass_fds=descriptors,
    ) as child:
        try:
            printed, _ = child.communicate(timeout=SECONDS)
        except BaseException as error:
            child.kill()
            child.wait()  # what it was doing is undone next
            if isinstance(error, subprocess.TimeoutExpired):
                raise UpdateError(f"it took longer than {SECONDS:.0f} seconds") from None
            raise
    words = printed.decode(errors="replace").strip()
    if child.returncode:
        raise UpdateError(_find_reason(words, child.returncode))
    return words


def _find_reason(words: str, returncode: int) -> str:
    """What pip complains of, or the last line of a traceback."""
    if returncode < 0:
        return f"it was ended by the signal {signal.Signals(-returncode).name}"
    lines = [line.strip() for line in words.splitlines()]
    told = [line.removeprefix("ERROR: ") for line in lines if any(mark in line for mark in PIP_MARKS)]
    return " ".join(told or lines[-1:])[:MOST_LETTERS] or f"it ended with {returncode}"
