"""Parcels are told to Reverb once, under Reverb's name for the carrier."""

import pytest

from reverb_plugin.hooks import on_order_picked_up, on_order_shipped, on_refund
from reverb_plugin.host import Line, PickedUp, Refund, Shipment
from reverb_plugin.sync.carriers import ALIASES, OTHER, PROVIDERS, find_provider
from tests.sync.market import guitar


@pytest.fixture
def counter(open_counter):
    return open_counter(None, guitar(quantity=5), orders="orders-and-shipments")


def ship(counter, order_id, carrier="UPS", tracking_number="1Z999"):
    on_order_shipped(Shipment(order_id, carrier, tracking_number), plugin=counter.plugin)
    return counter.market.drain()


def sold(counter, **options):
    number = counter.buy(**options)
    counter.look()
    return number


def on_reverb(counter, number):
    order = next(row for row in counter.door.orders() if row["order_number"] == number)
    return order["status"], order["shipping_provider"], order["tracking_number"]


@pytest.mark.parametrize("by", ["number", "id"])
def test_a_parcel_is_told_once(counter, by):
    """By Reverb's number or the shop's id: the order is shipped, and telling again sends nothing."""
    number = sold(counter)
    order_id = number if by == "number" else counter.order(number).host_order_id
    assert ship(counter, order_id).outcome == "shipped"
    assert on_reverb(counter, number) == ("shipped", "UPS", "1Z999")
    counter.market.asked()
    ship(counter, order_id)
    assert counter.market.asked() == []


def test_a_lost_answer_is_looked_up(counter):
    """Reverb has done it and the answer got lost: the order is read, and nothing is sent a second time."""
    number = sold(counter)
    counter.door.add_fault("reset_after", "POST", "/ship", times=1)
    ship(counter, number)
    counter.look()
    assert on_reverb(counter, number)[0] == "shipped"
    assert len(counter.market.requests("POST", "/ship")) == 1


@pytest.mark.parametrize("by", ["number", "id"])
def test_a_number_that_is_corrected_back_counts(counter, by):
    """The last word counts, also when it is the first one again."""
    number = sold(counter)
    order_id = number if by == "number" else counter.order(number).host_order_id
    for tracking_number in ("1Z999", "1Z998", "1Z999"):
        on_order_shipped(Shipment(order_id, "UPS", tracking_number), plugin=counter.plugin)
    counter.market.drain()
    assert on_reverb(counter, number) == ("shipped", "UPS", "1Z999")


def test_two_parcels_told_over_and_over_cost_nothing(counter):
    """A shop that tells of both its parcels at each save: Reverb takes one, and is not asked about the other again."""
    number = sold(counter)
    for tracking_number in ("1Z999", "1Z998", "1Z999", "1Z998"):
        ship(counter, number, tracking_number=tracking_number)
    counter.market.asked()
    for tracking_number in ("1Z999", "1Z998", "1Z999", "1Z998"):
        ship(counter, number, tracking_number=tracking_number)
    assert counter.market.asked() == []


def test_a_parcel_under_both_ids_is_posted_once(counter):
    """Noted under the order's number and the shop's id while two threads send: Reverb hears of it once."""
    number = sold(counter)
    counter.door.set(latency_seconds=0.2)
    for order_id in (number, counter.order(number).host_order_id):
        on_order_shipped(Shipment(order_id, "UPS", "1Z999"), plugin=counter.plugin)
    counter.market.drain()
    assert on_reverb(counter, number) == ("shipped", "UPS", "1Z999")
    assert len(counter.market.requests("POST", "/ship")) == 1


def test_reverb_down_is_waited_for(counter):
    """A parcel of a bad day reaches Reverb later, by itself."""
    number = sold(counter)
    counter.door.set(down=True)
    ship(counter, number)
    counter.door.set(down=False)
    counter.look(3600)
    assert on_reverb(counter, number)[0] == "shipped"


