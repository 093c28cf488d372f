"""Where the plugin is installed: what else is there, and who decides what is installed.

An environment that somebody else manages is left alone: what would be installed into it is lost, or breaks, the next
time its owner acts.
"""

import json
import os
import platform
import pwd
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import sys_tags
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from reverb_plugin.places import data_folder
from reverb_plugin.store.schema import HEAD
from reverb_plugin.update.index import PROJECT
from reverb_plugin.update.offer import Demand, Here
from reverb_plugin.version import __version__

CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))

TOOLS: Mapping[str, str] = {
    "uv": "uv pip install --python {python} {release}",
    "poetry": "poetry add {release}",
    "pdm": "pdm add {release}",
    "conda": "conda install {release}",
}
"""What installs a release where pip did not install the plugin; by the word such a tool leaves beside it (PEP 376)."""

SYSTEMS: Mapping[str, str] = {
    "apt-get": "sudo apt-get update && sudo apt-get install --only-upgrade python3-reverb-plugin",
    "dnf": "sudo dnf upgrade python3-reverb-plugin",
    "zypper": "sudo zypper update python3-reverb-plugin",
    "apk": "sudo apk upgrade py3-reverb-plugin",
    "pacman": "sudo pacman -Syu python-reverb-plugin",
}


class Kind(StrEnum):
    """Who decides what is installed."""

    OURS = "pip"
    CHECKOUT = "checkout"
    TOOL = "other-tool"
    DISTRIBUTION = "distribution"
    EXTERNAL = "externally-managed"
    CONTAINER = "container"
    READ_ONLY = "read-only"
    NO_PIP = "no-pip"


@dataclass(frozen=True, slots=True)
class Manager:
    """Who decides what is installed here.

    ``words`` say why nothing is installed by us, "" when it can be. ``command`` installs a release, the way it is done
    here; ``{version}`` stands for the release and ``{folder}`` for what names the data folder.
    """

    kind: Kind
    words: str
    command: str

    @property
    def can_install(self) -> bool:
        """Whether the plugin may replace itself."""
        return self.kind is Kind.OURS

    def command_for(self, version: str, folder: Path) -> str:
        """What a person runs to get the release ``version`` for the shop whose data lies in ``folder``."""
        named = "" if folder == data_folder(None) else f" --data-dir {shlex.quote(str(folder.absolute()))}"
        return self.command.replace("{version}", version).replace("{folder}", named)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What can be seen of an environment.

    ``installer`` is the word in INSTALLER, "" without one; ``source`` is the folder or address it was installed from,
    "" from an index; ``folder`` is where its files lie, ``owner`` whose that is.
    """

    python: str
    script: str
    folder: Path
    installer: str = "pip"
    source: str = ""
    is_external: bool = False
    is_container: bool = False
    is_writable: bool = True
    owner: str = ""
    has_pip: bool = True
    system_tool: str = ""


def find_here() -> Here:
    """This environment, as a release has to suit it. Takes a fraction of a second: each distribution is looked at."""
    installed: dict[str, Version] = {}
    demands: list[Demand] = []
    for distribution in metadata.distributions():
        name = canonicalize_name(distribution.name or "")
        try:
            installed.setdefault(name, Version(distribution.version))
        except (InvalidVersion, TypeError):
            continue
        demands += [Demand(name, each.specifier) for each in _requirements(distribution) if _is_about_us(each)]
    return Here(
        version=Version(__version__),
        python=Version(platform.python_version()),
        tags=frozenset(sys_tags()),
        schema_head=HEAD,
        installed=installed,
        demands=[demand for demand in demands if demand.by != PROJECT],
    )


def find_manager(*, in_container: bool = False) -> Manager:
    """Who decides what is installed here; with ``in_container`` a container's layer is as good as any."""
    seen = look_around()
    return decide_manager(replace(seen, is_container=False) if in_container else seen)


