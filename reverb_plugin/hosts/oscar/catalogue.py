"""Reading Oscar's catalogue: what a stock record's SKU stands for.

A SKU is the ``partner_sku`` of the stock record that the shop's own strategy sells a product from. A product has one
such record, however many partners offer it; of the others there is nothing for sale, and they are left out of the walk.
A variant (Oscar: a child) has a SKU of its own and takes from its parent what it does not say itself.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any
from urllib.parse import urljoin

from django.contrib.sites.models import Site
from django.db import router
from django.db.models import QuerySet
from oscar.core.loading import get_class, get_model

from reverb_plugin.errors import HostError, InvalidValueError
from reverb_plugin.host import Product
from reverb_plugin.hosts.django_shop.ordering import after
from reverb_plugin.hosts.oscar.options import ATTRIBUTES, Options

StockRecord = get_model("partner", "StockRecord")
Selector = get_class("partner.strategy", "Selector")

PAGE = 200

_EXAMPLE_SITE = "example.com"
"""What Django calls a site that nobody has named."""

logger = logging.getLogger(__name__)


def find_product(sku: str, options: Options) -> Product | None:
    """The product with this SKU; None when there is none. When it is sold from another record, it has none to sell.

    Raises:
        HostError: two products have it.
        InvalidValueError: the shop holds a value that cannot be meant.
    """
    record = find_record(sku)
    return None if record is None else _Reader(options).read(record)


def find_record(sku: str) -> Any | None:
    """The stock record with this SKU, the one that is sold from; raises :class:`HostError` when there are two."""
    if "\0" in sku:  # PostgreSQL refuses it
        return None
    records = _whole(_records().filter(partner_sku=sku))
    found = [record for record in records if record.partner_sku == sku and not record.product.is_parent]
    return _choose_sold(sku, found) or next(iter(found), None)


def iter_products(after_sku: str | None, options: Options) -> Iterator[Product]:
    """The products by SKU; one that cannot be read is left out, and the log says why."""
    while records := _page(after_sku):
        reader = _Reader(options)
        for sku, same in groupby(records, key=lambda record: record.partner_sku):
            try:
                record = _choose_sold(sku, list(same))
                product = None if record is None else reader.read(record)
            except (HostError, InvalidValueError) as error:
                logger.warning("%s is left out: %s", sku, error.message)
                continue
            if product is not None:
                yield product
        after_sku = records[-1].partner_sku


def _page(after_sku: str | None) -> Sequence[Any]:
    """Stock records by SKU, character by character; of the last SKU all there are."""
    every = _records()
    page = list(_whole(after(every, "partner_sku", after_sku))[:PAGE])
    if len(page) == PAGE:
        last = page[-1]
        page += list(_whole(every.filter(partner_sku=last.partner_sku, pk__gt=last.pk).order_by("pk")))
    return page


def _records() -> "QuerySet[Any]":
    """All stock records, from where they are written: a copy of the database for reading lags behind."""
    return StockRecord.objects.using(router.db_for_write(StockRecord))


def _whole(records: "QuerySet[Any]") -> "QuerySet[Any]":
    """Everything that a product is made of, in a handful of queries."""
    related = ("images", "categories", "attribute_values__attribute", "attribute_values__value_option")
    return records.select_related(
        "product__product_class", "product__parent__product_class", "partner"
    ).prefetch_related(
        "product__stockrecords",
        *(f"product__{name}" for name in related),
        *(f"product__parent__{name}" for name in related),
    )


def _choose_sold(sku: str, records: Sequence[Any]) -> Any | None:
    sold = [record for record in records if is_sold_from(record)]
    if len(sold) > 1:
        titles = " and ".join(f"{record.product.get_title()!r} ({record.partner.display_name})" for record in sold)
        raise HostError(f"The SKU {sku} stands for two products, {titles}: give one of them another partner SKU")
    return sold[0] if sold else None


def is_sold_from(record: Any) -> bool:
    """Whether the shop's strategy sells the product from this stock record."""
    if record.product.is_parent:
        return False
    chosen = Selector().strategy().fetch_for_product(record.product).stockrecord
    return chosen is not None and bool(chosen.pk == record.pk)


class _Reader:
    """Makes products; the names of categories are asked for once."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._strategy = Selector().strategy()
        self._site_url = options.site_url or _own_site()
        self._categories: dict[int, str] = {}

    def read(self, record: Any) -> Product:
        """The product of a stock record; raises InvalidValueError for a value that cannot be meant."""
        product, parent = record.product, record.product.parent if record.product.is_child else None
        price = self._strategy.fetch_for_product(product).price
        words = self._attributes(product, parent)
        return Product(
            sku=record.partner_sku,
            id=str(record.pk),
            title=product.get_title() or "",
            description=product.description or (parent.description if parent else ""),
            price=_amount(price),
            currency=price.currency or record.price_currency,
            quantity=_quantity(record) if is_sold_from(record) else 0,
            categories=tuple(map(self._category, _public(product, parent))),
            photos=self._photos(product, parent),
            upc=product.upc or "",
            url=self._absolute(product.get_absolute_url()) or None,
            sync=product.is_public and (parent is None or parent.is_public),
            **words,
        )

    def _attributes(self, product: Any, parent: Any | None) -> Mapping[str, Any]:
        values = {
            value.attribute.code: value.value_as_text
            for owner in (parent, product)
            if owner is not None
            for value in owner.attribute_values.all()
        }
        codes = {name: self._options.attributes.get(name, name) for name in ATTRIBUTES}
        return {name: str(values[code]) for name, code in codes.items() if values.get(code) not in {None, ""}}

    def _category(self, category: Any) -> str:
        if category.pk not in self._categories:
            self._categories[category.pk] = category.full_name
        return self._categories[category.pk]

    def _photos(self, product: Any, parent: Any | None) -> tuple[str, ...]:
        images = list(product.images.all()) or (list(parent.images.all()) if parent else [])
        return tuple(filter(None, (self._absolute(image.original.url) for image in images)))

    def _absolute(self, address: str) -> str:
        """Reverb fetches photos from outside: an address without a site is none."""
        found = urljoin(self._site_url, address)
        return found if found.startswith(("http://", "https://")) else ""


def _quantity(record: Any) -> int | None:
    """What can be sold now; None where the shop keeps no stock for the product, or does not know it."""
    if not record.can_track_allocations or record.num_in_stock is None:
        return None
    return max(0, int(record.net_stock_level))


def records_of(product_ids: Iterable[int], using: str | None) -> Mapping[int, Sequence[Any]]:
    """The stock records of these products and of their variants, by product."""
    ids, records = list(product_ids), StockRecord.objects.using(using)
    found: dict[int, list[Any]] = {}
    for record in records.filter(product_id__in=ids) | records.filter(product__parent_id__in=ids):
        found.setdefault(record.product_id, []).append(record)
    return found


def _own_site() -> str:
    site = Site.objects.get_current()
    return "" if site.domain == _EXAMPLE_SITE else f"https://{site.domain}"


def _amount(price: Any) -> Decimal | None:
    """What a customer of the storefront pays."""
    if not price.exists:
        return None
    amount: Decimal | None = price.incl_tax if price.is_tax_known else price.excl_tax
    return amount


def _public(product: Any, parent: Any | None) -> list[Any]:
    categories = (parent or product).categories.all()
    return [category for category in categories if category.is_public and category.ancestors_are_public]
