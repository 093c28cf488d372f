"""What a cell of a product CSV means: prices, quantities, switches and lists. Ambiguous is refused, never guessed."""

import re
from collections.abc import Iterable
from decimal import Decimal

from reverb_plugin.errors import InvalidValueError

# A symbol or code beside a price, and the currencies it may stand for (empty: any whose code ends in D).
_SYMBOLS = {"€": "EUR", "£": "GBP", "¥": "JPY", "$": ""}
_MARK = "[.,' \u00a0\u202f]"
_PRICE = re.compile(
    rf"(?P<before>[€£¥$]|[A-Za-z]{{3}})?\s*(?P<number>\d(?:\d|{_MARK})*|[.,]\d+)\s*(?P<after>[€£¥$]|[A-Za-z]{{3}})?",
    re.ASCII,
)
_GROUPS = re.compile(rf"[1-9]\d{{0,2}}(?P<mark>{_MARK})\d{{3}}(?:(?P=mark)\d{{3}})*")
_DECIMAL = re.compile(rf"(?P<whole>(?:\d|{_MARK})*?)(?:(?P<mark>[.,])(?P<decimals>\d+))?")
_QUANTITY = re.compile(r"\d{1,18}(?:\.0+)?", re.ASCII)
_SWITCH = {"": None, "1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def read_price(text: str, currency: str) -> Decimal | None:
    """The price in a cell; None when the cell is empty.

    Reads ``1299``, ``1299.00``, ``1,299.00``, ``1.299,00``, ``1299,50`` and ``$1,299.00``. ``1,299`` and ``1.299``
    may mean one thousand or one, and are refused.
    """
    if not text:
        return None
    match = _PRICE.fullmatch(text)
    if match is None:
        raise InvalidValueError("price", text, "is not a price")
    for symbol in (match["before"], match["after"]):
        if symbol and not _may_mean(symbol, currency):
            raise InvalidValueError("price", text, f"is not in the shop's currency {currency}")
    return _number(match["number"].strip())


def write_price(price: Decimal | None) -> str:
    """A price so that :func:`read_price` reads the same again: never with exactly three decimals."""
    if price is None:
        return ""
    decimals = len(f"{price:f}".partition(".")[2])
    return f"{price:f}" + "." * (decimals == 0) + "0" * {0: 2, 1: 1, 3: 1}.get(decimals, 0)


def read_quantity(text: str) -> int | None:
    """The quantity in a cell (``3``, ``3.0000``); None, which is unknown and never zero, when the cell is empty."""
    if not text:
        return None
    if text.lower() == "parent":
        raise InvalidValueError("quantity", text, "is counted for all variants together, so it is not known for one")
    if not _QUANTITY.fullmatch(text):
        raise InvalidValueError("quantity", text, "is not a whole number from 0, so it is not known")
    return int(text.partition(".")[0])


def read_switch(field: str, text: str) -> bool | None:
    """True or False for yes/no, true/false, 1/0; None when the cell is empty."""
    if text.lower() not in _SWITCH:
        raise InvalidValueError(field, text, "must be yes or no")
    return _SWITCH[text.lower()]


def read_list(text: str, separator: str = "|") -> tuple[str, ...]:
    r"""The items between separators; ``\`` before a separator or a ``\`` takes it as it is."""
    items = [""]
    for token in re.findall(r"\\[\\" + re.escape(separator) + r"]|.", text, re.DOTALL):
        if token == separator:
            items.append("")
        else:
            items[-1] += token[-1]
    return tuple(item.strip() for item in items if item.strip())


def write_list(items: Iterable[str], separator: str = "|") -> str:
    """Items so that :func:`read_list` reads the same again."""
    return separator.join(item.replace("\\", "\\\\").replace(separator, "\\" + separator) for item in items)


def _number(text: str) -> Decimal:
    if _GROUPS.fullmatch(text):
        if len(re.findall("[.,]", text)) == 1:
            raise InvalidValueError("price", text, "can be read in two ways: write it with two decimals")
        return Decimal(re.sub(r"\D", "", text))
    match = _DECIMAL.fullmatch(text)
    if match is None or not _is_whole(match["whole"], match["mark"]):
        raise InvalidValueError("price", text, "is not a price")
    return Decimal(re.sub(r"\D", "", match["whole"]) + (f".{match['decimals']}" if match["mark"] else ""))


def _is_whole(text: str, decimal_mark: str | None) -> bool:
    """Whether this can stand before the decimal mark: digits, or groups of three with another mark between."""
    groups = _GROUPS.fullmatch(text)
    return text.isdigit() or not text or (groups is not None and groups["mark"] != decimal_mark)


def _may_mean(symbol: str, currency: str) -> bool:
    meant = _SYMBOLS.get(symbol, symbol.upper())
    return meant == currency or (not meant and currency.endswith("D"))
