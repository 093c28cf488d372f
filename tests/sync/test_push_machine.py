"""Any sequence of what can happen in a shop, on Reverb and in between: after quiet, both sides agree."""

import itertools
import tempfile
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

import reverb_plugin
from reverb_plugin.hooks import on_order_placed, on_product_deleted, on_product_saved, on_refund
from reverb_plugin.testing import FakeHost
from tests.sync.market import Market, guitar, used_guitar

SKUS = ("A", "B", "C")
OFF_SALE = {"ended", "sold"}
BOUGHT = {"ordered"}
# What a job may wait for a person with, once everything works again and a person has said "try again".
CAUSES = {"listing-locked", "not-published"}

FAULTS = (
    ("reset_before", {}),
    ("reset_after", {}),
    ("server_error", {"status": 500}),
    ("server_error", {"status": 500, "applied": True}),
    ("server_error", {"status": 503}),
    ("server_error", {"status": 504, "applied": True}),
    ("html", {"status": 502, "applied": True}),
    ("html", {"status": 200, "applied": True}),
    ("empty", {}),
    ("truncate", {}),
    ("rate_limit", {}),
    ("rate_limit", {"retry_after": "date", "seconds": 20}),
)
skus = st.sampled_from(SKUS)
shares = st.integers(0, 5)
amounts = st.sampled_from([Decimal(100), Decimal(200)])  # few, so that an edit is often an edit back


