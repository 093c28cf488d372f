"""A fresh Oscar for each test."""

import pytest

from tests.oscar.shop import Databases


@pytest.fixture(scope="session")
def databases(tmp_path_factory):
    return Databases(tmp_path_factory.mktemp("oscar"))


@pytest.fixture
def oscar(databases):
    """An empty shop."""
    from django.db import connections

    path = databases.fresh()
    yield path
    connections["default"].close()
