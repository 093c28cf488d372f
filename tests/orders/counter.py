"""What the tests of orders do at the counter: offer, buy on Reverb, look."""

from reverb_plugin.host import Host
from reverb_plugin.testing import FakeHost


class Counter:
    """A market, seen from where things are sold."""

    def __init__(self, market):
        self.market = market
        self.door = market.door
        self.host = market.host
        self.plugin = market.plugin

    def offer(self, product, **settings):
        """The product is in the shop and live on Reverb, and the orders were read."""
        self.market.set(**settings)
        self.market.save(product)
        self.market.go_live(product.sku)
        self.look()
        self.market.asked()

    def buy(self, quantity=1, sku="STRAT", **options):
        """Somebody buys on Reverb; the number of the order."""
        return self.door.buy(self.market.listing(sku)["id"], quantity, **options)

    def look(self, seconds=301):
        """Time passes, so that the next look for orders is due, and the worker works."""
        self.market.clock.advance(seconds)
        return self.market.drain()

    def edit(self, inventory, sku="STRAT"):
        """Somebody changes the quantity on Reverb's site."""
        listing_id, reverb = self.market.listing(sku)["id"], self.market.simulator.reverb
        with reverb.lock:
            listing = reverb.world.get_listing(listing_id)
            reverb.world.update_listing(listing, {"inventory": inventory}, None, in_place=False, publish=False)

    def both(self, sku="STRAT"):
        """How many the shop has, and how many Reverb shows."""
        return self.host.find_product(sku).quantity, self.market.listing(sku)["inventory"]

    def order(self, number):
        return self.plugin.store.orders.find(number)

    def kinds(self):
        """The kinds of jobs that are left."""
        return [job.kind for job in self.market.parked()]


class PlainShop(FakeHost):
    """A shop that can only set its stock."""

    change_quantity = place_order = find_order = update_order = cancel_order = None


class SealedShop:
    """A shop that tells of its products and lets nothing be changed."""

    def __init__(self, shop: Host):
        self.add, self.replace, self.change, self.sell = shop.add, shop.replace, shop.change, shop.sell
        self.find_product, self.iter_products = shop.find_product, shop.iter_products
