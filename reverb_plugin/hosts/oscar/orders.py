"""Reverb's orders in Oscar: placed by its ``OrderCreator``, followed by its event handler. All may be repeated."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from oscar.core.loading import get_class, get_model

from reverb_plugin.errors import HostError
from reverb_plugin.host_orders import ReverbOrder
from reverb_plugin.hosts.django_shop.ledger import remember
from reverb_plugin.hosts.django_shop.mirror import mirroring
from reverb_plugin.hosts.django_shop.pipeline import find_path
from reverb_plugin.hosts.oscar import stock
from reverb_plugin.hosts.oscar.catalogue import find_record
from reverb_plugin.hosts.oscar.models import StockChange
from reverb_plugin.hosts.oscar.options import Options
from reverb_plugin.hosts.oscar.papers import FromReverb, Prices, make_address, shipping_of, summary, total_of

Order = get_model("order", "Order")
ShippingEventType = get_model("order", "ShippingEventType")
PaymentEventType = get_model("order", "PaymentEventType")
SourceType = get_model("payment", "SourceType")
Basket = get_model("basket", "Basket")
OrderCreator = get_class("order.utils", "OrderCreator")
EventHandler = get_class("order.processing", "EventHandler")

SOURCE = "Reverb"
_ON_THE_WAY = frozenset({"shipped", "picked_up", "received", "presumed_received"})


def find_order(order_number: str, options: Options) -> str | None:
    """The shop's number of the order with Reverb's number, when there is one."""
    number = options.order_prefix + order_number
    return number if Order.objects.using(stock.database()).filter(number=number).exists() else None


def place_order(order: ReverbOrder, options: Options) -> str:
    """Places an order and gives its number; one that is there already is not placed again.

    Raises:
        HostError: the shop has no product with this SKU, and Oscar takes no order without one.
    """
    known = find_order(order.order_number, options)
    if known is not None:
        return known
    number = options.order_prefix + order.order_number
    try:
        with transaction.atomic(using=stock.database()), mirroring():
            _place(order, number, options)
    except (IntegrityError, ValueError):
        if find_order(order.order_number, options) is None:
            raise  # nobody else placed it meanwhile
    return number


def update_order(order_id: str, order: ReverbOrder, options: Options) -> None:
    """What is on its way is shipped in Oscar, too, unless it was shipped there."""
    if order.status not in _ON_THE_WAY:
        return
    with transaction.atomic(using=stock.database()), mirroring():
        placed = _lock(order_id)
        _ship(placed, order, options)
        _move_on(placed, options.status(order.status), order.status)


def cancel_order(order_id: str, order: ReverbOrder, restock: int, options: Options) -> None:
    """Calls an order off, once. Whatever the shop's handler does to the stock, ``restock`` pieces are added to it."""
    with transaction.atomic(using=stock.database()), mirroring():
        placed = _lock(order_id)
        if not remember(StockChange, f"off {order_id}", order.sku, f"{order.status} on Reverb"):
            return
        record = find_record(order.sku)
        before = 0 if record is None else _level(record)
        if order.status == "refunded":
            _refund(placed, order, options)
        _move_on(placed, options.status(order.status), order.status)
        if record is not None and record.can_track_allocations:
            _put_back(placed, record, restock - (_level(record) - before))


def _place(order: ReverbOrder, number: str, options: Options) -> None:
    record = find_record(order.sku)
    if record is None:
        sku = order.sku or "(none)"
        raise HostError(f"The shop has no product with the SKU {sku}: make one, or place the order by hand")
    basket = Basket.objects.create()
    basket.strategy = Prices(record, order)
    basket.add_product(record.product, order.quantity)
    placed = OrderCreator().place_order(
        basket=basket,
        total=total_of(order, record),
        shipping_method=FromReverb(order),
        shipping_charge=shipping_of(order, record),
        shipping_address=make_address(order.address),
        order_number=number,
        guest_email=order.buyer.email,
    )
    basket.submit()
    _note(placed, summary(order))
    _record_payment(placed, order, options)


def _record_payment(placed: Any, order: ReverbOrder, options: Options) -> None:
    if order.paid_at is None:
        return
    source_type, _ = SourceType.objects.get_or_create(name=SOURCE)
    placed.sources.create(
        source_type=source_type,
        currency=placed.currency,
        amount_allocated=placed.total_incl_tax,
        amount_debited=placed.total_incl_tax,
        reference=order.order_number,
    )
    paid = _event_type(PaymentEventType, options.paid)
    lines = list(placed.lines.all())
    EventHandler().handle_payment_event(
        placed, paid, placed.total_incl_tax, lines, [line.quantity for line in lines], reference=order.order_number
    )


def _ship(placed: Any, order: ReverbOrder, options: Options) -> None:
    shipped = _event_type(ShippingEventType, options.shipped)
    left = {line: line.quantity - line.shipping_event_quantity(shipped) for line in placed.lines.all()}
    lines, quantities = _some(left)
    if lines:
        reference = f"{order.shipping_provider} {order.tracking_number}".strip()
        EventHandler().handle_shipping_event(placed, shipped, lines, quantities, reference=reference)


def _refund(placed: Any, order: ReverbOrder, options: Options) -> None:
    refund = _event_type(PaymentEventType, options.refund)
    left = {line: line.quantity - line.payment_event_quantity(refund) for line in placed.lines.all()}
    lines, quantities = _some(left)
    if lines:
        EventHandler().handle_payment_event(
            placed, refund, placed.total_incl_tax, lines, quantities, reference=order.order_number
        )


def _put_back(placed: Any, record: Any, difference: int) -> None:
    """What was reserved for the order first, so that Oscar's own accounts stay right."""
    for line in placed.lines.filter(stockrecord_id=record.pk, num_allocated__gt=0):
        freed = min(max(0, difference), line.num_allocated)
        if freed:
            line.cancel_allocation(freed)
            difference -= freed
    if difference:
        stock.add(record, difference)


def _move_on(placed: Any, status: str | None, word: str) -> None:
    """Along the shop's own pipeline; where that does not lead there, a note says what Reverb says."""
    path = None if status is None else find_path(placed.pipeline, placed.status, status)
    if path is None:
        _note(placed, f"On Reverb this order is {word.replace('_', ' ')}.")
    for step in path or ():
        EventHandler().handle_order_status_change(placed, step)


def _some(quantities: Mapping[Any, int]) -> tuple[list[Any], list[int]]:
    some = {line: quantity for line, quantity in quantities.items() if quantity > 0}
    return list(some), list(some.values())


def _event_type(model: Any, name: str) -> Any:
    return model.objects.filter(name=name).first() or model.objects.create(name=name)


def _level(record: Any) -> int:
    record.refresh_from_db(fields=["num_in_stock", "num_allocated"])
    return int(record.net_stock_level)


def _lock(order_id: str) -> Any:
    placed = Order.objects.select_for_update().filter(number=order_id).first()
    if placed is None:
        raise HostError(f"The shop has no order {order_id} any more")
    return placed


def _note(placed: Any, message: str) -> None:
    if not placed.notes.filter(message=message).exists():
        placed.notes.create(note_type="System", message=message)
