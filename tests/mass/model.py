"""A model of Reverb in a few lines, and of a worker: enough to plan, apply and plan again, a thousand times over."""

from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal

from reverb_plugin.errors import DuplicateSkuError, NotFoundError, RefusedError
from reverb_plugin.reverb_api.conditions import find_condition_by_uuid
from reverb_plugin.reverb_api.models import Image, Listing, Money, Page, Written
from reverb_plugin.store import links
from reverb_plugin.store.schema import metadata
from reverb_plugin.store.store import Park
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.run import HANDLERS
from reverb_plugin.sync.tools import Tools
from reverb_plugin.testing import FakeHost

PER_PAGE = 3
TEXTS = ("title", "description", "make", "model", "year", "finish", "sku", "shipping_profile_id", "offers_enabled")


class ModelReverb:
    """Reverb's listings as its own rules change them; implements what a run needs of the client."""

    def __init__(self, listings):
        self.listings = {each.id: each for each in listings}
        self.photos = {each.id: [] for each in listings}
        self.written = []

    def get_page(self, link=None):
        start = int(link or 0)
        rows = [self.shown(each) for each in list(self.listings.values())[start : start + PER_PAGE]]
        following = str(start + PER_PAGE) if start + PER_PAGE < len(self.listings) else None
        return Page(tuple(rows), len(self.listings), following)

    def find_listings(self, sku):
        return tuple(self.shown(each) for each in self.listings.values() if each.sku == sku)

    def get_listing(self, listing_id):
        if listing_id not in self.listings:
            raise NotFoundError
        return self.shown(self.listings[listing_id])

    def get_account(self):
        """The token works."""

    def get_images(self, listing_id):
        return tuple(Image(url) for url in self.photos[listing_id])

    def delete_image(self, listing_id, image_id):
        self.photos[listing_id].remove(image_id)
        return Written(None)

    def create_listing(self, body):
        self.written.append((None, body))
        if self.find_listings(body["sku"]):
            raise DuplicateSkuError
        listing_id = str(1000 + len(self.listings))
        self.photos[listing_id] = []
        return self._change(Listing(listing_id, state="draft", inventory=1), body)

    def update_listing(self, listing_id, body):
        self.written.append((listing_id, body))
        listing = self.listings[listing_id]
        if listing.state in {"sold", "ordered"} and not _holds_stock(listing):
            raise RefusedError
        return self._change(listing, body)

    def shown(self, listing):
        """As a reader sees it: a one-of-a-kind item counts 1 while it is live, and 0 otherwise."""
        if _holds_stock(listing):
            return listing
        return replace(listing, has_inventory=False, inventory=int(listing.state == "live"))

    def _change(self, listing, body):
        fields = {name: body[name] for name in TEXTS if name in body}
        if "price" in body:
            fields["price"] = Money(Decimal(body["price"]["amount"]), body["price"]["currency"])
        if "condition" in body:
            fields["condition_uuid"] = body["condition"]["uuid"]
        if "categories" in body:
            fields["category_uuids"] = tuple(each["uuid"] for each in body["categories"])
        if "photos" in body:
            known = self.photos[listing.id]
            self.photos[listing.id] = body["photos"] + [url for url in known if url not in body["photos"]]
        if "inventory" in body:
            fields |= {"inventory": body["inventory"], "has_inventory": body["has_inventory"]}
        changed = replace(listing, **fields)
        changed = replace(changed, state=_state(changed, body))
        self.listings[listing.id] = changed
        return Written(self.shown(changed))


def _holds_stock(listing):
    condition = find_condition_by_uuid(listing.condition_uuid)
    return condition is not None and condition.holds_stock


def _state(listing, body):
    if body.get("publish") and listing.inventory:
        return "live"
    if listing.state == "live" and listing.inventory == 0:
        return "ended"
    comes_back = listing.state in {"ended", "sold"} and _holds_stock(listing) and body.get("inventory")
    return "live" if comes_back else listing.state


class Bench:
    """A worker without threads, before a model of Reverb."""

    def __init__(self, store, host, reverb, settings):
        self.store = store
        self.reverb = reverb
        self.clock = store._clock
        self.tools = Tools(host, reverb, store, settings, self.clock, lambda: None)

    def work(self):
        """Does whatever is in the outbox, until nothing is left."""
        for _ in range(1000):
            job = self.store.lease("bench", 300.0)
            if job is None:
                if self.store.next_due_at() is None:
                    return
                self.clock.advance(1.0)
                continue
            attempt = Attempt(job, self.store.environment, self.clock.now(), create_sent_at=job.create_sent_at)
            try:
                settlement = HANDLERS[job.kind](self.tools, attempt)
            except RefusedError as error:
                settlement = attempt.failed(error, Park())
            self.store.settle(job, settlement)
        raise AssertionError("it never ends")

    def plan(self, *, kind="mass sync"):
        run_id = self.store.runs.start(kind, "test", apply=False, confirmed=False)
        self.work()
        return self.store.runs.find(run_id)

    def apply(self, run):
        assert self.store.runs.apply(run.id, confirmed=True)
        self.work()

    def rows(self, run):
        return self.store.runs.rows(run.id, limit=1000)


@contextmanager
def bench(store, products, listings, remembered, settings):
    """A bench over a database in which only ``remembered`` is known."""
    with store._database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        for link in remembered:
            links.save(connection, "sandbox", link)
    yield Bench(store, FakeHost(products), ModelReverb(listings), settings)
