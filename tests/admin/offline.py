"""The page of a plugin that has no Reverb: for what every page has in common."""

from contextlib import closing
from types import SimpleNamespace

from werkzeug.test import Client

import reverb_plugin
from reverb_plugin.admin import app as app_module
from reverb_plugin.admin.visit import Route
from reverb_plugin.testing import FakeHost

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def open_offline(folder, **options):
    """A plugin that talks to nobody."""
    return closing(reverb_plugin.configure(FakeHost(), data_dir=folder, worker="none", **options))


def browser(plugin, authorize=lambda environ: True):
    """Who may enter, unless ``authorize`` says otherwise."""
    return Client(plugin.admin_app(authorize))


def add_page(monkeypatch, view, method="GET"):
    """One page more at ``/more``, which ``view`` answers."""
    page = SimpleNamespace(ROUTES=(Route("/more", "more", view, method),))
    monkeypatch.setattr(app_module, "PAGES", (*app_module.PAGES, page))
