"""Reverb's orders in Salesman, each with a reference of the shop's own. All may be repeated.

Salesman leaves the stock to receivers of ``status_changed``; each shop has its own, or none. Whatever they do within
the transaction, an order takes exactly its pieces off, and gives back exactly what it shall.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from salesman.conf import app_settings
from salesman.core.utils import get_salesman_model

from reverb_plugin.errors import HostError
from reverb_plugin.host_orders import OrderAddress, ReverbOrder
from reverb_plugin.hosts.django_shop.ledger import remember
from reverb_plugin.hosts.django_shop.mirror import mirroring
from reverb_plugin.hosts.django_shop.pipeline import find_path
from reverb_plugin.hosts.salesman import models, stock
from reverb_plugin.hosts.salesman.catalogue import find_item, make_request
from reverb_plugin.hosts.salesman.options import Options

Order = get_salesman_model("Order")
OrderItem = get_salesman_model("OrderItem")

PAYMENT = "reverb"


def find_order(order_number: str) -> str | None:
    """The shop's reference of the order with Reverb's number, when there is one."""
    known = models.ReverbOrder.objects.using(stock.database()).filter(order_number=order_number).first()
    return None if known is None else str(known.ref)


def place_order(order: ReverbOrder, options: Options) -> str:
    """Makes an order and gives its reference; one that is there already is not made again.

    Raises:
        HostError: the shop has no product with this SKU.
    """
    known = find_order(order.order_number)
    if known is not None:
        return known
    try:
        with transaction.atomic(using=stock.database()), mirroring():
            return _place(order, options)
    except IntegrityError:
        known = find_order(order.order_number)
        if known is None:  # not placed meanwhile: a buyer of the shop's was given this very reference
            raise
        return known


def update_order(ref: str, order: ReverbOrder, options: Options) -> None:
    """It was paid, or is on its way; the tracking number is in the order's ``extra``."""
    with _in_step(ref, order, options) as (placed, _):
        _record_payment(placed, order)
        _record_parcel(placed, order)
        _move_on(placed, options.status(order.status), order.status)


def cancel_order(ref: str, order: ReverbOrder, restock: int, options: Options) -> None:
    """Calls an order off, once; ``restock`` pieces are added to the stock."""
    with _in_step(ref, order, options) as (placed, settle):
        if not remember(models.StockChange, f"off {ref}", order.sku, f"{order.status} on Reverb"):
            return
        _move_on(placed, options.status(order.status), order.status)
        settle(restock)


def _place(order: ReverbOrder, options: Options) -> str:
    item = find_item(order.sku)
    if item is None:
        sku = order.sku or "(none)"
        raise HostError(f"The shop has no product with the SKU {sku}: make one, or place the order by hand")
    price, total = _price_of(order), _total_of(order)
    placed = Order.objects.create_from_request(
        make_request(),
        email=order.buyer.email,
        shipping_address=_address(order.address),
        subtotal=price * order.quantity,
        total=total,
    )
    models.ReverbOrder.objects.create(order_number=order.order_number, ref=placed.ref, local_pickup=order.local_pickup)
    OrderItem.objects.create(
        order=placed,
        product_type=item._meta.label,
        product_content_type=ContentType.objects.get_for_model(item),
        product_id=item.pk,
        product_data={"name": item.name, "code": item.code},
        unit_price=price,
        subtotal=price * order.quantity,
        total=price * order.quantity,
        quantity=order.quantity,
    )
    with _in_step(placed.ref, order, options) as (fresh, settle):
        _note(fresh, f"Order {order.order_number} on Reverb. {order.web_url or ''}".strip())
        _record_payment(fresh, order)
        _move_on(fresh, app_settings.SALESMAN_ORDER_STATUS.CREATED, order.status)
        if order.paid_at is not None:
            _move_on(fresh, options.status("paid"), "paid")
        settle(-order.quantity)
    return str(placed.ref)


@contextmanager
def _in_step(ref: str, order: ReverbOrder, options: Options) -> Iterator[tuple[Any, Callable[[int], None]]]:
    """The order, held, and what makes the stock differ by so much from what it was, whatever the shop did meanwhile."""
    with transaction.atomic(using=stock.database()), mirroring():
        placed = Order.objects.select_for_update().filter(ref=ref).first()
        if placed is None:
            raise HostError(f"The shop has no order {ref} any more")
        try:
            before = stock.level(stock.lock(order.sku, options), options)
        except HostError:  # the product is gone, or its stock is not kept
            yield placed, lambda _difference: None
            return

        def settle(difference: int) -> None:
            item = stock.lock(order.sku, options)
            stock.add(item, before + difference - stock.level(item, options), options)

        yield placed, settle


def _record_payment(placed: Any, order: ReverbOrder) -> None:
    if order.paid_at is not None and not placed.payments.filter(transaction_id=order.order_number).exists():
        placed.pay(amount=placed.total, transaction_id=order.order_number, payment_method=PAYMENT)


def _record_parcel(placed: Any, order: ReverbOrder) -> None:
    if order.tracking_number:
        placed.extra |= {"carrier": order.shipping_provider, "tracking_number": order.tracking_number}
        placed.save(update_fields=["extra", "date_updated"])


def _move_on(placed: Any, status: str | None, word: str) -> None:
    """Along the shop's own transitions; where they do not lead there, a note says what Reverb says."""
    statuses = app_settings.SALESMAN_ORDER_STATUS
    every = [str(each) for each in statuses.values]
    transitions = {each: [str(step) for step in statuses.get_transitions().get(each, every)] for each in every}
    path = None if status is None else find_path(transitions, placed.status, str(status))
    if path is None:
        _note(placed, f"On Reverb this order is {word.replace('_', ' ')}.")
    for step in path or ():
        # A new instance for each step: Salesman's remembers only the status that it was read with.
        moved = Order.objects.get(pk=placed.pk)
        moved.status = step
        moved.save(update_fields=["status", "date_updated"])
        placed.status = step


def _price_of(order: ReverbOrder) -> Decimal:
    if order.price is not None:
        return order.price
    return Decimal(0) if order.subtotal is None else order.subtotal / order.quantity


def _total_of(order: ReverbOrder) -> Decimal:
    """What the shop gets, before Reverb's fees: tax that Reverb collects and hands on is no money of the shop's."""
    tax = order.tax if order.tax_responsible_party != "reverb" else None
    return _price_of(order) * order.quantity + (order.shipping or Decimal(0)) + (tax or Decimal(0))


def _address(address: OrderAddress | None) -> str:
    if address is None:
        return ""
    city = f"{address.locality} {address.region} {address.postal_code}".strip()
    lines = (address.name, address.street_address, address.extended_address, city, address.country_code, address.phone)
    return "\n".join(filter(None, lines))


def _note(placed: Any, message: str) -> None:
    if not placed.notes.filter(message=message).exists():
        placed.notes.create(message=message)
