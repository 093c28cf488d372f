"""Folders without a database: a mistyped one, and the default one of a fresh install."""

import json

import pytest

from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.errors import StoreError

READING = [
    ["status"],
    ["status", "--json"],
    ["log"],
    ["log", "--json"],
    ["log", "--follow"],
    ["retry", "--all"],
    ["retry", "A-1"],
    ["settings", "show"],
    ["settings", "show", "--json"],
    ["settings", "unset", "auto_publish"],
]


@pytest.fixture
def fresh(terminal):
    """A terminal on a machine where the plugin was just installed, and its default folder."""
    del terminal.variables["REVERB_DATA_DIR"]
    terminal.variables["XDG_DATA_HOME"] = str(terminal.folder / "share")
    return terminal


def databases(terminal):
    return [str(path) for path in terminal.folder.rglob("*.sqlite3*")]


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_named_folder_without_a_database(command, invoke, tmp_path):
    """A folder that was mistyped is named, nothing is made there, and the command ends with 5."""
    result = invoke(*command, "--data-dir", str(tmp_path / "mistyped"))

    assert (result.exit_code, result.stdout) == (ExitCode.NO_DATABASE, "")
    assert f"There is no database in {tmp_path / 'mistyped'}" in result.stderr
    assert StoreError.hint in result.stderr
    assert not (tmp_path / "mistyped").exists()


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_fresh_install(command, fresh):
    """Before anything was recorded in the default folder that is said, nothing is made, and the command ends with 0."""
    run = fresh.run(*command)

    assert run.returncode == ExitCode.DONE
    assert "Nothing has been recorded in " in run.stderr
    assert databases(fresh) == []


def test_status_of_a_fresh_install_helps(fresh):
    """It says what is in force, where the database will be, and what to do first."""
    run = fresh.run("status", REVERB_ENVIRONMENT="production")
    facts = json.loads(fresh.run("status", "--json").stdout)

    for told in ("PRODUCTION", "not set: `reverb-plugin settings set token`", "empty", "none yet"):
        assert told in run.stdout
    assert facts["database"].removesuffix("/reverb-plugin.sqlite3") in run.stderr
    assert facts["token"] == {"set": False, "source": "default"}


def test_setting_makes_the_database(fresh):
    """What is entered is kept: in the default folder, and in a named one that is new."""
    fresh.run("settings", "set", "auto_publish", "on")
    fresh.run("settings", "set", "auto_publish", "on", "--data-dir", "new")

    for place in ([], ["--data-dir", "new"]):
        run = fresh.run("settings", "show", "--json", *place)
        shown = {row["name"]: row["source"] for row in json.loads(run.stdout)}
        assert (run.stderr, shown["auto_publish"]) == ("", "database")
