"""The page under Oscar's dashboard, with its staff permission, and its entry in the navigation."""

import functools
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path

from reverb_plugin.admin.app import AdminApp
from reverb_plugin.admin.mounting import django_view
from reverb_plugin.default import find_default
from reverb_plugin.plugin import Plugin

URL_NAME = "dashboard:reverb"
ENTRY: Mapping[str, Any] = {"label": "Reverb", "icon": "fas fa-guitar", "url_name": URL_NAME}
NOT_CONFIGURED = "The Reverb plugin is not configured in this process: see REVERB_PLUGIN in the shop's settings."


def extend() -> None:
    """Adds the page to the dashboard's addresses, and to its navigation unless the shop has put it there itself."""
    dashboard = apps.get_app_config("dashboard")
    get_urls = dashboard.get_urls
    dashboard.get_urls = lambda: [*get_urls(), *dashboard.post_process_urls([_address()])]
    navigation = settings.OSCAR_DASHBOARD_NAVIGATION
    if not any(URL_NAME in str(entry) for entry in navigation):
        navigation.append(dict(ENTRY))


def is_staff(environ: Mapping[str, Any]) -> bool:
    """Oscar's own permission for what only staff may do."""
    user = environ["django.request"].user
    return bool(user.is_active and user.is_staff)


@transaction.non_atomic_requests
def show(request: HttpRequest, rest: str | None = None) -> HttpResponse:
    """The page. It may wait for Reverb, and no transaction of the shop's is kept open meanwhile."""
    plugin = find_default()
    if plugin is None:
        return HttpResponse(NOT_CONFIGURED, status=503, content_type="text/plain; charset=utf-8")
    return _view(plugin)(request, rest)


for _name in ("csrf_exempt", "xframe_options_exempt"):
    setattr(show, _name, True)


def _address() -> URLPattern:
    return re_path(r"^reverb(?P<rest>/.*)?$", show, name="reverb")


@functools.lru_cache(maxsize=1)
def _view(plugin: Plugin) -> Any:
    return django_view(_app(plugin))


def _app(plugin: Plugin) -> AdminApp:
    return plugin.admin_app(authorize=is_staff)
