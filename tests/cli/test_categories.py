"""`reverb-plugin categories`: what the setting category_map takes."""

import json
import re
import time
from dataclasses import replace

import pytest

from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.clock import Clock
from reverb_plugin.store.store import open_store

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


@pytest.fixture
def categories(invoke, simulator, monkeypatch):
    monkeypatch.setenv("REVERB_API_URL", simulator.url)
    return lambda *arguments: invoke("categories", *arguments)


def test_all_with_whole_uuids(categories):
    """Without a word and without a token all are listed; each uuid stays whole at 80 columns."""
    result = categories()
    rows = json.loads(categories("--json").stdout)

    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert all(row["uuid"] in result.stdout for row in rows)
    assert all(UUID.match(row["uuid"]) for row in rows)


def test_words_choose(categories):
    """Each word has to be somewhere in the full name, in any case of letters."""
    everything = [row["full_name"] for row in json.loads(categories("--json").stdout)]

    chosen = [row["full_name"] for row in json.loads(categories("--json", "GUITARS", "electric").stdout)]

    assert chosen == [name for name in everything if "guitars" in name.lower() and "electric" in name.lower()]
    assert 0 < len(chosen) < len(everything)


def test_none_found(categories):
    """A word that no name has is told."""
    result = categories("zither of doom")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No category has such a name.\n")


@pytest.mark.parametrize("has_token", [True, False])
def test_token_is_sent_when_there_is_one(has_token, categories, simulator, monkeypatch):
    """Who has a token asks with it."""
    if has_token:
        monkeypatch.setenv("REVERB_TOKEN", simulator.token)

    categories()

    (request,) = simulator.door.requests()
    assert any(name.lower() == "authorization" for name in request.headers) is has_token


def test_reverb_is_known_to_be_down(categories, tmp_path):
    """While Reverb is known not to answer it is not asked: one line, and 4."""
    store = open_store(tmp_path / "data", "sandbox", Clock())
    until = time.time() + 60
    store.change_remote_state(lambda state: replace(state, failures=9, open_until=until, cause="HTTP 503"))
    store.close()

    result = categories()

    assert result.exit_code == ExitCode.NOT_SENT
    assert "Reverb was not asked: Reverb cannot be reached (HTTP 503)" in result.stderr
