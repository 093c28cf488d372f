"""How many requests one product costs: unchanged, changed, first seen and found, new."""

import tempfile
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.shop import door_of, make_products, open_sender, run_simulator
from reverb_plugin.hooks import on_product_saved
from reverb_plugin.testing import FakeHost


def measure(*, quick: bool) -> list[Figure]:  # noqa: ARG001 - it is quick
    """The requests that the simulator was asked in each of the four cases."""
    new, found = make_products(2)
    host = FakeHost([new, found])
    with tempfile.TemporaryDirectory() as folder, run_simulator() as url:
        door = door_of(url)
        door.add_listing(sku=found.sku, title="An older title", price=90, condition="Excellent", make=found.make,
                         model=found.model)  # fmt: skip
        plugin = open_sender(Path(folder), url, host, requests_per_minute=600)

        def cost(sku: str) -> int:
            door.clear_requests()
            on_product_saved(sku, plugin=plugin)
            report = plugin.drain(timeout=20)
            assert not report.left, report
            return len(door.requests())

        seen = {"new": cost(new.sku), "first seen and found": cost(found.sku), "unchanged": cost(new.sku)}
        host.change(new.sku, price=new.price + 1)
        seen["changed"] = cost(new.sku)
        plugin.close()
    goals = {"unchanged": 0, "changed": 1, "first seen and found": 2, "new": 2}
    return [Figure(f"requests for a product that is {case}", seen[case], goal) for case, goal in goals.items()]
