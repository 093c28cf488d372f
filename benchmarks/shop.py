"""The shop and the Reverb that the measures of sending work with: a fake shop, a simulator in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import reverb_plugin
from reverb_plugin import Product
from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.simulator.door import SimulatorDoor
from reverb_plugin.testing import FakeHost

TOKEN = "a-token-for-measures"


def make_products(count: int, first: int = 0) -> list[Product]:
    """So many products that Reverb takes, numbered from ``first``."""
    return [
        Product(f"SKU-{number}", title=f"Guitar {number}", price=Decimal(100 + number), quantity=1, make="Fender",
                model="Telecaster", condition="Excellent")
        for number in range(first, first + count)
    ]  # fmt: skip


@contextmanager
def run_simulator(*options: str) -> Iterator[str]:
    """A simulator in its own process; gives the address of its API."""
    command = [sys.executable, "-m", "reverb_plugin.simulator", "--token", TOKEN, "--index-lag", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[3]
        finally:
            process.terminate()


def open_sender(folder: Path, url: str, host: FakeHost, requests_per_minute: int) -> reverb_plugin.Plugin:
    """A plugin that sends when it is told to."""
    plugin = reverb_plugin.configure(host, token=TOKEN, data_dir=folder, worker="none", api_url=url)
    plugin.configuration.save("auto_sync", "on")
    plugin.configuration.save("requests_per_minute", str(requests_per_minute))
    return plugin


def queue(plugin: reverb_plugin.Plugin, host: FakeHost) -> None:
    """Every product of the shop was saved."""
    plugin.store.record([product_changed(product.sku, Reason.PRODUCT_SAVED) for product in host.iter_products()])


def door_of(url: str) -> SimulatorDoor:
    """What the simulator was asked."""
    return SimulatorDoor(url.removesuffix("/api") + "/_simulator")
