"""What is remembered of the index: written whole or not at all, and what cannot be read never was."""

import json
import os
import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reverb_plugin.errors import UpdateError
from reverb_plugin.update.changelog import Group, Section
from reverb_plugin.update.offer import Offer, PassedOver
from reverb_plugin.update.state import FILE_NAME, State, change_state, read_state
from tests.children import start

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
WHOLE = State(
    index_url="https://pypi.org/simple/",
    began_at=NOW - timedelta(days=9),
    due_at=NOW + timedelta(days=1),
    checked_at=NOW,
    succeeded_at=NOW - timedelta(days=1),
    failure="down",
    newest_seen="0.3.0",
    newest_seen_at=NOW,
    offer=Offer(
        "0.2.0",
        (Section("0.2.0", "2026-12-01", (Group("Added", ("One.", "Zwei \u2028 Drei.")),)),),
        is_security=True,
        needs_migration=False,
        adds=("x>=1",),
    ),
    passed_over=(PassedOver("0.3.0", "it is too new"),),
    skipped="0.2.0",
    remind_at=NOW + timedelta(days=7),
)
FRESH = State("https://pypi.org/simple/", NOW, NOW)


def keep(folder, state):
    return change_state(folder, NOW, lambda _: state)


def content(folder):
    return json.loads((folder / FILE_NAME).read_text())


@pytest.mark.parametrize("state", [WHOLE, FRESH])
def test_what_is_kept_comes_back(tmp_path, state):
    """All of it, in a file for this user alone."""
    keep(tmp_path, state)
    assert read_state(tmp_path, NOW) == state
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / f"{FILE_NAME}.new").exists()


def test_nothing_is_remembered_at_first(tmp_path):
    """Neither in an empty folder nor in one that is not there; reading makes neither."""
    assert read_state(tmp_path, NOW) is None
    assert read_state(tmp_path / "none", NOW) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[:-40],
        lambda text: "\0" * len(text),
        lambda text: "null",
        lambda text: "[]",
        lambda text: "[" * 100_000,
        lambda text: text.replace('"form": 1', '"form": 2'),
        lambda text: text.replace('"due_at"', '"due"'),
        lambda text: text.replace("+00:00", ""),
        lambda text: text.replace('"0.2.0"', '"newest"'),
        lambda text: text.replace('"entries"', '"points"'),
    ],
)
def test_broken_state_is_no_state(tmp_path, damage):
    """Cut off, of another form, or made of nonsense: as if nothing were known, and the next look writes it anew."""
    keep(tmp_path, WHOLE)
    (tmp_path / FILE_NAME).write_text(damage((tmp_path / FILE_NAME).read_text()))
    assert read_state(tmp_path, NOW) is None
    seen = []
    change_state(tmp_path, NOW, lambda state: seen.append(state) or FRESH)
    assert seen == [None]
    assert read_state(tmp_path, NOW) == FRESH


def test_each_field_is_checked(tmp_path):
    """A field of another type, whichever it is, makes it no state; never an error."""
    keep(tmp_path, WHOLE)
    whole = content(tmp_path)
    for name in whole:
        for strange in ([], {"a": 1}, -1, "\ud800"):
            (tmp_path / FILE_NAME).write_text(json.dumps({**whole, name: strange}))
            state = read_state(tmp_path, NOW)
            assert state is None or isinstance(state.due_at, datetime)


def test_a_state_from_the_future(tmp_path):
    """What was written before the clock was set back by more than a day counts for nothing."""
    keep(tmp_path, FRESH)
    assert read_state(tmp_path, NOW - timedelta(hours=23)) == FRESH
    assert read_state(tmp_path, NOW - timedelta(hours=25)) is None


def test_a_folder_that_cannot_be_written(tmp_path):
    """It is said which file, and why."""
    (tmp_path / "file").touch()
    with pytest.raises(UpdateError, match=r"update\.json cannot be written: .*exists"):
        keep(tmp_path / "file", FRESH)


def test_no_change_is_lost(tmp_path):
    """Many that change it at the same time come one after the other."""
    keep(tmp_path, FRESH)

    def add():
        for _ in range(20):
            change_state(tmp_path, NOW, lambda state: replace(state, failure=state.failure + "x"))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_state(tmp_path, NOW).failure == "x" * 80


def test_killed_while_writing(tmp_path):
    """However a process ends, the file is whole: that of before or of after, never a part."""
    script = """
    from datetime import UTC, datetime
    from reverb_plugin.update.state import State, change_state
    now = datetime(2026, 12, 1, 12, tzinfo=UTC)
    say("ready")
    number = 0
    while True:
        number += 1
        change_state(Path(folder), now, lambda _: State("https://x/", now, now, failure=str(number) * 20_000))
    """
    child = start(script, tmp_path)
    assert child.stdout.readline() == "ready\n"
    while not (tmp_path / FILE_NAME).exists():
        pass
    for _ in range(200):
        assert read_state(tmp_path, NOW) is not None
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    state = read_state(tmp_path, NOW)
    assert len(state.failure) % 20_000 == 0
    keep(tmp_path, FRESH)
    assert read_state(tmp_path, NOW) == FRESH
