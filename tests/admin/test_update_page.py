"""The page Updates: what is new, how to get it, and what a person may say to it."""

import re

import pytest
from werkzeug.test import Client

from reverb_plugin import version
from reverb_plugin.update import notice, recover
from reverb_plugin.update.manager import Kind, Manager
from tests.admin.visitor import OWN, Visitor, text_of
from tests.update.index_server import IndexServer
from tests.update.wheels import make_wheel

SECURITY = "## 0.2.0 - 2026-12-01\n\n### Security\n\n- <script>alert(1)</script> is *shown* as it is.\n"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    return [make_wheel(folder, "0.2.0", changes=SECURITY), make_wheel(folder, "0.3.0", requires_python=">=9")]


@pytest.fixture
def index(wheels):
    with IndexServer.of(*wheels) as server:
        yield server


@pytest.fixture
def visitor(market, index, monkeypatch):
    monkeypatch.setenv("REVERB_UPDATE_INDEX_URL", index.url)
    market.plugin.configuration.reload()
    return Visitor(market.plugin)


def look(market, visitor):
    """Presses the button and waits for what comes out."""
    visitor.press(visitor.open("/update"), "Look now")
    market.plugin.updates.wait(10)
    return visitor.open("/update")


def test_before_the_first_look(visitor, index):
    """It says that nothing is known, where it would be asked, and asks nobody by itself."""
    told = text_of(visitor.open("/update"))
    assert "Version 0.1.0 runs here." in told
    assert f"Package index {index.url}" in told
    assert "Last look never" in told
    assert index.requests == []


def test_look_now(market, visitor, index):
    """The button asks beside the request; meanwhile the page refreshes itself."""
    index.fault, answer = lambda handler: index.stopping.wait(5), visitor.open("/update")
    page = visitor.press(answer, "Look now")
    assert "The package index is being asked." in page.text
    assert 'data-refresh-seconds="1"' in page.text
    index.stopping.set()
    market.plugin.updates.wait(10)
    page = visitor.open("/update")
    assert "data-refresh-seconds" not in page.text
    assert "What went wrong" in page.text


def test_what_is_new(market, visitor):
    """The changes as plain text, that they are about security, and why a still newer one is not for here."""
    page = look(market, visitor)
    told = text_of(page)
    assert "Version 0.2.0" in told
    assert "It mends a security problem. 1 change since 0.1.0." in told
    assert "&lt;script&gt;alert(1)&lt;/script&gt; is shown as it is." in page.text
    assert "0.3.0 it needs Python >=9" in told
    assert "There is no newer version" not in told


@pytest.mark.parametrize(
    ("manager", "words"),
    [
        (Manager(Kind.OURS, "", "/srv/bin/reverb-plugin update"), "Run this on the machine of the shop"),
        (Manager(Kind.TOOL, "It was installed with uv.", "uv pip install 'x=={version}'"), "It was installed with uv."),
    ],
)
def test_how_to_get_it(market, visitor, monkeypatch, manager, words):
    """The command stands there to be copied, with why the plugin does not do it where it does not."""
    monkeypatch.setattr(notice, "find_manager", lambda *_: manager)
    page = look(market, visitor)
    assert words in text_of(page)
    assert manager.command_for("0.2.0").replace("'", "&#39;") in page.text


def test_on_the_overview(market, visitor):
    """A security update is a warning there, with the way to its page; everything else is worth knowing."""
    look(market, visitor)
    page = visitor.open("/")
    assert "Version 0.2.0 of the plugin is there" in re.findall(r'class="problem-title">(.*?)</p>', page.text)
    assert 'href="/update">See what is new</a>' in page.text


