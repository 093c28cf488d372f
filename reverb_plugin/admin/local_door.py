"""The door of a page that is served on this machine alone: who has the link that the terminal shows may enter, once.

The link's key is random and dies with its first use, so that neither the browser's history nor a look over the
shoulder is worth anything. In its place the browser gets a cookie with another random value, which is known to this
process only and dies with it: nothing secret lies on the disk.
"""

import secrets
import threading
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from reverb_plugin.admin import headers
from reverb_plugin.admin.rendering import environment, render_alone

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost"})
ENTRANCE = "/enter/"
KEY_BYTES = 32

OTHER_NAME = "This page answers to the names 127.0.0.1 and localhost only."
LINK_NEEDED = (
    "Open the link that the terminal shows. It lets one browser in, once; for another browser end the command with "
    "Ctrl-C and start it again."
)


class LocalDoor:
    """Stands before ``app``; ``link_path`` is what lets the first browser in that opens it.

    An address of another name is refused, or a site that lets its own name point to this machine could read along
    (DNS rebinding).
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._lock = threading.Lock()
        self._key: str | None = secrets.token_urlsafe(KEY_BYTES)
        self._pass = secrets.token_urlsafe(KEY_BYTES)
        self._cookie = f"reverb-plugin-{secrets.token_hex(4)}"  # cookies know no ports: two of us must not meet
        self.link_path = f"{ENTRANCE}{self._key}"

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answers one request, or lets it pass."""
        request = Request(environ)
        if _name(request.host) not in LOCAL_NAMES:
            response = render_alone("Refused", OTHER_NAME, HTTPStatus.FORBIDDEN)
        elif request.method == "GET" and self._takes(request.path):
            response = self._let_in()
        elif self._has_pass(request):
            return self._app(environ, start_response)
        else:
            response = render_alone("Not let in", LINK_NEEDED, HTTPStatus.FORBIDDEN)
        headers.secure(response, "'none'")
        return response(environ, start_response)

    def _takes(self, path: str) -> bool:
        with self._lock:
            if self._key is None or not secrets.compare_digest(path.encode(), f"{ENTRANCE}{self._key}".encode()):
                return False
            self._key = None
            return True

    def _let_in(self) -> Response:
        # No redirect: a browser that came from another site would follow it without the cookie, because that is strict.
        html = environment().get_template("let_in.html").render()
        response = Response(html, content_type="text/html; charset=utf-8")
        response.set_cookie(self._cookie, self._pass, httponly=True, samesite="Strict")
        return response

    def _has_pass(self, request: Request) -> bool:
        return secrets.compare_digest(request.cookies.get(self._cookie, "").encode(), self._pass.encode())


def _name(host: str) -> str:
    return host.rpartition(":")[0] or host
