"""Who decides what is installed in an environment, and the command with which it is done there.

One that somebody else manages is left alone: what would be installed into it is lost, or breaks, the next time its
owner acts.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from reverb_plugin.places import data_folder
from reverb_plugin.settings import get_info

TOOLS: Mapping[str, str] = {
    "uv": "uv pip install --python {python}{index} {release}",
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
    OTHER_USER = "other-user"
    READ_ONLY = "read-only"
    NO_PIP = "no-pip"


@dataclass(frozen=True, slots=True)
class Manager:
    """Who decides what is installed here.

    ``words`` say why nothing is installed by us, "" when it can be. ``command`` installs a release, the way it is done
    here; ``{version}`` stands for the release.
    """

    kind: Kind
    words: str
    command: str

    @property
    def can_install(self) -> bool:
        """Whether the plugin may replace itself."""
        return self.kind is Kind.OURS

    def command_for(self, version: str) -> str:
        """What a person runs to get the release ``version``."""
        return self.command.replace("{version}", version)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What can be seen of an environment, for the shop whose data lies in ``data`` and whose index is ``index_url``.

    ``installer`` is the word in INSTALLER, "" without one; ``source`` is the folder or address it was installed from,
    "" from an index; ``is_linked`` is whether it runs from there. ``folder`` is where its files lie, ``owner`` whose
    they are, ``data_owner`` whose the data is, ``user`` who asks.
    """

    python: str
    script: str
    folder: Path
    data: Path
    index_url: str
    installer: str = "pip"
    source: str = ""
    is_linked: bool = True
    is_external: bool = False
    is_container: bool = False
    is_read_only: bool = False
    is_writable: bool = True
    owner: str = ""
    data_owner: str = ""
    user: str = ""
    has_pip: bool = True
    system_tool: str = ""

    @property
    def update(self) -> str:
        """The command with which the plugin replaces itself."""
        named = "" if self.data == data_folder(None) else f" --data-dir {shlex.quote(str(self.data))}"
        return f"{self.script} update{named}"

    @property
    def index_option(self) -> str:
        """What leads pip to the configured index, where that is another than pip's own."""
        is_usual = self.index_url in {"", get_info("update_index_url").default}
        return "" if is_usual else f" --index-url {shlex.quote(self.index_url)}"

    @property
    def pip_install(self) -> str:
        """The beginning of the command with which pip installs something here."""
        return f"{self.python} -m pip install"


def decide_manager(seen: Surroundings) -> Manager:
    """Who decides what is installed in an environment like this."""
    release = "'reverb-plugin=={version}'"
    pip = f"{seen.pip_install}{seen.index_option} {release}"
    if seen.source:
        words = f"It was installed from {seen.source}, not from a package index."
        return Manager(Kind.CHECKOUT, words, _pull(seen) if Path(seen.source).is_dir() else pip)
    if seen.installer in TOOLS:
        words = f"It was installed with {seen.installer}, which keeps its own list of what is installed."
        command = TOOLS[seen.installer].format(python=seen.python, index=seen.index_option, release=release)
        return Manager(Kind.TOOL, words, command)
    if seen.installer != "pip":
        words = "It belongs to a package of the operating system, which brings newer versions itself."
        return Manager(Kind.DISTRIBUTION, words, SYSTEMS.get(seen.system_tool, pip))
    if seen.is_external:
        words = "This Python belongs to the operating system, which does not want packages changed in it (PEP 668)."
        return Manager(Kind.EXTERNAL, words, f"{pip} --break-system-packages")
    if seen.is_container:
        words = (
            "It is part of a container's image: what is installed into the container is gone when it is made anew. "
            "Put the command into the image and build it again, or run `reverb-plugin update --in-container`."
        )
        return Manager(Kind.CONTAINER, words, f"pip install{seen.index_option} {release}")
    if not seen.is_writable or seen.data_owner != seen.user:
        return _of_other_user(seen, pip)
    if not seen.has_pip:
        words = "There is no pip in this environment."
        return Manager(Kind.NO_PIP, words, f"{seen.python} -m ensurepip && {seen.update}")
    return Manager(Kind.OURS, "", seen.update)


def _pull(seen: Surroundings) -> str:
    """What brings a checkout up, and what was copied out of it."""
    pull = f"git -C {shlex.quote(seen.source)} pull"
    return pull if seen.is_linked else f"{pull} && {seen.pip_install} {shlex.quote(seen.source)}"


def _of_other_user(seen: Surroundings, pip: str) -> Manager:
    """An update changes the environment and the data: their owner has to run it, or pip when there are two."""
    if seen.is_read_only or seen.owner == seen.user == seen.data_owner:
        return Manager(Kind.READ_ONLY, f"{seen.folder} is read-only, for its owner as well.", seen.update)
    as_owner = "" if seen.owner == seen.user else f"sudo -u {shlex.quote(seen.owner)} "
    if seen.owner == seen.data_owner:
        words = f"{seen.folder} and {seen.data} belong to {seen.owner}, who alone should change them."
        return Manager(Kind.OTHER_USER, words, f"{as_owner}{seen.update}")
    words = (
        f"{seen.folder} belongs to {seen.owner} and {seen.data} to {seen.data_owner}, and neither should change both. "
        "Stop the shop, copy its data, have pip install it, and start the shop, which brings its database up itself."
    )
    return Manager(Kind.OTHER_USER, words, f"{as_owner}{pip}")
