"""A simulator without delays, one whose time stands still, and a caller for each."""

import pytest

from reverb_plugin.simulator import Simulator
from reverb_plugin.testing import FrozenClock
from tests.simulator.caller import Caller


@pytest.fixture
def simulator():
    with Simulator(index_lag_seconds=0, publish_delay_seconds=0, photo_delay_seconds=0) as simulator:
        yield simulator


@pytest.fixture
def door(simulator):
    return simulator.door


@pytest.fixture
def api(simulator):
    return Caller(simulator)


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def slow(clock):
    """A simulator with Reverb's delays (index 1 s, publishing 1 s, photos 2 s) by a clock that tests move."""
    with Simulator(clock=clock) as simulator:
        yield simulator


@pytest.fixture
def slow_api(slow):
    return Caller(slow)
