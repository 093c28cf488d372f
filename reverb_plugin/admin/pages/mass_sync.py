"""Sync all listings: preview, brake, start, progress, pause, resume, cancel; drift checks and how they are settled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from werkzeug.exceptions import NotFound

from reverb_plugin.admin.field_words import FieldWords
from reverb_plugin.admin.product_sheet import DriftRow, Trouble, drift_row
from reverb_plugin.admin.run_sheet import (
    ROWS,
    UNDER_WAY,
    Found,
    Line,
    Step,
    find_found,
    find_step,
    line_of,
    state_words,
)
from reverb_plugin.admin.sending import Sending, find_sending
from reverb_plugin.admin.visit import LARGEST_ID, Answer, Page, Redirect, Route, Visit
from reverb_plugin.errors import (
    PluginError,
    RunActiveError,
    RunError,
    RunNeedsConfirmationError,
    RunTooSoonError,
    StoreError,
)
from reverb_plugin.mass_sync import MassSync, Progress
from reverb_plugin.store import runs as states
from reverb_plugin.store.runs import Run
from reverb_plugin.sync.drift import DriftKind

LAST_RUNS = 10


@dataclass(frozen=True, slots=True)
class RunLine:
    """One of the last runs."""

    run: Run
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class MassSyncPage:
    """The start: what is under way, what can be begun, what was done last."""

    active: Progress | None
    step: Step | None
    sending: Sending
    pause_ends_at: datetime | None
    waiting_plan: Run | None
    last_check: Run | None
    runs: tuple[RunLine, ...]
    brake_percent: int


@dataclass(frozen=True, slots=True)
class Tab:
    """Rows of one action or kind: the word, how many there are, its address, and whether they are shown."""

    found: Found
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run. ``settles`` when what it found can be settled: it is the newest complete drift check."""

    progress: Progress
    step: Step
    is_under_way: bool
    sending: Sending
    tabs: tuple[Tab, ...]
    shown: Found | None
    lines: tuple[Line, ...]
    drift: dict[int, DriftRow]
    settles: bool
    can_take: bool
    is_newest: bool
    pause_ends_at: datetime | None
    trouble: Trouble | None
    needs_word: str | None
    newer_url: str | None
    older_url: str | None


def show(visit: Visit) -> Page:
    """The start."""
    desk = visit.desk
    active = desk.mass_sync.find_active()
    last = desk.store.runs.newest(limit=LAST_RUNS)
    newest_sync = next((run for run in last if run.kind == states.MASS_SYNC), None)
    is_waiting = newest_sync is not None and newest_sync.state == states.PLANNED
    context = MassSyncPage(
        active=active,
        step=None if active is None else find_step(desk, active),
        sending=find_sending(desk),
        pause_ends_at=desk.mass_sync.find_pause_end(),
        waiting_plan=newest_sync if is_waiting else None,
        last_check=desk.drift.find_last_check(),
        runs=tuple(RunLine(run, *state_words(run)) for run in last),
        brake_percent=desk.settings.brake_percent,
    )
    return Page("mass_sync.html", context)


def show_run(visit: Visit, run_id: int) -> Page:
    """One run with a page of its rows."""
    return _run_page(visit, run_id)


def _run_page(
    visit: Visit, run_id: int, trouble: Trouble | None = None, needs_word: str | None = None, status: int = 200
) -> Page:
    desk, args = visit.desk, visit.request.values
    progress = desk.mass_sync.progress(_get_run(visit, run_id))
    run, found = progress.run, find_found(progress)
    shown = _shown(found, args.get("kind"))
    rows, words = _RowPage(visit, run, shown), FieldWords(desk)
    last_check = desk.drift.find_last_check() if run.kind == states.DRIFT_CHECK else None
    settles = last_check is not None and last_check.id == run.id
    context = RunPage(
        progress=progress,
        step=find_step(desk, progress),
        is_under_way=run.state in UNDER_WAY,
        sending=find_sending(desk),
        tabs=tuple(
            Tab(each, visit.url("run", run_id=run_id, kind=each.name), shown is not None and each.name == shown.name)
            for each in found
            if each.count
        ),
        shown=shown,
        lines=tuple(line_of(words, row) for row in rows.rows),
        drift={row.id: drift_row(desk, words, row) for row in rows.rows} if settles else {},
        settles=settles,
        can_take=settles and desk.drift.can_take and shown is not None and shown.name == DriftKind.QUANTITY,
        is_newest=settles or run.kind != states.DRIFT_CHECK,
        pause_ends_at=desk.mass_sync.find_pause_end() if run.state == states.PLANNED else None,
        trouble=trouble,
        needs_word=needs_word,
        newer_url=rows.before_url,
        older_url=rows.after_url,
    )
    return Page("run.html", context, status)


def _get_run(visit: Visit, run_id: int) -> Run:
    run = visit.desk.store.runs.find(run_id)
    if run is None:
        raise NotFound
    return run


def _shown(found: tuple[Found, ...], name: str | None) -> Found | None:
    """What the address names, else the first there is any of."""
    chosen = [each for each in found if each.name == name] or [each for each in found if each.count]
    return chosen[0] if chosen else None


