"""Signals of Salesman's and of the shop's products, each turned into the plugin's hook after the shop's commit.

Salesman sends ``status_changed`` with plain ``send``, for a new order before its items are saved, and again for each
further save of an instance whose status was changed.
"""

import logging
from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from salesman.core.utils import get_salesman_model
from salesman.orders.signals import status_changed

from reverb_plugin.hooks import (
    on_order_cancelled,
    on_order_picked_up,
    on_order_placed,
    on_order_shipped,
    on_product_deleted,
    on_product_saved,
    on_refund,
)
from reverb_plugin.host import OrderCancelled, OrderPlaced, PickedUp, Refund, Shipment
from reverb_plugin.hosts.django_shop.mirror import is_mirroring
from reverb_plugin.hosts.django_shop.telling import database_of, kept_inside, make_lines, tell
from reverb_plugin.hosts.salesman.catalogue import product_models
from reverb_plugin.hosts.salesman.models import ReverbOrder
from reverb_plugin.hosts.salesman.options import read_options

OTHER = "Other"

logger = logging.getLogger(__name__)


def connect() -> None:
    """Listens from now on."""
    for model in product_models():
        post_save.connect(product_saved, sender=model)
        post_delete.connect(product_deleted, sender=model)
    status_changed.connect(order_has_status)
    post_save.connect(order_saved, sender=get_salesman_model("Order"))


@kept_inside
def product_saved(instance: Any, **_signal: Any) -> None:
    """A product was saved."""
    tell(database_of(instance), lambda: on_product_saved(instance.code))


@kept_inside
def product_deleted(instance: Any, using: str | None = None, **_signal: Any) -> None:
    """A product was deleted."""
    code = instance.code
    tell(using, lambda: on_product_deleted(code))


@kept_inside
def order_has_status(order: Any, new_status: str, **_signal: Any) -> None:
    """An order was placed, or went on, or is off."""
    if is_mirroring() or getattr(order, "reverb_told", None) == new_status:
        return
    order.reverb_told = new_status
    tell(database_of(order), lambda: _tell_status(order, str(new_status)))


@kept_inside
def order_saved(instance: Any, **_signal: Any) -> None:
    """One of Reverb's orders may have left the shop; the tracking number is perhaps entered later."""
    options = read_options()
    sent = {options.status("shipped"), options.status("picked_up")}
    if not is_mirroring() and str(instance.status) in sent:
        tell(database_of(instance), lambda: _tell_parcel(instance))


def _tell_status(order: Any, status: str) -> None:
    lines = make_lines(order.ref, ((item.code, item.quantity) for item in order.items.all()))
    options = read_options()
    if not lines:
        return
    if status == options.status("refunded"):
        on_refund(Refund(order.ref, lines))
    elif status in {options.status("cancelled"), options.status("blocked")}:
        on_order_cancelled(OrderCancelled(order.ref, lines))
    else:
        on_order_placed(OrderPlaced(order.ref, lines))


def _tell_parcel(order: Any) -> None:
    with transaction.atomic(using=database_of(order)):
        known = ReverbOrder.objects.filter(ref=order.ref).first()
    if known is None:
        return
    carrier, tracking_number = (str(order.extra.get(name) or "") for name in ("carrier", "tracking_number"))
    if known.local_pickup:
        on_order_picked_up(PickedUp(order.ref))
    elif tracking_number:
        on_order_shipped(Shipment(order.ref, carrier or OTHER, tracking_number))
    else:
        logger.warning(
            "Order %s was shipped without a tracking number, so Reverb was not told: put carrier and tracking_number "
            "into the order's extra",
            order.ref,
        )
