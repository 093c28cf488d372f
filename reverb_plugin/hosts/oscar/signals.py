"""Oscar's signals, each turned into the plugin's hook once the shop's transaction is committed.

Oscar sends some with plain ``send``: an error in a receiver would reach the buyer. None gets out of these.
"""

from typing import Any

from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from oscar.apps.order.signals import order_line_status_changed, order_placed, order_status_changed
from oscar.core.loading import get_model

from reverb_plugin.hosts.django_shop.mirror import is_mirroring
from reverb_plugin.hosts.django_shop.telling import database_of, kept_inside, tell
from reverb_plugin.hosts.oscar import events
from reverb_plugin.hosts.oscar.batch import Batch, note
from reverb_plugin.hosts.oscar.options import read_options

Product = get_model("catalogue", "Product")
StockRecord = get_model("partner", "StockRecord")

OF_PRODUCTS = tuple(
    get_model("catalogue", name) for name in ("ProductImage", "ProductAttributeValue", "ProductCategory")
)
"""What belongs to a product and is saved by itself."""

ATTRIBUTES_SECONDS = 2.0
"""Oscar writes the attributes of a product after it is saved, and without a signal; with a transaction that is before
anybody looks, without one it is not.
"""


def connect() -> None:
    """Listens from now on."""
    for signal in (post_save, post_delete):
        signal.connect(stock_record_changed, sender=StockRecord)
        for model in OF_PRODUCTS:
            signal.connect(part_changed, sender=model)
    post_save.connect(product_saved, sender=Product)
    m2m_changed.connect(categories_changed, sender=Product.categories.through)
    order_placed.connect(order_was_placed)
    order_status_changed.connect(order_has_status)
    order_line_status_changed.connect(line_has_status)
    post_save.connect(pieces_refunded, sender=get_model("order", "PaymentEventQuantity"))
    post_save.connect(parcel_left, sender=get_model("order", "ShippingEvent"))


@kept_inside
def product_saved(instance: Any, using: str | None = None, **_signal: Any) -> None:
    """A product was saved."""

    def fill(batch: Batch) -> None:
        batch.products.add(instance.pk)
        batch.delay_seconds = 0.0 if transaction.get_connection(using).in_atomic_block else ATTRIBUTES_SECONDS

    note(using, fill)


@kept_inside
def categories_changed(
    instance: Any, reverse: bool, pk_set: set[int] | None, using: str | None = None, **_signal: Any
) -> None:
    """A product has other categories, or a category other products."""
    note(using, lambda batch: batch.products.update(pk_set or () if reverse else [instance.pk]))


@kept_inside
def part_changed(instance: Any, using: str | None = None, **_signal: Any) -> None:
    """A photo, an attribute or a category of a product was saved or deleted."""
    note(using, lambda batch: batch.products.add(instance.product_id))


@kept_inside
def stock_record_changed(instance: Any, using: str | None = None, **_signal: Any) -> None:
    """Price or stock are new, or the stock record is gone and with it perhaps the product."""

    def fill(batch: Batch) -> None:
        batch.products.add(instance.product_id)
        batch.skus.add(instance.partner_sku)

    note(using, fill)


@kept_inside
def order_was_placed(order: Any, **_signal: Any) -> None:
    """An order was placed in the storefront."""
    if not is_mirroring():
        note(database_of(order), lambda batch: batch.orders.append((order.pk, str(order.number))))


@kept_inside
def order_has_status(order: Any, new_status: str, **_signal: Any) -> None:
    """An order was called off."""
    if new_status in read_options().off_statuses and not is_mirroring():
        tell(database_of(order), lambda: events.order_cancelled(order))


@kept_inside
def line_has_status(line: Any, new_status: str, **_signal: Any) -> None:
    """A line of an order was called off."""
    if new_status in read_options().off_statuses and not is_mirroring():
        pieces = [(line.partner_sku, line.quantity)]
        tell(database_of(line), lambda: events.pieces_cancelled(line.order.number, pieces))


@kept_inside
def pieces_refunded(instance: Any, created: bool, **_signal: Any) -> None:
    """So many pieces of a line were refunded. Money alone moves no stock."""
    if created and not is_mirroring() and _is_called(instance.event.event_type, read_options().refund):
        pieces = [(instance.line.partner_sku, instance.quantity)]
        tell(database_of(instance), lambda: events.pieces_refunded(instance.event.order.number, pieces))


@kept_inside
def parcel_left(instance: Any, **_signal: Any) -> None:
    """A parcel of an order has left; saved again, its tracking number was perhaps entered later."""
    options = read_options()
    is_ours = str(instance.order.number).startswith(options.order_prefix)
    if is_ours and not is_mirroring() and _is_called(instance.event_type, options.shipped):
        tell(database_of(instance), lambda: events.parcel_left(instance))


def _is_called(event_type: Any, name: str) -> bool:
    return bool(event_type.name.casefold() == name.casefold())
