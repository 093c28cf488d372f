"""A debug bundle of an installation with a long sync log, while the same process, and another one, go on writing."""

import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figure import Figure, percentile
from benchmarks.hook import open_plugin
from benchmarks.peak import peak_megabytes
from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.store.store import Store

FILL_LOG = """
INSERT INTO sync_log (created_at, environment, kind, action, outcome, reason, sku, product_id, product_url,
    product_title, listing_id, listing_url, code, message, errors, http_status,
    request_id, requests, attempt, duration_seconds)
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :rows)
SELECT strftime('%Y-%m-%dT%H:%M:%S', '2026-01-01', '+' || (n * 10) || ' seconds') || '.000000Z', 'sandbox',
    CASE WHEN n % 9 THEN 'push_product' ELSE 'apply_row' END, 'update',
    CASE WHEN n % 7 = 0 THEN 'refused' WHEN n % 3 = 0 THEN 'unchanged' ELSE 'updated' END, 'product saved',
    'SKU-' || n, n, 'https://shop.example/products/' || n, 'Fender Telecaster ' || n, 1000000 + n,
    'https://reverb.com/item/' || (1000000 + n), CASE WHEN n % 7 = 0 THEN 'refused' END,
    'Sent price ' || (n % 4999) || '.50 and quantity ' || (n % 17) || ' of item ' || n || '; Reverb took them.',
    '[{"field": "price", "message": "must not be ' || n || '"}]', 200, lower(hex(randomblob(16))), 2, 1, 0.4
FROM numbers
"""
FILL_LINKS = """
INSERT INTO links (environment, sku, listing_id, product_id, state, web_url, sent, photos, ended_by_us,
    publish_withheld, owed)
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :rows)
SELECT 'sandbox', 'SKU-' || n, 1000000 + n, n, 'live', 'https://reverb.com/item/' || (1000000 + n),
    '{"title": "' || substr(lower(hex(randomblob(8))), 1, 16) || '", "price": "' || lower(hex(randomblob(8))) || '"}',
    '["https://shop.example/media/' || n || '.jpg"]', 0, 0, '[]'
FROM numbers
"""
FILL_EXCHANGES = """
INSERT INTO exchanges (entry_id, number, method, path, request, status, answer, duration_seconds, size)
SELECT id, 0, 'PUT', '/api/listings/' || listing_id,
    '{"price": {"amount": "' || (id % 4999) || '.50", "currency": "USD"}}', 200,
    '{"listing": {"id": ' || listing_id || ', "sku": "' || sku || '", "title": "' || product_title ||
    '", "description": "'
    || :description || id || '", "state": {"slug": "live"}}}', 0.3, 2000
FROM sync_log ORDER BY id DESC LIMIT :rows
"""
FILL_ORDERS = """
INSERT INTO orders (environment, number, status, bundle_id, listing_id, sku, title, quantity, money, local_pickup,
    shipping_provider, tracking_number, links, buyer_name, ship_to, seen_at, fingerprint, is_old, way, due, taken,
    short, returned, moving, is_off_in_shop, refund_asked, note)
VALUES ('sandbox', ?, 'shipped', '', ?, ?, 'Fender Telecaster', 1, '{}', 0, 'UPS', ?, '{}', ?, ?,
    '2026-04-20T00:00:00.000000Z', '', 0, 'stock', 1, 1, 0, 0, 0, 0, 0, '')
"""
DESCRIPTION = "A guitar of the finest kind, played with care and kept in its case. " * 12


