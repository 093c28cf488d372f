"""Databases for bundles: with a row in each table, and with whatever a hostile one may hold."""

import json
import sqlite3

from reverb_plugin.store.schema import metadata
from reverb_plugin.store.store import open_store
from reverb_plugin.support.cells import DECIMAL, JSON, MOMENT, SWITCH, TEXT, WHOLE, WORDS, columns_of
from reverb_plugin.testing import FrozenClock

MOMENT_TEXT = "2026-01-01T11:00:00.000000Z"
PLAIN = {WHOLE: 1, DECIMAL: 1.5, SWITCH: 1, MOMENT: MOMENT_TEXT}
SPECIAL = {
    "outbox.state": "parked",
    "sync_log.outcome": "refused",
    "runs.state": "done",
    "cache.content": {"uuid": "x"},
    "links.sent": {"title": "0" * 64},
}


def cell(column, text):
    """Something that the column can hold, with ``text`` wherever text may be."""
    shapes = {
        "links.photos": [text],
        "links.owed": [text],
        "sync_log.errors": [{"field": text, "message": text}, {"field": None, "message": text}],
        "orders.money": {"total": ["1200.50", text], "presented_total": ["9", "EUR"]},
        "run_rows.differences": [{"field": text, "old": text, "new": text}],
    }
    if column.kind == JSON:
        return json.dumps(SPECIAL.get(column.full_name, shapes.get(column.full_name, {text: text})))
    if column.name == "environment":
        return "sandbox"
    if column.kind == TEXT:
        return SPECIAL.get(column.full_name) or min(WORDS.get(column.full_name, [text]))
    return PLAIN[column.kind]


def rows_of_each_table(text):
    """One row for each table, by its name."""
    return {name: [cell(column, text) for column in columns_of(name)] for name in metadata.tables}


def database(folder, rows=None, *, script=""):
    """The bytes of a database with our tables, these rows by table, and what ``script`` makes of it."""
    store = open_store(folder, "sandbox", FrozenClock())
    store.queue_status()
    store.close()
    made = sqlite3.connect(store.path, isolation_level=None)
    made.execute("PRAGMA journal_mode=DELETE").fetchone()
    for name, row in rows.items() if isinstance(rows, dict) else rows or ():
        made.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
    made.executescript(script)
    made.close()
    return store.path.read_bytes()


def written(path):
    """Everything in our tables of a database file."""
    made = sqlite3.connect(path)
    try:
        return {name: made.execute(f"SELECT * FROM {name}").fetchall() for name in metadata.tables}
    finally:
        made.close()
