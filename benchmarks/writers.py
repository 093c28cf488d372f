"""Four processes that call ``on_product_saved`` at once, as fast as they can, on one database."""

import multiprocessing
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure, percentile
from benchmarks.hook import SKUS, open_plugin
from reverb_plugin.hooks import on_product_saved
from reverb_plugin.host import HookStatus

PROCESSES = 4
WRITTEN = {HookStatus.QUEUED, HookStatus.COALESCED}


def measure(*, quick: bool) -> list[Figure]:
    """How long the slowest calls took, and how many found the database locked."""
    calls = (400 if quick else 100_000) // PROCESSES
    with tempfile.TemporaryDirectory() as folder:
        open_plugin(Path(folder)).close()
        context = multiprocessing.get_context("spawn")
        barrier, results = context.Barrier(PROCESSES), context.Queue()
        arguments = (Path(folder), calls, barrier, results)
        processes = [context.Process(target=_write, args=arguments) for _ in range(PROCESSES)]
        for process in processes:
            process.start()
        seconds, failures = _gather(results.get() for _ in processes)
        for process in processes:
            process.join()
    total = f"{PROCESSES * calls:,} calls of {PROCESSES} processes"
    return [
        Figure(f"{total}, p99.9", percentile(seconds, 99.9) * 1e3, 20.0, "ms"),
        Figure(f"{total}, found the database locked", failures, 0),
    ]


def _gather(results: Iterable[tuple[list[float], int]]) -> tuple[list[float], int]:
    seconds: list[float] = []
    failures = 0
    for some_seconds, some_failures in results:
        seconds += some_seconds
        failures += some_failures
    return seconds, failures


def _write(folder: Path, calls: int, barrier: Any, results: Any) -> None:
    plugin = open_plugin(folder)
    on_product_saved("warm-up", plugin=plugin)
    seconds, failures = [], 0
    barrier.wait()
    for number in range(calls):
        started_at = time.perf_counter()
        result = on_product_saved(f"SKU-{number % SKUS}", plugin=plugin)
        seconds.append(time.perf_counter() - started_at)
        failures += result.status not in WRITTEN
    results.put((seconds, failures))
    plugin.close()
