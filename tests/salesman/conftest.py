"""A fresh Salesman shop for each test, and one that sells on Reverb."""

import pytest

import tests.django_project  # noqa: F401 - before anything of the shop's
from tests.oscar.shop import Databases, connections
from tests.salesman import shop


@pytest.fixture(scope="session")
def databases(tmp_path_factory):
    return Databases(tmp_path_factory.mktemp("salesman"))


@pytest.fixture
def salesman(databases):
    """An empty shop."""
    path = databases.fresh()
    yield path
    connections["default"].close()


@pytest.fixture
def market(salesman, open_market):
    """An empty shop, plugged in."""
    return open_market(shop.host())
