"""Who decides what is installed: where it is not us, the right command is told and nothing is installed."""

import json
import os
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from packaging.version import Version

from reverb_plugin.places import data_folder
from reverb_plugin.store.schema import HEAD
from reverb_plugin.update import environment
from reverb_plugin.update.environment import find_here, look_around
from reverb_plugin.update.manager import Kind, Surroundings, decide_manager
from reverb_plugin.version import __version__

PYPI = "https://pypi.org/simple/"
OURS = Surroundings(
    "/srv/venv/bin/python", "/srv/venv/bin/reverb-plugin", Path("/srv/venv/lib"), data_folder(None), PYPI
)
SITUATIONS = {
    "a virtual environment of the shop": ({}, Kind.OURS, "/srv/venv/bin/reverb-plugin update"),
    "a checkout": ({"source": "/"}, Kind.CHECKOUT, "git -C / pull"),
    "a copy of a checkout": (
        {"source": "/", "is_linked": False},
        Kind.CHECKOUT,
        "git -C / pull && /srv/venv/bin/python -m pip install /",
    ),
    "a repository": (
        {"source": "https://example.com/fork.git"},
        Kind.CHECKOUT,
        "/srv/venv/bin/python -m pip install 'reverb-plugin==0.2.0'",
    ),
    "uv": ({"installer": "uv"}, Kind.TOOL, "uv pip install --python /srv/venv/bin/python 'reverb-plugin==0.2.0'"),
    "poetry": ({"installer": "poetry"}, Kind.TOOL, "poetry add 'reverb-plugin==0.2.0'"),
    "pdm": ({"installer": "pdm"}, Kind.TOOL, "pdm add 'reverb-plugin==0.2.0'"),
    "conda": ({"installer": "conda"}, Kind.TOOL, "conda install 'reverb-plugin==0.2.0'"),
    "a package of Debian": (
        {"installer": "", "system_tool": "apt-get"},
        Kind.DISTRIBUTION,
        "sudo apt-get update && sudo apt-get install --only-upgrade python3-reverb-plugin",
    ),
    "a package of Fedora": (
        {"installer": "rpm", "system_tool": "dnf"},
        Kind.DISTRIBUTION,
        "sudo dnf upgrade python3-reverb-plugin",
    ),
    "the system's Python": (
        {"is_external": True},
        Kind.EXTERNAL,
        "/srv/venv/bin/python -m pip install 'reverb-plugin==0.2.0' --break-system-packages",
    ),
    "a container's image": ({"is_container": True}, Kind.CONTAINER, "pip install 'reverb-plugin==0.2.0'"),
    "another user's": (
        {"is_writable": False, "owner": "www-data", "data_owner": "www-data", "user": "jo"},
        Kind.OTHER_USER,
        "sudo -u www-data /srv/venv/bin/reverb-plugin update",
    ),
    "asked by root": (
        {"owner": "www-data", "data_owner": "www-data", "user": "root"},
        Kind.OTHER_USER,
        "sudo -u www-data /srv/venv/bin/reverb-plugin update",
    ),
    "root's, with the data of the shop's user": (
        {"is_writable": False, "owner": "root", "data_owner": "www-data", "user": "www-data"},
        Kind.OTHER_USER,
        "sudo -u root /srv/venv/bin/python -m pip install 'reverb-plugin==0.2.0'",
    ),
    "the same, asked by root": (
        {"owner": "root", "data_owner": "www-data", "user": "root"},
        Kind.OTHER_USER,
        "/srv/venv/bin/python -m pip install 'reverb-plugin==0.2.0'",
    ),
    "mounted read-only": (
        {"is_writable": False, "is_read_only": True, "owner": "root"},
        Kind.READ_ONLY,
        "/srv/venv/bin/reverb-plugin update",
    ),
    "made read-only": ({"is_writable": False}, Kind.READ_ONLY, "/srv/venv/bin/reverb-plugin update"),
    "without pip": (
        {"has_pip": False},
        Kind.NO_PIP,
        "/srv/venv/bin/python -m ensurepip && /srv/venv/bin/reverb-plugin update",
    ),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_who_decides(name):
    """Each situation has its command; only in one may the plugin replace itself, and in all others it says why not."""
    seen, kind, command = SITUATIONS[name]
    manager = decide_manager(replace(OURS, **seen))
    assert manager.kind is kind
    assert manager.command_for("0.2.0") == command
    assert manager.can_install is (kind is Kind.OURS)
    assert bool(manager.words) is (kind is not Kind.OURS)


def test_the_command_names_the_folder(tmp_path):
    """A shop that keeps its data elsewhere is told so: the command would open another database."""
    command = decide_manager(replace(OURS, data=tmp_path / "my data")).command_for("0.2.0")
    assert command == f"/srv/venv/bin/reverb-plugin update --data-dir '{tmp_path}/my data'"


@pytest.mark.parametrize("seen", [{"installer": "uv"}, {"is_external": True}, {"is_container": True}])
def test_the_command_names_the_index(seen):
    """A shop with an index of its own is not sent to the public one, where anybody may have put another package."""
    command = decide_manager(replace(OURS, index_url="https://pip.example.com/simple/", **seen)).command_for("0.2.0")
    assert " --index-url https://pip.example.com/simple/ 'reverb-plugin==0.2.0'" in command


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_data_of_another_user(tmp_path):
    """Files that the shop's user could not touch afterwards are never made."""
    os.chown(tmp_path, 12345, -1)
    assert look_around(tmp_path, PYPI).data_owner == "#12345"
    assert look_around(tmp_path / "not/there", PYPI).data_owner == "root"


def test_this_very_environment():
    """What is installed here, and which releases it can take."""
    here = find_here()
    assert here.version == Version(__version__)
    assert here.schema_head == HEAD
    assert here.installed["requests"] == Version(metadata.version("requests"))
    assert "py3-none-any" in map(str, here.tags)


def test_a_mark_beside_the_standard_library(tmp_path, monkeypatch):
    """PEP 668: it keeps us from the system's Python, and says nothing of a virtual environment made from it."""
    (tmp_path / "EXTERNALLY-MANAGED").write_text("[externally-managed]\nError=Use apt.\n")
    monkeypatch.setattr(environment.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setattr(sys, "prefix", "/srv/venv")
    assert not look_around(tmp_path, PYPI).is_external
    monkeypatch.setattr(sys, "prefix", "/usr")
    assert look_around(tmp_path, PYPI).is_external


@pytest.mark.parametrize("mark", ["file", "kubernetes"])
def test_in_a_container(tmp_path, monkeypatch, mark):
    """What lies in the container's own layer is gone with it; a volume outlives it."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setattr(environment, "CONTAINER_MARKS", (tmp_path / "mark",))
    assert not environment._is_container(Path("/"))
    if mark == "file":
        (tmp_path / "mark").touch()
    else:
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert environment._is_container(Path("/"))
    assert not environment._is_container(Path("/proc"))


LOOK = """
import json
from importlib import metadata
from pathlib import Path
from reverb_plugin.update.environment import find_here
from reverb_plugin.update.environment import look_around as look_around_for

def look_around():
    return look_around_for(Path("data"), "")


folder = Path(metadata.distribution("reverb-plugin")._path)
(folder.parent / "shop_extras-1.0.dist-info").mkdir()
(folder.parent / "shop_extras-1.0.dist-info/METADATA").write_text(
    "Metadata-Version: 2.1\\nName: shop-extras\\nVersion: 1.0\\nRequires-Dist: reverb_plugin<0.3\\n"
    "Requires-Dist: reverb-plugin<9; extra == 'x'\\nRequires-Dist: other>1\\n"
)
told = [(each.by, str(each.specifier)) for each in find_here().demands]
told += [look_around().installer, look_around().source, look_around().is_external, look_around().script]
(folder / "INSTALLER").write_text("Poetry 1.8\\n")
told.append(look_around().installer)
(folder / "INSTALLER").unlink()
told.append(look_around().installer)
for said in ({"url": "file:///srv/a%20shop", "dir_info": {}}, {"url": "https://x/y.git", "vcs_info": {}},
             {"url": "file:///tmp/x.whl", "archive_info": {}}, []):
    (folder / "direct_url.json").write_text(json.dumps(said))
    told.append(look_around().source)
print(json.dumps(told))
"""


def test_a_real_environment(installed):
    """What pip and other tools leave beside an installed plugin is understood."""
    told = json.loads(installed.run("-c", LOOK))
    script = str(installed.folder / "venv/bin/reverb-plugin")
    assert told == [
        ["shop-extras", "<0.3"],
        *("pip", "", False, script),
        *("poetry", ""),
        *("/srv/a shop", "https://x/y.git", "", ""),
    ]
