"""Two releases of this tree and an index that lists them."""

import fcntl
import os

import pytest

from reverb_plugin.version import __version__
from tests.update.environments import Environment, migrating_files, quick_trial
from tests.update.index_server import IndexServer
from tests.update.looking import DEPENDENCIES, Looker
from tests.update.wheels import make_wheel


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session")
def releases(tmp_path_factory):
    """The wheels of this version and of 0.2.0, by version."""
    folder = tmp_path_factory.mktemp("releases")
    return {
        __version__: make_wheel(folder, __version__),
        "0.2.0": make_wheel(folder, "0.2.0", files=quick_trial()),
    }


@pytest.fixture(scope="module")
def index_server():
    with IndexServer() as server:
        yield server


@pytest.fixture
def index(index_server, releases):
    """An index that lists both releases."""
    index_server.reset()
    for wheel in releases.values():
        index_server.add(wheel)
    return index_server


@pytest.fixture(scope="session")
def template(tmp_path_factory, releases):
    """An environment with this version, to be copied; made by the first of the processes that run tests."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "template"
    folder.mkdir(exist_ok=True)
    made = Environment(folder, "")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            made.make(releases[__version__])
            (folder / "made").touch()
    return made


@pytest.fixture(scope="session")
def migrating(tmp_path_factory):
    """A release 0.2.0 that brings the database to its next version."""
    return make_wheel(tmp_path_factory.mktemp("migrating"), "0.2.0", files=migrating_files() | quick_trial())


@pytest.fixture
def installed(template, tmp_path, index):
    """An environment with this version and a database with changes that wait; its index is ``index``."""
    return template.copy(tmp_path, index.url)


@pytest.fixture
def looker(index_server, tmp_path):
    """A shop whose index is empty."""
    index_server.reset()
    return Looker(tmp_path / "data", index_server.url)


@pytest.fixture
def publish(index_server, tmp_path):
    """Makes a wheel and lists it; what the index says of it can be said, too."""

    def add(version, *, said=None, **options):
        options.setdefault("requires", DEPENDENCIES)
        wheel = make_wheel(tmp_path, version, **options)
        index_server.add(wheel, **said or {})
        return wheel

    return add
