"""A mass sync: how many requests it costs, and how long the plan takes with the latency of Reverb taken away."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import reverb_plugin
from benchmarks.figure import Figure
from benchmarks.peak import peak_megabytes
from benchmarks.shop import door_of, open_sender, run_simulator
from reverb_plugin import Product
from reverb_plugin.reverb_api.conditions import find_condition
from reverb_plugin.reverb_api.models import Listing, Money, Page
from reverb_plugin.simulator.door import SimulatorDoor
from reverb_plugin.store.runs import PLANNED
from reverb_plugin.store.store import open_store
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.mass import run_step
from reverb_plugin.sync.tools import Tools
from reverb_plugin.testing import FakeHost

PER_PAGE = 50
CHANGED = 100
SIZES = (1_000, 10_000, 100_000)
PHOTOS = 6
DESCRIPTION = "A guitar that was played by one careful owner, with all its parts. " * 8
EXCELLENT = find_condition("Excellent")


def measure(*, quick: bool) -> list[Figure]:
    """Requests at 5,000 products; seconds and memory of a plan at 1,000, 10,000 and 100,000."""
    return _requests(100 if quick else 5_000) + _growth(SIZES[:1] if quick else SIZES)


# Requests, against the simulator


def _requests(count: int) -> list[Figure]:
    host = FakeHost(_products(count))
    pages, changed = -(-count // PER_PAGE), min(CHANGED, count // 10)
    with tempfile.TemporaryDirectory() as folder, run_simulator("--photo-delay", "0") as url:
        plugin = open_sender(Path(folder), url, host, requests_per_minute=600)
        plugin.configuration.save("mass_sync_pause_hours", "0")
        plugin.configuration.save("drift_check_hours", "0")
        first, writes = _sync(plugin, door_of(url))
        unchanged, no_writes = _sync(plugin, door_of(url))
        for number in range(changed):
            host.change(_sku(number), price="1.00")
        some, some_writes = _sync(plugin, door_of(url))
        plugin.close()
    assert (writes, some_writes) == (count, changed)
    what = f"requests of a mass sync of {count:,} products"
    return [
        Figure(f"{what}, all new", first, pages + count + 1),
        Figure(f"{what} with {PHOTOS} photos each, unchanged (peers: {2 * count:,})", unchanged, pages + 1),
        Figure(f"writes of a mass sync of {count:,} products, unchanged", no_writes, 0),
        Figure(f"{what}, {changed} changed", some, pages + changed + 1),
    ]


def _sync(plugin: reverb_plugin.Plugin, door: SimulatorDoor) -> tuple[int, int]:
    """How many requests and how many of them that change something."""
    door.index_now()
    door.clear_requests()
    run_id = plugin.mass_sync.start()
    report = plugin.drain(timeout=3600)
    run = plugin.store.runs.find(run_id)
    assert run is not None, report
    assert (report.left, run.state) == (0, "done"), report
    requests = door.requests()
    return len(requests), sum(request.method != "GET" for request in requests)


# The plan alone


def _growth(sizes: tuple[int, ...]) -> list[Figure]:
    """Each size in a process of its own; against the smallest one, for each product."""
    figures, each_of_smallest = [], 0.0
    for size in sizes:
        command = [sys.executable, "-m", "benchmarks.mass_sync", str(size)]
        seconds, megabytes = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
        what = f"plan of {size:,} products against {size:,} listings, without HTTP"
        each_of_smallest = each_of_smallest or seconds / size
        figures += [
            Figure(f"{what}", seconds, 60.0, "s"),
            Figure(f"{what}: memory", megabytes, 200.0, "MB"),
            Figure(f"{what}: time of each, to that at {sizes[0]:,}", seconds / size / each_of_smallest, 1.5, "times"),
        ]
    return figures


class _Catalogue:
    """A shop of so many products that keeps none of them."""

    def __init__(self, size: int) -> None:
        self._size = size

    def find_product(self, sku: str) -> Product | None:
        return _product(int(sku.removeprefix("SKU-")))

    def iter_products(self, after_sku: str | None = None) -> Iterator[Product]:
        first = 0 if after_sku is None else int(after_sku.removeprefix("SKU-")) + 1
        return (_product(number) for number in range(first, self._size))


class _Pages:
    """Reverb's pages of listings, made when they are asked for: of a hundred, one has another price."""

    def __init__(self, size: int) -> None:
        self._size = size

    def get_page(self, link: str | None = None) -> Page:
        start = int(link or 0)
        end = min(start + PER_PAGE, self._size)
        return Page(tuple(map(_listing, range(start, end))), self._size, str(end) if end < self._size else None)


def _plan(size: int) -> tuple[float, float]:
    """Seconds that the steps of a plan took, and the most memory of this process in megabytes."""
    clock = reverb_plugin.clock.Clock()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder), "sandbox", clock)
        settings = reverb_plugin.settings.Settings()
        tools = Tools(_Catalogue(size), _Pages(size), store, settings, clock, lambda: None)  # type: ignore[arg-type]
        run_id = store.runs.start("mass sync", "measure", apply=False, confirmed=False)
        assert run_id is not None
        started_at = time.monotonic()
        while (job := store.lease("measure", 300.0)) is not None:
            store.settle(job, run_step(tools, Attempt(job, store.environment, clock.now())))
        seconds = time.monotonic() - started_at
        run = store.runs.find(run_id)
        assert run is not None
        assert (run.state, run.products) == (PLANNED, size)
        store.close()
    return seconds, peak_megabytes()


def _products(count: int) -> Iterator[Product]:
    return (_product(number) for number in range(count))


def _sku(number: int) -> str:
    return f"SKU-{number:06}"


def _product(number: int) -> Product:
    return Product(
        _sku(number),
        title=f"Fender Telecaster {number}",
        price=Decimal(100 + number),
        quantity=1,
        id=str(number),
        description=DESCRIPTION,
        condition="Excellent",
        make="Fender",
        model="Telecaster",
        year="1974",
        finish="Natural",
        photos=tuple(f"https://shop.example/{number}-{photo}.jpg" for photo in range(PHOTOS)),
    )


def _listing(number: int) -> Listing:
    product = _product(number)
    assert product.price is not None
    assert EXCELLENT is not None
    listing = Listing(
        id=str(number),
        sku=product.sku,
        title=product.title,
        description=product.description,
        make=product.make,
        model=product.model,
        year=product.year,
        finish=product.finish,
        condition_uuid=EXCELLENT.uuid,
        price=Money(product.price, "USD"),
        inventory=1,
        state="live",
        web_url=f"https://reverb.com/item/{number}",
    )
    return replace(listing, price=Money(Decimal(1), "USD")) if number % 100 == 0 else listing


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_plan(int(sys.argv[1]))))
