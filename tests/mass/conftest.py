"""A market whose shop and Reverb are compared as a whole."""

import pytest

from tests.mass.desk import Desk


@pytest.fixture
def desk(market):
    """Starts runs, lets the worker do them, and shows what became of them."""
    market.set(mass_sync_pause_hours="0", drift_check_hours="0")
    return Desk(market)
