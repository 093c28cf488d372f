"""Changing Oscar's stock: exactly once for each key, and never what is reserved for orders."""

import logging
from typing import Any

from django.db import router, transaction

from reverb_plugin.errors import HostError
from reverb_plugin.hosts.django_shop.ledger import count_once
from reverb_plugin.hosts.oscar.catalogue import find_record
from reverb_plugin.hosts.oscar.models import StockChange

logger = logging.getLogger(__name__)


def set_quantity(sku: str, quantity: int, reason: str) -> None:
    """Makes ``quantity`` what can be sold."""
    with transaction.atomic(using=database()):
        record = _lock(sku)
        logger.info("%s: %+d, %s", sku, _add(record, quantity - record.net_stock_level), reason)


def change_quantity(sku: str, difference: int, reason: str, key: str) -> int:
    """Adds ``difference``, down to 0, and gives what was added; for a key that is known only the latter."""

    def change() -> int:
        record = _lock(sku)
        return _add(record, max(difference, -max(0, record.net_stock_level)))

    return count_once(StockChange, key, sku, reason, change)


def add(record: Any, difference: int) -> int:
    """Adds to what a stock record can sell, not below what there is; gives what was added."""
    record.refresh_from_db(fields=["num_in_stock", "num_allocated"])
    return _add(record, difference)


def database() -> str:
    """Where the shop's stock is; keys are kept beside it."""
    return str(router.db_for_write(StockChange))


def _lock(sku: str) -> Any:
    record = find_record(sku)
    if record is None:
        raise HostError(f"The shop has no product with the SKU {sku}")
    if not record.can_track_allocations:
        raise HostError(f"The shop keeps no stock of {sku}: its product class does not track any")
    return type(record).objects.select_for_update().get(pk=record.pk)


def _add(record: Any, difference: int) -> int:
    before = record.num_in_stock or 0
    record.num_in_stock = max(0, before + difference)
    record.save(update_fields=["num_in_stock", "date_updated"])
    return int(record.num_in_stock - before)
