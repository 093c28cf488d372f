"""The WSGI application: who may enter, which page answers, and how the answer is dressed."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from reverb_plugin.admin import headers
from reverb_plugin.admin.desk import Desk
from reverb_plugin.admin.guards import is_from_us
from reverb_plugin.admin.notices import NOTICES, find_notice
from reverb_plugin.admin.pages import NAVIGATION, PAGES, routes_of, section_of
from reverb_plugin.admin.rendering import Banner, Frame, NavigationItem, render, render_alone
from reverb_plugin.admin.static_files import serve
from reverb_plugin.admin.visit import Answer, Page, PageRequest, Redirect, Route, Visit
from reverb_plugin.connection import find_last
from reverb_plugin.errors import PluginError, StoreError, UnreadableBundleError
from reverb_plugin.guard import swallowed
from reverb_plugin.version import __version__, find_other_version

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Authorize = Callable[["WSGIEnvironment"], bool]
"""The host's word on who may enter: True for a request that may see and do everything on the page."""

WEBHOOKS = "/webhooks/"
"""Below this it is Reverb that calls: what lets it in is the secret that follows, and nothing else."""

NO_AUTHORIZE = (
    "Nobody may enter, because the shop does not say who may. For the developer: give "
    "plugin.admin_app(authorize=...) a function that takes the WSGI environ and returns True for those who may "
    "administer the shop; docs/page.md has recipes."
)
NOT_ALLOWED = "You may not see this page. Sign in to the shop's admin, then open it again."
NO_VERDICT = "Whether you may see this page could not be decided; the shop's log says why."
FOREIGN = (
    "This was not sent from the page itself, so nothing was changed. Go back, reload the page and try again. "
    "If it stays like this behind a proxy, the proxy has to pass on the Host header."
)

