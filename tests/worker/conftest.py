"""A worker between a fake shop and the simulator, and processes that a test may kill."""

from datetime import timedelta
from decimal import Decimal

import pytest

import reverb_plugin
from reverb_plugin import Product
from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.clock import Clock
from reverb_plugin.simulator import Simulator
from reverb_plugin.testing import FakeHost


def make_product(number, **fields):
    known = {"title": f"Guitar {number}", "price": Decimal(100 + number), "quantity": 1, "make": "Fender"}
    return Product(f"SKU-{number}", **known | {"model": "Jazzmaster", "condition": "Excellent"} | fields)


@pytest.fixture(scope="module")
def session_simulator():
    with Simulator(index_lag_seconds=0, publish_delay_seconds=0, photo_delay_seconds=0) as simulator:
        yield simulator


@pytest.fixture
def host():
    return FakeHost(make_product(number) for number in range(20))


@pytest.fixture
def configure(simulator, host, tmp_path):
    """Makes a plugin that sends to the simulator when it is told to."""
    plugins = []

    def make(requests_per_minute=600, **options):
        known = {"token": simulator.token, "api_url": simulator.url, "data_dir": tmp_path / "data", "worker": "none"}
        plugin = reverb_plugin.configure(host, **known | options)
        plugin.configuration.save("auto_sync", "on")
        plugin.configuration.save("requests_per_minute", str(requests_per_minute))
        plugins.append(plugin)
        return plugin

    yield make
    for plugin in plugins:
        plugin.close()


@pytest.fixture
def save(host):
    """Notes that the first so many products were saved."""

    def note(plugin, count):
        changes = [product_changed(f"SKU-{number}", Reason.PRODUCT_SAVED) for number in range(count)]
        plugin.store.record(changes)

    return note


class RunningClock(Clock):
    """Waits a twentieth of what it is told, and tells the time accordingly."""

    SPEED = 20

    def __init__(self):
        self._started_at, self._base, self._leapt = super().now(), super().monotonic(), 0.0

    def now(self):
        return self._started_at + timedelta(seconds=self.monotonic() - self._base)

    def monotonic(self):
        return self._base + (super().monotonic() - self._base) * self.SPEED + self._leapt

    def leap(self, seconds):
        """The machine slept for so long."""
        self._leapt += seconds

    def sleep(self, seconds):
        super().sleep(seconds / self.SPEED)

    def wait(self, event, seconds):
        return super().wait(event, seconds / self.SPEED)


@pytest.fixture
def clock_that_runs():
    return RunningClock()
