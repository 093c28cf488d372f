"""The page, for ``re_path("^reverb", include("reverb_plugin.hosts.salesman.urls"))``."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.urls import re_path

from reverb_plugin.admin.app import WEBHOOKS
from reverb_plugin.hosts.django_shop.page import make_page
from reverb_plugin.hosts.salesman.options import read_options


def _options() -> Mapping[str, Any]:
    return {"update_button": read_options().update_button}


def _login_url() -> str | None:
    """Where the shop names no page to sign in, Django's admin has one."""
    names_one = settings.is_overridden("LOGIN_URL")
    return "admin:login" if apps.is_installed("django.contrib.admin") and not names_one else None


show = make_page(_options)
urlpatterns = [
    # Reverb itself does not sign in: what lets its posts in is their secret path, and the page sees to that.
    re_path(rf"^(?P<rest>{WEBHOOKS}.*)$", show, name="reverb-webhooks"),
    re_path(r"^(?P<rest>/.*)?$", login_required(show, login_url=_login_url()), name="reverb"),
]
