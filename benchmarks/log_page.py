"""The page over a long sync log: the first page of the log against a far one, and every page in process."""

import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from werkzeug.test import Client

import reverb_plugin
from benchmarks.figure import Figure
from benchmarks.shop import TOKEN, make_products
from reverb_plugin.admin.pages.log import MOST_COUNTED, ROWS
from reverb_plugin.store.schema import utc_text
from reverb_plugin.store.store import Store
from reverb_plugin.store.sync_log import Cursor, LogFilter
from reverb_plugin.testing import FakeHost

FAR_PAGE = 10_000
REPETITIONS = 40
PRODUCTS = 2_000

FILL = """
INSERT INTO sync_log (created_at, environment, kind, action, outcome, reason, sku, product_id, product_url,
    product_title, listing_id, listing_url, message, errors, requests, attempt, duration_seconds)
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :rows)
SELECT strftime('%Y-%m-%dT%H:%M:%S', :first, '+' || (n * 10) || ' seconds') || '.000000Z', 'sandbox',
    CASE WHEN n % 9 THEN 'push_product' ELSE 'apply_row' END, 'update',
    CASE WHEN n % 97 = 0 THEN 'refused' WHEN n % 3 = 0 THEN 'unchanged' ELSE 'updated' END, 'product saved',
    'SKU-' || (n % :products), n % :products, 'https://shop.example/' || (n % :products), 'Guitar ' || (n % :products),
    n % :products, 'https://reverb.com/item/' || (n % :products),
    'Sent price and quantity; Reverb took them.', '[]', 2, 1, 0.4
FROM numbers
"""
COUNT_DAYS = """
INSERT INTO log_days (environment, day, outcome, attempts)
SELECT environment, substr(created_at, 1, 10), outcome, count(*) FROM sync_log GROUP BY 1, 2, 3
"""


def measure(*, quick: bool) -> list[Figure]:
    """At a million rows, or a few thousand."""
    rows = 5_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        host = FakeHost(make_products(PRODUCTS))
        plugin = reverb_plugin.configure(host, token=TOKEN, data_dir=Path(folder), worker="none")
        with closing(plugin):
            _fill(plugin.store, rows)
            return _far(plugin.store, rows) + _pages(plugin, rows)


def _fill(store: Store, rows: int) -> None:
    first = datetime.now(UTC) - timedelta(seconds=10 * rows)
    with store._database.write() as connection:  # noqa: SLF001 - no shop makes so many rows while one waits
        connection.exec_driver_sql(FILL, {"rows": rows, "first": f"{first:%Y-%m-%d %H:%M:%S}", "products": PRODUCTS})
        connection.exec_driver_sql(COUNT_DAYS)


def _far(store: Store, rows: int) -> list[Figure]:
    """What the database takes for all that the list shows: the rows, and how many there are."""
    place = min(FAR_PAGE * ROWS, rows // 2)
    far = store.log.page(LogFilter(before=_cursor(store, place)), 1).entries[0].cursor
    took = _medians_ms(
        *(
            lambda chosen=chosen: (store.log.page(chosen, ROWS), store.log.count(LogFilter(), MOST_COUNTED))
            for chosen in (LogFilter(), LogFilter(before=far))
        )
    )
    what = f"of the sync log at {rows:,} rows"
    return [
        Figure(f"database time of the first page {what}", took[0], 5.0, "ms"),
        Figure(f"database time of page {place // ROWS:,} {what}", took[1], 5.0, "ms"),
        Figure(f"the slower of the two pages {what} to the quicker", max(took) / min(took), 2.0),
    ]


def _cursor(store: Store, place: int) -> Cursor:
    query = "SELECT created_at, id FROM sync_log ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ?"
    with store._database.read() as connection:  # noqa: SLF001
        moment, row_id = connection.exec_driver_sql(query, (place,)).one()
    assert utc_text(datetime.fromisoformat(moment)) == moment
    return datetime.fromisoformat(moment), row_id


def _pages(plugin: reverb_plugin.Plugin, rows: int) -> list[Figure]:
    client = Client(plugin.admin_app(lambda _environ: True))
    query = "?outcome=refused&kind=apply_row"
    addresses = [
        "/",
        "/log",
        f"/log{query}",
        "/log?sku=SKU-7&outcome=updated",
        f"/log/{rows // 2}{query}",
        "/products",
        "/product?sku=SKU-7",
        "/mass-sync",
        "/settings/connection",
        "/start",
    ]
    return [Figure(f"page {address} at {rows:,} rows", _page_ms(client, address), 50.0, "ms") for address in addresses]


def _page_ms(client: Client, address: str) -> float:
    assert client.get(address).status_code == 200, address
    return _medians_ms(lambda: client.get(address).text)[0]


def _medians_ms(*acts: Callable[[], object]) -> list[float]:
    """Taken in turns, so that what else the machine does weighs on all alike."""
    seconds: list[list[float]] = [[] for _ in acts]
    for _ in range(REPETITIONS):
        for taken, act in zip(seconds, acts, strict=True):
            started_at = time.perf_counter()
            act()
            taken.append(time.perf_counter() - started_at)
    return [statistics.median(taken) * 1000 for taken in seconds]
