"""From nothing to the first preview: the token, what Reverb says to it, the two switches, the preview."""

from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

from reverb_plugin.admin.form import Entered, Field, find_changes, find_token_error, make_fields, read_entered
from reverb_plugin.admin.sections import SECTIONS, Section
from reverb_plugin.admin.trying import try_and_keep
from reverb_plugin.admin.visit import Answer, Page, Redirect, Route, Visit
from reverb_plugin.connection import SCOPES, Connection, Place, Verdict, find_last, token_place
from reverb_plugin.errors import InvalidSettingError, RunActiveError
from reverb_plugin.reverb_api.links import SITES
from reverb_plugin.settings import Environment

CONNECTION = SECTIONS["connection"]
SWITCHES = Section("switches", "", "", ("auto_sync", "auto_publish"))


@dataclass(frozen=True, slots=True)
class FirstRunPage:
    """The three steps; the second opens when Reverb takes the token.

    ``token_places`` say where a token is made, for each environment. ``has_worker`` is False when no process sends, so
    that a preview would wait.
    """

    fields: dict[str, Field]
    switches: dict[str, Field]
    connection: Connection | None
    is_connected: bool
    token_places: dict[str, Place]
    scopes: tuple[str, ...]
    has_worker: bool


def show(visit: Visit) -> Answer:
    """Where the shop stands."""
    return _page(visit, Entered({}, {}))


def connect(visit: Visit) -> Answer:
    """Saves the token and tries it."""
    configuration = visit.desk.configuration
    loaded = configuration.load()
    texts = read_entered(CONNECTION, loaded, visit.request.form.to_dict(flat=False))
    errors = {**configuration.find_errors(texts), **find_token_error(texts, loaded)}
    if "token" not in texts and loaded.values.token is None:
        errors["token"] = InvalidSettingError("token", "", "is needed: paste it here")
    if errors:
        return _page(visit, Entered(texts, errors), HTTPStatus.UNPROCESSABLE_ENTITY)
    configuration.save_all(find_changes(texts, loaded))
    try_and_keep(visit.desk)
    return Redirect("first-run")


def preview(visit: Visit) -> Answer:
    """Saves the switches and begins the preview, which writes nothing on Reverb."""
    configuration = visit.desk.configuration
    loaded = configuration.load()
    texts = read_entered(SWITCHES, loaded, visit.request.form.to_dict(flat=False))
    errors = configuration.find_errors(texts)
    if errors:
        return _page(visit, Entered(texts, errors), HTTPStatus.UNPROCESSABLE_ENTITY)
    configuration.save_all(find_changes(texts, loaded))
    with suppress(RunActiveError):  # the page that follows shows the one that is under way
        visit.desk.mass_sync.preview()
    visit.desk.wake()
    return Redirect("mass-sync")


def _page(visit: Visit, entered: Entered, status: int = 200) -> Page:
    desk = visit.desk
    loaded = desk.configuration.load()
    connection = find_last(desk.store, loaded.values.token)
    context = FirstRunPage(
        make_fields(CONNECTION, loaded, entered.texts, entered.errors),
        make_fields(SWITCHES, loaded, entered.texts, entered.errors),
        connection,
        connection is not None and connection.checks[0].verdict is Verdict.FINE,
        {environment: token_place(SITES[environment]) for environment in Environment},
        SCOPES,
        desk.has_live_worker or desk.store.find_sender() is not None,
    )
    return Page("first_run.html", context, status=status)


ROUTES = (
    Route("/start", "first-run", show),
    Route("/start/connect", "first-run-connect", connect, "POST"),
    Route("/start/preview", "first-run-preview", preview, "POST"),
)
