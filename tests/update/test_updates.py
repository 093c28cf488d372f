"""Looking for newer versions: once a day at most, in the background, without a word when it fails."""

import logging
import threading
from datetime import timedelta

import pytest
from packaging.version import Version

from reverb_plugin.errors import IndexRefusedError, IndexUnreachableError, UpdateError
from reverb_plugin.settings import load_settings
from reverb_plugin.testing import FrozenClock
from reverb_plugin.update.manager import Kind, Manager
from reverb_plugin.update.notice import make_notice, make_status
from reverb_plugin.update.offer import Offer
from reverb_plugin.update.state import FILE_NAME, State
from reverb_plugin.update.updates import EVERY, FIRST_AFTER, SPREAD_SECONDS, Updates
from tests.update.index_server import IndexServer
from tests.update.looking import DEPENDENCIES, Looker
from tests.update.wheels import make_wheel

HOUR = 3600
PAGE = "/simple/reverb-plugin/"


def looks(index_server):
    return index_server.requests.count(PAGE)


def test_not_before_an_hour(looker, publish, index_server):
    """A shop that was set up just now asks nobody; an hour later it does."""
    publish("0.2.0")
    looker.tend()
    assert looks(index_server) == 0
    looker.clock.advance(FIRST_AFTER.total_seconds())
    looker.tend()
    assert looks(index_server) == 1
    assert looker.updates.status().notice.version == "0.2.0"


@pytest.mark.parametrize("status", [200, 503])
def test_at_most_once_a_day(looker, publish, index_server, status):
    """However often the worker asks, and whether the index answers or not."""
    publish("0.2.0")
    index_server.status = status
    for _ in range(5 * 24):
        looker.tend()
        looker.clock.advance(HOUR)
    assert 4 <= looks(index_server) <= 5


