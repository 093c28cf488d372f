"""Changing the stock of the shop's products: in the field that ``fields`` names, exactly once for each key."""

import logging
from typing import Any

from django.db import router, transaction

from reverb_plugin.errors import HostError
from reverb_plugin.hosts.django_shop.ledger import count_once
from reverb_plugin.hosts.salesman.catalogue import find_item
from reverb_plugin.hosts.salesman.models import StockChange
from reverb_plugin.hosts.salesman.options import Options

logger = logging.getLogger(__name__)


def set_quantity(sku: str, quantity: int, reason: str, options: Options) -> None:
    """Makes ``quantity`` what can be sold."""
    with transaction.atomic(using=database()):
        item = lock(sku, options)
        logger.info("%s: %+d, %s", sku, add(item, quantity - level(item, options), options), reason)


def change_quantity(sku: str, difference: int, reason: str, key: str, options: Options) -> int:
    """Adds ``difference``, down to 0, and gives what was added; for a key that is known only the latter."""
    return count_once(StockChange, key, sku, reason, lambda: add(lock(sku, options), difference, options))


def lock(sku: str, options: Options) -> Any:
    """The shop's product, held until the transaction ends; raises HostError where there is no stock to change."""
    item = find_item(sku)
    if item is None:
        raise HostError(f"The shop has no product with the SKU {sku}")
    field = options.attribute("quantity")
    if getattr(item, field, None) is None or field not in {each.name for each in item._meta.concrete_fields}:
        raise HostError(f"The shop keeps no stock of {sku}: {item._meta.label} has none in a field {field!r}")
    return type(item).objects.select_for_update().get(pk=item.pk)


def level(item: Any, options: Options) -> int:
    """What there is."""
    return int(getattr(item, options.attribute("quantity")))


def add(item: Any, difference: int, options: Options) -> int:
    """Adds to the stock, not below 0; gives what was added."""
    before = level(item, options)
    setattr(item, options.attribute("quantity"), max(0, before + difference))
    item.save(update_fields=[options.attribute("quantity")])
    return level(item, options) - before


def database() -> str:
    """Where the shop's stock is; keys are kept beside it."""
    return str(router.db_for_write(StockChange))
