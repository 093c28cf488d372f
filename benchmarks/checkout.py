"""Checkouts of real shops, django-oscar and django-salesman, while the plugin is in trouble: none breaks, none waits.

What is timed is what the plugin does within a checkout: when a signal comes, and after the commit.
"""

import importlib
import os
import pkgutil
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.figure import Figure, percentile
from reverb_plugin.demo.stage import URL_LINE

CHECKOUTS = 1_000
QUICK = 10
SKUS = 20
LINES = 2
DISK_FULL = "disk full"
SHOPS = {
    "oscar": ("signals.note", "batch.Batch.flush"),
    "salesman": ("signals.tell", "signals.on_product_saved", "signals._tell_status"),
}
"""Each with where a checkout enters the plugin, in its host."""


@dataclass
class Stage:
    """A shop that sells, its plugin, and the seconds that the plugin took of each checkout."""

    name: str
    shop: Any
    plugin: Any
    seconds: list[float] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)

    def check_out(self, number: int) -> None:
        """One checkout of two lines."""
        from django.core.signals import request_started  # noqa: PLC0415 - once Django is set up

        request_started.send(sender=Stage, environ={})
        self.seconds.append(0.0)
        try:
            self.shop.buy(f"SKU-{number % SKUS}", **{f"SKU-{(number + 1) % SKUS}": 1})
        except Exception as error:  # noqa: BLE001 - whatever reaches the buyer is the finding
            self.broken.append(error)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Adds what the plugin takes to the checkout under way."""

        def clocked(call: Callable[..., Any]) -> Callable[..., Any]:
            def clock(*args: Any) -> Any:
                started_at = time.perf_counter()
                try:
                    return call(*args)
                finally:
                    if self.seconds:
                        self.seconds[-1] += time.perf_counter() - started_at

            return clock

        with ExitStack() as patches:
            for entrance in SHOPS[self.name]:
                path = f"reverb_plugin.hosts.{self.name}.{entrance}"
                patches.enter_context(patch(path, clocked(pkgutil.resolve_name(path))))
            yield


def measure(*, quick: bool) -> list[Figure]:
    """For each shop and trouble the slowest of a hundred, and how many checkouts broke."""
    figures = []
    for trouble, stage in run(QUICK if quick else CHECKOUTS):
        told = f"{len(stage.seconds):,} checkouts of {stage.name}, {trouble}"
        figures += [
            Figure(f"{told}, through us p99", percentile(stage.seconds, 99) * 1e3, 5.0, "ms"),
            Figure(f"{told}, broken", len(stage.broken), 0),
        ]
    return figures


def run(checkouts: int, shops: Iterable[str] = SHOPS) -> Iterator[tuple[str, Stage]]:
    """Each trouble in turn, in each shop, with its stage after the last checkout."""
    with tempfile.TemporaryDirectory() as folder, _simulator() as simulator:
        databases = _open_databases(folder)
        for trouble, begin in TROUBLES.items():
            for name in shops:
                worker = _open_database(databases, trouble)
                shop = importlib.import_module(f"tests.{name}.shop")
                place = Path(folder, f"{trouble} {name}".replace(" ", "-"))
                stage = Stage(name, shop, _plug_in(shop, place, simulator, worker))
                shop.restock(SKUS, checkouts * LINES)
                with stage.timed(), begin(stage):
                    for number in range(checkouts):
                        stage.check_out(number)
                stage.plugin.close()
                yield trouble, stage


@contextmanager
def _simulator() -> Iterator[re.Match[str]]:
    """In a process of its own: a real Reverb takes nothing of the shop's processor either."""
    command = [sys.executable, "-m", "reverb_plugin.simulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            found = URL_LINE.search(process.stdout.readline() if process.stdout else "")
            assert found is not None, "the simulator did not start"
            yield found
        finally:
            process.terminate()


def _open_databases(folder: str) -> Any:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.django_settings", "OSCAR_SHOP_FOLDER": folder}
    import tests.django_project  # noqa: F401, PLC0415
    from tests.oscar.shop import Databases  # noqa: PLC0415

    return Databases(folder)


def _open_database(databases: Any, trouble: str) -> str:
    """An empty shop's; who sends."""
    if trouble != DISK_FULL:
        databases.fresh()
        return "thread"
    # A full disk is the plugin's trouble here, and not the shop's; such a database takes one thread alone.
    databases.use_memory()
    return "none"


def _plug_in(shop: Any, folder: Path, simulator: re.Match[str], worker: str) -> Any:
    plugin = shop.plug_in({"data_dir": folder, "api_url": f"{simulator['site']}/api", "worker": worker})
    plugin.configuration.save("token", simulator["token"])
    return plugin


@contextmanager
def _nothing(_stage: Stage) -> Iterator[None]:
    yield


@contextmanager
def _locked(stage: Stage) -> Iterator[None]:
    locker = sqlite3.connect(stage.plugin.store.path, isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        locker.execute("ROLLBACK")
        locker.close()


@contextmanager
def _disk_full(_stage: Stage) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))  # no file may be longer than one byte
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def _damaged(stage: Stage) -> Iterator[None]:
    path = stage.plugin.store.path
    stage.plugin.close()
    path.write_bytes(b"not a database at all" * 300)
    stage.plugin = stage.shop.plug_in({"data_dir": path.parent})
    yield


@contextmanager
def _not_configured(stage: Stage) -> Iterator[None]:
    stage.plugin.close()
    yield


@contextmanager
def _wrong_token(stage: Stage) -> Iterator[None]:
    stage.plugin.configuration.save("token", "wrong")
    yield


@contextmanager
def _thread_refused(_stage: Stage) -> Iterator[None]:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with patch.object(threading.Thread, "start", refuse):
        yield


TROUBLES: dict[str, Callable[[Stage], Any]] = {
    "nothing wrong": _nothing,
    "database locked": _locked,
    "damaged file": _damaged,
    "not configured": _not_configured,
    "wrong token": _wrong_token,
    "thread refused": _thread_refused,
    DISK_FULL: _disk_full,
}
