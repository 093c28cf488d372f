"""A bundle while it is made, part by part: what breaks on the way becomes a note, and the rest goes on."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import uuid4

from reverb_plugin.connection import NAME as CONNECTION
from reverb_plugin.diagnostics.aside import Aside
from reverb_plugin.diagnostics.collectors.database import Taken, copy_database
from reverb_plugin.diagnostics.collectors.shop import collect_products, collect_shop
from reverb_plugin.diagnostics.courtesy import Courtesy
from reverb_plugin.diagnostics.finding import MootError
from reverb_plugin.diagnostics.gate import Gate
from reverb_plugin.diagnostics.live_values import (
    find_kept,
    find_live_values,
    find_public_uuids,
    find_saved_settings,
)
from reverb_plugin.diagnostics.package import Package, Part
from reverb_plugin.diagnostics.report_page import render_report
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.errors import PluginError, StoreError
from reverb_plugin.host import Host
from reverb_plugin.recent import NAME as TRACEBACKS
from reverb_plugin.settings import LoadedSettings
from reverb_plugin.store.copy import Copy
from reverb_plugin.store.schema import HEAD
from reverb_plugin.store.snapshot import Narrowing, Snapshot
from reverb_plugin.version import __version__

NEWEST_MISSING = (
    "the newest changes are missing: they stand in the -wal file, which is not read where nothing may be written"
)

FORMAT = 1
SECONDS = 8.5
DATABASE_SECONDS = 6.5
SHOP_SECONDS = 3.0

ABOUT: Mapping[str, str] = {
    "report.html": "the report for a person: summary, findings, timeline",
    "checks.json": "what the checks found",
    "settings.json": "each setting in force and where it comes from; of secrets only whether they are set",
    "environment.json": "Python and its packages, the machine, the server, SQLite",
    "database.json": "the size, version and place of the database",
    "updates.json": "what is known of newer versions, and how the last update ended",
    "host.json": "what the shop's adapter can do",
    "products.jsonl": "what the shop says of the products that fail",
    "log.jsonl": "rows of the sync log, the newest first",
    "queue.jsonl": "what waits in the queue",
    "exchanges.jsonl": "the last requests to Reverb and the answers",
    "tracebacks.jsonl": "warnings and errors of this process, with tracebacks",
    "database.sqlite3": "a copy of the plugin's database, made anew of rows without secrets and people's data",
    "redactions.json": "what was taken out where, in numbers",
}
"""Each file of a bundle but its manifest."""

LINES_OF: Mapping[str, str] = {"log.jsonl": "sync_log", "queue.jsonl": "outbox", "exchanges.jsonl": "exchanges"}

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Making:
    """One bundle while it is made. ``told`` keeps what has passed the gate, for the report."""

    scene: Scene
    narrowing: Narrowing
    courtesy: Courtesy
    loaded: LoadedSettings = field(init=False)
    gate: Gate = field(init=False)
    package: Package = field(init=False)
    snapshot: Snapshot | None = None
    trouble: str = ""
    copy: Copy | None = None
    taken: Taken = field(default_factory=Taken)
    told: dict[str, Any] = field(default_factory=dict)

    def open(self, stack: ExitStack) -> None:
        """Opens what the rest is made from, as far as that can be opened, and learns what must not leave."""
        try:
            self.snapshot = stack.enter_context(Snapshot(self.scene.path, self.courtesy.is_over))
        except StoreError as error:
            self.trouble = error.message
        self.loaded = self.scene.configuration.with_saved(find_saved_settings(self.snapshot))
        known = find_live_values(self.loaded.values, os.environ, self.snapshot)
        public = find_public_uuids(self.loaded.values, self.snapshot)
        self.gate = Gate(known, public, pause=self.courtesy.pause)
        self.copy = Copy()
        stack.callback(self.copy.close)

    def get_snapshot(self) -> Snapshot:
        """The database; raises StoreError when it cannot be read."""
        if self.snapshot is None:
            raise StoreError(self.trouble)
        return self.snapshot

    def add(self, name: str, collect: Callable[[], Any]) -> None:
        """A part in JSON; when its collector breaks, a note of that."""
        with self._noting(name) as part:
            self.told[name] = self.package.add_json(part, collect())

    def add_lines(self, name: str, collect: Callable[[], Sequence[Any]]) -> None:
        """A part in lines."""
        with self._noting(name) as part:
            self.told[name] = self.package.add_lines(part, collect())

    def add_database(self) -> None:
        """The copy of the database, and the parts that are lines of it."""
        with self._noting("database.sqlite3") as part:
            snapshot = self.get_snapshot()
            assert self.copy is not None  # noqa: S101 - opened before
            within = Courtesy(min(DATABASE_SECONDS, self.courtesy.left_seconds))
            self.taken = copy_database(snapshot, self.copy, self.gate, self.narrowing, within, self.loaded.values.token)
            if not self.taken.rows:
                raise StoreError("There is no table of the plugin in the database")
            newest = [NEWEST_MISSING] if snapshot.lacks_newest else []
            notes = [*newest, *(f"{table} {note}" for table, note in self.taken.notes.items())]
            self.package.add_passed(
                _with_note(part, "; ".join(notes), sum(self.taken.rows.values())), self.copy.content()
            )
        for name, table in LINES_OF.items():
            with self._noting(name) as part:
                self.get_snapshot()
                note = self.taken.notes.get(table, "")
                self.package.add_rows(_with_note(part, note), self.rows(table))

    def rows(self, table: str) -> Iterable[dict[str, Any]]:
        """Rows of the copy, the newest first."""
        assert self.copy is not None  # noqa: S101
        return _Rows(self.copy, table)

    def add_tracebacks(self, own: Sequence[Mapping[str, Any]]) -> None:
        """What this process logged, and the tracebacks that others have left in the database; the newest last."""
        self.add_lines(
            "tracebacks.jsonl", lambda: sorted([*self._left(own), *own], key=lambda record: str(record["at"]))
        )

    def _left(self, own: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        kept = find_kept(self.snapshot, TRACEBACKS)
        mine = {(record.get("at"), record.get("message"), record.get("process")) for record in own}
        return [
            record
            for record in (kept if isinstance(kept, list) else ())
            if isinstance(record, dict)
            and "at" in record
            and (record["at"], record.get("message"), record.get("process")) not in mine
        ]

    def add_shop(self) -> None:
        """What the shop is and says; it is given three seconds."""
        try:
            host = self.scene.host
        except MootError as moot:
            for name in ("host.json", "products.jsonl"):
                self.package.note(_with_note(Part(name, ABOUT[name]), f"not there: {moot}"))
            return
        self.add("host.json", lambda: Aside(lambda: collect_shop(host)).get(SHOP_SECONDS))
        self.add_lines("products.jsonl", lambda: self._products(host))

    def _products(self, host: Host) -> Sequence[dict[str, Any]]:
        wanted = [self.narrowing.sku] if self.narrowing.sku is not None else self.taken.troubled_skus
        return Aside(lambda: collect_products(host, wanted)).get(SHOP_SECONDS)

    def add_report(self) -> None:
        """The page for a person."""
        with self._noting("report.html") as part:
            page = render_report(
                self._head(), self.told, self.rows, self.package.parts, self.removed(), self.courtesy.pause
            )
            self.package.add_passed(part, page.encode("utf-8", "replace"))

    def add_manifest(self) -> None:
        """The manifest, which lists all others."""
        entries = [asdict(part) for part in self.package.parts]
        about = Part("manifest.json", "what is in this bundle")
        self.package.add_json(about, {**self._head(), "entries": entries})
        self.package.parts.pop()

    def removed(self) -> Mapping[str, int]:
        """How much of each kind was taken out."""
        numbers: dict[str, int] = {}
        for (_, kind), number in self.gate.removed.items():
            numbers[kind] = numbers.get(kind, 0) + number
        return dict(sorted(numbers.items()))

    def removed_where(self) -> Sequence[Mapping[str, Any]]:
        """How much of each kind was taken out of which place."""
        return [
            {"where": where, "kind": kind, "times": number}
            for (where, kind), number in sorted(self.gate.removed.items())
        ]

    def _head(self) -> dict[str, Any]:
        now = self.scene.clock.now()
        head = {
            "format": FORMAT,
            "bundle": uuid4().hex[:12],
            "plugin": __version__,
            "schema": HEAD,
            "created_at": now.isoformat(timespec="seconds"),
            "environment": str(self.loaded.values.environment),
            "api_url": self.scene.address_of(self.loaded.values.environment),
            "shop": _shop_name(find_kept(self.snapshot, CONNECTION)),
            "sku": self.narrowing.sku,
            "since": None if self.narrowing.since is None else self.narrowing.since.isoformat(),
            "seconds": round(SECONDS - self.courtesy.left_seconds, 2),
        }
        if "head" not in self.told:
            self.told["head"] = self.gate.value(head, "manifest.json") | {"bundle": head["bundle"]}
        return dict(self.told["head"])

    def _noting(self, name: str) -> "_Noting":
        return _Noting(self, name)

    def miss(self, name: str, why: str) -> None:
        """Notes that a part could not be made."""
        self.package.note(Part(name, ABOUT[name], error=why))


class _Noting:
    """Whatever goes wrong inside becomes a note in the manifest; only the target's own trouble goes on."""

    def __init__(self, making: Making, name: str) -> None:
        self._making = making
        self._name = name

    def __enter__(self) -> Part:
        return Part(self._name, ABOUT[self._name], _COLLECTORS.get(self._name, self._name.partition(".")[0]))

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        package = self._making.package
        if error is None:
            return False
        if not isinstance(error, Exception) or package.is_broken:
            return False
        logger.debug("A part of the bundle is missing: %s", self._name, exc_info=error)
        why = error.message if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
        self._making.miss(self._name, why)
        return True


class _Rows:
    """The rows of a table of the copy, which may be gone through more than once."""

    def __init__(self, copy: Copy, table: str) -> None:
        self._copy = copy
        self._table = table

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._copy.rows(self._table, last_first=True)


_COLLECTORS: Mapping[str, str] = {"database.sqlite3": "database", **dict.fromkeys(LINES_OF, "database")}


def _with_note(part: Part, note: str, rows: int | None = None) -> Part:
    return Part(part.name, part.about, part.collector, rows, note=note or None)


def _shop_name(kept: Any) -> str:
    """The name of the account's shop on Reverb, which everybody can read there."""
    return str(kept.get("shop_name", "")) if isinstance(kept, dict) else ""
