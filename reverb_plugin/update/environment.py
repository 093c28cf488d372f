"""Where the plugin is installed: what can be seen of it."""

import json
import os
import platform
import pwd
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import sys_tags
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from reverb_plugin.store.schema import HEAD
from reverb_plugin.update.index import PROJECT
from reverb_plugin.update.manager import SYSTEMS, Manager, Surroundings, decide_manager
from reverb_plugin.update.offer import Demand, Here
from reverb_plugin.version import __version__

CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))


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


def find_manager(data: Path, index_url: str, *, in_container: bool = False) -> Manager:
    """Who decides what is installed here; with ``in_container`` a container's layer is as good as any."""
    seen = look_around(data, index_url)
    return decide_manager(replace(seen, is_container=False) if in_container else seen)


def look_around(data: Path, index_url: str) -> Surroundings:
    """What can be seen of this environment, for the shop with this data folder and this index."""
    distribution = _find_distribution()
    folder = Path(__file__).resolve().parents[2]
    python = find_python()
    script = python.with_name("reverb-plugin")
    return Surroundings(
        python=shlex.quote(str(python)),
        script=shlex.quote(str(script)) if script.exists() else f"{shlex.quote(str(python))} -m reverb_plugin",
        folder=folder,
        data=data,
        index_url=index_url,
        installer="" if distribution is None else _first_word(distribution.read_text("INSTALLER")),
        source=_find_source(distribution, folder),
        is_linked=(folder / "pyproject.toml").is_file(),
        is_external=_is_external(),
        is_container=_is_container(folder),
        is_read_only=bool(os.statvfs(folder).f_flag & os.ST_RDONLY),
        is_writable=os.access(folder, os.W_OK) and os.access(folder / "reverb_plugin", os.W_OK),
        owner=_find_owner(folder),
        data_owner=_find_owner(data),
        user=_find_name(os.geteuid()),
        has_pip=find_spec("pip") is not None,
        system_tool=next(filter(shutil.which, SYSTEMS), ""),
    )


def find_python() -> Path:
    """This environment's Python; a web server that embeds one calls itself the executable."""
    python = Path(sys.prefix, "bin", "python")
    return python if os.access(python, os.X_OK) else Path(sys.executable)


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


def _find_owner(path: Path) -> str:
    """Whose it is, or will be."""
    try:
        return _find_name(path.stat().st_uid)
    except OSError:
        return _find_name(os.geteuid())


def _find_name(uid: int) -> str:
    """The user's name, or the number of one who has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"


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
