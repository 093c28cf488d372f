"""Newer versions of the plugin: what is new, how to get it, why one does not suit this shop."""

from dataclasses import dataclass

from werkzeug.exceptions import BadRequest, Forbidden

from reverb_plugin.admin.visit import Answer, Page, Redirect, Route, Visit
from reverb_plugin.errors import UpdateError
from reverb_plugin.update.launch import Launched, find_launched, launch
from reverb_plugin.update.notice import UpdateStatus
from reverb_plugin.update.report import Report, find_report

REFRESH_SECONDS = 1


@dataclass(frozen=True, slots=True)
class UpdatePage:
    """``refresh_seconds`` is 0 unless something is under way; ``last`` is how the last update ended.

    ``launched`` is the one that was started here last, ``has_button`` whether one may be.
    """

    status: UpdateStatus
    last: Report | None
    launched: Launched | None
    has_button: bool
    index_url: str
    refresh_seconds: int


def show(visit: Visit) -> Answer:
    """How things stand after the last look."""
    updates, folder = visit.desk.updates, visit.desk.store.path.parent
    launched = find_launched(folder)
    is_busy = updates.is_looking or (launched is not None and launched.is_under_way)
    context = UpdatePage(
        updates.status(),
        find_report(folder),
        launched,
        visit.may_update,
        visit.desk.settings.update_index_url,
        REFRESH_SECONDS if is_busy else 0,
    )
    return Page("update.html", context)


def look(visit: Visit) -> Answer:
    """Asks the index beside this request, which does not wait for it."""
    visit.desk.updates.begin()
    return Redirect("update", {}, "update-looking")


def install(visit: Visit) -> Answer:
    """Starts the command beside this request, where the host allows it; this version or none."""
    notice = visit.desk.updates.status().notice
    if not visit.may_update or notice is None or not notice.can_install:
        raise Forbidden
    if visit.request.form["version"] != notice.version:
        return Redirect("update", {}, "update-moved")
    try:
        launch(visit.desk.store.path.parent, notice.version)
    except UpdateError:
        return Redirect("update", {}, "update-not-started")
    return Redirect("update", {}, "update-started")


def skip(visit: Visit) -> Answer:
    """Says no more of this version."""
    try:
        visit.desk.updates.skip(visit.request.form["version"])
    except UpdateError as error:
        raise BadRequest from error
    return Redirect("update", {}, "update-skipped")


def remind(visit: Visit) -> Answer:
    """Says no more of it for a week."""
    visit.desk.updates.remind_later()
    return Redirect("update", {}, "update-later")


ROUTES = (
    Route("/update", "update", show),
    Route("/update/look", "update-look", look, "POST"),
    Route("/update/install", "update-install", install, "POST"),
    Route("/update/skip", "update-skip", skip, "POST"),
    Route("/update/remind", "update-remind", remind, "POST"),
)
