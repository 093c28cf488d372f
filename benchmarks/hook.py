"""``on_product_saved`` in one process against a committed upsert by hand, in turn, on equal tables and pragmas."""

import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import reverb_plugin
from benchmarks.figure import Figure, percentile
from reverb_plugin.hooks import on_product_saved
from reverb_plugin.host import HookStatus
from reverb_plugin.testing import FakeHost

SKUS = 1_000
UPSERT = """
INSERT INTO outbox (kind, key, scope, reason, priority, state, revision, attempts, available_at, created_at)
VALUES ('push_product', ?, 'all', 'product saved', 1, 'pending', 1, 0, ?, ?)
ON CONFLICT (kind, key) DO UPDATE SET revision = revision + 1, reason = excluded.reason,
    priority = min(priority, excluded.priority), available_at = min(available_at, excluded.available_at)
RETURNING revision
"""


def measure(*, quick: bool) -> list[Figure]:
    """The median of the hook, and how many times the median of the upsert it is."""
    with tempfile.TemporaryDirectory() as folder:
        plugin = open_plugin(Path(folder))
        raw = _raw_copy(plugin.store.path, Path(folder) / "raw.sqlite3")
        hook_seconds, raw_seconds = _in_turn(lambda sku: _call(sku, plugin), lambda sku: _upsert(raw, sku), quick)
        raw.close()
        plugin.close()
    hook, upsert = percentile(hook_seconds, 50), percentile(raw_seconds, 50)
    return [
        Figure("hook on_product_saved, p50 against a raw committed upsert", hook / upsert, 2.0, "times"),
        Figure("hook on_product_saved, p50", hook * 1e3, 1.0, "ms"),
    ]


def open_plugin(folder: Path) -> reverb_plugin.Plugin:
    """A plugin that only notes down: no thread, no token."""
    plugin = reverb_plugin.configure(FakeHost(), data_dir=folder, worker="none")
    plugin.configuration.save("auto_sync", "on")
    return plugin


def _call(sku: str, plugin: reverb_plugin.Plugin) -> None:
    result = on_product_saved(sku, plugin=plugin)
    assert result.status in {HookStatus.QUEUED, HookStatus.COALESCED}, result


def _upsert(raw: sqlite3.Connection, sku: str) -> None:
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    raw.execute("BEGIN IMMEDIATE")
    raw.execute(UPSERT, (sku, now, now)).fetchone()
    raw.execute("COMMIT")


def _raw_copy(source: Path, target: Path) -> sqlite3.Connection:
    """An empty outbox in a file of its own, as the plugin's is."""
    raw = sqlite3.connect(target, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        raw.execute(f"PRAGMA {pragma}")
    schema = sqlite3.connect(source)
    for (statement,) in schema.execute("SELECT sql FROM sqlite_schema WHERE tbl_name = 'outbox' AND sql IS NOT NULL"):
        raw.execute(statement)
    schema.close()
    return raw


def _in_turn(
    first: Callable[[str], None], second: Callable[[str], None], quick: bool
) -> tuple[list[float], list[float]]:
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(200 if quick else 10_000):
        for index, work in enumerate((first, second)):
            started_at = time.perf_counter()
            work(f"SKU-{number % SKUS}")
            seconds[index].append(time.perf_counter() - started_at)
    return seconds