def test_one_of_many_processes_looks(looker, publish, index_server):
    """Those that come at the same moment agree on one."""
    publish("0.2.0")
    looker.tend()
    looker.pass_days(1)
    processes = [looker.again() for _ in range(5)]
    threads = [threading.Thread(target=process.tend) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.wait(10)
    assert looks(index_server) == 1


def test_shops_do_not_ask_at_the_same_moment(tmp_path, index_server):
    """The next look is due in a day and up to an hour, each shop's at another moment."""
    due = set()
    for seed in range(5):
        looker = Looker(tmp_path / str(seed), index_server.url)
        looker.clock = FrozenClock(seed=seed)
        looker.updates = looker.again()
        state = looker.updates._change(looker.updates._postpone)
        due.add(state.due_at - looker.clock.now())
    assert len(due) == 5
    assert all(EVERY <= wait <= EVERY + timedelta(seconds=SPREAD_SECONDS) for wait in due)


def test_switched_off(looker, publish, index_server):
    """With the setting off nobody is asked, and what was found before is not told; asking by hand works."""
    publish("0.2.0")
    looker.updates.check()
    looker.is_on = False
    looker.pass_days(30)
    looker.tend()
    assert looks(index_server) == 1
    status = looker.updates.status()
    assert status.prompt is None
    assert status.stale_words == ""
    assert status.words == "0.2.0 is there (newer versions are not looked for)"
    assert looker.updates.check().notice.version == "0.2.0"


def test_silent_when_offline(tmp_path, caplog):
    """An outage is no news: nothing above debug is logged, and nothing is told before two weeks."""
    with IndexServer() as gone:
        looker = Looker(tmp_path / "data", gone.url)
    looker.pass_days(1)
    with caplog.at_level(logging.INFO):
        looker.tend()
        looker.clock.advance(2 * HOUR)
        looker.tend()
    assert caplog.records == []
    assert looker.updates.status().prompt is None


def test_asked_by_hand_it_tells(looker, index_server):
    """A person who asks learns why there is no answer."""
    index_server.status = 404
    with pytest.raises(IndexRefusedError, match="does not know it"):
        looker.updates.check()
    index_server.status = 401
    with pytest.raises(IndexRefusedError, match=r"refused to us with 401; ~/\.netrc"):
        looker.updates.check()
    index_server.status = 429
    with pytest.raises(IndexUnreachableError, match="answers 429"):
        looker.updates.check()
    assert "answers 429" in looker.updates.status().failure


def test_a_failed_look_keeps_what_was_found(looker, publish, index_server):
    """What waits goes on waiting while the index is down."""
    publish("0.2.0")
    looker.updates.check()
    index_server.status = 503
    with pytest.raises(IndexUnreachableError):
        looker.updates.check()
    assert looker.updates.status().notice.version == "0.2.0"


def test_a_folder_that_cannot_be_written(looker, index_server, tmp_path, caplog):
    """The worker goes on without a word, and the index is not asked; asked by hand, it is said."""
    (tmp_path / "file").touch()
    looker = Looker(tmp_path / "file", looker.url)
    with caplog.at_level(logging.INFO):
        looker.tend()
    assert caplog.records == []
    assert looks(index_server) == 0
    with pytest.raises(UpdateError, match="cannot be written"):
        looker.updates.skip("1")


def test_html_alone(looker, publish, index_server):
    """An index without JSON will do."""
    publish("0.2.0", said={"yanked": "it forgets photos"})
    publish("0.1.1")
    index_server.html = True
    assert looker.offered() == "0.1.1"
    assert looker.reasons() == {"0.2.0": "it was withdrawn: it forgets photos"}


def test_after_the_update(looker, publish):
    """What waited waits no more once it is installed, without another look."""
    publish("0.2.0")
    looker.updates.check()
    state_file = (looker.folder / FILE_NAME).read_text()
    installed = state_file.replace('"version": "0.2.0"', '"version": "0.1.0"')
    (looker.folder / FILE_NAME).write_text(installed)
    assert looker.updates.status().notice is None
    assert looker.updates.status().words == "the newest"


def test_skip(looker, publish):
    """A skipped version is told of no more; the one after it is."""
    publish("0.2.0")
    looker.updates.check()
    assert looker.updates.status().prompt.version == "0.2.0"
    looker.updates.skip("0.2")
    looker.updates.check()
    status = looker.updates.status()
    assert status.prompt is None
    assert status.hidden == "skipped"
    publish("0.2.1")
    assert looker.updates.check().prompt.version == "0.2.1"


def test_remind(looker, publish):
    """It is silent for a week, then told again; also a version that was skipped before."""
    publish("0.2.0")
    looker.updates.check()
    looker.updates.skip("0.2.0")
    looker.updates.remind_later()
    assert looker.updates.status().hidden == "later"
    looker.pass_days(6.9)
    assert looker.updates.status().prompt is None
    looker.pass_days(0.2)
    assert looker.updates.status().prompt.version == "0.2.0"


def test_no_version(looker):
    """Skipping takes a version."""
    with pytest.raises(UpdateError, match="'latest' is no version"):
        looker.updates.skip("latest")


def test_what_a_person_said_survives_a_look(looker, publish):
    """A look that is under way while a person skips takes nothing back."""
    publish("0.2.0")
    looker.updates.check()
    fetcher = looker.updates._fetcher
    before = fetcher.get_page

    def meanwhile(url):
        page = before(url)
        looker.again().skip("0.2.0")
        return page

    fetcher.get_page = meanwhile
    assert looker.updates.check().hidden == "skipped"


def test_another_index(looker, publish):
    """What one index said counts for nothing at another, and is not mixed with it."""
    publish("0.2.0")
    looker.updates.check()
    looker.url = "https://mirror.example.com/simple/"
    status = looker.updates.status()
    assert status.notice is None
    assert status.checked_at is None
    looker.updates.tend()
    assert looker.updates.status().checked_at is None


def test_moving_to_another_index(looker, publish, tmp_path):
    """The new index is believed from the beginning, also when it lists less than the one before."""
    publish("0.2.0")
    looker.updates.check()
    looker.updates.skip("0.1.5")
    with IndexServer.of(make_wheel(tmp_path, "0.1.5", requires=DEPENDENCIES)) as other:
        looker.url = other.url
        assert looker.updates.check().prompt.version == "0.1.5"
        assert looker.again().status().prompt.version == "0.1.5"


def test_an_index_that_cannot_be_meant(tmp_path):
    """A shop whose own index is mistyped does not ask the public one, where anybody may have put another package."""
    looker = Looker(tmp_path / "data", "https//pip.example.com/simple/")
    looker.pass_days(1)
    looker.tend()
    with pytest.raises(IndexRefusedError, match="no other is asked instead"):
        looker.updates.look()
    assert not looker.folder.exists()


def test_a_clock_that_is_set_back(looker, publish, index_server):
    """A look that seems to be due in a year is due now."""
    publish("0.2.0")
    looker.tend()
    text = (looker.folder / FILE_NAME).read_text()
    (looker.folder / FILE_NAME).write_text(text.replace('"due_at": "2026', '"due_at": "2027'))
    looker.tend()
    assert looks(index_server) == 1


def test_without_threads(looker, publish, index_server, monkeypatch):
    """Where no thread can be started nothing happens, and nothing is raised."""
    publish("0.2.0")
    looker.tend()
    looker.pass_days(1)

    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    looker.updates.tend()
    assert not looker.updates.is_looking
    assert looks(index_server) == 0


@pytest.mark.swallows
def test_a_mistake_of_ours(looker, publish, swallowed_errors, caplog):
    """Not even that reaches the host; it stands in the log."""
    publish("0.2.0")
    updates = Updates(looker.folder, looker.settings, looker.clock, here=lambda: 1 / 0)
    updates.begin()
    updates.wait(10)
    assert "Looking for newer versions failed" in caplog.text
    assert isinstance(swallowed_errors[0], ZeroDivisionError)


OFFER = Offer("9.0", (), is_security=False, needs_migration=False)
MANAGER = Manager(Kind.OURS, "", "reverb-plugin update")
NOW = FrozenClock().now()
KNOWN = State("https://pypi.org/simple/", NOW - timedelta(days=20), NOW, NOW, NOW, offer=OFFER)
SETTINGS = load_settings({}, {}, {}).values


def test_the_notice_is_a_value():
    """Version, what changed, security, migration, what it needs, and the command."""
    offer = Offer("9.0", (), is_security=True, needs_migration=True, adds=("x>=1", "y"))
    notice = make_notice(offer, MANAGER)
    assert (notice.version, notice.command, notice.can_install) == ("9.0", "reverb-plugin update", True)
    assert notice.words == (
        "It mends a security problem. The database is brought to a new form while it is installed. "
        "It needs what is not installed yet: x>=1, y."
    )


def test_the_status_is_json(looker, publish):
    """It can be printed and put into a bundle as it is."""
    publish("0.2.0")
    publish("0.3.0rc1")
    facts = looker.updates.check().as_facts()
    assert facts["notice"]["offer"]["version"] == "0.2.0"
    assert facts["passed_over"] == ({"version": "0.3.0rc1", "reason": "it is a pre-release"},)
    assert facts["checked_at"] == looker.clock.now().isoformat()
    assert facts["words"] == "0.2.0 is there"


def test_nobody_looks_around_without_an_offer():
    """The environment is looked at only when there is something to install."""
    state = State("https://pypi.org/simple/", NOW, NOW)
    assert make_status(state, SETTINGS, NOW, lambda: 1 / 0).notice is None
    assert make_status(None, SETTINGS, NOW, lambda: 1 / 0).words == "newer versions were not looked for yet"


def test_an_older_offer_than_what_runs():
    """What was found by an older version, before this one was installed in another way, is nothing new."""
    offer = Offer(str(Version("0.0.9")), (), is_security=False, needs_migration=False)
    state = State("https://pypi.org/simple/", NOW, NOW, NOW, NOW, offer=offer)
    assert make_status(state, SETTINGS, NOW, lambda: MANAGER).notice is None
    assert make_status(KNOWN, SETTINGS, NOW, lambda: MANAGER).notice.version == "9.0"
