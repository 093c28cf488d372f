"""``python -m tests.update.dump``: writes ``schemas/NNNN.sql`` for the version of the database that this tree makes.

Run it with the last tree that has a version: what the code of its time writes is what later code has to read.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.clock import Clock
from reverb_plugin.store.exchanges import Exchange
from reverb_plugin.store.links import Link
from reverb_plugin.store.schema import HEAD
from reverb_plugin.store.store import Done, Settlement, open_store
from tests.store.entries import make_entry

FOLDER = Path(__file__).parent / "schemas"


def fill(store):
    """Something in every table that the store has a door to."""
    store.save_settings({"stock_buffer": "1"})
    for number in range(3):
        store.record([product_changed(f"SKU-{number}", Reason.BY_HAND)])
        job = store.lease("a-lease", 60.0)
        link = Link(job.key, str(100 + number), sent={"title": "0" * 64}, photos=("https://shop.example/1.jpg",))
        exchange = Exchange("PUT", f"/api/listings/{100 + number}", '{"title": "A guitar"}', 200, "{}", 0.2)
        entry = make_entry(sku=job.key)
        store.settle(job, Settlement(Done(), entry, link=link, exchanges=(exchange,)))
    store.record([product_changed(f"WAITS-{number}", Reason.PRODUCT_SAVED) for number in range(2)])
    store.record_shipment("ORDER-1", "UPS", "1Z999")
    store.runs.start("mass sync", "shop:1:abc", apply=False, confirmed=False)
    store.save_cached("a-name", {"a": ["list"]})


def main():
    """Writes the dump."""
    with TemporaryDirectory() as folder:
        store = open_store(Path(folder), "sandbox", Clock())
        fill(store)
        store.close()
        with closing(sqlite3.connect(store.path)) as database:
            text = "".join(f"{line}\n" for line in database.iterdump())
    (FOLDER / f"{HEAD}.sql").write_text(text)


if __name__ == "__main__":
    main()