ONLY_A_COPY = "This is a copy of a shop's pages, to be looked at. In the shop itself this would have been done."
OUTDATED = (
    "Version {installed} of the plugin is installed; this process of the shop still runs {version}. It goes on noting "
    "what changes, and sends nothing. This page is back when the shop has been restarted."
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What error.html may use: what happened, and what to do next."""

    title: str
    message: str
    hint: str


class AdminApp:
    """The page, to be mounted under any prefix.

    Args:
        desk: the plugin.
        authorize: says of a WSGI environ whether it may enter. Without it nobody may; whatever it returns besides
            True refuses, and so does its failing.
        banner: with one the page shows a copy: it says so, and nothing can be changed.
        update_button: whether the page may start an update of the plugin.
    """

    def __init__(
        self,
        desk: Desk,
        authorize: Authorize | None,
        banner: Banner | None = None,
        *,
        update_button: bool = False,
        home_url: str = "",
    ) -> None:
        self._desk = desk
        self._authorize = authorize
        self._banner = banner
        self._update_button = update_button
        self._home_url = home_url
        routes = [route for page in PAGES for route in routes_of(page)]
        self._routes: Mapping[str, Route] = {route.name: route for route in routes}
        rules = [Rule(route.path, endpoint=route.name, methods=[route.method]) for route in routes]
        rules.append(Rule("/static/<name>", endpoint="static", methods=["GET"]))
        # Never a redirect to a tidier address: behind a proxy it could lead elsewhere.
        self._map = Map(rules, strict_slashes=False, merge_slashes=False)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answers one request."""
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(WEBHOOKS):
            return self._desk.webhook_receiver({**environ, "PATH_INFO": path.removeprefix(WEBHOOKS)}, start_response)
        request = PageRequest(environ)
        response = self._find_refusal(environ) or self._respond(request)
        headers.secure(response, self._desk.settings.frame_ancestors)
        return response(environ, start_response)

    def _find_refusal(self, environ: "WSGIEnvironment") -> Response | None:
        if self._authorize is None:
            return render_alone("Nobody may enter yet", NO_AUTHORIZE, HTTPStatus.FORBIDDEN)
        try:
            verdict = self._authorize(environ)
        except Exception as error:
            logger.exception("authorize failed; the request is refused")
            swallowed(error)
            return render_alone("Refused", NO_VERDICT, HTTPStatus.INTERNAL_SERVER_ERROR)
        if verdict is True:
            return _find_update()
        if verdict is not False:  # a coroutine or a user would count as true
            logger.error("authorize has to return True or False, not a %s; the request is refused", type(verdict))
        return render_alone("Refused", NOT_ALLOWED, HTTPStatus.FORBIDDEN)

    def _respond(self, request: Request) -> Response:
        adapter = self._bind(request)
        name = None
        try:
            name, arguments = adapter.match()
            if name == "static":
                return serve(**arguments)
            answer = self._visit(request, self._routes[name], arguments, adapter)
            return self._dress(answer, name, request, adapter)
        except (HTTPException, PluginError) as error:
            response = self._dress(_explain(error), name, request, adapter)
            if isinstance(error, MethodNotAllowed):
                response.allow.update(sorted(error.valid_methods or ()))
            return response
        except Exception as error:
            logger.exception("A page failed")
            swallowed(error)
            return self._dress(UNFORESEEN, name, request, adapter)

    def _visit(self, request: Request, route: Route, arguments: Mapping[str, Any], adapter: MapAdapter) -> Answer:
        if route.method != "GET" and self._banner is not None:
            return Page("error.html", ErrorPage("Nothing was changed", ONLY_A_COPY, ""), HTTPStatus.FORBIDDEN)
        if route.method != "GET" and not is_from_us(request):
            return Page("error.html", ErrorPage("Not sent from here", FOREIGN, ""), HTTPStatus.FORBIDDEN)
        try:
            self._desk.configuration.reload()  # the form before may have been answered by another process
        except StoreError:
            if route.needs_database:
                raise
        return route.view(Visit(self._desk, request, _url_maker(adapter), self._update_button), **arguments)

    def _dress(self, answer: Answer, name: str | None, request: Request, adapter: MapAdapter) -> Response:
        url = _url_maker(adapter)
        match answer:
            case Page():
                return render(answer, self._frame(name, request), url)
            case Redirect(to, values, notice):
                code = {} if notice is None else {"notice": notice}
                if notice not in {None, *NOTICES}:
                    raise KeyError(notice)
                return redirect(url(to, **values, **code), HTTPStatus.SEE_OTHER)
        return answer

    def _frame(self, name: str | None, request: Request) -> Frame:
        current = None if name is None else section_of(name)
        return Frame(
            environment=self._find_environment(),
            shop=self._find_shop(),
            navigation=tuple(NavigationItem(each, title, each == current) for each, title in NAVIGATION.items()),
            notice=find_notice(request.args.get("notice")),
            version=__version__,
            home_url=self._home_url,
            banner=self._banner,
        )

    def _find_environment(self) -> str:
        try:
            return self._desk.configuration.load().values.environment
        except StoreError:  # rather nothing than the default, which may not be the one that was saved
            return ""

    def _find_shop(self) -> str:
        try:
            connection = find_last(self._desk.store, self._desk.settings.token)
        except StoreError:  # the page itself has to say so
            return ""
        return "" if connection is None else connection.shop_name

    def _bind(self, request: Request) -> MapAdapter:
        # The host's name is not asked for: all addresses are paths.
        return self._map.bind(
            "localhost",
            script_name="/" + quote(request.root_path.strip("/")),
            path_info=request.path,
            default_method=request.method,
        )


def _find_update() -> Response | None:
    """What a process answers that would take code and templates of two versions that do not belong together."""
    installed = find_other_version()
    if installed is None:
        return None
    text = OUTDATED.format(installed=installed, version=__version__)
    return render_alone("Restart the shop", text, HTTPStatus.SERVICE_UNAVAILABLE)


def _url_maker(adapter: MapAdapter) -> Callable[..., str]:
    def url(name: str, /, **values: Any) -> str:
        return adapter.build(name, values)

    return url


def _explain(error: HTTPException | PluginError) -> Page:
    """What happened and what to do, never a traceback."""
    match error:
        case HTTPException():
            status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
            return Page("error.html", ErrorPage(status.phrase, MESSAGES.get(status, ""), ""), status)
        case StoreError():
            told = ErrorPage("The database cannot be used", error.message, error.hint)
            return Page("error.html", told, HTTPStatus.SERVICE_UNAVAILABLE)
        case UnreadableBundleError():
            told = ErrorPage("Not in this bundle", error.message, error.hint)
            return Page("error.html", told, HTTPStatus.NOT_FOUND)
    told = ErrorPage("This did not work", error.message, error.hint)
    return Page("error.html", told, HTTPStatus.INTERNAL_SERVER_ERROR)


UNFORESEEN = Page(
    "error.html",
    ErrorPage("Something went wrong", "The page could not be made; the shop's log says why.", PluginError.hint),
    HTTPStatus.INTERNAL_SERVER_ERROR,
)

MESSAGES = {
    HTTPStatus.NOT_FOUND: "There is no such page. The address may be mistyped, or what it showed is gone.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address takes no request of this kind. Open it from the page itself.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "What was sent is too large.",
    HTTPStatus.BAD_REQUEST: "Something is missing in what was sent. Go back, reload the page and try again.",
}
