"""The sync log: page by page and filtered, one attempt with all that belongs to it, and as a CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from reverb_plugin.admin.log_csv import write_csv
from reverb_plugin.admin.log_filters import KINDS, OUTCOMES, Wanted, placed, read_wanted, write_cursor
from reverb_plugin.admin.sending import refresh_seconds
from reverb_plugin.admin.visit import LARGEST_ID, Answer, Page, Redirect, Route, Visit
from reverb_plugin.changes import Kind, Outcome, Reason, product_changed
from reverb_plugin.errors import find_hint
from reverb_plugin.store.exchanges import Exchange
from reverb_plugin.store.sync_log import Cursor, LogEntry, LogFilter

ROWS = 50
HISTORY_ROWS = 10
MOST_COUNTED = 10_000
MOST_SIMILAR = 6
"""How often the newest page is looked at again, while changes are being sent and while none are."""

UNFINISHED = frozenset({Outcome.REFUSED, Outcome.DEFERRED})
ABOUT_A_RUN = frozenset({Kind.RUN_STEP})


@dataclass(frozen=True, slots=True)
class LogRows:
    """The list. ``count`` stops at ``most``; ``similar`` are SKUs that begin like the one that was not found.

    ``refresh_seconds`` is None on any page but the newest.
    """

    wanted: Wanted
    entries: Sequence[LogEntry]
    count: int
    most: int
    similar: Sequence[str]
    newer_url: str | None
    older_url: str | None
    export_url: str
    environment: str
    outcomes: Mapping[str, str]
    kinds: Mapping[str, str]
    refresh_seconds: int | None


@dataclass(frozen=True, slots=True)
class LogEntryPage:
    """One attempt. ``is_about_sku`` is False for a step of a mass sync, which has a number instead.

    ``can_retry`` is False for those, and in another environment: what is noted is sent to the one in force.
    """

    entry: LogEntry
    kind: str
    hint: str | None
    exchanges: Sequence[Exchange]
    missing_exchanges: int
    history: Sequence[LogEntry]
    newer: LogEntry | None
    older: LogEntry | None
    query: Mapping[str, str | None]
    environment: str
    is_about_sku: bool
    can_retry: bool
    is_unfinished: bool


def show(visit: Visit) -> Answer:
    """A page of the log."""
    wanted, log = read_wanted(visit.request.args), visit.desk.store.log
    chosen = wanted.chosen()
    asked = placed(chosen, visit.request.args)
    page = log.page(asked, ROWS)
    is_newest = page.newer is None
    context = LogRows(
        wanted,
        page.entries,
        log.count(chosen, MOST_COUNTED),
        MOST_COUNTED,
        log.similar_skus(wanted.sku, MOST_SIMILAR) if wanted.sku and not page.entries else (),
        _beside(visit, wanted, after=page.newer),
        _beside(visit, wanted, before=page.older),
        visit.url("log-export", **wanted.query()),
        visit.desk.settings.environment,
        OUTCOMES,
        KINDS,
        refresh_seconds(visit.desk.store.queue_status()) if is_newest else None,
    )
    return Page("log.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if wanted.errors else 200)


def show_entry(visit: Visit, entry_id: int) -> Answer:
    """One attempt, with what was asked of Reverb and what happened to its SKU before and after."""
    wanted, log = read_wanted(visit.request.args), visit.desk.store.log
    opened = log.find(entry_id, wanted.chosen())
    if opened is None:
        raise NotFound
    entry = opened.entry
    context = LogEntryPage(
        entry,
        KINDS.get(entry.kind, entry.kind),
        find_hint(entry.code or "", entry.environment) if entry.outcome in UNFINISHED else None,
        opened.exchanges,
        max(entry.requests - len(opened.exchanges), 0),
        log.page(LogFilter(sku=entry.sku), HISTORY_ROWS).entries,
        opened.newer,
        opened.older,
        wanted.query(),
        visit.desk.settings.environment,
        entry.kind not in ABOUT_A_RUN,
        _can_retry(visit, entry),
        entry.outcome in UNFINISHED,
    )
    return Page("log_entry.html", context)


def retry(visit: Visit, entry_id: int) -> Answer:
    """Tries again what waits for a person, or notes the product as changed."""
    store = visit.desk.store
    opened = store.log.find(entry_id, LogFilter())
    if opened is None or not _can_retry(visit, opened.entry):
        raise NotFound
    sku = opened.entry.sku
    notice = "woken"
    if not store.retry(sku):
        notice = "noted"
        if opened.entry.kind == Kind.END_LISTING:
            return Redirect("log-entry", {"entry_id": entry_id}, "nothing-waits")
        store.record([product_changed(sku, Reason.BY_HAND)])
    visit.desk.wake()
    return Redirect("log-entry", {"entry_id": entry_id}, notice)


def _can_retry(visit: Visit, entry: LogEntry) -> bool:
    return entry.kind not in ABOUT_A_RUN and entry.environment == visit.desk.settings.environment


def export(visit: Visit) -> Answer:
    """All rows that match, as a file."""
    wanted = read_wanted(visit.request.args)
    lines = write_csv(visit.desk.store.log.iterate(wanted.chosen()))
    name = f"reverb-sync-log-{visit.desk.clock.now():%Y-%m-%d}.csv"
    response = Response((line.encode() for line in lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _beside(visit: Visit, wanted: Wanted, **place: Cursor | None) -> str | None:
    ((name, cursor),) = place.items()
    values: dict[str, Any] = {**wanted.query(), name: write_cursor(cursor)}
    return None if cursor is None else visit.url("log", **values)


_ENTRY = f"/log/<int(max={LARGEST_ID}):entry_id>"

ROUTES = (
    Route("/log", "log", show),
    Route("/log/export.csv", "log-export", export),
    Route(_ENTRY, "log-entry", show_entry),
    Route(f"{_ENTRY}/retry", "log-retry", retry, "POST"),
)
