"""What the seller has to do for an order, and where, for each of Reverb's words and for those it may invent."""

import pytest

from reverb_plugin.store.orders import OrderRow
from reverb_plugin.sync.order_rules import KNOWN_STATES
from reverb_plugin.sync.order_steps import next_steps, told

WEB = "https://reverb.com/my/selling/orders/1"
LABEL = "https://reverb.com/my/selling/orders/1/label"
DONE = {"shipped", "picked_up", "received", "presumed_received"}


def steps(status, **fields):
    links = {"web": WEB, "purchase_shipping_label": LABEL}
    return next_steps(OrderRow("1", status, sku="A", links=links, **fields))


@pytest.mark.parametrize("status", sorted(KNOWN_STATES))
def test_each_status_has_its_step(status):
    """Every known word but those of finished orders leads to something to do, to know or to decide."""
    assert bool(steps(status, taken=1)) == (status not in DONE)


@pytest.mark.parametrize(
    ("status", "fields", "word", "url"),
    [
        ("paid", {}, "label", LABEL),
        ("paid", {"local_pickup": True}, "picked up", WEB),
        ("payment_pending", {}, "Do not ship", WEB),
        ("pending_review", {}, "Do not ship", WEB),
        ("blocked", {}, "do not ship", WEB),
        ("shipped", {"refund_asked": True}, "money back", WEB),
        ("paid", {"short": 1}, "Sold twice", WEB),
        ("cancelled", {"taken": 2}, "Decide how many of the 2", None),
        ("teleported", {}, "teleported", WEB),
        ("", {}, "does not know", WEB),
        ("paid", {"note": "Lower it by hand."}, "by hand", WEB),
    ],
)
def test_the_first_step_says_what_and_where(status, fields, word, url):
    """The most pressing one comes first, with the page on Reverb where it is done."""
    first = steps(status, **fields)[0]
    assert word in first.text
    assert first.url == url


def test_nothing_is_asked_for_what_is_old_or_decided():
    """Orders from before the first day, and those whose pieces were decided about, leave nothing to do."""
    assert steps("paid", is_old=True) == ()
    assert steps("cancelled", taken=2, restock=0) == ()
    assert told(OrderRow("1", "paid", is_old=True)) != ()


def test_what_was_done_is_said():
    """Placed as which order, taken how many, put back how many."""
    row = OrderRow("1", "cancelled", host_order_id="77", taken=1, restock=1, is_off_in_shop=True, due=1)
    said = " ".join(told(row))
    for word in ("77", "Taken from the shop's stock: 1", "Put back into stock: 1", "Called off"):
        assert word in said
