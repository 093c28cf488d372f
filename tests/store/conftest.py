"""A store in a folder of its own, with a clock that moves only when told."""

import pytest

from reverb_plugin.store.store import open_store
from reverb_plugin.testing import FrozenClock


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def store(tmp_path, clock):
    store = open_store(tmp_path / "data", "sandbox", clock)
    yield store
    store.close()


@pytest.fixture
def sql(store):
    """Runs one statement in the store's database and gives its rows."""

    def run(statement, *values):
        with store._database.write() as connection:
            result = connection.exec_driver_sql(statement, values)
            return result.fetchall() if result.returns_rows else []

    return run
