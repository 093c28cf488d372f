"""Reading the shop's products: Salesman has no catalogue, it sells what ``SALESMAN_PRODUCT_TYPES`` names.

The product's ``code`` is its SKU. Several models may be sold; a code stands for one product of all of them.
"""

import heapq
import logging
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import router
from django.http import HttpRequest
from salesman.conf import app_settings

from reverb_plugin.errors import HostError, InvalidValueError
from reverb_plugin.host import Product
from reverb_plugin.hosts.django_shop.ordering import after
from reverb_plugin.hosts.salesman.options import FIELDS, Options

PAGE = 200

logger = logging.getLogger(__name__)


def product_models() -> list[Any]:
    """The models that the shop sells."""
    return [apps.get_model(label) for label in app_settings.SALESMAN_PRODUCT_TYPES]


def find_item(sku: str) -> Any | None:
    """The shop's product with this code; raises :class:`HostError` when there are two."""
    if "\0" in sku:  # PostgreSQL refuses it
        return None
    return _choose(sku, [item for model in product_models() for item in _items(model).filter(code=sku)])


def find_product(sku: str, options: Options) -> Product | None:
    """The product that is sold under ``sku``; None when there is none.

    Raises:
        HostError: two products are.
        InvalidValueError: the shop holds a value that cannot be meant.
    """
    item = find_item(sku)
    return None if item is None else read(item, options)


def iter_products(after_sku: str | None, options: Options) -> Iterator[Product]:
    """The products of all models by SKU; one that cannot be read is left out, and the log says why."""
    walks = [_walk(model, after_sku) for model in product_models()]
    for sku, same in groupby(heapq.merge(*walks, key=_code), key=_code):
        try:
            item = _choose(sku, list(same))
            if item is not None:
                yield read(item, options)
        except (HostError, InvalidValueError) as error:
            logger.warning("%s is left out: %s", sku, error.message)


def read(item: Any, options: Options) -> Product:
    """The product of the port; raises InvalidValueError for a value that cannot be meant."""
    values = {name: _value(item, options.attribute(name)) for name in FIELDS}
    return Product(
        sku=item.code,
        title=item.name,
        price=item.get_price(make_request()),
        id=f"{item._meta.label}-{item.pk}",
        **{"currency": options.currency} | {name: value for name, value in values.items() if value is not None},
    )


def make_request() -> HttpRequest:
    """A stranger's request: Salesman asks for prices, and numbers orders, with one."""
    request = HttpRequest()
    request.user = AnonymousUser()
    request.session = {}  # where a basket would be looked for
    return request


def _walk(model: Any, code: str | None) -> Iterator[Any]:
    while page := list(after(_items(model), "code", code)[:PAGE]):
        if len(page) == PAGE:  # codes need not be unique: the last one's rows are read with the next page, together
            whole = [item for item in page if item.code != page[-1].code]
            page = whole or list(_items(model).filter(code=page[-1].code))
        yield from page
        code = page[-1].code


def _items(model: Any) -> Any:
    """All of them, from where they are written: a copy of the database for reading lags behind."""
    return model.objects.using(router.db_for_write(model))


def _code(item: Any) -> str:
    return str(item.code)


def _choose(sku: str, items: list[Any]) -> Any | None:
    found = [item for item in items if item.code == sku]
    if len(found) > 1:
        names = " and ".join(f"{item.name!r} ({item._meta.label})" for item in found)
        raise HostError(f"The SKU {sku} stands for two products, {names}: give one of them another code")
    return found[0] if found else None


def _value(item: Any, attribute: str) -> Any:
    value = getattr(item, attribute, None)
    return value() if callable(value) else value
