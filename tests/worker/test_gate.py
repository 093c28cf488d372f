"""The gate: whether jobs may be begun at all, and how many requests go while Reverb is down."""

from datetime import UTC, datetime

import pytest

from reverb_plugin.redact import Secret
from reverb_plugin.reverb_api import circuit
from reverb_plugin.store.remote_state import RemoteState
from reverb_plugin.sync.remote import TOKEN_PROBE_SECONDS, decide_gate, token_fingerprint
from reverb_plugin.sync.worker import THREADS

TOKEN, NOW = Secret("t0ken"), 1_800_000_000.0


def refused(seconds_ago, token=TOKEN):
    at = datetime.fromtimestamp(NOW - seconds_ago, UTC)
    return RemoteState(refused_token=token_fingerprint(token), refused_at=at)


def opened(until):
    return RemoteState(failures=circuit.OPENS_AFTER, open_until=until, cause="HTTP 503")


@pytest.mark.parametrize(
    ("state", "token", "is_open", "cause"),
    [
        (RemoteState(), TOKEN, True, ""),
        (RemoteState(), None, False, "no token"),
        (refused(10), TOKEN, False, "refuses the token"),
        (refused(10), Secret("another"), True, ""),
        (refused(TOKEN_PROBE_SECONDS + 1), TOKEN, True, "refuses the token"),
        (refused(-10 * TOKEN_PROBE_SECONDS), TOKEN, True, "refuses the token"),  # the clock was set back
        (opened(NOW + 30), TOKEN, False, "HTTP 503"),
        (opened(NOW - 1), TOKEN, True, "HTTP 503"),
        (opened(NOW + 90_000), TOKEN, True, "HTTP 503"),  # the clock was set back
        (RemoteState(blocked_until=NOW + 20), TOKEN, False, "slow down"),
        (RemoteState(blocked_until=NOW + 90_000), TOKEN, True, ""),
        (RemoteState(next_at=NOW + 4), TOKEN, True, ""),
        (RemoteState(next_at=NOW + 30), TOKEN, False, ""),
        (RemoteState(next_at=NOW + 90_000), TOKEN, True, ""),
    ],
)
def test_the_gate_is_closed_while_nothing_can_be_sent(state, token, is_open, cause):
    """Each state of token, circuit and pace opens or closes the gate, and says why."""
    gate = decide_gate(state, token, NOW)
    assert (gate.wait_seconds == 0) is is_open
    assert (gate.cause == "") if cause == "" else (cause in gate.cause)


def test_an_outage_costs_one_probe_at_a_time(configure, simulator, save, clock_that_runs):
    """While Reverb is down one request goes after each wait, not one for each of the waiting products."""
    plugin = configure(clock=clock_that_runs)
    simulator.door.go_down()
    save(plugin, 20)
    plugin.drain(120)
    simulator.door.set(down=False)
    asked = len(simulator.door.requests())
    assert circuit.OPENS_AFTER <= asked <= 60, "in two minutes: 8 threads at first with their repetitions, then probes"
    assert plugin.store.queue_status().parked == 0


def test_all_is_sent_when_reverb_is_back(configure, simulator, save, clock_that_runs):
    """After an outage everything goes out by itself, and the log says once that it is down and once that it is back."""
    plugin = configure(clock=clock_that_runs)
    simulator.door.go_down()
    save(plugin, 20)
    plugin.drain(60)
    simulator.door.come_up()
    report = plugin.drain(600)
    assert (report.left, report.parked) == (0, 0)
    assert len({row["sku"] for row in simulator.door.listings() if row["sku"].startswith("SKU-")}) == 20


def test_without_a_token_nothing_is_asked_and_nothing_lost(configure, simulator, save):
    """Everything waits for a token, and goes out when there is one."""
    plugin = configure(token=None)
    save(plugin, 3)
    report = plugin.drain(5)
    assert (report.left, simulator.door.requests()) == (3, [])
    assert "token" in report.stopped_because
    plugin.configuration.save("token", simulator.token)
    assert plugin.drain(20).left == 0


def test_a_refused_token_stops_everything_after_few_requests(configure, simulator, save):
    """A dead token is not tried with each product, parks nothing, and a new one sends at once."""
    plugin = configure(token="a-dead-token")
    save(plugin, 20)
    report = plugin.drain(5)
    assert "token" in report.stopped_because
    assert (report.left, report.parked) == (20, 0)
    assert len(simulator.door.requests()) <= 2 * THREADS, "each that was under way asks once more whose token it is"
    plugin.close()
    assert configure().drain(30).left == 0
