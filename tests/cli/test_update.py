"""`reverb-plugin update`: looking, and what a person says to it. Installing is in tests/update."""

import json

import pytest

from tests.update.index_server import IndexServer
from tests.update.wheels import make_wheel

CHANGES = "## 0.2.0 - 2026-12-01\n\n### Security\n\n- It no longer \x1b[2J clears the screen.\n\n### Added\n\n- More.\n"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    return [make_wheel(folder, "0.2.0", changes=CHANGES), make_wheel(folder, "0.3.0", requires_python=">=9")]


@pytest.fixture
def index(wheels):
    with IndexServer.of(*wheels) as server:
        yield server


@pytest.fixture
def update(invoke, index, monkeypatch):
    """Calls the command with these arguments, at this index."""
    monkeypatch.setenv("REVERB_UPDATE_INDEX_URL", index.url)
    return lambda *arguments: invoke("update", *arguments)


def test_check(update):
    """What is new, how to get it, and why a still newer one is not for here."""
    told = update("--check")
    assert told.exit_code == 0
    assert told.stdout.startswith("Version 0.1.0 is installed; 0.2.0 is there, a security update.\n")
    assert "It mends a security problem. 2 changes since 0.1.0." in told.stdout
    assert "0.2.0 2026-12-01\nSecurity\n- It no longer" in told.stdout
    assert "0.3.0 is not for here: it needs Python >=9" in told.stdout
    assert "\x1b" not in told.stdout


def test_check_for_a_script(update):
    """One JSON object with all of it."""
    facts = json.loads(update("--check", "--json").stdout)
    assert facts["notice"]["offer"]["version"] == "0.2.0"
    assert facts["notice"]["offer"]["is_security"] is True
    assert facts["words"] == "0.2.0 is there, a security update"


def test_there_is_none(update, index, tmp_path):
    """The newest release is one's own."""
    index.files.clear()
    index.add(make_wheel(tmp_path, "0.1.0"))
    assert update("--check").stdout == "Version 0.1.0 is installed; the newest.\n"
    assert update("--yes").stdout == "Version 0.1.0 is installed; the newest.\n"
    assert json.loads(update("--dry-run", "--json").stdout) == {"from": "0.1.0", "to": None}


def test_the_index_is_down(update, index):
    """One line, a hint and the code for what can be tried again."""
    index.status = 503
    told = update("--check")
    assert told.exit_code == 4
    assert told.stderr.startswith("Error: http://127.0.0.1")
    assert "Try again later." in told.stderr
    assert "Traceback" not in told.stderr


def test_status_tells(update, invoke):
    """Once it is known, `status` has it in its row of the version, and for scripts."""
    update("--check")
    told = invoke("status").stdout
    assert "0.1.0; 0.2.0 is there, a security update" in told
    assert json.loads(invoke("status", "--json").stdout)["update"]["notice"]["offer"]["version"] == "0.2.0"


def test_skip_and_remind(update, invoke):
    """A version that was skipped, or put off, stands in `status` no more, but is still found by asking."""
    update("--check")
    assert update("--skip", "0.2.0").stdout == "You are told no more of 0.2.0, but of the version after it.\n"
    assert "0.2.0" not in invoke("status").stdout
    assert "0.2.0 is there, a security update (you skip it)" in update("--check").stdout
    assert update("--remind").stdout == "You are told again in a week.\n"
    assert "0.2.0" not in invoke("status").stdout


@pytest.mark.parametrize(
    "arguments",
    [("--check", "--remind"), ("--check", "--dry-run"), ("--skip", "1", "--yes"), ("--check", "--only", "1")],
)
def test_what_does_not_go_together(update, arguments):
    """Looking and putting off go with nothing that installs."""
    told = update(*arguments)
    assert told.exit_code == 2
    assert "go with none of the others" in told.stderr


def test_skip_takes_a_version(update):
    """A word is none."""
    told = update("--skip", "latest")
    assert told.exit_code == 1
    assert "'latest' is no version" in told.stderr


def test_only_this_version(update):
    """When the index has another one for here, nothing is installed."""
    told = update("--only", "0.1.9", "--yes")
    assert told.exit_code == 1
    assert "Wanted is 0.1.9 and no other version; the package index has 0.2.0 for here." in told.stderr
