"""Reading JSON tolerantly: null and missing are fine, numbers may come as text; what cannot be meant is unreadable.

Every function raises :class:`~answer.UnreadableError` for it.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from reverb_plugin.reverb_api.answer import UnreadableError

MAX_DIGITS = 18
"""Before or behind the decimal point; ``1e300000`` is a short text, and seconds of work as an integer."""


def read_object(value: object, name: str) -> Mapping[str, object]:
    """The object; an empty one for null."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UnreadableError(f"{name} is no object")
    return value


def read_list(value: object) -> list[object]:
    """The list; an empty one for null."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise UnreadableError("a list is no list")
    return value


def read_text(body: Mapping[str, object], name: str) -> str:
    """The text under ``name``; empty when there is none."""
    value = body.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UnreadableError(f"{name} is no text")
    # Half a character (a lone surrogate) is legal JSON, but no database takes it.
    return str(value).encode("utf-8", "replace").decode("utf-8")


def read_id(body: Mapping[str, object], name: str) -> str:
    """The text under ``name``, which must be there."""
    text = read_text(body, name)
    if not text:
        raise UnreadableError(f"{name} is missing")
    return text


def read_decimal(value: object) -> Decimal:
    """The number."""
    is_number = isinstance(value, str | int | float) and not isinstance(value, bool)
    try:
        amount = Decimal(str(value) if is_number else "NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount.adjusted()) >= MAX_DIGITS:
        raise UnreadableError("amount is no number that can be meant")
    return amount


def read_whole_number(value: object, name: str) -> int | None:
    """The whole number; None when there is none."""
    if value is None or value == "":
        return None
    amount = read_decimal(value)
    if amount != amount.to_integral_value():
        raise UnreadableError(f"{name} is no whole number")
    return int(amount)


def read_flag(value: object, name: str) -> bool | None:
    """Documentation and some answers spell booleans as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise UnreadableError(f"{name} is neither true nor false")
