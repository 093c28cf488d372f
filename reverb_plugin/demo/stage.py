"""The real parts of the demo: the simulator's process, the shop's file, the plugin with its worker. Always cleared."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

import reverb_plugin
from reverb_plugin.demo.categories import make_category_map
from reverb_plugin.demo.shop import SampleShop
from reverb_plugin.demo.telling import PluginLog, StoryError, Teller, shown_log
from reverb_plugin.plugin import Plugin
from reverb_plugin.simulator.door import SimulatorDoor
from reverb_plugin.simulator.recorder import RecordedRequest

LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 60.0
END_SECONDS = 5.0
MOST_LOG_ROWS = 10_000
URL_LINE = re.compile(r"at (?P<site>http://\S+)/api with the token (?P<token>\S+)")


@dataclass(slots=True)
class Simulator:
    """The simulated Reverb: its process, the address of its pages, the token it takes, and the test-only door."""

    process: "subprocess.Popen[str]"
    site: str
    token: str
    door: SimulatorDoor


class Stage:
    """Everything the steps of the story work with.

    ``shop`` is the sample shop, ``plugin`` what it has plugged in, ``door`` the view of Reverb behind its API.
    """

    def __init__(self, shop: SampleShop, plugin: Plugin, simulator: Simulator, log: PluginLog) -> None:
        self.shop = shop
        self.plugin = plugin
        self.log = log
        self.door = simulator.door
        self.site = simulator.site
        self._process = simulator.process
        self._mark = 0

    def begin_step(self) -> None:
        """What is asked from now on belongs to the next step."""
        self._mark = len(self.door.requests())

    def asked(self) -> list[RecordedRequest]:
        """What Reverb was asked since the step began."""
        return self.door.requests()[self._mark :]

    def set_up(self) -> None:
        """Enters the settings, as a seller does once."""
        categories = make_category_map(self.plugin.client.get_categories())
        self.plugin.configuration.save("category_map", json.dumps(categories))
        self.plugin.configuration.save("requests_per_minute", "600")

    def wait_for(self, is_true: Callable[[], bool], what: str) -> None:
        """Comes back as soon as ``is_true``; raises :class:`StoryError` when it does not become so."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while not is_true():
            if self._process.poll() is not None:
                raise StoryError("The simulator has ended.")
            if time.monotonic() > give_up_at:
                raise StoryError(f"Waited {PATIENCE_SECONDS:g} seconds in vain until {what}.")
            time.sleep(LOOK_SECONDS)

    def settle(self) -> None:
        """Waits until the worker has sent everything and its log has told so."""
        self.wait_for(self._is_quiet, "everything was sent")

    def _is_quiet(self) -> bool:
        queue = self.plugin.store.queue_status()
        return queue.pending + queue.leased == 0 and self.log.count_attempts() >= len(
            self.plugin.store.log_page(limit=MOST_LOG_ROWS)
        )


@contextmanager
def open_stage(teller: Teller) -> Iterator[Stage]:
    """Starts everything; ends every process and removes every file at the end, however it comes."""
    with (
        _own_environment(),
        TemporaryDirectory(prefix="reverb-plugin-demo-") as folder,
        _simulator() as simulator,
        shown_log(teller) as log,
    ):
        shop = SampleShop(_copy_products(Path(folder)))
        plugin = reverb_plugin.configure(
            shop.csv,
            token=simulator.token,
            environment="sandbox",
            data_dir=Path(folder, "data"),
            worker="thread",
            api_url=f"{simulator.site}/api",
        )
        try:
            yield Stage(shop, plugin, simulator, log)
        finally:
            plugin.close()


@contextmanager
def _own_environment() -> Iterator[None]:
    """The story is the same whatever is set outside: no setting of the plugin, and no proxy before this machine."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("REVERB_"):
            del os.environ[name]
    os.environ["no_proxy"] = "127.0.0.1"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _simulator() -> Iterator[Simulator]:
    command = [sys.executable, "-m", "reverb_plugin.simulator", "--port", "0"]
    # In a process group of its own: Ctrl-C is for us, and we end the simulator last.
    with subprocess.Popen(  # noqa: S603 - our own module, by this very Python
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, process_group=0
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = URL_LINE.search(line)
            if found is None:
                raise StoryError("The simulator did not start.")
            yield Simulator(process, found["site"], found["token"], SimulatorDoor(f"{found['site']}/_simulator"))
        finally:
            process.terminate()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _copy_products(folder: Path) -> Path:
    """The shop's own file, which it will change."""
    copy = folder / "products.csv"
    with resources.as_file(resources.files(__package__).joinpath("products.csv")) as products:
        shutil.copyfile(products, copy)
    return copy
