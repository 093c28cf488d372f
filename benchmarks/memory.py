"""The memory of a process that sends, with many jobs in the queue."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.peak import peak_megabytes
from benchmarks.shop import make_products, open_sender, queue, run_simulator
from reverb_plugin.testing import FakeHost

DRAIN_SECONDS = 10.0
CHUNK = 1_000


def measure(*, quick: bool) -> list[Figure]:
    """The most memory that a process took which drains a queue it did not fill."""
    jobs = 500 if quick else 100_000
    with tempfile.TemporaryDirectory() as folder, run_simulator() as url:
        plugin = open_sender(Path(folder), url, FakeHost(), requests_per_minute=600)
        for first in range(0, jobs, CHUNK):
            queue(plugin, FakeHost(make_products(min(CHUNK, jobs - first), first)))
        plugin.close()
        command = [sys.executable, "-m", "benchmarks.memory", folder, url, str(1.0 if quick else DRAIN_SECONDS)]
        megabytes = float(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return [Figure(f"peak memory of the worker at {jobs:,} queued jobs", megabytes, 120.0, "MB")]


def _drain(folder: Path, url: str, seconds: float) -> float:
    """Sends for a shop that takes no memory itself, having lost all its products but ten; the peak in megabytes."""
    plugin = open_sender(folder, url, FakeHost(make_products(10)), requests_per_minute=600)
    report = plugin.drain(timeout=seconds)
    assert report.outcomes, report
    plugin.close()
    return peak_megabytes()


if __name__ == "__main__":
    print(_drain(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
