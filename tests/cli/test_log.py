"""`reverb-plugin log`: the sync log for people and for scripts."""

import json
import signal
from datetime import UTC, datetime, timedelta

import pytest

from reverb_plugin.clock import Clock
from reverb_plugin.errors import FieldError, TokenRefusedError
from reverb_plugin.store.store import Done, Store, open_store
from reverb_plugin.store.sync_log import LogEntry
from tests.cli.attempts import attempt

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def add(store, sku, outcome="updated", minutes=0, **more):
    """One row of the log."""
    attempt(store, sku, Done(), outcome, created_at=NOON + timedelta(minutes=minutes), **more)


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "data", "sandbox", Clock())
    add(store, "A-1", minutes=1)
    add(store, "A-2", "refused", minutes=2, message="No [b]price[/b].", errors=(FieldError("price", "missing\x07"),))
    add(store, "A-3", minutes=3, listing_id="17", listing_url="https://reverb.com/item/17", http_status=200)
    yield store
    store.close()


@pytest.mark.usefixtures("store")
class TestPage:
    """Rows of the log."""

    def test_newest_first(self, invoke):
        """The table begins with the newest row."""
        output = invoke("log").output

        assert output.index("A-3") < output.index("A-2") < output.index("A-1")
        assert max(map(len, output.splitlines())) <= 80

    def test_texts_of_others_are_shown_as_they_are(self, invoke):
        """Markup is text, and control characters do nothing."""
        output = " ".join(invoke("log").output.split())

        assert "No [b]price[/b]." in output
        assert "- price: missing" in output
        assert "\x07" not in output

    @pytest.mark.parametrize(
        ("arguments", "skus"),
        [
            (["--sku", "A-2"], ["A-2"]),
            (["--outcome", "updated"], ["A-3", "A-1"]),
            (["--limit", "2"], ["A-3", "A-2"]),
            (["--sku", "A-9"], []),
            (["--kind", "push_product"], ["A-3", "A-2", "A-1"]),
            (["--kind", "end_listing"], []),
            (["--since", "2026-03-01", "--until", "2026-03-01"], ["A-3", "A-2", "A-1"]),
            (["--since", "2026-03-03"], []),
            (["--until", "2026-02-27"], []),
        ],
    )
    def test_choice(self, arguments, skus, invoke):
        """Rows can be chosen by SKU, outcome and number."""
        result = invoke("log", "--json", *arguments)

        assert [json.loads(line)["sku"] for line in result.stdout.splitlines()] == skus

    def test_json_has_everything(self, invoke):
        """A JSON line holds all that is known of the attempt, its time in UTC."""
        row = json.loads(invoke("log", "--json", "--limit", "1").stdout)

        assert row["created_at"] == "2026-03-01T12:03:00+00:00"
        assert (row["listing_id"], row["listing_url"], row["http_status"]) == ("17", "https://reverb.com/item/17", 200)
        assert {*LogEntry.__dataclass_fields__, "hint"} == set(row)

    @pytest.mark.parametrize("outcome", ["refused", "deferred"])
    def test_what_to_do_next(self, outcome, invoke, store):
        """A row that did not end well has a hint, which names the environment; one that did has none."""
        add(store, "A-4", outcome, minutes=4, code=TokenRefusedError.code)
        hint = "Make a new token on Reverb (My Account, API & Integrations) for sandbox and enter it."

        table = " ".join(invoke("log", "--limit", "1").output.split())
        rows = [json.loads(line) for line in invoke("log", "--json").stdout.splitlines()]

        assert hint in table
        assert [row["hint"] for row in rows] == [hint, None, None, None]

    def test_nothing_found(self, invoke):
        """An empty page is said."""
        assert "no such row" in invoke("log", "--sku", "A-9").stderr


def test_follow_misses_nothing_at_its_begin(store, invoke, monkeypatch):
    """A row that is added right behind the first look at the log is shown too, and none twice."""
    looks = []
    read = Store.log_page

    def read_and_add(self, *chosen, **more):
        entries = read(self, *chosen, **more)
        looks.append(entries)
        add(store, f"B-{len(looks)}", minutes=0)
        return entries

    def stop(_seconds):
        if len(looks) > 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(Store, "log_page", read_and_add)
    monkeypatch.setattr("reverb_plugin.cli.log.time.sleep", stop)

    shown = [json.loads(line)["sku"] for line in invoke("log", "--json", "--follow").stdout.splitlines()]

    assert sorted(shown) == ["A-1", "A-2", "A-3", *(f"B-{look}" for look in range(1, len(looks)))]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_follow(stop, terminal):
    """Following shows what was there, oldest first, then what comes, also when it began before the last row shown."""
    with terminal.memory() as store:
        add(store, "A-1", minutes=1)
        add(store, "A-2", minutes=2)
        with terminal.started("log", "--follow") as process:
            head = [process.stdout.readline() for _ in range(3)]
            add(store, "B-1", minutes=1)
            add(store, "B-2", minutes=5)
            tail = [process.stdout.readline() for _ in range(2)]
            process.send_signal(stop)
            rest, errors = process.communicate(timeout=10)

    assert [line.split()[2] for line in head[1:] + tail] == ["A-1", "A-2", "B-1", "B-2"]
    assert head[1].index("updated") == tail[0].index("updated")
    assert (rest, errors) == ("", "")
    assert process.returncode == (0 if stop is signal.SIGINT else -signal.SIGTERM)


def test_follow_as_json(terminal):
    """A script can follow too, and only the rows it asked for."""
    with terminal.memory() as store:
        add(store, "A-1")
        with terminal.started("log", "--follow", "--json", "--sku", "A-1") as process:
            first = json.loads(process.stdout.readline())
            add(store, "A-2", minutes=1)
            add(store, "A-1", "refused", minutes=2)
            second = json.loads(process.stdout.readline())

    assert (first["outcome"], second["outcome"]) == ("updated", "refused")
