"""What is wrong, the cause first, with what can be done about it here; and a bundle for support."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from http import HTTPStatus
from io import BytesIO

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from reverb_plugin.admin.visit import Answer, Page, Redirect, Route, Visit
from reverb_plugin.changes import Outcome
from reverb_plugin.diagnostics.bundle import file_name
from reverb_plugin.diagnostics.finding import Finding, Report, Status
from reverb_plugin.diagnostics.package import Part
from reverb_plugin.errors import StoreError
from reverb_plugin.store.snapshot import Narrowing
from reverb_plugin.texts import counted

PLACES: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "no-token": ("Connect to Reverb", "first-run", {}),
    "token-refused": ("Enter a new token", "settings-section", {"section": "connection"}),
    "token-environment": ("Enter another token", "settings-section", {"section": "connection"}),
    "scopes-missing": ("Enter another token", "settings-section", {"section": "connection"}),
    "setting-unusable": ("Open the settings", "settings", {}),
    "rate-limited": ("Change the pace", "settings-section", {"section": "pace"}),
    "update-waiting": ("See what is new", "update", {}),
    "update-broken-off": ("See what happened", "update", {}),
    "update-check-stale": ("Look now", "update", {}),
    "host-abilities": ("Open the settings of orders", "settings-section", {"section": "orders"}),
    "conditions-unmapped": ("Map the conditions", "settings-section", {"section": "conditions"}),
    "categories-unmapped": ("Map the categories", "settings-section", {"section": "categories"}),
    "drift": ("Settle them", "mass-sync", {}),
    "orders-unread": ("Open the orders", "orders", {}),
    "orders-failing": ("Open the orders", "orders", {"show": "to-do"}),
    "orders-ask": ("Open the orders", "orders", {"show": "to-do"}),
    "parked": ("See what was refused", "log", {"outcome": Outcome.REFUSED}),
    "queue-late": ("Open the sync log", "log", {}),
    "run-paused": ("Open the mass sync", "mass-sync", {}),
    "run-braked": ("Open the mass sync", "mass-sync", {}),
    "auto-sync-off": ("Change it", "settings-section", {"section": "sync"}),
}
"""By code of a check: the words for, and the route and values of, the page where something can be done about it."""


@dataclass(frozen=True, slots=True)
class SupportPage:
    """``verdict`` and ``tone`` sum up the ``report``, which is None before anything was looked at.

    ``places`` are addresses of pages by the code of a check, with the words that lead there. ``bundle_sku`` and
    ``bundle_since`` narrow the bundle, ``parts`` is what would go into it when that was asked.
    """

    report: Report | None
    verdict: str
    tone: str
    failed: Sequence[Finding]
    warned: Sequence[Finding]
    passed: Sequence[Finding]
    places: Mapping[str, tuple[str, str]]
    parts: Sequence[Part] | None = None
    bundle_sku: str = ""
    bundle_since: str = ""
    since_error: str = ""


def show(visit: Visit) -> Answer:
    """What was found when it was last looked."""
    return Page("support.html", _page(visit))


def preview(visit: Visit) -> Answer:
    """What would go into the bundle."""
    sku, since = _entered(visit.request.args)
    try:
        parts = visit.desk.bundle.preview(_narrowing(sku, since))
    except ValueError:
        page = _page(visit, sku=sku, since=since, since_error="Enter a day such as 2026-01-31.")
        return Page("support.html", page, HTTPStatus.BAD_REQUEST)
    return Page("support.html", _page(visit, parts, sku=sku, since=since))


def check(visit: Visit) -> Answer:
    """Looks at everything."""
    return _look_again(visit, "checked")


def repair(visit: Visit) -> Answer:
    """Does what can be done about one finding, and looks at everything again."""
    visit.desk.repair(visit.request.form["code"])
    return _look_again(visit, "repaired")


def _look_again(visit: Visit, notice: str) -> Answer:
    """Where the database cannot keep what is found, it is shown at once: what it kept before is no answer."""
    report = visit.desk.diagnose()
    try:
        is_kept = visit.desk.findings() == report
    except StoreError:
        is_kept = False
    return Redirect("support", notice=notice) if is_kept else Page("support.html", _page(visit, report=report))


def download(visit: Visit) -> Answer:
    """The bundle as a file."""
    try:
        narrowing = _narrowing(*_entered(visit.request.form))
    except ValueError:
        raise BadRequest from None
    target = BytesIO()
    visit.desk.bundle.export(target, narrowing)
    response = Response(target.getvalue(), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=file_name(visit.desk.clock.now()))
    return response


def _page(
    visit: Visit,
    parts: Sequence[Part] | None = None,
    *,
    report: Report | None = None,
    sku: str = "",
    since: str = "",
    since_error: str = "",
) -> SupportPage:
    report = report or _find_report(visit)
    failed, warned, passed = (
        (report.of(status) if report is not None else ()) for status in (Status.FAIL, Status.WARN, Status.PASS)
    )
    verdict, tone = _verdict(report)
    places = {code: (words, visit.url(name, **values)) for code, (words, name, values) in PLACES.items()}
    return SupportPage(report, verdict, tone, failed, warned, passed, places, parts, sku, since, since_error)


def _find_report(visit: Visit) -> Report | None:
    """The last one; where the database cannot tell it, what can be seen at once."""
    try:
        return visit.desk.findings()
    except StoreError:
        return visit.desk.diagnose(offline=True)


def _verdict(report: Report | None) -> tuple[str, str]:
    if report is None:
        return "Nothing was looked at yet.", "quiet"
    failed, warned = len(report.of(Status.FAIL)), len(report.of(Status.WARN))
    if failed:
        first = "" if failed == 1 else " Begin with the first: it may be the cause of the others."
        return f"{counted(failed, 'thing does', 'things do')} not work.{first}", "bad"
    if warned:
        return f"It works, with {counted(warned, 'thing')} to look at.", "warn"
    return "Nothing wrong was found.", "good"


def _entered(fields: Mapping[str, str]) -> tuple[str, str]:
    return fields.get("sku", "").strip(), fields.get("since", "").strip()


def _narrowing(sku: str, since: str) -> Narrowing:
    """Raises ValueError when ``since`` is no day."""
    since_at = datetime.combine(date.fromisoformat(since), time(), UTC) if since else None
    return Narrowing(sku or None, since_at)


ROUTES = (
    Route("/support", "support", show, needs_database=False),
    Route("/support/check", "support-check", check, "POST", needs_database=False),
    Route("/support/repair", "support-repair", repair, "POST", needs_database=False),
    Route("/support/bundle", "support-bundle", preview, needs_database=False),
    Route("/support/bundle/download", "support-download", download, "POST", needs_database=False),
)
