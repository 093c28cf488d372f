"""Two sides change one number, in any order, with lost answers and deaths: no unit is made or lost, and both agree."""

import tempfile

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

import reverb_plugin
from reverb_plugin.errors import StoreError
from reverb_plugin.hooks import on_order_placed, on_product_saved
from reverb_plugin.simulator.door import DoorError
from reverb_plugin.store.order_store import OrderStore
from reverb_plugin.store.store import Store
from reverb_plugin.testing import FakeHost
from tests.orders.counter import Counter
from tests.sync.market import Market, guitar

START = 40
EDIT = 1000
"""More than all orders together, so that no combination of orders explains it."""

FAULTS = (
    ("reset_before", {}),
    ("reset_after", {}),
    ("server_error", {"status": 500, "applied": True}),
    ("server_error", {"status": 503}),
    ("html", {"status": 502, "applied": True}),
    ("truncate", {}),
    ("rate_limit", {}),
)
DEATHS = (
    (OrderStore, "keep_page"),
    (OrderStore, "begin_move"),
    (OrderStore, "end_move"),
    (OrderStore, "change"),
    (FakeHost, "change_quantity"),
    (FakeHost, "place_order"),
    (FakeHost, "cancel_order"),
    (Store, "settle"),
)


class StockMachine(RuleBasedStateMachine):
    """A shop and Reverb that sell one product; ``truth`` is how many pieces there really are."""

    simulator = None
    clock = None

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.simulator.door.reset()
        self.host = FakeHost()
        self.plugin = reverb_plugin.configure(
            self.host,
            token=self.simulator.token,
            api_url=self.simulator.url,
            data_dir=self.folder.name,
            worker="none",
            clock=self.clock,
        )
        self.counter = Counter(Market(self.simulator, self.host, self.plugin, self.clock))
        self.orders = []
        self.truth = START
        self.edits = 0

    @initialize(mode=st.sampled_from(["stock", "orders"]))
    def begin(self, mode):
        options = {"orders_wanted": "all", "restock": "always", "requests_per_minute": "600"}
        self.counter.offer(guitar(quantity=START), orders=mode, **options)

    # What people do

    @rule(quantity=st.integers(1, 9))
    def sell_in_the_shop(self, quantity):
        if self.host.find_product("STRAT").quantity >= quantity:
            event = self.host.sell("STRAT", quantity)
            self.truth -= quantity
            on_order_placed(event, plugin=self.plugin)

    @rule(quantity=st.integers(1, 9), paid=st.booleans())
    def buy_on_reverb(self, quantity, paid):
        try:
            number = self.counter.buy(quantity, status="paid" if paid else "payment_pending")
        except DoorError:
            return  # it has not so many
        self.truth -= quantity
        self.orders.append((number, quantity))

    @rule(data=st.data(), status=st.sampled_from(["paid", "shipped", "cancelled", "refunded"]))
    def go_on_with_an_order(self, data, status):
        if not self.orders:
            return
        number, quantity = data.draw(st.sampled_from(self.orders))
        self.counter.door.set_order_status(number, status)
        if status in {"cancelled", "refunded"}:
            self.orders.remove((number, quantity))
            self.truth += quantity

    @rule(pieces=st.integers(1, 9))
    def a_delivery_for_the_shop(self, pieces):
        self.host.change("STRAT", quantity=self.host.find_product("STRAT").quantity + pieces)
        self.truth += pieces
        on_product_saved("STRAT", plugin=self.plugin)

    @rule()
    def a_delivery_entered_on_reverb(self):
        """Not twice before it is seen: two edits look like one."""
        if self.edits < 2:
            self.look(301)
            shown = self.counter.market.listing("STRAT")["inventory"]
            self.counter.edit(shown + EDIT)
            self.truth += EDIT
            self.edits += 1
            self.plugin.store.orders.look_at_listing(str(self.counter.market.listing("STRAT")["id"]))

    @rule(mode=st.sampled_from(["stock", "orders"]))
    def the_seller_changes_the_setting(self, mode):
        self.counter.market.set(orders=mode)

    # What time and machines do

    @rule(seconds=st.sampled_from([1, 30, 301, 3600]))
    def look(self, seconds):
        self.clock.advance(seconds)
        self.counter.market.drain(10)

    @rule(fault=st.sampled_from(FAULTS), times=st.integers(1, 3))
    def stumble(self, fault, times):
        self.counter.door.add_fault(fault[0], times=times, **fault[1])

    @rule(death=st.sampled_from(DEATHS), after=st.booleans())
    def die(self, death, after):
        """The worker is at this step when its database is gone: what it had leased is found by the next one."""
        kind, name = death
        original, died = getattr(kind, name), []

        def deadly(*args, **kwargs):
            if died or not after:
                died.append(1)
                raise StoreError("gone")
            died.append(1)
            original(*args, **kwargs)
            raise StoreError("gone")

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(kind, name, deadly)
            self.clock.advance(301)
            self.counter.market.drain(5)

    # Quiet

    def quiet(self):
        self.counter.door.clear_faults()
        for _ in range(6):
            self.clock.advance(1300)
            self.plugin.store.retry()
            self.counter.market.drain(60)
        self.counter.market.asked()

    def check(self):
        rows = [self.counter.order(number) for number, _ in self.orders]
        every = self.plugin.store.orders.page(limit=1000)
        shop, reverb = self.counter.both()
        told = [(row.number, row.status, row.quantity, row.due, row.taken, row.short) for row in every]
        log = [(row.kind, row.outcome, row.message) for row in self.counter.market.rows()[:12]]
        assert shop == reverb, (shop, reverb, self.truth, told, log)
        assert shop == self.truth + sum(row.short for row in every), (shop, self.truth, told, log)
        assert all(row.owed == 0 and row.moving == 0 for row in every), told
        assert all(row is not None for row in rows)
        placed = [order.order_number for order in self.host.orders.values()]
        assert len(placed) == len(set(placed))
        assert self.plugin.store.parked_jobs() == [], self.plugin.store.parked_jobs()
        self.counter.look()
        assert set(self.counter.market.asked()) <= {"GET my/orders/selling/all", "GET my/refund_requests/selling"}

    def teardown(self):
        try:
            self.quiet()
            self.check()
        finally:
            self.plugin.close()
            self.folder.cleanup()


@pytest.mark.timeout(1800)
@pytest.mark.swallows
def test_no_unit_is_made_or_lost(session_simulator, session_clock, swallowed_errors):
    """Sales, orders, cancellations, deliveries and edits on both sides, whatever fails: in the end both sides show what
    there really is, save for pieces that were sold twice.
    """
    swallowed_errors.append(None)  # a death is not always in the way of something
    StockMachine.simulator, StockMachine.clock = session_simulator, session_clock
    run_state_machine_as_test(StockMachine, settings=settings(max_examples=25, stateful_step_count=20))