def measure(*, quick: bool) -> list[Figure]:
    """How long it takes, how large it gets, how much memory it needs, and how long writers beside it had to wait."""
    rows = 500 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        plugin = open_plugin(Path(folder))
        _fill(plugin.store, rows)
        seconds = _write_for(plugin.store, 0.2 if quick else 8.0)
        plugin.close()
        beside, own = _run("own", folder)
        _, alone = _run("alone", folder)
    what = f"of a bundle at {rows:,} rows of the log"
    return [
        Figure(f"time {what}", own["seconds"], 10.0, "s"),
        Figure(f"size {what}", own["size"] / 1e6, 10.0, "MB"),
        Figure(f"peak memory {what}", alone["megabytes"], 100.0, "MB"),
        Figure("longest write in as much time without a bundle", max(seconds) * 1e3, 50.0, "ms"),
        Figure(f"longest write of a thread beside the making {what}", own["longest_ms"], 50.0, "ms"),
        Figure(f"longest write of a process beside the making {what}", beside, 50.0, "ms"),
    ]


def _run(way: str, folder: str) -> tuple[float, dict[str, float]]:
    """Makes a bundle in a process of its own while this one writes; the longest write here in ms, and its figures."""
    command = [sys.executable, "-m", "benchmarks.bundle", way, folder]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        plugin = open_plugin(Path(folder))
        process.stdout.readline()  # it begins
        seconds = _write_while(plugin.store, lambda: process.poll() is None) if way == "own" else [0.0]
        figures = dict(pair.split("=") for pair in process.stdout.read().split())
        plugin.close()
    assert process.returncode == 0
    return max(seconds) * 1e3, {name: float(figure) for name, figure in figures.items()}


def _fill(store: Store, rows: int) -> None:
    # It loads the page, which a process that makes a bundle need not have.
    from benchmarks.log_page import COUNT_DAYS  # noqa: PLC0415

    lot = random.Random(1)
    with store._database.write() as connection:  # noqa: SLF001 - no shop makes so many rows while one waits
        connection.exec_driver_sql(FILL_LOG, {"rows": rows})
        connection.exec_driver_sql(COUNT_DAYS)
        connection.exec_driver_sql(FILL_LINKS, {"rows": rows // 20})
        connection.exec_driver_sql(FILL_EXCHANGES, {"rows": rows // 20, "description": DESCRIPTION})
        for number in range(rows // 500):
            name = "".join(lot.choice("abcdefghijklmnoprstuvw") for _ in range(6)).title()
            row = (
                str(number),
                str(number),
                f"SKU-{number}",
                f"1Z{number:016d}",
                f"Xenia {name}",
                f"{name} Falls, TX, US",
            )
            connection.exec_driver_sql(FILL_ORDERS, row)


def _write_for(store: Store, seconds: float) -> list[float]:
    ends_at = time.perf_counter() + seconds
    return _write_while(store, lambda: time.perf_counter() < ends_at)


def _write_while(store: Store, goes_on: Callable[[], bool]) -> list[float]:
    seconds = []
    number = 0
    while goes_on():
        number += 1
        started_at = time.perf_counter()
        store.record([product_changed(f"SKU-{number % 100}", Reason.PRODUCT_SAVED)])
        seconds.append(time.perf_counter() - started_at)
        time.sleep(0.005)
    return seconds


def _make(way: str, folder: Path) -> dict[str, float]:
    plugin = open_plugin(folder)
    plugin.store.queue_status()
    print("begins", flush=True)
    seconds: list[float] = []
    over = threading.Event()
    writer = threading.Thread(target=lambda: seconds.extend(_write_while(plugin.store, lambda: not over.is_set())))
    if way == "own":
        writer.start()
    started_at = time.perf_counter()
    exported = plugin.export_bundle(folder / "bundle.zip")
    took = time.perf_counter() - started_at
    over.set()
    if way == "own":
        writer.join()
        print(f"p99={percentile(seconds, 99) * 1e3:.1f} median={percentile(seconds, 50) * 1e3:.1f}", file=sys.stderr)
    print(exported.troubles, file=sys.stderr)
    plugin.close()
    longest = max(seconds, default=0.0) * 1e3
    return {"seconds": took, "size": exported.size, "longest_ms": longest, "megabytes": peak_megabytes()}


if __name__ == "__main__":
    for name, figure in _make(sys.argv[1], Path(sys.argv[2])).items():
        print(f"{name}={figure}")
