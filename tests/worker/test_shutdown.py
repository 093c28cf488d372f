"""The end of the host's process: bounded, whatever Reverb does."""

import signal
import time

from reverb_plugin.simulator import Simulator
from tests.children import finish, start

SENDING = """
plugin = open_plugin(FakeHost([make_product(n) for n in range(20)]), worker="thread", token=arguments[0],
                     api_url=arguments[1])
for n in range(20):
    on_product_saved(f"SKU-{n}")
give_up = time.monotonic() + 20
while not plugin.store.queue_status().leased and time.monotonic() < give_up:
    time.sleep(0.05)
time.sleep(0.5)
say("sending")
"""


def test_a_process_ends_while_reverb_hangs(tmp_path):
    """With requests under way that take half a minute, a process ends two seconds later than one with none."""
    with Simulator(latency_seconds=30) as simulator:
        child = start(SENDING + "input()", tmp_path / "sending", simulator.token, simulator.url)
        assert child.stdout.readline() == "sending\n"
        idle = start("plugin = open_plugin(worker='thread')\nsay('idle')\ninput()", tmp_path / "idle")
        assert idle.stdout.readline() == "idle\n"
        seconds = [_seconds_to_end(each) for each in (idle, child)]
    assert seconds[1] - seconds[0] < 3.0


def _seconds_to_end(child):
    started_at = time.monotonic()
    finish(child)
    return time.monotonic() - started_at


def test_close_is_bounded_while_reverb_hangs(tmp_path):
    """close() gives what is under way two seconds; what was not finished is still in the queue."""
    closing = "started = time.monotonic()\nplugin.close()\nsay(time.monotonic() - started)\nsay(pending(plugin))"
    with Simulator(latency_seconds=30) as simulator:
        child = start(SENDING + closing, tmp_path, simulator.token, simulator.url)
        said = finish(child)
    assert said[0] == "sending"
    assert 1.0 < float(said[1]) < 3.0
    assert said[2] == "20"


def test_a_terminated_process_leaves_nothing_half_done(tmp_path):
    """SIGTERM, as a deployment sends it, ends the process at once; the queue stays for the next one."""
    with Simulator(latency_seconds=30) as simulator:
        child = start(SENDING + "time.sleep(60)", tmp_path, simulator.token, simulator.url)
        child.stdout.readline()
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=5)
        child = start("say(pending(open_plugin()))", tmp_path)
        assert finish(child) == ["20"]
