"""A shop, the plugin and a simulated Reverb over real HTTP, on one clock that moves only when somebody waits."""

from dataclasses import replace
from decimal import Decimal

from reverb_plugin.hooks import on_order_placed, on_product_deleted, on_product_saved, on_refund
from reverb_plugin.host import Product
from reverb_plugin.store.sync_log import LogFilter

SOLID_BODY = "e57deb7a-382b-4e18-a008-67d4fbcb2879"
PHOTO_1, PHOTO_2, PHOTO_3 = (f"https://shop.example/{number}.jpg" for number in (1, 2, 3))


def guitar(sku="STRAT", **fields):
    """A new guitar of which the shop has three."""
    usual = {
        "title": "Fender Player Stratocaster",
        "price": Decimal("799.00"),
        "quantity": 3,
        "id": f"id-of-{sku}",
        "description": "Alder body, maple neck.",
        "condition": "Brand New",
        "make": "Fender",
        "model": "Stratocaster",
        "year": "2023",
        "finish": "Black",
        "categories": (SOLID_BODY,),
        "url": f"https://shop.example/{sku}",
    }
    return Product(sku, **usual | fields)


def used_guitar(sku="JAZZ", **fields):
    """A one-of-a-kind guitar."""
    return guitar(sku, **{"condition": "Excellent", "quantity": 1, "year": "1974"} | fields)


class Market:
    """The three together. What a test saves is drained at once; ``last`` is what the sync log says of it."""

    def __init__(self, simulator, host, plugin, clock):
        self.simulator = simulator
        self.door = simulator.door
        self.host = host
        self.plugin = plugin
        self.clock = clock

    # In the shop

    def put(self, product):
        """The product is in the shop as given; no hook is called."""
        if self.host.find_product(product.sku) is None:
            self.host.add(product)
        else:
            self.host.replace(product)

    def save(self, product):
        """The product is saved and the worker sends; the newest row of the log."""
        self.put(product)
        on_product_saved(product, plugin=self.plugin)
        return self.drain()

    def change(self, sku, **fields):
        """The product is saved with other fields."""
        return self.save(self.host.change(sku, **fields))

    def save_again(self, sku):
        """The product is saved as it is."""
        return self.save(self.host.find_product(sku))

    def sell(self, sku, quantity=1):
        on_order_placed(self.host.sell(sku, quantity), plugin=self.plugin)
        return self.drain()

    def refund(self, sku, quantity=1):
        on_refund(self.host.refund(sku, quantity), plugin=self.plugin)
        return self.drain()

    def delete(self, sku):
        self.host.remove(sku)
        on_product_deleted(sku, plugin=self.plugin)
        return self.drain()

    def rename(self, sku, new_sku):
        """The product gets another SKU; most shops tell only of a save."""
        return self.save(replace(self.host.remove(sku), sku=new_sku))

    # The plugin

    def set(self, **texts):
        """Settings, as a person enters them."""
        for name, text in texts.items():
            self.plugin.configuration.save(name, text)

    def drain(self, seconds=120.0):
        """The worker works for that long at most; the newest row of the log."""
        self.report = self.plugin.drain(seconds)
        return self.last()

    def try_once(self):
        """The worker works, but for too short a time to try anything again."""
        return self.drain(2.0)

    def live_through(self, seconds, step=600.0):
        """Time passes; now and then the worker looks (it looks each second, but that would take a test too long)."""
        until = self.clock.monotonic() + seconds
        while self.clock.monotonic() < until:
            self.clock.advance(step)
            self.drain(10.0)

    def last(self, sku=None):
        rows = self.rows(sku)
        return rows[0] if rows else None

    def rows(self, sku=None):
        """The sync log, newest first."""
        return self.plugin.store.log_page(LogFilter(sku=sku), limit=1000)

    def link(self, sku):
        return self.plugin.store.find_link(sku)

    def parked(self):
        return self.plugin.store.parked_jobs()

    # On Reverb

    def asked(self, method=None, path=None):
        """The requests since the last time, as ``METHOD path`` without ids."""
        return [f"{row.method} {_without_id(row.path)}" for row in self.requests(method, path)]

    def requests(self, method=None, path=None):
        """The requests since the last time."""
        requests = self.door.requests(method, path)
        self.door.clear_requests()
        return requests

    def listing(self, sku):
        return self.door.listing(sku)

    def go_live(self, sku):
        """The seller publishes the draft on Reverb's site, and the plugin has seen it."""
        listing = self.listing(sku)
        self.plugin.client.update_listing(str(listing["id"]), {"publish": True})
        self.door.publish_now()
        assert self.listing(sku)["state"] == "live"
        self.door.clear_requests()


def _without_id(path):
    parts = path.removeprefix("/api/").split("/")
    return "/".join("#" if part[:1].isdigit() else part for part in parts)
