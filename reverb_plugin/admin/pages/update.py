"""Newer versions of the plugin: what is new, how to get it, why one does not suit this shop."""

from dataclasses import dataclass

from werkzeug.exceptions import BadRequest

from reverb_plugin.admin.visit import Answer, Page, Redirect, Route, Visit
from reverb_plugin.errors import UpdateError
from reverb_plugin.update.notice import UpdateStatus
from reverb_plugin.update.report import Report, find_report

LOOKING_SECONDS = 1


@dataclass(frozen=True, slots=True)
class UpdatePage:
    """``refresh_seconds`` is 0 unless the index is being asked; ``last`` is how the last update ended."""

    status: UpdateStatus
    last: Report | None
    index_url: str
    refresh_seconds: int


def show(visit: Visit) -> Answer:
    """How things stand after the last look."""
    updates = visit.desk.updates
    refresh_seconds = LOOKING_SECONDS if updates.is_looking else 0
    last = find_report(visit.desk.store.path.parent)
    return Page(
        "update.html", UpdatePage(updates.status(), last, visit.desk.settings.update_index_url, refresh_seconds)
    )


def look(visit: Visit) -> Answer:
    """Asks the index beside this request, which does not wait for it."""
    visit.desk.updates.begin()
    return Redirect("update", {}, "update-looking")


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
    Route("/update/skip", "update-skip", skip, "POST"),
    Route("/update/remind", "update-remind", remind, "POST"),
)