def test_skip(market, visitor):
    """Skipped, it stands on its own page alone, where one can be reminded again."""
    page = visitor.press(look(market, visitor), "Skip this version")
    assert "You are told of the version after it." in page.text
    assert "You skip this version" in page.text
    assert "of the plugin is there" not in visitor.open("/").text
    page = visitor.press(page, "Remind me in a week")
    assert "You are told again in a week." in page.text
    assert "of the plugin is there" not in visitor.open("/").text
    market.clock.advance(8 * 86_400)
    assert "of the plugin is there" in visitor.open("/").text


def test_a_version_that_is_none(visitor):
    """A form that was made up is refused."""
    assert visitor.send("/update/skip", version="../../x").status_code == 400
    assert visitor.send("/update/skip").status_code == 400


def test_a_look_must_come_from_the_page(visitor, index):
    """Another site cannot have the index asked."""
    answer = visitor.client.post("/update/look", headers={**OWN, "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert index.requests == []


def test_the_index_cannot_be_changed_on_the_page(market, visitor, monkeypatch):
    """Who may enter the page could otherwise have any program installed."""
    monkeypatch.delenv("REVERB_UPDATE_INDEX_URL")
    market.plugin.configuration.reload()
    visitor.send("/settings/keeping", update_index_url="https://evil.example.com/", update_check="on")
    assert market.plugin.configuration.reload().values.update_index_url == "https://pypi.org/simple/"
    assert "update_index_url" not in visitor.open("/settings/keeping").text


OURS = Manager(Kind.OURS, "", "/srv/bin/reverb-plugin update")


@pytest.mark.parametrize(
    ("may_update", "manager", "has_button"),
    [
        (False, OURS, False),
        (True, Manager(Kind.TOOL, "It was installed with uv.", "uv"), False),
        (True, OURS, True),
    ],
)
def test_the_button(market, visitor, monkeypatch, may_update, manager, has_button):
    """It is there only where the host allows it and the plugin may replace itself, and a made-up form does not help."""
    monkeypatch.setattr(notice, "find_manager", lambda *_: manager)
    visitor.client = Client(market.plugin.admin_app(lambda environ: True, update_button=may_update))
    page = look(market, visitor)
    assert ("Install it now" in page.text) is has_button
    if not has_button:
        assert visitor.send("/update/install", version="0.2.0").status_code == 403
    assert not (market.plugin.store.path.parent / "update").exists()


def test_another_version_than_was_shown(market, visitor, monkeypatch):
    """What is installed is what the person has seen the changes of."""
    monkeypatch.setattr(notice, "find_manager", lambda *_: OURS)
    visitor.client = Client(market.plugin.admin_app(lambda environ: True, update_button=True))
    look(market, visitor)
    assert "There is another version meanwhile." in visitor.send("/update/install", version="0.1.5").text


def test_the_last_update(market, visitor):
    """How the last update ended stands on the page, and one that did not succeed on the overview."""
    folder = market.plugin.store.path.parent / recover.FOLDER
    folder.mkdir(exist_ok=True)
    facts = {"outcome": "restored", "version_before": "0.1.0", "version_after": "0.2.0", "step": "installing"}
    now = market.plugin.clock.now().isoformat()
    recover.write_json(folder / recover.LAST, facts | {"cause": "the disk is full", "backup": "", "ended_at": now})
    said = "The update to 0.2.0 was broken off while pip was installing it: the disk is full."

    assert f"The last update {said}" in text_of(visitor.open("/update"))
    overview = text_of(visitor.open("/"))
    assert "An update of the plugin did not succeed" in overview
    assert said in overview


def test_a_process_of_an_older_version(visitor, monkeypatch, tmp_path):
    """After an update every page of a process from before asks for a restart; nothing is made of two versions."""
    installed = tmp_path / "version.py"
    installed.write_text('__version__ = "0.2.0"\n')
    monkeypatch.setattr(version, "__file__", str(installed))

    answer = visitor.open("/log")

    assert answer.status_code == 503
    assert "Version 0.2.0 of the plugin is installed; this process of the shop still runs 0.1.0." in answer.text
