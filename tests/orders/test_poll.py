"""Reading orders: all of them, however long nobody looked, whatever moves meanwhile."""

from datetime import UTC, datetime, timedelta

from reverb_plugin.errors import StoreError
from reverb_plugin.store.order_polls import MEASURING, OVERLAP, OrderPoll
from reverb_plugin.store.order_store import OrderStore
from tests.sync.market import guitar

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_every_order_of_a_long_outage_is_found(open_counter):
    """The plugin was away for 40 days in which 120 orders came: each lowers the stock, over three pages."""
    counter = open_counter(None, guitar(quantity=200))
    for _ in range(120):
        counter.buy()
        counter.market.clock.advance(40 * 86_400 / 120)
    counter.market.asked()
    counter.look()
    assert counter.both() == (80, 80)
    assert counter.market.asked().count("GET my/orders/selling/all") == 3


def test_a_worker_that_dies_at_each_page_gets_through(open_counter, monkeypatch):
    """Each two hours a worker reads a page or two and dies: all orders are found, and what changed meanwhile."""
    counter = open_counter(None, guitar(quantity=300))
    numbers = [counter.buy() for _ in range(250)]
    original, pages = OrderStore.keep_page, []

    def deadly(*args):
        original(*args)
        pages.append(1)
        if len(pages) % 2:
            raise StoreError("gone")

    monkeypatch.setattr(OrderStore, "keep_page", deadly)
    for _ in range(7):
        counter.look(7200)
        counter.door.set_order_status(numbers.pop(), "shipped")
    assert counter.both() == (50, 50)
    monkeypatch.undo()
    counter.look()
    assert {counter.order(row["order_number"]).status == row["status"] for row in counter.door.orders()} == {True}


def test_orders_from_before_the_first_look_are_left_alone(market):
    """What was sold before orders were switched on is the seller's own business, also when it changes afterwards."""
    market.save(guitar())
    market.go_live("STRAT")
    number = market.door.buy(market.listing("STRAT")["id"])
    market.clock.advance(3600)
    market.set(orders="stock")
    market.drain()
    market.door.set_order_status(number, "shipped")
    market.clock.advance(301)
    market.drain()
    assert market.host.find_product("STRAT").quantity == 3
    assert market.plugin.store.orders.find(number).is_old


def test_a_first_day_can_be_named(market):
    """With a first day, orders since then are taken, and older ones are not."""
    market.save(guitar())
    market.go_live("STRAT")
    listing_id = market.listing("STRAT")["id"]
    market.door.buy(listing_id, created_at="2025-12-30T10:00:00+00:00", status="unpaid")
    market.clock.advance(3600)
    market.door.buy(listing_id)
    market.clock.advance(3 * 86_400)
    market.set(orders="stock", orders_since="2025-12-31")
    market.drain()
    assert market.host.find_product("STRAT").quantity == 2


def test_an_order_that_was_seen_unpaid_counts_when_it_is_paid(counter):
    """An accepted offer lowers nothing; its payment does."""
    number = counter.buy(status="unpaid", order_type="offer")
    counter.look()
    assert counter.both() == (3, 3)
    counter.door.set_order_status(number, "paid")
    counter.look()
    assert counter.both() == (2, 2)


def test_one_order_that_makes_no_sense_does_not_hide_the_others(counter):
    """A row that cannot be read is shown as such, the next one is taken, and Reverb's number tells of the first."""
    broken, good = counter.buy(), counter.buy()
    counter.market.simulator.reverb.book.orders[broken].quantity = -1
    counter.look()
    assert counter.both() == (1, 1)
    assert "cannot be read" in counter.order(broken).note
    assert counter.order(good).taken == 1


def test_a_missing_scope_is_told_and_holds_nothing_up(counter):
    """A token that may not read orders: one refused row, no more tries, and stock still goes to Reverb."""
    counter.door.set(scopes=["public", "read_listings", "write_listings", "read_profile"])
    counter.market.live_through(7200)
    rows = [row for row in counter.market.rows() if row.kind == "poll_orders"]
    assert [row.outcome for row in rows] == ["refused"]
    counter.market.sell("STRAT")
    assert counter.both() == (2, 2)


def test_pages_that_lead_nowhere_end(counter):
    """A page that leads to itself is the last; a next page that Reverb refuses waits for a person, and begins anew."""
    number = counter.buy()
    for next_link, times in ("/api/my/orders/selling/all?page=2", 2), ("/api/my/orders/selling/none", 1):
        page = {"orders": [], "_links": {"next": {"href": next_link}}}
        counter.door.add_fault("answer", "GET", "/my/orders/selling/all", times=times, status=200, body=page)
        counter.look()
    assert [job.kind for job in counter.market.parked()] == ["poll_orders"]
    counter.plugin.orders.look_now()
    counter.look()
    assert counter.order(number).taken == 1


def test_the_watermark_moves_with_the_last_page_only():
    """A page in the middle moves nothing; the last one moves it to the newest change that was seen."""
    poll = OrderPoll(NOON, NOON).begun(NOON + timedelta(hours=5), None)
    poll = poll.read([NOON + timedelta(hours=4)], "next", NOON + timedelta(hours=5))
    assert poll.watermark_at == NOON
    poll = poll.read([NOON + timedelta(hours=3)], None, NOON + timedelta(hours=5))
    assert poll.watermark_at == NOON + timedelta(hours=4)
    assert poll.from_at == NOON + timedelta(hours=4) - OVERLAP


def test_a_poll_that_lay_for_days_goes_on_where_it_was():
    """A page that is read late is read all the same; what changed meanwhile on those before it is read again."""
    poll = OrderPoll(NOON, NOON).begun(NOON, None).read([NOON], "next", NOON)
    late = NOON + timedelta(days=3)
    assert poll.begun(late, None).next_link == "next"
    ended = poll.begun(late, None).read([late], None, late)
    assert ended.watermark_at == NOON
    assert ended.last_began_at == NOON
    assert MEASURING < OVERLAP


def test_a_time_of_the_far_future_is_no_measure():
    """One order dated into the next century must not hide all that come before it."""
    poll = OrderPoll(NOON, NOON).begun(NOON, None).read([NOON + timedelta(days=40_000)], None, NOON)
    assert poll.watermark_at == NOON


def test_buyers_are_forgotten(counter):
    """After as many days as the setting says nobody's name is left; the order itself is."""
    number = counter.buy(buyer="Pat Example")
    counter.look()
    assert counter.order(number).buyer_name == "Pat Example"
    counter.look(31 * 86_400)
    counter.look()
    assert (counter.order(number).buyer_name, counter.order(number).ship_to) == (None, None)
    assert counter.order(number).taken == 1


def test_no_buyer_is_kept_when_none_is_wanted(counter):
    """With 0 days, names are not even written down."""
    counter.market.set(buyer_data_days="0")
    number = counter.buy(buyer="Pat Example")
    counter.look()
    assert counter.order(number).buyer_name is None
    path = counter.plugin.store.path
    assert all(b"Pat Example" not in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_a_later_first_day_hides_no_change_of_known_orders(counter):
    """What was taken before that day still comes back when it is cancelled in an outage."""
    counter.market.set(restock="always")
    number = counter.buy()
    counter.look()
    counter.door.set_order_status(number, "cancelled")
    counter.market.clock.advance(3 * 86_400)
    counter.market.set(orders_since=f"{counter.market.clock.now():%Y-%m-%d}")
    counter.look()
    assert counter.order(number).status == "cancelled"
    assert counter.both() == (3, 3)
