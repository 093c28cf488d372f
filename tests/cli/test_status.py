"""`reverb-plugin status` and `reverb-plugin retry`: what a person sees of the database."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from reverb_plugin.changes import Outcome, Reason, product_changed
from reverb_plugin.cli.texts import counted, duration, printable
from reverb_plugin.clock import Clock
from reverb_plugin.errors import FieldError, RefusedError
from reverb_plugin.redact import Secret
from reverb_plugin.store.remote_state import RemoteState
from reverb_plugin.store.store import Done, Park, open_store
from reverb_plugin.sync.recording import SKEW
from reverb_plugin.sync.remote import token_fingerprint
from tests.cli.attempts import attempt

MESSAGE = "Reverb refused [bold]it[/bold] \x1b[2J"


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "data", "sandbox", Clock())
    yield store
    store.close()


def refuse(store, sku="BAD-1"):
    errors = (FieldError("price", "is too [red]low"),)
    attempt(store, sku, Park(), Outcome.REFUSED, message=MESSAGE, code=RefusedError.code, errors=errors)


def status(invoke):
    return json.loads(invoke("status", "--json").stdout)


def test_empty_database(invoke):
    """Before anything happened it says so, and what to do first."""
    result = invoke("status")

    assert result.exit_code == 0
    for told in ("sandbox", "not set: `reverb-plugin settings set token`", "empty", "no process sends", "none yet"):
        assert told in result.output


@pytest.mark.parametrize(("environment", "told"), [("sandbox", " sandbox "), ("production", " PRODUCTION ")])
def test_environment_is_unmistakable(environment, told, invoke, monkeypatch):
    """The two environments look different, in words and on a terminal in colour."""
    invoke("settings", "set", "environment", environment)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")

    output = invoke("status").output

    assert told in output
    assert ("\x1b[1;37;41m PRODUCTION \x1b[0m" in output) is (environment == "production")


@pytest.mark.parametrize("command", ["status", "log", "settings show"])
def test_no_blanks_around_what_is_piped(command, invoke, store):
    """Without colours the badge has no margin, and no line ends in blanks."""
    refuse(store)

    output = invoke(*command.split()).output

    assert [line for line in output.splitlines() if line != line.rstrip()] == []
    assert command != "status" or "Environment   sandbox\n" in output


def test_what_it_tells(invoke, store):
    """Token, queue, who sends, links and the last success are told, and the same as JSON."""
    invoke("settings", "set", "token", stdin="made-up-token")
    attempt(store, "A-1", Done(), Outcome.UPDATED)
    refuse(store)
    store.record([product_changed("A-2", Reason.BY_HAND), product_changed("A-3", Reason.BY_HAND)])
    store.claim_sender("shop.example:42", "9.9", 30)

    output = " ".join(invoke("status").output.split())
    facts = status(invoke)

    assert "set (from the database)" in output
    assert "2 waiting, 0 being sent, 1 parked; the oldest has been waiting for 0 s" in output
    assert "shop.example:42, version 9.9, since" in output
    assert "made-up-token" not in output + str(facts)
    assert facts["token"] == {"set": True, "source": "database"}
    assert {name: facts["queue"][name] for name in ("pending", "leased", "parked")} == {
        "pending": 2,
        "leased": 0,
        "parked": 1,
    }
    assert (facts["sender"]["owner"], facts["sender"]["version"]) == ("shop.example:42", "9.9")
    assert datetime.fromisoformat(facts["last_success_at"]) <= datetime.now(UTC)
    assert facts["reverb"]["open"] is True


def test_parked_jobs_have_cause_and_next_step(invoke, store):
    """A parked job is shown with Reverb's message, its errors and the hint; texts of others are shown as they are."""
    refuse(store)

    output = invoke("status").output
    (job,) = status(invoke)["parked_jobs"]

    assert "Reverb refused [bold]it[/bold]" in output
    assert "\x1b" not in output
    assert "- price: is too [red]low" in output
    assert RefusedError.hint in " ".join(output.split())
    assert (job["key"], job["message"], job["hint"]) == ("BAD-1", MESSAGE, RefusedError.hint)
    assert job["errors"] == [{"field": "price", "message": "is too [red]low"}]


def test_narrow_terminal(invoke, store):
    """Nothing is wider than 80 columns, and no frame is drawn."""
    refuse(store, "A" * 120)

    output = invoke("status").output

    assert max(map(len, output.splitlines())) <= 80
    assert output.isascii()


def test_many_parked_jobs(invoke, store):
    """Of many parked jobs the first are shown, and how many more there are."""
    for number in range(23):
        refuse(store, f"BAD-{number}")

    assert "3 more" in invoke("status").output


