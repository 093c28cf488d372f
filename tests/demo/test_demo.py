"""The demo as a person runs it: real processes, real HTTP, and nothing left behind."""

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from reverb_plugin.demo import run, show
from reverb_plugin.demo.stage import Stage
from reverb_plugin.demo.story import STORY, Step

RUN = "from reverb_plugin.demo import show; import sys; {before}; sys.exit(show.run(once={once}))"
CLI = (sys.executable, "-m", "reverb_plugin")
PATIENCE_SECONDS = 100


@contextmanager
def demo(folder: Path, *, once: bool = True, before: str = "pass", stdin: int = subprocess.DEVNULL) -> Iterator:
    """The demo in a process of its own, with ``folder`` for temporary files."""
    program = RUN.format(before=before, once=once)
    environ = os.environ | {"TMPDIR": str(folder), "REVERB_AUTO_PUBLISH": "on", "HTTP_PROXY": "http://127.0.0.1:9"}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environ,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen, beginning: str) -> str:
    """What the demo has written up to the line that begins like this."""
    told = []
    for line in process.stdout:
        told.append(line)
        if line.startswith(beginning):
            return "".join(told)
    raise AssertionError("".join(told))


def is_gone(told: str) -> bool:
    """Whether nobody listens any more where the simulator was."""
    address = urlsplit(re.search(r"http://127\.0\.0\.1:\d+", told)[0])
    with socket.socket() as connection:
        return connection.connect_ex((address.hostname, address.port)) != 0


def test_story_is_told(tmp_path):
    """With --once every step is told and proved, nothing outside changes the story, and nothing is left behind."""
    with demo(tmp_path) as process:
        told, _ = process.communicate(timeout=PATIENCE_SECONDS)

    headings = re.findall(r"^Step \d+ of 10: (.+)$", told, re.MULTILINE)
    assert process.returncode == 0, told
    assert headings == [step.heading for step in STORY]
    assert len(re.findall(r"^Proof ", told, re.MULTILINE)) == len(STORY) + 1
    assert "44 lookups, 43 creations, 1 refused, Reverb shows 43 drafts, 0 live" in told
    assert "U-SQ-STRAT-93 refused: Category cannot be used for listings" in told
    assert "To do     Correct in the shop what Reverb's message names" in told
    assert re.search(r"the page in\s+its admin with 200\.", told)
    assert max(map(len, told.splitlines())) <= 80
    assert is_gone(told)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption_leaves_nothing_behind(tmp_path, number):
    """Ctrl-C in the middle of a step, or a plain kill, ends the simulator and removes the folder."""
    with demo(tmp_path) as process:
        told = read_until(process, "Step 2")
        assert not is_gone(told)
        assert list(tmp_path.iterdir()) != []
        process.send_signal(number)
        process.send_signal(number)
        rest, _ = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 130, rest
    assert "Traceback" not in rest
    assert is_gone(told)
    assert list(tmp_path.iterdir()) == []


def test_person_is_waited_for(tmp_path):
    """Without --once each step waits for Enter; then all stays up until Ctrl-C, pages and commands work."""
    ours, theirs = pty.openpty()
    try:
        with demo(tmp_path, once=False, before="show.STORY = show.STORY[:1]", stdin=theirs) as process:
            told = read_until(process, "It asks Reverb")
            os.write(ours, b"\n")
            told += read_until(process, "  the sync log")
            assert not is_gone(told)
            link = re.search(r"shop and its admin +(http://127\.0\.0\.1:\d+/enter/\S+)", told)[1]
            with urlopen(link, timeout=PATIENCE_SECONDS) as answer:
                assert "SameSite=Strict" in answer.headers["Set-Cookie"]
            commands = re.findall(r"reverb-plugin (.+ --data-dir \S+)$", told, re.MULTILINE)
            exit_codes = [subprocess.call([*CLI, *command.split()], stdout=subprocess.DEVNULL) for command in commands]
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE_SECONDS)
    finally:
        os.close(ours)
        os.close(theirs)

    assert process.returncode == 0
    assert "Press Enter" in told
    assert exit_codes == [0, 0]
    assert is_gone(told)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """Where demos of this process have their temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_wrong_step_is_shown(folder, monkeypatch, capsys):
    """When Reverb does not show what the story says, the step is marked as wrong and the exit code is 1."""

    def meddle(stage, _teller):
        stage.door.add_listing(sku="SOMEBODY-ELSES")
        return ()

    monkeypatch.setattr(show, "STORY", (Step("somebody meddles", "It is not told.", meddle), STORY[0]))

    assert run(once=True) == 1

    told = capsys.readouterr().out
    assert re.search(r"^WRONG .*1\s+listings\s+on\s+Reverb\s+\(it\s+should\s+be\s+0\)", told, re.MULTILINE | re.DOTALL)
    assert "Not all of it went as told" in told


def test_simulator_that_dies_ends_the_story(folder, monkeypatch, capsys):
    """When a part of the demo dies, the story ends at once, says so, and the exit code is 1."""

    def kill(stage, _teller):
        stage._process.kill()
        stage.wait_for(lambda: False, "something happened")

    monkeypatch.setattr(show, "STORY", (Step("the end", "Nothing happens.", kill),))

    assert run(once=True) == 1
    assert "The story ends here. The simulator has ended." in capsys.readouterr().out
    assert list(folder.iterdir()) == []


def test_wait_has_an_end(folder, monkeypatch, capsys):
    """What never happens is not waited for for ever."""
    monkeypatch.setattr("reverb_plugin.demo.stage.PATIENCE_SECONDS", 0.1)

    def wait(stage: Stage, _teller):
        stage.wait_for(lambda: False, "the cows came home")

    monkeypatch.setattr(show, "STORY", (Step("the wait", "Nothing happens.", wait),))

    assert run(once=True) == 1
    assert "in vain until the cows" in capsys.readouterr().out


def test_second_run_brings_nothing_back(folder, monkeypatch):
    """A demo that follows another in the same process leaves the folder of the first one gone."""
    monkeypatch.setattr(show, "STORY", STORY[:1])

    assert [run(once=True), run(once=True)] == [0, 0]
    assert list(folder.iterdir()) == []
