"""The page under Oscar's dashboard, with its staff permission, and its entry in the navigation."""

import functools
from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import re_path, reverse
from oscar.core.loading import get_class

from reverb_plugin.admin.app import WEBHOOKS
from reverb_plugin.admin.mounting import django_view
from reverb_plugin.default import find_default
from reverb_plugin.hosts.oscar.options import read_options
from reverb_plugin.plugin import Plugin

DashboardPermission = get_class("dashboard.permissions", "DashboardPermission")

URL_NAME = "dashboard:reverb"
ENTRY: Mapping[str, Any] = {"label": "Reverb", "icon": "fas fa-guitar", "url_name": URL_NAME}
NOT_CONFIGURED = "The Reverb plugin is not configured in this process: see REVERB_PLUGIN in the shop's settings."


def extend() -> None:
    """Adds the page to the dashboard's addresses and navigation."""
    dashboard = apps.get_app_config("dashboard")
    own_urls = dashboard.get_urls

    def get_urls() -> list[Any]:
        dashboard.permissions_map = {**dashboard.permissions_map, "reverb": DashboardPermission.staff}
        page = re_path(r"^reverb(?P<rest>/.*)?$", show, name="reverb")
        # Reverb itself does not sign in: what lets its posts in is their secret path, and the page sees to that.
        webhooks = re_path(rf"^reverb(?P<rest>{WEBHOOKS}.*)$", show, name="reverb-webhooks")
        return [*own_urls(), webhooks, *dashboard.post_process_urls([page])]

    dashboard.get_urls = get_urls
    extend_navigation()


def extend_navigation() -> None:
    """Adds an entry, unless the shop has made one itself."""
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


show.csrf_exempt = True  # Django's marks: the page has guards of its own
show.xframe_options_exempt = True


@functools.lru_cache(maxsize=1)
def _view(plugin: Plugin) -> Any:
    home_url, update_button = reverse("dashboard:index"), read_options().update_button
    return django_view(plugin.admin_app(authorize=is_staff, update_button=update_button, home_url=home_url))
