"""The rate at which a full queue is sent, at 600 requests a minute and 300 ms of latency."""

import tempfile
import time
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.shop import door_of, make_products, open_sender, queue, run_simulator
from reverb_plugin.testing import FakeHost

REQUESTS_PER_MINUTE = 600
LATENCY_SECONDS = 0.3


def measure(*, quick: bool) -> list[Figure]:
    """The share of the allowed requests that were sent."""
    seconds = 3.0 if quick else 45.0
    host = FakeHost(make_products(int(seconds * REQUESTS_PER_MINUTE / 60)))
    with tempfile.TemporaryDirectory() as folder, run_simulator("--latency", str(LATENCY_SECONDS)) as url:
        plugin = open_sender(Path(folder), url, host, REQUESTS_PER_MINUTE)
        queue(plugin, host)
        started_at = time.monotonic()
        report = plugin.drain(timeout=seconds)
        took = time.monotonic() - started_at
        sent = len(door_of(url).requests())
        plugin.close()
    assert report.left, "the queue was too short to measure the rate"
    share = sent / (took * REQUESTS_PER_MINUTE / 60) * 100
    what = f"drain at {REQUESTS_PER_MINUTE} requests a minute with {LATENCY_SECONDS * 1e3:.0f} ms latency"
    return [Figure(f"{what}: share of the allowed rate in {took:.0f} s", share, 95.0, "%", at_least=True)]
