"""What becomes of an update that was broken off, decided from what it noted; without pip, on folders made up for it."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest

from reverb_plugin.errors import UpdateError
from reverb_plugin.places import data_folder
from reverb_plugin.update import snapshot
from reverb_plugin.update.journal import Journal, opened
from reverb_plugin.update.recover import (
    FOLDER,
    GUARD,
    JOURNAL,
    LAST,
    Outcome,
    Step,
    end,
    open_private,
    recover,
    recover_if_needed,
    remove_guard,
    write_json,
)
from reverb_plugin.update.report import find_report
from reverb_plugin.update.state import State, change_state

BEFORE, AFTER = "0004", "0005"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def site(tmp_path):
    """A folder like site-packages with two versions' worth of names, and a database of the version before."""
    folder = tmp_path / "site"
    for name in ("reverb_plugin/inside", "reverb_plugin-1.dist-info", "other"):
        (folder / name).mkdir(parents=True)
    (folder / "reverb_plugin/inside/module.py").write_text("old")
    (folder / "reverb_plugin-1.dist-info/RECORD").write_text("old")
    (folder / "other/module.py").write_text("theirs")
    (tmp_path / "script").write_text("old")
    set_head(tmp_path / "database", BEFORE)
    return folder


def set_head(path, head):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT)")
        database.execute("DELETE FROM alembic_version")
        database.execute("INSERT INTO alembic_version VALUES (?)", (head,))


def begin(site, step, **facts):
    """The notes of an update at this step, with the old files kept."""
    data = site.parent
    with opened(data) as journal:
        entries = ["reverb_plugin", "reverb_plugin-1.dist-info", "../script"]
        known = {"purelib": site, "entries": entries, "added": [], "database": data / "database"}
        heads = {"head_before": BEFORE, "head_after": AFTER, "version_before": "1", "version_after": "2"}
        journal.note(step, **known, **heads, **facts)
        if step in {Step.GUARDING, Step.INSTALLING, Step.MIGRATING, Step.ENDING}:
            snapshot.guard(site, entries, journal.folder)
    noted = json.loads((data / FOLDER / JOURNAL).read_text())
    (data / FOLDER / JOURNAL).write_text(json.dumps({**noted, "step": step, "pid": 2**22 + 1}))
    return data / FOLDER


def replace_files(site):
    """What pip does, up to somewhere in the midst of it."""
    (site / "reverb_plugin/inside/module.py").unlink()
    (site / "reverb_plugin/inside/module.py").write_text("new")
    (site / "reverb_plugin/inside/more.py").write_text("new")
    (site / "reverb_plugin-1.dist-info").rename(site / "~everb_plugin-1.dist-info")
    (site / "reverb_plugin-2.dist-info").mkdir()
    (site.parent / "script").unlink()


def files(site):
    found = {str(path.relative_to(site)): path.read_text() for path in site.rglob("*") if path.is_file()}
    return found | {"script": (site.parent / "script").read_text()}


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("head", [BEFORE, AFTER])
def test_what_counts_after_each_step(site, step, head):
    """Before pip nothing was touched; until the migration is committed the old version counts, and then the new one."""
    before = files(site)
    folder = begin(site, step)
    if step in {Step.INSTALLING, Step.MIGRATING, Step.ENDING}:
        replace_files(site)
        (site.parent / "script").write_text("new")
    replaced = files(site)
    set_head(site.parent / "database", head)

    recover(folder)

    is_new = step is Step.ENDING or (step is Step.MIGRATING and head == AFTER)
    is_old = step is Step.INSTALLING or (step is Step.MIGRATING and head == BEFORE)
    expected = Outcome.INSTALLED if is_new else Outcome.RESTORED if is_old else Outcome.UNTOUCHED
    guard = {name for name in replaced if name.startswith(GUARD)}
    kept = {name: text for name, text in replaced.items() if name not in guard}
    assert find_report(site.parent).outcome is expected
    assert files(site) == (kept if is_new else before)
    assert not (folder / JOURNAL).exists()


def test_a_database_that_cannot_be_read_now(site):
    """Locked or on a full disk says nothing of what is in it: nothing is decided, and the next start tries again."""
    folder = begin(site, Step.MIGRATING, backup=site.parent / "backup")
    replace_files(site)
    (site.parent / "backup").write_bytes((site.parent / "database").read_bytes())
    (site.parent / "database").unlink()
    (site.parent / "database").mkdir()  # what SQLite cannot open

    with pytest.raises(OSError, match="cannot be read"):
        recover(folder)

    assert (folder / JOURNAL).exists()
    assert (site.parent / "backup").exists()
    assert (site / GUARD / "before/0").exists()


