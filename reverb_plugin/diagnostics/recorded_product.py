"""What the shop said of a SKU when a bundle was made, as JSON can keep it, so that support can ask again."""

import dataclasses
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reverb_plugin.errors import InvalidValueError
from reverb_plugin.host import Host, Product

PRODUCT, MISSING, ERROR = "product", "missing", "error"

LARGEST_EXPONENT = 30
_AMOUNT = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?")
"""Never with an exponent: a bundle may come from anybody, and a trillion digits would have to be written out."""


class RecordedError(Exception):
    """The shop raised this when it was asked."""


def record_product(host: Host, sku: str) -> dict[str, Any]:
    """What the shop says of the SKU now: a product, none, or an error; it never raises."""
    try:
        product = host.find_product(sku)
    except InvalidValueError as error:
        told = {"type": "InvalidValueError", "field": error.field, "value": repr(error.value), "problem": error.problem}
        return {"sku": sku, ERROR: told}
    except Exception as error:  # noqa: BLE001 - whatever a shop raises is what support wants to see
        return {"sku": sku, ERROR: {"type": type(error).__name__, "message": str(error)}}
    if product is None:
        return {"sku": sku, MISSING: True}
    if not isinstance(product, Product):
        told = {"type": "TypeError", "message": f"the shop gave {type(product).__name__} instead of a product"}
        return {"sku": sku, ERROR: told}
    return {"sku": sku, PRODUCT: _values(product)}


def read_product(record: Mapping[str, Any]) -> Product | None:
    """The product of a record, None when the shop had none; raises what the shop raised.

    Raises:
        InvalidValueError: the shop held a value that cannot be meant, or the record does.
        RecordedError: the shop raised something else.
    """
    if record.get(MISSING):
        return None
    error = record.get(ERROR)
    if isinstance(error, Mapping):
        raise _recorded(error)
    values = record.get(PRODUCT)
    if not isinstance(values, Mapping):
        raise InvalidValueError("product", values, "is no product")
    price = values.get("price")
    if price is not None and not (isinstance(price, str) and _AMOUNT.fullmatch(price)):
        raise InvalidValueError("price", price, "is not a number")
    names = {field.name for field in dataclasses.fields(Product)}
    try:
        return Product(**{name: value for name, value in values.items() if name in names})
    except TypeError as missing:
        raise InvalidValueError("product", sorted(values), str(missing)) from None


def _values(product: Product) -> dict[str, Any]:
    values = {field.name: getattr(product, field.name) for field in dataclasses.fields(product)}
    return values | {
        "price": _amount(product.price),
        "categories": list(product.categories),
        "photos": list(product.photos),
    }


def _amount(price: Decimal | None) -> str | None:
    if price is None:
        return None
    return f"{price:f}" if abs(price.adjusted()) < LARGEST_EXPONENT else str(price)


def _recorded(error: Mapping[str, Any]) -> Exception:
    kind, message = str(error.get("type")), str(error.get("message"))
    if kind == InvalidValueError.__name__:
        return InvalidValueError(str(error.get("field")), _Shown(str(error.get("value"))), str(error.get("problem")))
    named: type[RecordedError] = type(kind if kind.isidentifier() else "Exception", (RecordedError,), {})
    return named(message)


class _Shown:
    """A value of which only how it is written is known."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text
