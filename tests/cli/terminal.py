"""A person at a terminal: runs the command line as processes of their own, in a folder with a shop in it."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from reverb_plugin.clock import Clock
from reverb_plugin.store.store import open_store

SHOP = '''
"""A shop for the command line: read from products.csv beside this file."""

import reverb_plugin
from reverb_plugin.hosts.csv_shop import CsvShop


class Shop(CsvShop):
    def __init__(self):
        super().__init__("products.csv")


def make_shop():
    return Shop()


def make_plugin():
    return reverb_plugin.configure(Shop(), data_dir="own-data", worker="none")


def fail():
    raise RuntimeError("the shop's database is away")
'''

HEADER = "sku,title,price,quantity,make,model,condition"


class Terminal:
    """A folder, an environment, and the commands started there."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.variables = {
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONWARNINGS": "error",
            "REVERB_DATA_DIR": str(self.data),
            "COLUMNS": "80",
        } | variables
        (folder / "shop.py").write_text(SHOP)
        self.write_products("A-1,Chorus Pedal,99.00,3,Boss,CH-1,Brand New")

    def write_products(self, *rows: str) -> None:
        """The shop's products."""
        (self.folder / "products.csv").write_text("\n".join([HEADER, *rows]) + "\n")

    def run(self, *arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        return subprocess.run(
            self._words(arguments),
            input=stdin,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.variables | variables,
            timeout=60,
            check=False,
        )

    @contextmanager
    def started(self, *arguments: str, **options):
        """A command that goes on running; it is ended for certain."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        process = subprocess.Popen(
            self._words(arguments), text=True, cwd=self.folder, env=self.variables, start_new_session=True, **streams
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    @contextmanager
    def memory(self, environment: str = "sandbox"):
        """The database, as another process sees it."""
        store = open_store(self.data, environment, Clock())
        try:
            yield store
        finally:
            store.close()

    def _words(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "reverb_plugin", *arguments]


def wait_until(is_so: Callable[[], object], seconds: float = 20.0) -> None:
    """Waits for something to become true."""
    give_up_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.02)


def read_until(screen: int, text: str, seconds: float = 20.0) -> str:
    """What appears on a pseudo-terminal, up to ``text``."""
    shown, give_up_at = "", time.monotonic() + seconds
    while text not in shown:
        assert select.select([screen], [], [], max(0, give_up_at - time.monotonic()))[0], f"{text} not in {shown!r}"
        shown += os.read(screen, 4096).decode(errors="replace")
    return shown
