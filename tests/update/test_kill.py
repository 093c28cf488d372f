"""Killed at any step, by ``kill -9``: the next start has one whole version, its database, and all that waited."""

import subprocess
import time

import pytest

from reverb_plugin.store.schema import HEAD
from reverb_plugin.update.recover import BROKEN
from reverb_plugin.version import __version__
from tests.update.environments import NEXT_HEAD

OLD, NEW = (__version__, HEAD), ("0.2.0", NEXT_HEAD)

# The step, who is killed how and at which event, and what is there afterwards.
POINTS = {
    "preparing": ("kill driver.py open journal.new 1", OLD),
    "downloading": ("kill driver.py open 0.2.0-py3-none-any.whl 1", OLD),
    "holding the sender": ("kill driver.py open journal.new 3", OLD),
    "backing up": ("kill driver.py sqlite3.connect before-update.unfinished 1", OLD),
    "backed up": ("kill driver.py os.rename before-update.sqlite3 1", OLD),
    "unpacking": ("kill driver.py open stage/reverb_plugin/store 3", OLD),
    "trying": ("kill-all try sqlite3.connect trial/reverb-plugin.sqlite3 1", OLD),
    "keeping the old files": ("kill driver.py os.link reverb_plugin/store 5", OLD),
    "guarded": ("kill driver.py open _reverb_plugin_update.pth 1", OLD),
    "starting pip": ("kill driver.py subprocess.Popen leash.py 1", OLD),
    "pip takes the old files away": ("kill-all leash.py os.rename site-packages/reverb_plugin 1", OLD),
    "pip has taken them": ("kill-all leash.py open site-packages/reverb_plugin/__init__.py 1", OLD),
    "pip writes the new files": ("kill-all leash.py open site-packages/reverb_plugin/store/ 9", OLD),
    "only the updater, while pip writes": ("kill-parent leash.py open site-packages/reverb_plugin/store/ 9", OLD),
    "pip compiles": ("kill-all leash.py os.rename __pycache__ 40", OLD),
    "pip writes its list": ("kill-all leash.py open dist-info/RECORD 1", OLD),
    "pip throws the old files away": ("kill-all leash.py shutil.rmtree verb_plugin 1", OLD),
    "about to migrate": ("kill driver.py subprocess.Popen migrate 1", OLD),
    "in the transaction that migrates": ("kill-all migrate test.migrating data/reverb 1", OLD),
    "migrated": ("kill driver.py open journal.new 9", NEW),
    "tidying up": ("kill driver.py os.remove _reverb_plugin_update.pth 1", NEW),
    "leaving the report": ("kill driver.py os.rename last.json 1", NEW),
    "taking the guard away": ("kill driver.py shutil.rmtree _reverb_plugin_update 1", NEW),
    "the end": ("kill driver.py os.remove journal.json 1", NEW),
}
QUICK = {"pip writes the new files", "in the transaction that migrates"}


@pytest.mark.parametrize(
    "point", [pytest.param(each, marks=() if each in QUICK else pytest.mark.long, id=each) for each in POINTS]
)
def test_killed(installed, index, migrating, point):
    """The next command finds one whole version and its database, and the page says it."""
    fault, expected = POINTS[point]
    index.add(migrating)
    installed.update_killed(fault)

    assert installed.told_version() == expected[0]
    installed.check_whole()
    assert installed.versions() == expected
    if point != "preparing":  # then nothing had begun
        outcome = installed.report()["outcome"]
        assert outcome == "installed" if expected is NEW else outcome in {"restored", "untouched"}


@pytest.mark.long
def test_killed_again_while_it_is_brought_back(installed, index, migrating):
    """Recovery that is itself killed halfway is taken up by the next start."""
    index.add(migrating)
    installed.update_killed(POINTS["pip writes the new files"][0])

    for number in (1, 2):
        installed.run("-c", "pass", fails=True, REVERB_TEST_FAULT=f"kill -c shutil.move {BROKEN} {number}")

    assert installed.versions() == OLD
    installed.check_whole()


@pytest.mark.long
def test_many_start_at_once_after_a_kill(installed, index, migrating):
    """Processes that start together wait for the one of them that brings the old version back."""
    index.add(migrating)
    installed.update_killed(POINTS["pip writes the new files"][0])

    words = [installed.python, "-c", "import reverb_plugin.cli; print('imported')"]
    children = [subprocess.Popen(words, stdout=subprocess.PIPE, cwd=installed.folder) for _ in range(4)]

    assert [child.communicate(timeout=60)[0] for child in children] == [b"imported\n"] * 4
    installed.check_whole()


def test_the_updater_alone_is_killed(installed, index, migrating):
    """What pip was doing is undone at once, before anybody starts anything."""
    index.add(migrating)
    installed.update_killed(POINTS["only the updater, while pip writes"][0])
    ends_at = time.monotonic() + 60
    while (installed.data / "update/journal.json").exists() and time.monotonic() < ends_at:
        time.sleep(0.05)

    assert installed.report()["outcome"] == "restored"
    installed.check_whole()
