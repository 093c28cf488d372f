"""Processes of one shop that work, compete and die, before a Reverb on the real clock."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import reverb_plugin
from reverb_plugin.clock import Clock
from reverb_plugin.testing import FakeHost
from tests.mass.desk import guitars

ROOT = Path(__file__).parents[2]
DEAD_SECONDS = 301.0
"""After so long everything that a dead process had leased has run out; each new process's clock is ahead by it."""


class Theatre:
    """The processes of one shop.

    Args:
        simulator: Reverb.
        folder: where the shop's database is.
        products: how many products the shop has.
    """

    def __init__(self, simulator, folder, products):
        self.simulator = simulator
        self.folder = folder
        self.products = products
        self.deaths = 0
        with self.plugin() as plugin:
            plugin.configuration.save("requests_per_minute", "600")
            plugin.configuration.save("mass_sync_pause_hours", "0")
            plugin.configuration.save("drift_check_hours", "0")
            plugin.configuration.save("brake_percent", "100")

    @contextmanager
    def plugin(self):
        """The shop in this process: it looks, and sends nothing."""
        clock = Clock()
        plugin = reverb_plugin.configure(
            FakeHost(guitars(self.products)),
            token=self.simulator.token,
            api_url=self.simulator.url,
            data_dir=self.folder,
            worker="none",
            clock=clock,
        )
        try:
            yield plugin
        finally:
            plugin.close()

    @contextmanager
    def process(self, act, *options):
        """A process that has begun; it is killed at the end, should it still live."""
        command = [sys.executable, "-m", "tests.mass.process", str(self.folder), self.simulator.url]
        command += [self.simulator.token, act, "--products", str(self.products)]
        command += ["--ahead", str(self.deaths * DEAD_SECONDS), *options]
        environ = os.environ | {"PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"}
        with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout.readline() == "ready\n"
                yield process
            finally:
                process.kill()

    def run(self, act, *options):
        """A process to its end: what it said. One that dies counts among the deaths."""
        with self.process(act, *options) as process:
            said = process.stdout.read()
        if process.returncode == -signal.SIGKILL:
            self.deaths += 1
        return said

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.deaths += 1

    def run_of(self, plugin, run_id=1):
        return plugin.store.runs.find(run_id)

    def posts(self):
        """The SKUs whose creation took effect, as often as it did."""
        made = self.simulator.door.requests("POST", "/api/listings")
        return [request.body["sku"] for request in made if request.status in {201, 202}]
