"""The installed files, kept beside the package while it is being replaced."""

import os
import shutil
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath

from reverb_plugin.errors import UpdateError
from reverb_plugin.update import leash, recover
from reverb_plugin.update.recover import BEFORE, GUARD, OWNER


def find_entries(distribution: Distribution) -> tuple[str, ...]:
    """What to keep: the folders of the package and its metadata, and each file elsewhere, as seen from where they lie.

    Raises:
        UpdateError: the environment has no list of the installed files.
    """
    if not distribution.files:
        raise UpdateError("The environment has no list of the plugin's installed files; install it anew with pip")
    return tuple(dict.fromkeys(_entry(PurePosixPath(file)) for file in distribution.files))


def _entry(file: PurePosixPath) -> str:
    return str(file) if file.parts[0] == ".." else file.parts[0]


def guard(purelib: Path, entries: Sequence[str], update_folder: Path) -> None:
    """Keeps the files and has each start of Python in this environment look after the update in ``update_folder``.

    Raises:
        UpdateError: another update is under way there.
        OSError: there is no room, or no right to write.
    """
    folder = purelib / GUARD
    try:
        folder.mkdir()
    except FileExistsError:
        raise UpdateError(f"An update of another shop in {purelib} is under way") from None
    (folder / OWNER).write_text(str(update_folder))
    (folder / BEFORE).mkdir()
    for number, name in enumerate(entries):
        if (purelib / name).exists():
            _keep(purelib / name, folder / BEFORE / str(number))
    shutil.copyfile(recover.__file__, folder / "__init__.py")
    shutil.copyfile(leash.__file__, folder / "leash.py")
    line = f"import {GUARD}; {GUARD}.recover({str(update_folder)!r})\n"
    (purelib / f"{GUARD}.pth").write_text(line)
    os.sync()  # all of it, before anything is taken away


def _keep(path: Path, kept: Path) -> None:
    if path.is_dir():
        shutil.copytree(path, kept, copy_function=_link, symlinks=True)
    else:
        _link(path, kept)


def _link(path: str | Path, kept: str | Path) -> None:
    """The same file under a second name, which takes no space and outlives the first; a copy where that cannot be."""
    try:
        os.link(path, kept, follow_symlinks=False)
    except OSError:
        shutil.copy2(path, kept, follow_symlinks=False)


def spare_commands(purelib: Path, entries: Iterable[str]) -> None:
    """Hides the commands from pip, which would take them away long before it writes the new ones.

    Who starts ``reverb-plugin`` after a kill, cron for example, has to find it. The lists that name it are replaced,
    not written: what is kept of them is the same file under another name.
    """
    for info in (purelib / entry for entry in entries if entry.endswith(".dist-info")):
        listed = (info / "RECORD").read_text().splitlines(keepends=True)
        _replace(info / "RECORD", "".join(line for line in listed if not line.startswith("../")))
        _replace(info / "entry_points.txt", "")


def _replace(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.new")
    new.write_text(text)
    new.replace(path)


def find_added(wheels: Iterable[Iterable[str]], purelib: Path) -> tuple[str, ...]:
    """What installing wheels with these files adds beside what is there."""
    tops = {PurePosixPath(file).parts[0] for files in wheels for file in files}
    return tuple(sorted(top for top in tops if not top.endswith(".data") and not (purelib / top).exists()))
