"""One market for each test, whose Reverb has no delays of its own unless asked for; a plugin of tests/conftest.py."""

import pytest

import reverb_plugin
from reverb_plugin.simulator import Simulator
from reverb_plugin.testing import FakeHost, FrozenClock
from tests.sync.market import Market


@pytest.fixture(scope="session")
def session_clock():
    return FrozenClock()


@pytest.fixture(scope="session")
def session_simulator(session_clock):
    with Simulator(
        clock=session_clock, index_lag_seconds=0, publish_delay_seconds=1, photo_delay_seconds=0
    ) as simulator:
        yield simulator


@pytest.fixture
def simulator(session_simulator):
    session_simulator.door.reset()
    return session_simulator


@pytest.fixture
def clock(session_clock):
    return session_clock


@pytest.fixture
def open_market(simulator, clock, tmp_path):
    """Makes markets over one Reverb; ``folder`` names the plugin's data, so that it can be opened again."""
    plugins = []

    def make(host=None, folder="data", **options):
        host = host or FakeHost()
        options.setdefault("token", simulator.token)
        plugin = reverb_plugin.configure(
            host,
            api_url=simulator.url,
            data_dir=tmp_path / folder,
            worker="none",
            clock=clock,
            **options,
        )
        plugins.append(plugin)
        market = Market(simulator, host, plugin, clock)
        market.set(requests_per_minute="600")
        return market

    yield make
    for plugin in plugins:
        plugin.close()


@pytest.fixture
def market(open_market):
    return open_market()
