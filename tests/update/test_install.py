"""Installing a release into a real environment, with real pip, from a real index."""

import json
import signal
import subprocess
from contextlib import suppress

import pytest

from reverb_plugin.store.schema import HEAD
from reverb_plugin.version import __version__
from tests.update.environments import MIGRATION, NEXT_HEAD, migrating_files
from tests.update.index_server import IndexServer
from tests.update.wheels import PACKAGE, make_wheel

OLD, NEW = (__version__, HEAD), ("0.2.0", NEXT_HEAD)

SPOILING_PROBE = f"""
import json, sys
from pathlib import Path
if sys.argv[1] == "migrate":
    Path(sys.argv[2], "reverb-plugin.sqlite3").write_bytes(b"no database any more" * 1000)
print(json.dumps({{"version": "0.2.0", "head": "{NEXT_HEAD}"}}))
sys.exit(sys.argv[1] == "migrate")
"""


def tree(folder):
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if "-shm" not in path.name}


def test_the_happy_way(installed, index, tmp_path):
    """One command brings plugin and database to the newer version; nothing else is changed and nothing is left over."""
    migrating = make_wheel(tmp_path, "0.2.0", files=migrating_files())
    index.add(migrating)
    others = tree(installed.folder / "others")

    with IndexServer() as elsewhere:
        elsewhere.add(migrating)
        printed = installed.update(PIP_INDEX_URL=elsewhere.url, PIP_EXTRA_INDEX_URL=elsewhere.url)
        assert elsewhere.requests == []

    assert f"Updated from {__version__} to 0.2.0." in printed
    assert installed.versions() == NEW
    installed.check_whole()
    assert installed.report()["outcome"] == "installed"
    assert tree(installed.folder / "others") == others
    assert (installed.data / "before-update.sqlite3").stat().st_mode & 0o077 == 0
    assert installed.status()["version"] == "0.2.0"


def test_a_dry_run_changes_nothing(installed, index, migrating):
    """The plan says from where to where, what pip and the migration would do, and how much room it takes."""
    index.add(migrating)
    installed.status()  # whatever is compiled by a first run is there
    before = tree(installed.purelib)

    plan = json.loads(installed.update("--dry-run", "--json"))

    assert (plan["from"], plan["to"], plan["needs_migration"]) == (__version__, "0.2.0", True)
    assert any("Have pip replace reverb-plugin" in step for step in plan["steps"])
    assert f"Migrate the database from version {HEAD} to {NEXT_HEAD}" in plan["steps"]
    assert all(size > 0 for size in plan["needed_bytes"].values())
    assert plan["objections"] == []
    assert tree(installed.purelib) == before
    assert not (installed.data / "update").exists()


FAILURES = {
    "a page that fails": {"reverb_plugin/admin/pages/overview.py": "raise RuntimeError('a page that fails')\n"},
    "a check that breaks": {
        "reverb_plugin/diagnostics/checks/disk.py": (PACKAGE / "diagnostics/checks/disk.py").read_text()
        + "\n\nfrom dataclasses import replace\nCHECKS = (replace(CHECKS[0], look=lambda scene: 1 / 0), *CHECKS[1:])\n"
    },
    "a module that is missing": {"reverb_plugin/guard.py": None},
    "a migration that fails": {**migrating_files(MIGRATION + "    raise OSError('it fails')\n")},
    "another version than it says": {"reverb_plugin/version.py": (PACKAGE / "version.py").read_text()},
}

QUICK_FAILURES = {"a migration that fails"}


@pytest.mark.parametrize(
    "flaw", [pytest.param(each, marks=() if each in QUICK_FAILURES else pytest.mark.long, id=each) for each in FAILURES]
)
def test_a_release_that_does_not_work(installed, index, tmp_path_factory, flaw):
    """It is found out on a copy of the database, before anything is touched."""
    index.add(make_wheel(tmp_path_factory.mktemp("flawed"), "0.2.0", files=FAILURES[flaw]))

    printed = installed.update(fails=True)

    assert "broken off while it was being tried" in printed
    assert installed.versions() == OLD
    assert installed.report()["outcome"] == "untouched"


