"""The page under Oscar's dashboard, with its staff permission, and its entry in the navigation."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.urls import re_path, reverse
from oscar.core.loading import get_class

from reverb_plugin.admin.app import WEBHOOKS
from reverb_plugin.hosts.django_shop.page import make_page
from reverb_plugin.hosts.oscar.options import read_options

DashboardPermission = get_class("dashboard.permissions", "DashboardPermission")

URL_NAME = "dashboard:reverb"
ENTRY: Mapping[str, Any] = {"label": "Reverb", "icon": "fas fa-guitar", "url_name": URL_NAME}


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


def _options() -> Mapping[str, Any]:
    return {"home_url": reverse("dashboard:index"), "update_button": read_options().update_button}


show = make_page(_options)
