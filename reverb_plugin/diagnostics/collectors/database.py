"""The database's rows, each through the gate, put into a small database of their own."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reverb_plugin.diagnostics.courtesy import Courtesy
from reverb_plugin.diagnostics.gate import UUID, Gate
from reverb_plugin.diagnostics.live_values import is_secret_setting
from reverb_plugin.diagnostics.looks import Style
from reverb_plugin.redact import MASK, Secret
from reverb_plugin.settings import SETTINGS
from reverb_plugin.store.copy import Copy
from reverb_plugin.store.snapshot import PLANS, Narrowing, Row, Seen, Snapshot
from reverb_plugin.sync.remote import token_fingerprint

MOST_LETTERS: Mapping[str, int] = {
    "sync_log": 3_000_000,
    "exchanges": 3_000_000,
    "run_rows": 1_500_000,
    "links": 1_500_000,
}
"""So much is taken of a table."""

MOST_LETTERS_ELSEWHERE = 800_000
CURRENT, OTHER = "current", "other"
"""What stands for a fingerprint of the token: whether it is of the one in force."""

TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?")
ID = re.compile(r"[0-9]{1,18}")
WORD = re.compile(r"[a-z][a-z0-9]{0,23}(?:[-_ ][a-z0-9]{1,24}){0,5}")
FINGERPRINT = re.compile(r"[0-9a-f]{16}|[0-9a-f]{64}")
METHOD = re.compile(r"[A-Z]{3,7}")
REQUEST_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,32}")
VERSION = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,3}){1,3}(?:[.+-]?[a-z]{1,5}[0-9]{0,8})?")
ADDRESS_OF_REVERB = re.compile(r"https?://[\w.-]*reverb\.com(?::\d+)?/[\w/?=&.-]{0,120}")

_SHAPES: Mapping[str, re.Pattern[str]] = {
    "listing_id": ID,
    "product_id": ID,
    "number": ID,
    "bundle_id": ID,
    "host_order_id": ID,
    "order_id": ID,
    "key": ID,
    "condition_uuid": UUID,
    "refused_fingerprint": FINGERPRINT,
    "method": METHOD,
    "request_id": REQUEST_ID,
    "version": VERSION,
    "version_num": ID,
    "day": TIME,
}
_TITLES = frozenset({"title", "product_title"})
_KEYS = frozenset(
    {"sku", "near_sku", "after_sku", "key", "product_id", "order_id", "host_order_id", "number", "bundle_id",
     "web_url", "product_url", "listing_url", "path", "next_link"}
)  # fmt: skip
"""What the shop or Reverb has names for: capitals and long numbers mean nothing there."""
_HIDDEN: Mapping[str, str] = {
    "orders.buyer_name": "name",
    "orders.ship_to": "address",
    "orders.tracking_number": "tracking",
    "shipments.tracking_number": "tracking",
    "orders.fingerprint": "hash",  # of what the buyer's data are part of
    "orders.told": "hash",
}
_JSON = frozenset(
    {
        "links.sent", "links.photos", "links.owed", "sync_log.errors", "cache.content", "orders.money", "orders.links",
        "run_listings.listing", "run_rows.differences", "run_rows.body", "run_rows.seen",
    }
)  # fmt: skip
_BODIES = frozenset({"exchanges.request", "exchanges.answer"})


@dataclass(slots=True)
class Taken:
    """How many rows of each table were taken, and what is to be said of it."""

    rows: dict[str, int] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    troubled_skus: Sequence[str] = ()


def copy_database(
    snapshot: Snapshot, copy: Copy, gate: Gate, narrowing: Narrowing, courtesy: Courtesy, token: Secret | None
) -> Taken:
    """Fills ``copy``; tables for which there was no time are empty."""
    row_gate = RowGate(gate, token)
    taken, seen = Taken(), Seen()
    for table in PLANS:
        excerpt = snapshot.excerpt(table, narrowing, seen, MOST_LETTERS.get(table, MOST_LETTERS_ELSEWHERE))
        if excerpt.columns:
            copy.make(table, excerpt.columns)
            taken.rows[table] = 0
        for row in excerpt.rows:
            courtesy.pause()
            if courtesy.is_over():
                excerpt.trouble = "there was no more time"
                break
            taken.rows[table] += copy.add(table, row_gate.row(table, row))
        if excerpt.trouble:
            taken.notes[table] = f"cut short: {excerpt.trouble}"
    taken.troubled_skus = list(seen.troubled_skus)
    return taken


class RowGate:
    """Takes rows of our tables through the gate, each cell by what its column is."""

    def __init__(self, gate: Gate, token: Secret | None) -> None:
        self._gate = gate
        self._fingerprint = None if token is None else token_fingerprint(token)

    def row(self, table: str, row: Row) -> Row:
        """The row as it may leave."""
        if table == "settings":
            return {**self._cells(table, row), "value": self._setting(row.get("name"), row.get("value"))}
        if table == "cache":
            return {**self._cells(table, row), "content": self._cached(row.get("name"), row.get("content"))}
        return self._cells(table, row)

    def _cells(self, table: str, row: Row) -> Row:
        return {name: self._cell(table, name, cell) for name, cell in row.items()}

    def _cell(self, table: str, name: str, cell: Any) -> Any:
        where = f"{table}.{name}"
        if cell is None or isinstance(cell, bool | float):
            return cell
        if isinstance(cell, bytes):
            cell = f"({len(cell):,} bytes that are no text)"
        if where in _HIDDEN:
            return cell if cell == "" else self._gate.hidden(cell, _HIDDEN[where], where)
        if where == "remote_state.refused_token":
            return self._token_mark(cell)
        if not isinstance(cell, str):
            return self._gate.value(cell, where)
        if where in _JSON:
            return self._json(cell, name, where)
        if where in _BODIES:
            return self._body(cell, where)
        if name.endswith("_at") and TIME.fullmatch(cell):
            return cell
        return self._text(cell, name, where)

    def _text(self, cell: str, name: str, where: str) -> str:
        style = Style.TITLE if name in _TITLES else Style.KEY if name in _KEYS else Style.FREE
        shape = _SHAPES.get(name, ADDRESS_OF_REVERB)
        return self._gate.shaped(cell, shape, where, style)

    def _json(self, cell: str, name: str, where: str) -> str:
        """Still JSON of the same shape afterwards."""
        try:
            content = json.loads(cell)
        except (ValueError, RecursionError):
            return json.dumps({"unreadable": self._gate.text(cell, where)})
        if where == "links.sent" and isinstance(content, dict):
            passed: Any = {
                self._gate.text(str(key), where, Style.KEY): self._gate.shaped(str(value), FINGERPRINT, where)
                for key, value in content.items()
            }
        else:
            passed = self._gate.value(content, where, key="" if name == "links" else name)
        return json.dumps(passed, ensure_ascii=False)

    def _body(self, cell: str, where: str) -> str:
        """What went over the wire: gone through by its structure, unless it was cut."""
        try:
            content = json.loads(cell)
        except (ValueError, RecursionError):
            return self._gate.text(cell, where)
        return json.dumps(self._gate.value(content, where), indent=2, ensure_ascii=False)

    def _setting(self, name: object, value: object) -> object:
        if not isinstance(name, str) or not isinstance(value, str):
            return MASK
        if is_secret_setting(name):
            return MASK if value else value
        where = f"settings.{name}"
        if name in SETTINGS and SETTINGS[name].kind == "map":
            return self._json(value, name, where)
        return self._gate.shaped(value, WORD, where, Style.TITLE)

    def _cached(self, name: object, content: object) -> object:
        if not isinstance(content, str):
            return "null"
        where = f"cache.{name if isinstance(name, str) and WORD.fullmatch(name) else 'other'}"
        try:
            value = json.loads(content)
        except (ValueError, RecursionError):
            return json.dumps(self._gate.text(content, where))
        if name == "connection" and isinstance(value, dict) and "token" in value:
            value["token"] = self._token_mark(value["token"])
        return json.dumps(self._gate.value(value, where), ensure_ascii=False)

    def _token_mark(self, fingerprint: object) -> str | None:
        if not fingerprint:
            return None
        return CURRENT if self._fingerprint is not None and fingerprint == self._fingerprint else OTHER