WAYS_TO_REVERB = {
    "open": lambda now: RemoteState(),
    "open, slowed down to one request every 4.0 s": lambda now: RemoteState(interval_seconds=4.0),
    "Reverb cannot be reached (HTTP 503); the next try is in ": lambda now: RemoteState(
        failures=3, open_until=now.timestamp() + 200, cause="HTTP 503"
    ),
    "Reverb asked us to slow down; the next try": lambda now: RemoteState(blocked_until=now.timestamp() + 200),
    "Reverb refuses the token; the next try is in ": lambda now: RemoteState(
        refused_token=token_fingerprint(Secret("made-up")), refused_at=now
    ),
}


@pytest.mark.parametrize("told", WAYS_TO_REVERB)
def test_way_to_reverb_in_words(told, invoke, store, monkeypatch):
    """Pace, circuit and a refused token are told in words."""
    monkeypatch.setenv("REVERB_TOKEN", "made-up")
    state = WAYS_TO_REVERB[told](datetime.now(UTC))
    store.change_remote_state(lambda _: state)

    assert status(invoke)["reverb"]["words"].startswith(told)


@pytest.mark.parametrize(("token", "is_told"), [("made-up", True), ("another", False)])
def test_refused_token_has_a_next_step(token, is_told, invoke, store, monkeypatch):
    """As long as Reverb refuses the token in force, it is said what to do, and for which environment."""
    monkeypatch.setenv("REVERB_TOKEN", token)
    refused = RemoteState(refused_token=token_fingerprint(Secret("made-up")), refused_at=datetime.now(UTC))
    store.change_remote_state(lambda _: refused)

    assert ("Make a new token on Reverb" in invoke("status").output) is is_told
    assert ("for sandbox" in (status(invoke)["reverb"]["hint"] or "")) is is_told


def test_last_success_is_of_the_environment_in_force(invoke, store):
    """A success in the sandbox is none of the production's."""
    attempt(store, "A-1", Done(), Outcome.UPDATED)

    invoke("settings", "set", "environment", "production")

    assert status(invoke)["last_success_at"] is None


def test_what_the_overview_would_call_a_problem(invoke, store):
    """What the table has no place for is told below it, and all problems stand in the JSON."""
    store.save_cached(SKEW, 300.0)

    output = " ".join(invoke("status").output.split())

    assert "The clock of this machine is 5 min behind Reverb's." in output
    assert output.count("No worker is running") == 0, "the table says it already"
    assert {each["code"] for each in status(invoke)["health"]} == {"no-token", "no-worker", "clock-off"}


class TestRetry:
    """Trying parked jobs again."""

    def test_one(self, invoke, store):
        """One SKU is woken, the others stay."""
        refuse(store, "BAD-1")
        refuse(store, "BAD-2")

        assert invoke("retry", "BAD-2").output.startswith("1 job will be tried again")
        assert [job.key for job in store.parked_jobs()] == ["BAD-1"]

    def test_all(self, invoke, store):
        """All are woken."""
        refuse(store, "BAD-1")
        refuse(store, "BAD-2")

        assert invoke("retry", "--all").output.startswith("2 jobs will be tried again")
        assert (store.queue_status().pending, store.queue_status().parked) == (2, 0)

    @pytest.mark.parametrize("arguments", [["--all"], ["GOOD-1"]])
    def test_none(self, arguments, invoke):
        """When nothing is parked, that is said."""
        result = invoke("retry", *arguments)

        assert (result.exit_code, result.output.startswith("Nothing")) == (0, True)


@pytest.mark.parametrize(
    ("seconds", "told"), [(-3, "0 s"), (119, "119 s"), (240, "4 min"), (7300, "2 h"), (200_000, "2 days")]
)
def test_duration(seconds, told):
    """Spans of time are told in a unit that fits."""
    assert duration(timedelta(seconds=seconds).total_seconds()) == told


def test_small_texts():
    """Counts agree with their noun; control characters of others become blanks."""
    assert (counted(1, "job"), counted(0, "job")) == ("1 job", "0 jobs")
    assert printable("a\x1b[2J\nb é") == "a [2J b é"


def test_orders(invoke, store):
    """When the orders were last read, and what they ask for; that they are off is said, because it oversells."""
    assert "orders are off" in invoke("status").output
    assert status(invoke)["orders"] is None
    store.save_settings({"orders": "stock"})
    poll = store.orders.begin_poll(None)
    assert status(invoke)["orders"] == {"read_at": None, "trouble": "", "failing": [], "asking": 0}
    store.orders.keep_page(poll, [], None, None)
    assert datetime.fromisoformat(status(invoke)["orders"]["read_at"]) == poll.began_at
