"""Events that count once each: told to the hooks after the shop's commit, one by one."""

import logging
from collections.abc import Sequence
from typing import Any

from oscar.core.loading import get_model

from reverb_plugin.hooks import on_order_cancelled, on_order_picked_up, on_order_shipped, on_refund
from reverb_plugin.host import OrderCancelled, PickedUp, Refund, Shipment
from reverb_plugin.hosts.django_shop.telling import make_lines
from reverb_plugin.hosts.oscar.papers import PICKUP

OrderLine = get_model("order", "Line")

OTHER = "Other"

logger = logging.getLogger(__name__)


Pieces = Sequence[tuple[str, int]]
"""SKUs, each with how many."""


def order_cancelled(order: Any) -> None:
    """The whole order is off."""
    pieces_cancelled(order.number, pieces_of(order.pk, None))


def pieces_cancelled(number: str, pieces: Pieces) -> None:
    """These pieces of an order are off."""
    if lines := make_lines(number, pieces):
        on_order_cancelled(OrderCancelled(number, lines))


def pieces_refunded(number: str, pieces: Pieces) -> None:
    """These pieces of an order were refunded."""
    if lines := make_lines(number, pieces):
        on_refund(Refund(number, lines))


def parcel_left(event: Any) -> None:
    """A parcel of one of Reverb's orders has left the shop, or the buyer came for it."""
    order, reference = event.order, (event.notes or "").split()
    if order.shipping_code == PICKUP:
        on_order_picked_up(PickedUp(order.number))
    elif reference:
        carrier, tracking_number = " ".join(reference[:-1]) or OTHER, reference[-1]
        on_order_shipped(Shipment(order.number, carrier, tracking_number))
    else:
        logger.warning(
            "Order %s was shipped without a tracking number, so Reverb was not told: enter carrier and number as the "
            "reference of a shipping event",
            order.number,
        )


def pieces_of(order_pk: int, using: str | None) -> Pieces:
    """Those of each line of an order."""
    lines = OrderLine.objects.using(using).filter(order_id=order_pk)
    return list(lines.values_list("partner_sku", "quantity"))
