"""A fresh Oscar for each test, and one that sells on Reverb."""

import pytest

import tests.django_project  # noqa: F401 - before anything of Oscar's
from tests.oscar import shop


@pytest.fixture(scope="session")
def databases(tmp_path_factory):
    return shop.Databases(tmp_path_factory.mktemp("oscar"))


@pytest.fixture
def oscar(databases):
    """An empty shop."""
    path = databases.fresh()
    yield path
    shop.connections["default"].close()


@pytest.fixture
def market(oscar, open_market):
    """An empty shop, plugged in."""
    return open_market(shop.host())


@pytest.fixture
def settings_of_shop():
    """Sets REVERB_PLUGIN for the test."""
    from django.test import override_settings

    changed = []

    def change(options):
        changed.append(override_settings(REVERB_PLUGIN=options))
        changed[-1].enable()

    yield change
    for each in reversed(changed):
        each.disable()