@pytest.mark.long
def test_a_migration_that_fails_at_last(installed, index, tmp_path_factory):
    """One that works on the copy and not on the database itself: the old version is back, the database untouched."""
    stumbling = f"{MIGRATION}    assert 'trial' in where, 'it fails'\n"
    index.add(make_wheel(tmp_path_factory.mktemp("flawed"), "0.2.0", files=migrating_files(stumbling)))

    printed = installed.update(fails=True)

    assert "broken off while the database was being migrated" in printed
    assert "it fails" in printed
    assert installed.versions() == OLD
    installed.check_whole()


@pytest.mark.long
def test_a_database_that_is_spoiled(installed, index, tmp_path_factory):
    """A release that destroys the database loses nobody anything: the backup is put in its place."""
    files = {**migrating_files(), "reverb_plugin/update/probe.py": SPOILING_PROBE}
    index.add(make_wheel(tmp_path_factory.mktemp("flawed"), "0.2.0", files=files))

    installed.update(fails=True)

    assert installed.versions() == OLD
    installed.check_whole()


@pytest.mark.long
def test_pip_is_killed(installed, index):
    """The system ends pip for want of memory: the update brings the old version back and says what happened."""
    printed = installed.update(fault="kill leash.py open site-packages/reverb_plugin/store/ 9", fails=True)

    assert "broken off while pip was installing it" in printed
    assert "it was ended by the signal SIGKILL" in printed
    assert f"Version {__version__} and its database are in place again" in printed
    installed.check_whole()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("full leash.py open site-packages/reverb_plugin/ 20", id="pip cannot write"),
        pytest.param("full driver.py open data/update/journal 6", id="nothing can be noted", marks=pytest.mark.long),
        pytest.param("full driver.py shutil.copyfile leash.py 1", id="nothing can be kept", marks=pytest.mark.long),
    ],
)
def test_a_full_disk(installed, index, fault):
    """No room in the midst of it, and none afterwards either: the old version is back."""
    printed = installed.update(fault=fault, fails=True)

    assert "No space left on device" in printed
    assert installed.versions() == OLD
    installed.check_whole()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own with little room."""
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", folder], check=False).returncode:
        pytest.skip("only who may mount a file system can fill it up")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.long
def test_a_disk_that_is_really_full(template, index, migrating, small_disk):
    """Not a byte is left from when pip begins, nor while the old version is brought back and what happened is told."""
    index.add(migrating)
    installed = template.copy(small_disk, index.url)
    child = installed.start_update()
    while "pip" not in child.stdout.readline():
        pass
    with (small_disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(4096))
    printed, _ = child.communicate(timeout=100)

    assert "No space left on device" in printed
    installed.check_whole()
    assert installed.versions() == OLD
    assert installed.report()["outcome"] == "restored"


@pytest.mark.long
def test_an_interrupted_update(installed, index):
    """Ctrl-C brings the old version back before the command ends."""
    child = installed.start_update()
    for line in child.stdout:
        if "pip" in line:
            child.send_signal(signal.SIGINT)
            break
    printed, _ = child.communicate(timeout=100)

    assert child.returncode != 0
    assert "it was interrupted" in printed
    installed.check_whole()
    assert installed.versions() == OLD


def test_another_file_than_the_one_that_was_looked_at(installed, index):
    """The index changes the file between the look and the installation: its hash gives it away."""
    whole = index.files["reverb-plugin"]["reverb_plugin-0.2.0-py3-none-any.whl"].content
    asked = []

    def alter(handler):
        asked.append(handler.path)
        handler.reply(200, "application/octet-stream", whole if len(asked) == 1 else whole[:-1] + b"x")

    index.fault, index.fault_at = alter, ".whl"

    printed = installed.update(fails=True)

    assert "is not the file whose SHA-256 the index gives" in printed
    assert len(asked) == 2
    assert installed.report()["outcome"] == "untouched"


@pytest.mark.long
def test_a_file_that_is_altered_after_it_was_verified(installed, index):
    """pip checks the hash once more when it installs."""
    printed = installed.update(fault="alter driver.py subprocess.Popen leash.py 1", fails=True)

    assert "DO NOT MATCH THE HASHES" in printed
    assert installed.versions() == OLD
    installed.check_whole()


@pytest.mark.long
def test_two_updates_at_once(installed, index):
    """The second one is told that the first is under way."""
    first = installed.start_update()
    for line in first.stdout:
        if "Trying" in line:
            break

    second = installed.update(fails=True)
    first.communicate(timeout=100)

    assert "Another update of this shop's plugin is under way" in second
    assert first.returncode == 0
    assert installed.versions()[0] == "0.2.0"
