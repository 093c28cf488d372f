"""The page, for ``re_path("^reverb", include("reverb_plugin.hosts.salesman.urls"))``."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.urls import re_path

from reverb_plugin.admin.app import WEBHOOKS
from reverb_plugin.hosts.django_shop.page import make_page
from reverb_plugin.hosts.salesman.options import read_options


def _options() -> Mapping[str, Any]:
    return {"update_button": read_options().update_button}


show = make_page(_options)
urlpatterns = [
    # Reverb itself does not sign in: what lets its posts in is their secret path, and the page sees to that.
    re_path(rf"^(?P<rest>{WEBHOOKS}.*)$", show, name="reverb-webhooks"),
    re_path(r"^(?P<rest>/.*)?$", login_required(show), name="reverb"),
]
