"""What a test does with runs: start them, let the worker do them, look at their rows."""

import json
from collections import Counter

from tests.sync.market import guitar, used_guitar

API = "/api"
MANY = 100_000


class Desk:
    """The runs of one market."""

    def __init__(self, market):
        self.market = market
        self.plugin = market.plugin
        self.door = market.door
        self.host = market.host

    @property
    def mass_sync(self):
        return self.plugin.mass_sync

    @property
    def runs(self):
        return self.plugin.store.runs

    # What there is

    def fill_shop(self, *products):
        self.host.add(*products)

    def list_all(self, products, *, state="live", **differing):
        """Puts listings on Reverb that show what these products say, but for what differs; their ids."""
        rows = [listing_fields(product) | {"state": state} | differing for product in products]
        return self.door.add_listings(rows)

    # Runs

    def preview(self):
        run_id = self.mass_sync.preview()
        self.market.drain()
        return self.runs.find(run_id)

    def apply(self, run, *, confirmed=False, seconds=600.0):
        self.mass_sync.apply(run.id, confirmed=confirmed)
        self.market.drain(seconds)
        return self.runs.find(run.id)

    def sync(self, *, confirmed=False, seconds=600.0):
        run_id = self.mass_sync.start(confirmed=confirmed)
        self.market.drain(seconds)
        return self.runs.find(run_id)

    def check_drift(self):
        run_id = self.mass_sync.check_drift()
        self.market.drain(600.0)
        return self.runs.find(run_id)

    def settle(self, **chosen):
        run_id = self.plugin.drift.send(**chosen)
        self.market.drain(600.0)
        return self.runs.find(run_id)

    def progress(self, run):
        return self.mass_sync.progress(self.runs.find(run.id))

    # Rows

    def rows(self, run, **chosen):
        return self.runs.rows(run.id, limit=MANY, **chosen)

    def row(self, run, sku):
        (row,) = [row for row in self.rows(run) if row.sku == sku]
        return row

    def actions(self, run):
        return Counter(row.action for row in self.rows(run))

    def states(self, run):
        return {row.sku: row.state for row in self.rows(run) if row.body is not None}

    def kinds(self, run):
        """The kinds of drift of each SKU."""
        found = {}
        for row in self.rows(run):
            found.setdefault(row.sku, set()).add(row.action)
        return found

    # What was sent

    def forget_requests(self):
        self.door.clear_requests()

    def writes(self):
        """The requests that changed something, as method, path and JSON text, in the order they came."""
        return [
            (each.method, each.path.removeprefix(API), json.dumps(each.body))
            for each in self.door.requests()
            if each.method != "GET"
        ]

    def planned(self, run):
        """The requests that the stored plan shows, in the same form."""
        return [(row.method, row.path, json.dumps(dict(row.body))) for row in self.rows(run) if row.method]


def listing_fields(product):
    """The fields of a listing that shows exactly what the product says."""
    return {
        "sku": product.sku,
        "title": product.title,
        "description": product.description,
        "make": product.make,
        "model": product.model,
        "year": product.year,
        "finish": product.finish,
        "condition": product.condition,
        "price": str(product.price),
        "inventory": product.quantity,
        "categories": [{"uuid": uuid} for uuid in product.categories],
        "photos": list(product.photos),
    }


def guitars(count, prefix="G", **fields):
    return [guitar(f"{prefix}-{number:04}", **fields) for number in range(count)]


def used_guitars(count, prefix="U", **fields):
    return [used_guitar(f"{prefix}-{number:04}", **fields) for number in range(count)]
