"""A shop in a file, processes of its own, and a Reverb they sell on."""

import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta

import reverb_plugin
from reverb_plugin.clock import Clock
from reverb_plugin.hooks import on_product_saved
from tests.orders.file_shop import SHOPS

ROOT = os.fspath(__file__).rsplit("/tests/", 1)[0]
HOUR = 3600.0


class AheadClock(Clock):
    """The real time, and as much more as a test lets pass."""

    def __init__(self):
        self._ahead = 0.0

    def now(self):
        return super().now() + timedelta(seconds=self._ahead)

    def monotonic(self):
        return super().monotonic() + self._ahead

    def advance(self, seconds):
        self._ahead += seconds


class Stage:
    """Everything at hand; time goes on with each process."""

    def __init__(self, simulator, clock, folder, shop="changing", **settings):
        self.simulator, self.door, self.clock = simulator, simulator.door, clock
        self.folder, self.shop_name = folder, shop
        self.shop = SHOPS[shop](folder / "shop.sqlite3")
        self.deaths = 0
        self.settings = {"orders": "orders" if shop == "ordering" else "stock", "requests_per_minute": "600"} | settings

    @contextmanager
    def plugin(self):
        """The plugin in this process."""
        plugin = reverb_plugin.configure(
            self.shop,
            token=self.simulator.token,
            api_url=self.simulator.url,
            data_dir=self.folder / "data",
            worker="none",
            clock=self.clock,
        )
        try:
            yield plugin
        finally:
            plugin.close()

    def offer(self, **quantities):
        """Products of the shop, live on Reverb, with the orders read up to now."""
        self.shop.stock(**quantities)
        rows = [
            {"sku": sku, "condition": "Brand New", "price": "99.00", "inventory": quantity, "has_inventory": True}
            for sku, quantity in quantities.items()
        ]
        self.door.add_listings(rows)
        with self.plugin() as plugin:
            for name, text in self.settings.items():
                plugin.configuration.save(name, text)
            for sku in quantities:
                on_product_saved(sku, plugin=plugin)
            assert plugin.drain(600).left == 0

    def go_on(self, seconds=HOUR):
        """Time passes, on Reverb and for the processes that come."""
        self.clock.advance(seconds)

    def command(self, *arguments):
        ahead = (self.clock.now() - Clock().now()).total_seconds()
        return [
            sys.executable, "-m", "tests.orders.process", str(self.folder), self.simulator.url, self.simulator.token,
            "--shop", self.shop_name, "--ahead", str(ahead), *arguments,
        ]  # fmt: skip

    def start(self, *arguments):
        return subprocess.Popen(
            self.command(*arguments), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, *arguments):
        """A process from its beginning to its end; what it said."""
        with self.start(*arguments) as process:
            said = process.communicate(timeout=900)[0]
        self.deaths += process.returncode == -9
        assert process.returncode in {0, -9}, said
        return said

    def both(self, sku):
        listing = self.door.listing(sku)
        return self.shop.find_product(sku).quantity, listing["inventory"]
