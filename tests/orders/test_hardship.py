"""Orders when something else goes wrong: the disk, a switch, a wrong day, a shop that says too much, the years."""

from dataclasses import replace

import pytest

from reverb_plugin.errors import InvalidValueError, StoreLockedError
from reverb_plugin.hooks import on_refund
from reverb_plugin.store.orders import OrderRow
from reverb_plugin.store.store import Store
from reverb_plugin.sync.recording import SKEW, find_skew
from reverb_plugin.sync.worker import ORDER_DAYS
from tests.sync.market import guitar


def locked(*_, **_more):
    raise StoreLockedError


def test_what_came_back_is_held_and_counted_once(open_counter, monkeypatch):
    """Refunds that could not be written are kept: what came back through the shop does not come back again."""
    counter = open_counter(None, guitar(quantity=5), orders="orders", restock="always")
    number = counter.buy(3)
    counter.look()
    order_id = counter.order(number).host_order_id
    with monkeypatch.context() as broken:
        broken.setattr(Store, "record", locked)
        for _ in range(2):
            event = counter.host.refund("STRAT", 1, order_id=order_id)
            assert on_refund(event, plugin=counter.plugin).status == "held"
    counter.door.set_order_status(number, "refunded")
    counter.look()
    counter.look()
    assert counter.order(number).returned == 2
    assert counter.host.cancelled == {order_id: 1}
    assert counter.both() == (5, 5)


def test_off_means_off_when_it_is_on_again(open_counter):
    """What was bought while orders were off, the seller has seen to: turned on again, only what comes then counts."""
    counter = open_counter(None, guitar(quantity=9))
    first = counter.buy()
    counter.look()
    counter.market.set(orders="off")
    counter.market.live_through(3600)
    counter.buy(2)
    counter.market.live_through(3600)
    counter.market.sell("STRAT", 2)  # the seller's own hand
    counter.market.set(orders="stock")
    counter.look()
    assert counter.both() == (6, 6)
    counter.buy()
    counter.door.set_order_status(first, "cancelled")
    counter.look()
    assert counter.both() == (5, 5)
    assert counter.order(first).status == "cancelled"


def test_a_chosen_day_counts_also_then(open_counter):
    """Who names the first day gets what was bought since, although orders were off in between."""
    counter = open_counter(None, guitar(quantity=9), orders_since="2020-01-01")
    counter.market.set(orders="off")
    counter.market.live_through(3600)
    counter.buy(2)
    counter.market.live_through(3600)
    counter.market.set(orders="stock")
    counter.look()
    assert counter.both() == (7, 7)


def test_a_day_that_is_still_to_come(open_counter):
    """Reverb is never asked for changes of the future; what is bought before that day is left alone."""
    counter = open_counter(None, guitar(quantity=9), orders_since="2999-01-01")
    counter.buy()
    counter.look()
    asked = counter.market.requests("GET", "/my/orders/selling/all")
    now = f"{counter.market.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    assert asked
    assert all(request.query["updated_start_date"] <= now for request in asked)
    assert counter.host.find_product("STRAT").quantity == 9


@pytest.mark.parametrize("ahead", [-900.0, 900.0])
def test_the_first_moment_is_reverbs(market, ahead):
    """Whose clock is a quarter of an hour wrong misses no order of that quarter, and takes none from before."""
    market.plugin.store.save_cached(SKEW, ahead)
    now = market.clock.now()
    poll = market.plugin.store.orders.begin_poll(None, find_skew(market.plugin.store))
    assert (poll.since_at - now).total_seconds() == pytest.approx(ahead, abs=1)


def test_orders_that_cannot_be_read_stand_on_every_page(counter):
    """An order of which nothing but the number is known has its place in the list, however many there are."""
    known = counter.plugin.store.orders
    poll = known.begin_poll(None)
    rows = [OrderRow(f"X-{n}", "", note="No.") for n in range(7)]
    known.keep_page(poll, rows, None, lambda before, seen: (seen, ()))
    found, last = [], None
    while page := known.page(before=last, limit=2):
        found += [row.number for row in page]
        last = page[-1].created_at, page[-1].number
    assert {row.number for row in rows} <= set(found)


def test_orders_are_forgotten_after_years_and_never_taken_twice(open_counter):
    """Long past orders go, with their parcels; one that Reverb touches again then is an old one, not a new one."""
    counter = open_counter(None, guitar(quantity=9), orders="orders-and-shipments")
    old = counter.buy()
    counter.look()
    counter.plugin.store.record_shipment(old, "UPS", "1Z")
    counter.look()
    counter.look((ORDER_DAYS + 1) * 86_400)
    young = counter.buy()
    counter.look()
    counter.look(700)
    assert counter.order(old) is None
    assert counter.order(young) is not None
    past = replace(counter.order(young), number=old, host_order_id=None)
    assert counter.plugin.store.order_history.parcels(past) == []
    counter.door.set_order_status(old, "received")
    counter.look()
    assert counter.order(old).is_old
    assert len(counter.host.orders) == 2
    assert counter.both() == (7, 7)
    counter.look()
    assert counter.both() == (7, 7)


def test_an_outage_of_years_forgets_nothing(open_counter):
    """Only what was read may be forgotten: after two years and more each order of the outage is found."""
    counter = open_counter(None, guitar(quantity=9))
    counter.buy()
    counter.look()
    counter.market.clock.advance(60 * 86_400)
    number = counter.buy()
    counter.market.clock.advance((ORDER_DAYS + 10) * 86_400)
    counter.look()
    counter.look()
    assert counter.order(number).taken == 1
    assert counter.both() == (7, 7)


def test_what_others_noted_while_a_page_was_read_stays(counter):
    """The page that comes in late does not undo that orders were turned off meanwhile."""
    known = counter.plugin.store.orders
    poll = known.begin_poll(None)
    known.note_off()
    known.keep_page(poll, [], None, None)
    assert known.find_poll().off_at is not None


@pytest.mark.parametrize("kind", [ValueError, lambda text: InvalidValueError("address", text, f"{text} is none")])
def test_what_the_shop_says_of_a_buyer_is_not_kept(open_counter, caplog, kind):
    """The shop's own error may quote the order: neither the log nor the sync log holds who bought and where."""
    caplog.set_level("DEBUG")
    counter = open_counter(None, guitar(quantity=9), orders="orders")
    address = {"street_address": "221b Baker Street", "locality": "Marylebone", "phone": "5550199"}
    counter.buy(buyer={"name": "Sherlock Holmes", "email": "sherlock@example.org", "address": address})

    def place(order):
        raise kind(f"no region for {order.buyer.name} <{order.buyer.email}>, {order.address.street_address}, Holmes")

    counter.host.place_order = place
    counter.market.clock.advance(301)
    counter.market.drain(5)
    row = next(row for row in counter.market.rows() if row.kind == "import_order")
    said = f"{row}{caplog.text}{counter.market.parked()}"
    assert "no region for [redacted]" in said
    assert not [secret for secret in ("Sherlock", "Holmes", "221b", "sherlock@") if secret in said]