def decide_manager(seen: Surroundings) -> Manager:
    """Who decides what is installed in an environment like this."""
    release = "'reverb-plugin=={version}'"
    pip = f"{seen.python} -m pip install {release}"
    if seen.source:
        words = f"It was installed from {seen.source}, not from a package index."
        folder = Path(seen.source)
        return Manager(Kind.CHECKOUT, words, f"git -C {shlex.quote(str(folder))} pull" if folder.is_dir() else pip)
    if seen.installer in TOOLS:
        words = f"It was installed with {seen.installer}, which keeps its own list of what is installed."
        return Manager(Kind.TOOL, words, TOOLS[seen.installer].format(python=seen.python, release=release))
    if seen.installer != "pip":
        words = "It belongs to a package of the operating system, which brings newer versions itself."
        return Manager(Kind.DISTRIBUTION, words, SYSTEMS.get(seen.system_tool, pip))
    if seen.is_external:
        words = "This Python belongs to the operating system, which does not want packages changed in it (PEP 668)."
        return Manager(Kind.EXTERNAL, words, f"{pip} --break-system-packages")
    if seen.is_container:
        words = "It is part of a container's image: what is installed into the container is gone when it is made anew."
        return Manager(Kind.CONTAINER, f"{words} Put this into the image and build it again.", f"pip install {release}")
    if not seen.is_writable:
        return _read_only(seen)
    if not seen.has_pip:
        words = "There is no pip in this environment."
        return Manager(Kind.NO_PIP, words, f"{seen.python} -m ensurepip && {seen.script} update{{folder}}")
    return Manager(Kind.OURS, "", f"{seen.script} update{{folder}}")


def _read_only(seen: Surroundings) -> Manager:
    words = f"This user may not write to {seen.folder}."
    if not seen.owner:
        return Manager(Kind.READ_ONLY, f"{words} It is mounted read-only.", f"{seen.script} update{{folder}}")
    command = f"sudo -u {shlex.quote(seen.owner)} {seen.script} update{{folder}}"
    return Manager(Kind.READ_ONLY, f"{words} It belongs to {seen.owner}.", command)


def look_around() -> Surroundings:
    """What can be seen of this environment."""
    distribution = _find_distribution()
    folder = Path(__file__).resolve().parents[2]
    python = find_python()
    script = python.with_name("reverb-plugin")
    is_writable = os.access(folder, os.W_OK) and os.access(folder / "reverb_plugin", os.W_OK)
    return Surroundings(
        python=shlex.quote(str(python)),
        script=shlex.quote(str(script)) if script.exists() else f"{shlex.quote(str(python))} -m reverb_plugin",
        folder=folder,
        installer="" if distribution is None else _first_word(distribution.read_text("INSTALLER")),
        source=_find_source(distribution, folder),
        is_external=_is_external(),
        is_container=_is_container(folder),
        is_writable=is_writable,
        owner="" if is_writable else _find_owner(folder),
        has_pip=find_spec("pip") is not None,
        system_tool=next(filter(shutil.which, SYSTEMS), ""),
    )


def find_python() -> Path:
    """This environment's Python; a web server that embeds one calls itself the executable."""
    python = Path(sys.prefix, "bin", "python")
    return python if python.exists() else Path(sys.executable)


def _find_distribution() -> metadata.Distribution | None:
    try:
        return metadata.distribution(PROJECT)
    except metadata.PackageNotFoundError:
        return None


def _find_source(distribution: metadata.Distribution | None, folder: Path) -> str:
    """The checkout or repository it came from; "" when it came as a release.

    Sources: PEP 610 for what pip says; a checkout that was put on the path says nothing.
    """
    if distribution is None or (folder / "pyproject.toml").is_file():
        return str(folder)
    try:
        said = json.loads(distribution.read_text("direct_url.json") or "{}")
        url = urlsplit(said.get("url", ""))
        if "archive_info" in said:  # a file of a release, installed by hand
            return ""
    except (ValueError, AttributeError):
        return ""
    return unquote(url.path) if url.scheme == "file" else url.geturl()


def _first_word(text: str | None) -> str:
    return (text or "").strip().lower().partition(" ")[0]


def _is_external() -> bool:
    """PEP 668: a mark beside the standard library, which does not hold inside a virtual environment."""
    if sys.prefix != sys.base_prefix:
        return False
    return Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").is_file()


def _is_container(folder: Path) -> bool:
    """In a container's own layer; a volume outlives it."""
    is_container = "KUBERNETES_SERVICE_HOST" in os.environ or any(mark.exists() for mark in CONTAINER_MARKS)
    return is_container and folder.stat().st_dev == Path("/").stat().st_dev


def _find_owner(folder: Path) -> str:
    """Who may write there; "" when nobody may."""
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return ""
    try:
        return pwd.getpwuid(folder.stat().st_uid).pw_name
    except KeyError:
        return str(folder.stat().st_uid)


def _requirements(distribution: metadata.Distribution) -> Iterator[Requirement]:
    for text in distribution.requires or ():
        try:
            yield Requirement(text)
        except InvalidRequirement:
            continue


def _is_about_us(requirement: Requirement) -> bool:
    if canonicalize_name(requirement.name) != PROJECT:
        return False
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})