def test_a_failure_without_a_migration(site):
    """When the database stays as it is, a last step that failed brings the old version back; one that was only killed
    leaves the new one, which is whole.
    """
    before = files(site)
    folder = begin(site, Step.MIGRATING)
    noted = json.loads((folder / JOURNAL).read_text())
    (folder / JOURNAL).write_text(json.dumps(noted | {"head_after": BEFORE}))
    replace_files(site)

    report = end(folder, "it failed", has_failed=True)

    assert report["outcome"] == Outcome.RESTORED
    assert files(site) == before


def test_the_guard_of_another_shop(site, tmp_path):
    """What another shop in the same environment keeps safe is neither used nor taken away."""
    begin(site, Step.INSTALLING)

    with pytest.raises(UpdateError, match="An update of another shop"):
        snapshot.guard(site, ["reverb_plugin"], tmp_path / "another")
    remove_guard(site, tmp_path / "another")

    assert (site / GUARD / "before/0/inside/module.py").read_text() == "old"


def test_what_is_kept_takes_no_room(site):
    """The old files are kept as further names of the same files, and as copies where that cannot be."""
    begin(site, Step.INSTALLING)

    kept = site / GUARD / "before/0/inside/module.py"

    assert kept.samefile(site / "reverb_plugin/inside/module.py")


def test_notes_that_cannot_be_read(site):
    """Notes that somebody spoiled end in a report, not in an error at each start."""
    folder = begin(site, Step.DOWNLOADING)
    (folder / JOURNAL).write_text("{")

    recover_if_needed(site.parent)

    assert find_report(site.parent).outcome is Outcome.UNTOUCHED
    assert "The installed version and its database were not touched" in find_report(site.parent).words


def test_nothing_to_do(tmp_path):
    """A shop that was never updated is not even given a folder."""
    recover_if_needed(tmp_path)

    assert list(tmp_path.iterdir()) == []
    assert find_report(tmp_path) is None


def test_a_folder_that_is_not_there_yet(site):
    """Started before the disk with the data is mounted, Python keeps the old files for the start after that."""
    before = files(site)
    folder = begin(site, Step.INSTALLING)
    replace_files(site)
    start = [sys.executable, "-I", site / GUARD / "__init__.py", folder]

    folder.rename(site / "not mounted")
    subprocess.run(start, check=True)
    (site / "not mounted").rename(folder)
    subprocess.run(start, check=True)

    assert files(site) == before


def test_a_folder_that_was_named_from_here(tmp_path, monkeypatch):
    """Who takes up an update was started elsewhere."""
    monkeypatch.chdir(tmp_path)

    assert data_folder("data") == tmp_path / "data"


def test_an_update_that_runs_is_left_alone(site):
    """Who starts meanwhile does not undo what another process is doing."""
    folder = begin(site, Step.TRYING)
    noted = json.loads((folder / JOURNAL).read_text())
    (folder / JOURNAL).write_text(json.dumps(noted | {"pid": os.getpid()}))

    with opened(site.parent):
        recover(folder)

    assert (folder / JOURNAL).exists()


def test_a_report_that_cannot_be_read(tmp_path):
    """A spoiled report is none."""
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / LAST).write_text('{"outcome": "odd"}')

    assert find_report(tmp_path) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_leaves(tmp_path):
    """Who puts an update right or asks the index as root leaves nothing that the shop's user cannot open; a link that
    leads elsewhere is not followed.
    """
    os.chown(tmp_path, 12345, 12345)
    change_state(tmp_path, NOW, lambda _: State("https://pypi.org/simple/", NOW, NOW))
    write_json(tmp_path / LAST, {})
    (tmp_path / "led").symlink_to("/etc/passwd")

    with pytest.raises(OSError, match="symbolic links"):
        open_private(tmp_path / "led", os.O_WRONLY)

    assert {path.lstat().st_uid for path in tmp_path.iterdir() if path.name != "led"} == {12345}
    assert len(list(tmp_path.iterdir())) == 4


def test_a_step_that_cannot_be_noted(tmp_path):
    """The notes from before stay whole when new ones cannot be written."""
    journal = Journal(tmp_path, 0)
    journal.note(Step.TRYING)

    with pytest.raises(TypeError):
        journal.note(Step.INSTALLING, strange=object())

    assert json.loads((tmp_path / JOURNAL).read_text())["step"] == Step.TRYING
