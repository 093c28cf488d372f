"""`reverb-plugin worker`: a process that sends until it is told to stop."""

import signal
import time

import pytest

from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.version import __version__
from tests.cli.terminal import wait_until


def note(terminal, *skus):
    with terminal.memory() as store:
        store.record([product_changed(sku, Reason.PRODUCT_SAVED) for sku in skus])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_sends_until_a_signal(number, connected, simulator):
    """It says who it is, sends what other processes note, and ends with 0 at the first signal."""
    with connected.started("worker") as process:
        introduction = process.stdout.readline()
        note(connected, "A-1")
        wait_until(simulator.door.listings)
        process.send_signal(number)
        output, log = process.communicate(timeout=10)

    assert introduction.startswith(f"reverb-plugin {__version__} sends to Reverb's sandbox as ")
    assert f":{process.pid}:" in introduction
    assert str(connected.data) in introduction
    assert (process.returncode, output) == (0, "Stopping.\n")
    assert "A-1 created" in log
    with connected.memory() as store:
        assert store.find_sender() is None


def test_stops_within_two_seconds_while_reverb_does_not_answer(connected, simulator):
    """A request that hangs does not keep it; the job is taken up again later."""
    simulator.door.set(latency_seconds=20)
    note(connected, "A-1")

    with connected.started("worker") as process:
        with connected.memory() as store:
            wait_until(lambda: store.queue_status().leased)
        asked_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        took = time.monotonic() - asked_at

    simulator.door.set(latency_seconds=0)
    assert process.returncode == 0
    assert took < 3  # two seconds, and the end of the interpreter on a busy machine
    with connected.memory() as store:
        assert store.queue_status().leased == 1


def test_second_signal_ends_it_at_once(connected, simulator):
    """Who cannot wait two seconds asks twice."""
    simulator.door.set(latency_seconds=20)
    note(connected, "A-1")

    with connected.started("worker") as process:
        with connected.memory() as store:
            wait_until(lambda: store.queue_status().leased)
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: process.stdout.readline() == "Stopping.\n")
        process.send_signal(signal.SIGTERM)
        process.wait(10)

    simulator.door.set(latency_seconds=0)
    assert process.returncode == -signal.SIGTERM


def test_waits_for_a_token(connected, simulator):
    """Without a token it waits and says so once; it begins when one is entered."""
    del connected.variables["REVERB_TOKEN"]
    note(connected, "A-1")

    with connected.started("worker") as process:
        process.stdout.readline()
        hint = process.stdout.readline()
        with connected.memory() as store:
            wait_until(store.find_sender)
            time.sleep(1.5)  # longer than it takes to look again: a second word would come now
            assert simulator.door.requests() == []
            store.save_settings({"token": simulator.token})
        wait_until(simulator.door.listings)
        process.terminate()
        _, log = process.communicate(timeout=10)

    assert hint == "It waits for a token: `reverb-plugin settings set token`.\n"
    assert log.count("no token has been entered yet") == 1


def test_waits_for_its_turn(connected):
    """While another process sends it says so once; it takes over when that one ends, and says that."""
    with connected.memory() as store:
        store.claim_sender("elsewhere:4089:0badcafe", "9.9", 30)
        with connected.started("worker") as process:
            told = [process.stdout.readline() for _ in range(2)]
            time.sleep(1.5)  # longer than it takes to look again: a second word would come now
            store.give_up_sender("elsewhere:4089:0badcafe")
            told.append(process.stdout.readline())
            process.terminate()
            output, _ = process.communicate(timeout=10)

    assert told[1:] == [
        "elsewhere:4089 sends now; this one waits and takes over when it ends.\n",
        "This one sends now.\n",
    ]
    assert output == "Stopping.\n"


def test_plugin_that_was_named(terminal, simulator):
    """A plugin that sends only when told is used as it is, in its own database."""
    code = f"\nplugin = reverb_plugin.configure(Shop(), data_dir='own', worker='none', api_url='{simulator.url}')\n"
    (terminal.folder / "shop.py").write_text((terminal.folder / "shop.py").read_text() + code)
    terminal.variables |= {"REVERB_TOKEN": simulator.token, "REVERB_DATA_DIR": ""}
    terminal.data = terminal.folder / "own"
    note(terminal, "A-1")

    with terminal.started("worker", "--host", "shop:plugin") as process:
        wait_until(simulator.door.listings)
        process.terminate()
        process.communicate(timeout=10)

    assert process.returncode == 0


def test_database_that_cannot_be_used(connected):
    """A worker without a database does not start."""
    connected.data.write_text("a file")

    assert connected.run("worker").returncode == ExitCode.NO_DATABASE


def test_simulator_runs_until_a_signal(terminal):
    """The simulator is a command too: it says where it is, and ends with 0."""
    with terminal.started("simulator", "--token", "made-up") as process:
        told = process.stdout.readline()
        process.terminate()
        process.communicate(timeout=10)

    assert told.startswith("Reverb simulator at http://127.0.0.1:")
    assert "made-up" in told
    assert process.returncode == 0


def test_simulator_on_a_port_in_use(terminal, simulator):
    """A port that another program has is one line and 1."""
    port = simulator.url.rpartition(":")[2].partition("/")[0]

    run = terminal.run("simulator", "--port", port)

    assert (run.returncode, run.stdout, run.stderr) == (1, "", f"Error: port {port} is in use\n")