class _RowPage:
    """A page of the rows of one action or kind, and the addresses of the pages before and after it."""

    def __init__(self, visit: Visit, run: Run, shown: Found | None) -> None:
        after, before = (visit.request.args.get(name, type=_row_id) for name in ("after", "before"))
        self.rows: list[Any] = []
        self.before_url = self.after_url = None
        if shown is None:
            return
        chosen: Any = {"state": shown.state} if shown.state else {"action": shown.name}
        read = partial(visit.desk.store.runs.rows, run.id, limit=ROWS + 1, **chosen)
        if before is not None:
            rows = list(read(before_id=before))
            has_before, has_after = len(rows) > ROWS, True
            self.rows = rows[-ROWS:]
        else:
            rows = list(read(after_id=after or 0))
            has_before, has_after = after is not None, len(rows) > ROWS
            self.rows = rows[:ROWS]
        if self.rows:
            address = {"run_id": run.id, "kind": shown.name}
            self.before_url = visit.url("run", **address, before=self.rows[0].id) if has_before else None
            self.after_url = visit.url("run", **address, after=self.rows[-1].id) if has_after else None


def _row_id(text: str) -> int:
    number = int(text)
    if not 0 <= number <= LARGEST_ID:
        raise ValueError(text)
    return number


# What a person does


def preview(visit: Visit) -> Answer:
    """Begins a plan."""
    return _begin(visit, lambda mass_sync: mass_sync.preview())


def start(visit: Visit) -> Answer:
    """Plans and sends in one go, unless the brake holds it."""
    return _begin(visit, lambda mass_sync: mass_sync.start())


def check_drift(visit: Visit) -> Answer:
    """Begins to compare without writing."""
    return _begin(visit, lambda mass_sync: mass_sync.check_drift())


def _begin(visit: Visit, begin: Callable[[MassSync], int]) -> Answer:
    try:
        run_id = begin(visit.desk.mass_sync)
    except RunActiveError:
        return Redirect("mass-sync", {}, "run-active")
    except RunTooSoonError:
        return Redirect("mass-sync", {}, "run-too-soon")
    visit.desk.wake()
    return Redirect("run", {"run_id": run_id}, "run-started")


def apply(visit: Visit, run_id: int) -> Answer:
    """Sends exactly what the plan shows."""
    run = _get_run(visit, run_id)
    confirmed = visit.request.form.get("confirmed") == "on"
    try:
        visit.desk.mass_sync.apply(run_id, confirmed=confirmed)
    except RunNeedsConfirmationError:
        return Redirect("run", {"run_id": run_id}, "confirm-first")
    except RunActiveError:
        return Redirect("mass-sync", {}, "run-active")
    except RunTooSoonError:
        return Redirect("run", {"run_id": run_id}, "run-too-soon")
    except RunError:
        return Redirect("run", {"run_id": run.id}, "run-begun-already")
    visit.desk.wake()
    return Redirect("run", {"run_id": run_id}, "run-sending")


def pause(visit: Visit, run_id: int) -> Answer:
    """Holds it."""
    return _control(visit, run_id, lambda mass_sync: mass_sync.pause(run_id), "run-paused")


def resume(visit: Visit, run_id: int) -> Answer:
    """Goes on with it."""
    return _control(visit, run_id, lambda mass_sync: mass_sync.resume(run_id), "run-resumed")


def cancel(visit: Visit, run_id: int) -> Answer:
    """Ends it for good; what was sent stays."""
    return _control(visit, run_id, lambda mass_sync: mass_sync.cancel(run_id), "run-cancelled")


def _control(visit: Visit, run_id: int, control: Callable[[MassSync], object], notice: str) -> Answer:
    run = _get_run(visit, run_id)
    try:
        control(visit.desk.mass_sync)
    except RunError:
        return Redirect("run", {"run_id": run.id}, "run-not-so")
    visit.desk.wake()
    return Redirect("run", {"run_id": run.id}, notice)


def settle(visit: Visit, run_id: int) -> Answer:
    """Settles all differences of a kind that a drift check found, or those of one SKU, in one direction."""
    run, form, drift = _get_run(visit, run_id), visit.request.form, visit.desk.drift
    kind, sku = form["kind"], form.get("sku") or None
    check = drift.find_last_check()
    if check is None or check.id != run.id:
        return Redirect("run", {"run_id": run.id}, "newer-check")
    try:
        if form["to"] == "shop":
            drift.take_later(sku=sku)
            answer = Redirect("run", {"run_id": run.id, "kind": kind}, "taking")
        else:
            started = drift.send(kind=kind, sku=sku, confirmed=form.get("confirmed") == "on")
            answer = Redirect("run", {"run_id": started}, "run-sending")
    except RunActiveError:
        return Redirect("run", {"run_id": run.id, "kind": kind}, "run-active")
    except RunNeedsConfirmationError as error:
        return _run_page(visit, run_id, needs_word=error.message, status=409)
    except StoreError:
        raise
    except PluginError as error:
        return _run_page(visit, run_id, Trouble(error.message, error.hint), status=409)
    visit.desk.wake()
    return answer


_RUN = f"/mass-sync/<int(max={LARGEST_ID}):run_id>"

ROUTES = (
    Route("/mass-sync", "mass-sync", show),
    Route("/mass-sync/preview", "mass-sync-preview", preview, "POST"),
    Route("/mass-sync/start", "mass-sync-start", start, "POST"),
    Route("/mass-sync/check", "drift-check", check_drift, "POST"),
    Route(_RUN, "run", show_run),
    Route(f"{_RUN}/apply", "run-apply", apply, "POST"),
    Route(f"{_RUN}/pause", "run-pause", pause, "POST"),
    Route(f"{_RUN}/resume", "run-resume", resume, "POST"),
    Route(f"{_RUN}/cancel", "run-cancel", cancel, "POST"),
    Route(f"{_RUN}/settle", "run-settle", settle, "POST"),
)
