"""What happened in one transaction of the shop, told to the plugin in one go after its commit.

A checkout saves a stock record for each line and then says that an order was placed; a product form saves a product,
its stock record and its photos. One write of ours is enough for each.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

from django.db import transaction
from oscar.core.loading import get_model

from reverb_plugin.changes import Change, Reason, product_changed, product_deleted
from reverb_plugin.default import find_default
from reverb_plugin.errors import InvalidValueError, StoreError
from reverb_plugin.hooks import on_order_placed
from reverb_plugin.hooks._note import note as note_event
from reverb_plugin.host import OrderPlaced, check_sku
from reverb_plugin.hosts.django_shop.telling import make_lines, tell
from reverb_plugin.hosts.oscar.catalogue import is_sold_from, records_of
from reverb_plugin.hosts.oscar.events import pieces_of

logger = logging.getLogger(__name__)


class Batch:
    """Ids of products to look at again, SKUs that may be gone, and orders that were placed (id and number).

    It only says where to look, after ``delay_seconds``: what a savepoint has taken back does no harm in it.
    """

    def __init__(self, using: str | None) -> None:
        self.products: set[int] = set()
        self.skus: set[str] = set()
        self.orders: list[tuple[int, str]] = []
        self.delay_seconds = 0.0
        self._using = using

    def flush(self) -> None:
        """Tells the plugin."""
        sold = [sku for order in self.orders for sku in self._tell_order(*order)]
        self._tell_skus(set(sold))

    def _known_skus(self) -> set[str]:
        """Of a product with several stock records only the one that is sold from, and any that was before."""
        known = set()
        for records in records_of(self.products, self._using).values() if self.products else ():
            known |= {
                record.partner_sku
                for record in records
                if len(records) == 1 or is_sold_from(record) or _is_listed(record.partner_sku)
            }
        return known

    def _tell_order(self, pk: int, number: str) -> Iterable[str]:
        lines = make_lines(number, pieces_of(pk, self._using))
        if lines:
            on_order_placed(OrderPlaced(number, lines))
        return [line.sku for line in lines]

    def _tell_skus(self, sold: set[str]) -> None:
        known = self._known_skus() - sold
        gone = self.skus - sold - known
        if gone:
            records = get_model("partner", "StockRecord").objects.using(self._using)
            gone -= set(records.filter(partner_sku__in=gone).values_list("partner_sku", flat=True))
        changes = [
            replace(product_changed(sku, Reason.PRODUCT_SAVED), delay_seconds=self.delay_seconds)
            for sku in _usable(known)
        ]
        changes += [product_deleted(sku) for sku in _usable(gone)]
        if changes:
            _record(changes)


def note(using: str | None, fill: Callable[[Batch], object]) -> None:
    """Has ``fill`` add to the batch of the transaction under way; without one it is told at once."""
    batch = _find_open(using)
    if batch is not None:
        fill(batch)
        return
    batch = Batch(using)
    fill(batch)
    tell(using, batch.flush)


def _find_open(using: str | None) -> Batch | None:
    """The batch that is going to be told. One of a savepoint that was rolled back is no longer among the callbacks, and
    one that is still there can only be rolled back with us.
    """
    for _, call, *_ in transaction.get_connection(using).run_on_commit:
        owner = getattr(getattr(call, "__wrapped__", None), "__self__", None)
        if isinstance(owner, Batch):
            return owner
    return None


def _is_listed(sku: str) -> bool:
    plugin = find_default()
    if plugin is None:
        return False
    try:
        return plugin.store.find_link(sku) is not None
    except StoreError:
        return True


def _record(changes: list[Change]) -> None:
    note_event("a change of products", None, lambda chosen: chosen.intake.record(changes))


def _usable(skus: Iterable[str]) -> list[str]:
    usable = []
    for sku in sorted(skus):
        try:
            usable.append(check_sku(sku))
        except InvalidValueError as error:
            logger.warning("A stock record is passed over: %s", error.message)
    return usable
