"""The pages of the sample shop: its products beside their listings, and one product to edit, buy and refund."""

from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from reverb_plugin.admin import headers
from reverb_plugin.admin.guards import is_from_us
from reverb_plugin.admin.rendering import environment
from reverb_plugin.admin.static_files import static_files
from reverb_plugin.demo.counter import Counter, CounterError
from reverb_plugin.demo.telling import StoryError
from reverb_plugin.errors import PluginError
from reverb_plugin.plugin import Plugin
from reverb_plugin.settings import OrderMode
from reverb_plugin.simulator.door import DoorError
from reverb_plugin.store.sync_log import LogEntry, LogFilter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ADMIN_PREFIX = "/reverb"
LOG_ROWS = 8
ON_REVERB = frozenset({"/buy-on-reverb", "/refund"})


class ShopPage:
    """A WSGI application at the root; ``plugin``'s own page is expected below ``/reverb``."""

    def __init__(self, counter: Counter, plugin: Plugin, reverb_site: str) -> None:
        self._counter = counter
        self._plugin = plugin
        self._reverb_site = reverb_site
        self._actions: dict[str, Callable[[Any, str], None]] = {
            "/edit": lambda form, sku: counter.edit(
                sku, form["title"], form["price"], form["quantity"], form.get("shown_quantity")
            ),
            "/buy": lambda form, sku: counter.buy_here(sku, form["quantity"]),
            "/buy-on-reverb": lambda form, sku: counter.buy_on_reverb(sku, form["quantity"]),
            "/ship": lambda form, _sku: counter.ship(form["number"]),
            "/refund": lambda form, _sku: counter.refund(form["number"]),
        }

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answers one request."""
        response = self._answer(Request(environ))
        headers.secure(response, "'none'")
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.method == "POST" and request.path in self._actions:
            return self._act(request) if is_from_us(request) else self._missing(HTTPStatus.FORBIDDEN)
        if request.method != "GET" or request.path not in {"/", "/product"}:
            return self._missing(HTTPStatus.NOT_FOUND)
        if request.path == "/":
            return self._render("demo_shop.html", sides=self._counter.sides(), log=self._log(None))
        return self._show(request.args.get("sku", ""))

    def _show(self, sku: str, trouble: str = "") -> Response:
        side = self._counter.find_side(sku)
        if side is None:
            return self._missing(HTTPStatus.NOT_FOUND)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK
        purchases, log = self._counter.purchases(sku), self._log(sku)
        arrived = self._counter.arrived(purchases)
        return self._render(
            "demo_product.html", status, side=side, purchases=purchases, arrived=arrived, log=log, trouble=trouble
        )

    def _act(self, request: Request) -> Response:
        sku = request.form["sku"]
        try:
            self._actions[request.path](request.form, sku)
        except (CounterError, DoorError, StoryError, PluginError) as error:
            return self._show(sku, str(error))
        if request.path in ON_REVERB and self._plugin.settings.orders is not OrderMode.OFF:
            self._plugin.orders.look_now()  # a webhook would do this
        return redirect(f"/product?{urlencode({'sku': sku})}", HTTPStatus.SEE_OTHER)

    def _missing(self, status: HTTPStatus) -> Response:
        return self._render("demo_missing.html", status)

    def _log(self, sku: str | None) -> Sequence[LogEntry]:
        return self._plugin.store.log_page(LogFilter(sku=sku), LOG_ROWS)

    def _render(self, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> Response:
        html = environment().get_template(template).render(context, static=_static, frame=self._frame(), url=_admin_url)
        return Response(html, status, content_type="text/html; charset=utf-8")

    def _frame(self) -> dict[str, str]:
        return {"admin": f"{ADMIN_PREFIX}/", "reverb": f"{self._reverb_site}/"}


def _static(name: str) -> str:
    return f"{ADMIN_PREFIX}/static/{static_files()[name].name}"


def _admin_url(_name: str, *, sku: str) -> str:
    """Where the parts of the page lead to: a SKU to the shop's own page of it."""
    return f"/product?{urlencode({'sku': sku})}"
