"""What importing the plugin costs its host."""

import subprocess
import sys

import pytest

import reverb_plugin
import reverb_plugin.hooks

HEAVY = ("alembic", "click", "jinja2", "packaging", "requests", "rich", "sqlalchemy", "tenacity", "urllib3", "werkzeug")


def loaded_by(statement):
    script = f"{statement}\nimport sys; print(' '.join(sys.modules))"
    run = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True, env=ENV)
    return set(run.stdout.split())


ENV = {"PYTHONPATH": str(__import__("pathlib").Path(reverb_plugin.__file__).parent.parent)}


def test_importing_the_hooks_loads_no_library():
    """Importing the hooks loads none of our libraries, no database and no network."""
    loaded = loaded_by("import reverb_plugin.hooks")
    assert loaded.isdisjoint(HEAVY)
    assert loaded.isdisjoint({"sqlite3", "socket", "ssl", "http", "reverb_plugin.plugin", "reverb_plugin.settings"})


@pytest.mark.parametrize("name", [name for name in reverb_plugin.__all__ if name != "configure"])
def test_each_public_name_can_be_imported_first(name):
    """Every name of the package comes out of a fresh interpreter, and values load no library."""
    loaded = loaded_by(f"from reverb_plugin import {name}")
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("name", reverb_plugin.hooks.__all__)
def test_each_hook_can_be_imported_first(name):
    """Every hook comes out of a fresh interpreter."""
    loaded_by(f"from reverb_plugin.hooks import {name}")
