"""Mounting the page in hosts that do not speak WSGI inside: Django. The other recipes need nothing of ours."""

import io
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


def django_view(app: "WSGIApplication") -> Callable[..., Any]:
    """The page as a Django view, for ``re_path(r"^admin/reverb(?P<rest>/.*)?$", view)``; works under WSGI and ASGI.

    ``authorize`` finds Django's request, with its user, in ``environ["django.request"]``. The view is exempt from
    Django's CSRF token and frame rule, because the page brings its own of both.
    """
    from django.http import HttpResponse, StreamingHttpResponse  # noqa: PLC0415 - Django is the host's
    from django.views.decorators.clickjacking import xframe_options_exempt  # noqa: PLC0415
    from django.views.decorators.csrf import csrf_exempt  # noqa: PLC0415

    def view(request: Any, rest: str | None = None) -> Any:
        answer = Response.from_app(app, _environ(request, rest or ""))
        headers = dict(answer.headers)
        if answer.content_length is None:  # an export that is written while it is read
            return StreamingHttpResponse(answer.iter_encoded(), status=answer.status_code, headers=headers)
        return HttpResponse(answer.get_data(), status=answer.status_code, headers=headers)

    exempt: Callable[..., Any] = csrf_exempt(xframe_options_exempt(view))
    return exempt


def _environ(request: Any, rest: str) -> "WSGIEnvironment":
    """The WSGI environ of a Django request. Django has read the body and knows which proxies to believe."""
    prefix = request.path[: len(request.path) - len(rest)]
    return {
        **{name: value for name, value in request.META.items() if isinstance(value, str)},
        "SCRIPT_NAME": _wsgi_text(prefix),
        "PATH_INFO": _wsgi_text(rest),
        "HTTP_HOST": request.get_host(),
        "SERVER_PROTOCOL": request.META.get("SERVER_PROTOCOL", "HTTP/1.1"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "django.request": request,
    }


def _wsgi_text(path: str) -> str:
    """PEP 3333: the bytes of a path as if they were Latin-1."""
    return path.encode().decode("latin-1")
