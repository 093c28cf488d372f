"""The page as a Django view, for the shop's staff."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from reverb_plugin.admin.mounting import django_view
from reverb_plugin.default import find_default
from reverb_plugin.plugin import Plugin

NOT_CONFIGURED = "The Reverb plugin is not configured in this process: see REVERB_PLUGIN in the shop's settings."


def is_staff(environ: Mapping[str, Any]) -> bool:
    """What only staff may do."""
    user = environ["django.request"].user
    return bool(user.is_active and user.is_staff)


def make_page(options: Callable[[], Mapping[str, Any]]) -> Callable[..., HttpResponse]:
    """The view; ``options`` gives what ``admin_app`` takes besides ``authorize``, when it is first asked for.

    It may wait for Reverb, and no transaction of the shop's is kept open meanwhile.
    """

    @functools.lru_cache(maxsize=1)
    def view(plugin: Plugin) -> Any:
        return django_view(plugin.admin_app(authorize=is_staff, **options()))

    def show(request: HttpRequest, rest: str | None = None) -> HttpResponse:
        plugin = find_default()
        if plugin is None:
            return HttpResponse(NOT_CONFIGURED, status=503, content_type="text/plain; charset=utf-8")
        answer: HttpResponse = view(plugin)(request, rest)
        return answer

    show.csrf_exempt = True  # type: ignore[attr-defined]  # Django's marks: the page has guards of its own
    show.xframe_options_exempt = True  # type: ignore[attr-defined]
    marked: Callable[..., HttpResponse] = transaction.non_atomic_requests(show)
    return marked