def test_what_reverb_knows_otherwise_stays(counter):
    """The seller bought the label on Reverb: the other number is kept here, and the log says why."""
    number = sold(counter)
    counter.door.set_order_status(number, "shipped")
    row = ship(counter, number)
    assert row.outcome == "skipped"
    assert "already" in row.message


@pytest.mark.parametrize("status", ["cancelled", "refunded", "blocked"])
def test_nothing_is_sent_for_what_was_called_off(counter, status):
    """A parcel of an order that is over is not told."""
    number = sold(counter)
    counter.door.set_order_status(number, status)
    assert ship(counter, number).outcome == "skipped"
    assert on_reverb(counter, number)[2] is None


def test_a_parcel_that_left_before_the_payment(counter):
    """Reverb takes it only of a paid order: a person is told, and when the payment is there it goes by itself."""
    number = sold(counter, status="payment_pending")
    assert ship(counter, number).outcome == "refused"
    counter.door.set_order_status(number, "paid")
    counter.look()
    assert on_reverb(counter, number) == ("shipped", "UPS", "1Z999")
    assert counter.market.parked() == []


def test_a_number_that_nobody_knows_is_said(counter):
    """An order that neither side has is named in the log; nothing waits, and Reverb is not asked again."""
    row = ship(counter, "4711")
    assert row.outcome == "skipped"
    assert "4711 is neither the number" in row.message
    counter.market.asked()
    ship(counter, "4711")
    assert (counter.market.asked(), counter.market.parked()) == ([], [])


def test_picked_up(counter):
    """The buyer came for it: Reverb is told, once."""
    number = sold(counter, local_pickup=True)
    on_order_picked_up(PickedUp(number), plugin=counter.plugin)
    on_order_picked_up(PickedUp(number), plugin=counter.plugin)
    assert counter.market.drain().outcome == "shipped"
    assert on_reverb(counter, number)[0] == "picked_up"


def test_parcels_from_before_are_sent_when_it_is_switched_on(counter):
    """What was noted while shipments were not sent goes out when they are."""
    counter.market.set(orders="orders")
    number = sold(counter)
    ship(counter, number)
    assert on_reverb(counter, number)[0] == "paid"
    counter.market.set(orders="orders-and-shipments")
    counter.look()
    counter.look()
    assert on_reverb(counter, number)[0] == "shipped"


def test_a_refund_in_the_shop_comes_back_once(counter):
    """The shop took the piece back itself; when Reverb calls the order off afterwards, it does not come back again."""
    counter.market.set(restock="always")
    number = sold(counter, quantity=2)
    counter.host.change("STRAT", quantity=4)
    on_refund(Refund(counter.order(number).host_order_id, [Line("STRAT", 1)]), plugin=counter.plugin)
    counter.market.drain()
    assert counter.both() == (4, 4)
    counter.door.set_order_status(number, "cancelled")
    counter.look()
    counter.look()
    assert counter.both() == (5, 5)


@pytest.mark.parametrize(
    ("carrier", "provider"),
    [
        ("usps", "USPS"),
        ("UPS Ground", "UPS"),
        ("UPS® 2nd Day", "UPS"),
        ("Fedex Home Delivery", "FedEx"),
        ("DHL Express", "DHLExpress"),
        ("dhl", "DHL"),
        ("dhl_express_worldwide", "DHLExpress"),
        ("Royal Mail Tracked 24", "Royal Mail"),
        ("upsala freight", OTHER),
        ("Royal_Mail", "Royal Mail"),
        ("correos espana", "Correos España"),
        ("stamps_com", "USPS"),
        ("The lady next door", OTHER),
        ("my own van", "Hermes"),
        ("typo", OTHER),
        ("", OTHER),
    ],
)
def test_carriers_by_reverbs_names(carrier, provider):
    """The seller's map first, then Reverb's own names however they are written, at last Other."""
    assert find_provider(carrier, {"My own VAN": "Hermes", "typo": "Hermess"}) == provider


def test_aliases_lead_to_names():
    """No alias leads to a name that Reverb does not know."""
    assert set(ALIASES.values()) <= set(PROVIDERS)