class PushMachine(RuleBasedStateMachine):
    """A shop, the plugin and Reverb, and the rules by which they may change."""

    simulator = None
    clock = None

    def __init__(self):
        super().__init__()
        self.numbers = itertools.count(1)
        self.folder = tempfile.TemporaryDirectory()
        self.simulator.door.reset()
        self.host = FakeHost()
        self.plugin = self.open()
        self.market = Market(self.simulator, self.host, self.plugin, self.clock)
        self.stale = False
        self.renamed = set()

    def open(self):
        return reverb_plugin.configure(
            self.host,
            token=self.simulator.token,
            api_url=self.simulator.url,
            data_dir=self.folder.name,
            worker="none",
            clock=self.clock,
        )

    @initialize(published=st.booleans(), lag=st.sampled_from([0, 20]))
    def begin(self, published, lag):
        self.market.set(requests_per_minute="600", auto_publish="on" if published else "off")
        self.market.door.set(index_lag_seconds=lag)

    # In the shop

    @rule(sku=skus, used=st.booleans(), quantity=shares, price=amounts)
    def save_new(self, sku, used, quantity, price):
        if self.host.find_product(sku) is None:
            number = f"id-{next(self.numbers)}"
            make, quantity = (used_guitar, min(quantity, 1)) if used else (guitar, quantity)
            self.host.add(make(sku, quantity=quantity, price=price, id=number))
            on_product_saved(sku, plugin=self.plugin)

    @rule(data=st.data(), price=amounts)
    def edit_price(self, data, price):
        if sku := self.some_sku(data):
            self.host.change(sku, price=price)
            on_product_saved(sku, plugin=self.plugin)

    @rule(data=st.data(), quantity=shares)
    def count_stock(self, data, quantity):
        if sku := self.some_sku(data):
            used = self.host.find_product(sku).condition == "Excellent"
            self.host.change(sku, quantity=min(quantity, 1) if used else quantity)
            on_product_saved(sku, plugin=self.plugin)

    @rule(data=st.data())
    def save_again(self, data):
        if sku := self.some_sku(data):
            on_product_saved(sku, plugin=self.plugin)

    @rule(data=st.data())
    def delete(self, data):
        if sku := self.some_sku(data):
            if sku in self.renamed:
                self.quiet()  # deleted before its renaming was sent, only a reconciliation finds its old listing
            self.host.remove(sku)
            on_product_deleted(sku, plugin=self.plugin)

    @rule(data=st.data())
    def rename(self, data):
        if sku := self.some_sku(data):
            link = self.market.link(sku)
            if link is None or link.listing_id is None:
                self.quiet()  # while a lost answer is looked for, the listing that was made is known by its SKU alone
            renamed = replace(self.host.remove(sku), sku=f"R{next(self.numbers)}")
            self.host.add(renamed)
            self.renamed.add(renamed.sku)
            on_product_saved(renamed, plugin=self.plugin)

    @rule(data=st.data())
    def sell(self, data):
        sku = self.some_sku(data)
        if sku and self.host.find_product(sku).quantity:
            on_order_placed(self.host.sell(sku), plugin=self.plugin)

    @rule(data=st.data())
    def refund(self, data):
        sku = self.some_sku(data)
        if sku and (self.host.find_product(sku).condition != "Excellent" or not self.host.find_product(sku).quantity):
            on_refund(self.host.refund(sku), plugin=self.plugin)

    # On Reverb

    @rule(data=st.data())
    def reverb_sells(self, data):
        """A buyer on Reverb, and the order arrives in the shop before anything else happens."""
        self.quiet()
        live = [row for row in self.market.door.listings() if row["state"] == "live"]
        if live:
            listing = data.draw(st.sampled_from(live))
            self.market.door.buy(listing["id"])
            on_order_placed(self.host.sell(listing["sku"]), plugin=self.plugin)
            self.quiet()

    @rule(fault=st.sampled_from(FAULTS), method=st.sampled_from([None, "GET", "POST", "PUT"]), times=st.integers(1, 4))
    def go_wrong(self, fault, method, times):
        kind, options = fault
        self.market.door.add_fault(kind, method, times=times, **options)

    @rule(down=st.booleans())
    def maintenance(self, down):
        self.market.door.set(down=down)

    @rule(dead=st.booleans())
    def token(self, dead):
        self.market.door.set(token_revoked=dead)

    # In between

    @rule(seconds=st.sampled_from([1.0, 5.0, 30.0]))
    def work(self, seconds):
        self.plugin.drain(seconds)

    @rule(seconds=st.sampled_from([10, 120, 4000]))
    def wait(self, seconds):
        self.clock.advance(seconds)

    @rule()
    def restart(self):
        self.plugin = self.market.plugin = self.open()

    @rule(name=st.sampled_from(["auto_publish", "auto_sync"]), value=st.sampled_from(["on", "off"]))
    def switch(self, name, value):
        self.market.set(**{name: value})
        self.stale = True

    @precondition(lambda self: len(self.host._skus) > 0)
    @rule()
    def settle_down(self):
        self.quiet()

    # What must hold

    def quiet(self):
        """Everything works again, time passes, and a person says "try again" to whatever waits."""
        self.market.door.clear_faults()
        self.market.door.set(down=False, token_revoked=False)
        self.market.set(auto_sync="on")
        if self.stale:  # saves were ignored, or other settings hold now: the seller saves everything once more
            self.save_all()
        self.finish()
        assert all(job.code and job.message for job in self.market.parked())
        self.plugin.store.retry()
        self.finish()
        self.check()
        self.renamed.clear()

    def save_all(self):
        for sku in self.host._skus:
            on_product_saved(sku, plugin=self.plugin)
        self.stale = False

    def finish(self):
        for _ in range(40):
            self.plugin.drain(120)
            status = self.plugin.store.queue_status()
            if not status.pending + status.leased:
                return
            self.clock.advance(600)
        raise AssertionError(f"never done: {status} {self.market.rows()[:3]}")

    def check(self):
        assert {job.code for job in self.market.parked()} <= CAUSES, self.market.parked()
        listings = self.market.door.listings()
        shown = [row["sku"] for row in listings]
        assert len(shown) == len(set(shown)), f"two listings of one SKU: {shown}"
        for row in listings:
            if self.host.find_product(row["sku"]) is None:
                assert row["state"] in OFF_SALE | BOUGHT, f"the shop has no {row['sku']}, Reverb shows it: {row}"
        for product in self.host.iter_products():
            self.check_product(product, self.market.door.find_listing(product.sku))

    def check_product(self, product, listing):
        assert listing is not None, f"{product.sku} has no listing: {self.market.rows(product.sku)}"
        if listing["locked"]:
            return
        assert listing["price"] == f"{product.price:.2f}", self.market.rows(product.sku)[:4]
        if listing["condition"] == "Brand New":  # the listing's own: another one is sent on create only
            assert listing["inventory"] == product.quantity, self.market.rows(product.sku)[:4]
        if product.quantity:
            assert listing["state"] not in OFF_SALE, self.market.rows(product.sku)[:4]
        else:
            assert listing["state"] != "live"

    def teardown(self):
        try:
            self.quiet()
        finally:
            self.plugin.close()
            self.folder.cleanup()

    def some_sku(self, data):
        return data.draw(st.sampled_from(self.host._skus)) if self.host._skus else None


@pytest.mark.timeout(1800)
def test_both_sides_agree_after_quiet(session_simulator, session_clock):
    """Whatever happened: at most one listing for each SKU, and it shows what the shop has; nothing waits without a
    cause.
    """
    PushMachine.simulator, PushMachine.clock = session_simulator, session_clock
    run_state_machine_as_test(PushMachine, settings=settings(stateful_step_count=25))
