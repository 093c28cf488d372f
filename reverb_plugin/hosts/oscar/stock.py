"""Changing Oscar's stock: exactly once for each key, and never what is reserved for orders."""

import logging
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, router, transaction
from django.utils import timezone

from reverb_plugin.errors import HostError
from reverb_plugin.hosts.oscar.catalogue import find_record
from reverb_plugin.hosts.oscar.models import StockChange

KEPT_FOR = timedelta(days=365)
"""How long a key is known: much longer than any attempt is repeated."""

logger = logging.getLogger(__name__)


def set_quantity(sku: str, quantity: int, reason: str) -> None:
    """Makes ``quantity`` what can be sold."""
    with transaction.atomic(using=database()):
        record = _lock(sku)
        logger.info("%s: %+d, %s", sku, _add(record, quantity - record.net_stock_level), reason)


def change_quantity(sku: str, difference: int, reason: str, key: str) -> int:
    """Adds ``difference``, down to 0, and gives what was added; for a key that is known only the latter."""
    try:
        with transaction.atomic(using=database()):
            # The key first: a second call with it waits here, and SQLite's transaction begins with writing.
            change = StockChange.objects.using(database()).create(key=key, sku=sku, reason=reason[:255])
            record = _lock(sku)
            change.added = _add(record, max(difference, -max(0, record.net_stock_level)))
            change.save(update_fields=["added"])
            _forget_old()
            return int(change.added)
    except IntegrityError:
        return int(StockChange.objects.using(database()).get(key=key).added)


def remember(key: str, sku: str, reason: str) -> bool:
    """Remembers a key within the transaction under way; False when it is known already."""
    _, is_new = StockChange.objects.using(database()).get_or_create(
        key=key, defaults={"sku": sku, "reason": reason[:255]}
    )
    return bool(is_new)


def add(record: Any, difference: int) -> int:
    """Adds to what a stock record can sell, not below what there is; gives what was added."""
    record.refresh_from_db(fields=["num_in_stock", "num_allocated"])
    return _add(record, difference)


def database() -> str:
    """Where the shop's stock is; keys are kept beside it."""
    return str(router.db_for_write(StockChange))


def _forget_old() -> None:
    long_ago = timezone.now() - KEPT_FOR
    StockChange.objects.using(database()).filter(created_at__lt=long_ago).delete()


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
