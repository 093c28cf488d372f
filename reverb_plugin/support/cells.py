"""The cells of our tables: what each column can hold, and what a cell of somebody else's table is in it."""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reverb_plugin.changes import Kind, Outcome, Reason, Scope
from reverb_plugin.settings import Environment
from reverb_plugin.store import orders, outbox, runs
from reverb_plugin.store.schema import UtcTime, metadata, utc_text
from reverb_plugin.support.reading import plain_text, read_json, read_moment

TEXT, WHOLE, DECIMAL, SWITCH, MOMENT, JSON = "text", "whole", "decimal", "switch", "moment", "json"

ENVIRONMENTS = frozenset(Environment)
WORDS: Mapping[str, frozenset[str]] = {
    "outbox.kind": frozenset(Kind),
    "outbox.scope": frozenset(Scope),
    "outbox.reason": frozenset(Reason),
    "outbox.state": frozenset({outbox.PENDING, outbox.LEASED, outbox.PARKED}),
    "sync_log.outcome": frozenset(Outcome),
    "runs.kind": frozenset({runs.MASS_SYNC, runs.DRIFT_CHECK, runs.SETTLEMENT}),
    "runs.state": frozenset(
        {runs.READING, runs.COMPARING, runs.PLANNED, runs.APPLYING, runs.PAUSED, runs.DONE, runs.CANCELLED}
    ),
    "orders.way": frozenset({orders.BY_STOCK, orders.BY_ORDER, orders.BY_HAND}),
}
"""Columns whose words the pages rely on."""

SHAPES: Mapping[str, Callable[[Any], bool]] = {
    "links.sent": lambda value: _is_map(value, str),
    "links.photos": lambda value: _is_list(value, str),
    "links.owed": lambda value: _is_list(value, str),
    "sync_log.errors": lambda value: _is_list(value, dict) and all(map(_is_complaint, value)),
    "run_listings.listing": lambda value: isinstance(value, dict),
    "run_rows.differences": lambda value: _is_list(value, dict) and all(map(_is_difference, value)),
    "run_rows.body": lambda value: isinstance(value, dict),
    "run_rows.seen": lambda value: isinstance(value, dict),
    "orders.money": lambda value: _is_map(value, list) and all(map(_is_money, value.values())),
    "orders.links": lambda value: _is_map(value, str),
}
"""What JSON has to be, column by column."""

EMPTY: Mapping[str, Any] = {
    TEXT: "",
    WHOLE: 0,
    DECIMAL: 0.0,
    SWITCH: 0,
    "links.photos": "[]",
    "links.owed": "[]",
    "sync_log.errors": "[]",
    "run_rows.differences": "[]",
    JSON: "{}",
}
"""What stands for a column that the other version does not have, where there has to be something."""


_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")


def is_plain_number(text: str) -> bool:
    """Whether it is a number as people write it; one with an exponent may take a billion digits to be shown."""
    return _NUMBER.fullmatch(text) is not None


class UnfitError(Exception):
    """No row of ours can hold this."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of ours: its kind of values, and whether it may be empty."""

    name: str
    full_name: str
    kind: str
    is_optional: bool
    default: Any = None

    @property
    def empty(self) -> Any:
        """What stands there when the other database does not have the column; UnfitError when nothing can."""
        if self.is_optional:
            return None
        if self.default is not None:
            return self.default
        if self.kind == MOMENT:
            raise UnfitError(f"{self.full_name} is missing")
        return EMPTY.get(self.full_name, EMPTY[self.kind])

    def read(self, cell: Any) -> Any:
        """The cell as our table keeps it; UnfitError when it cannot be one of this column."""
        if cell is None:
            if self.is_optional:
                return None
            raise UnfitError(f"{self.full_name} is empty")
        value = _READERS[self.kind](cell)
        if self.kind == JSON:
            return self._shaped(value)
        words = ENVIRONMENTS if self.name == "environment" else WORDS.get(self.full_name)
        if words is not None and value not in words:
            raise UnfitError(f"{self.full_name} is {value}")
        return value

    def _shaped(self, value: Any) -> str | None:
        if value is None and self.is_optional:
            return None
        if not SHAPES.get(self.full_name, lambda _: True)(value):
            raise UnfitError(f"{self.full_name} is of another shape")
        return json.dumps(value)


def columns_of(name: str) -> Sequence[Column]:
    """The columns of a table of ours, in their order."""
    found = []
    for column in metadata.tables[name].columns:
        default = column.server_default.arg if column.server_default is not None else None  # type: ignore[attr-defined]
        kind = MOMENT if isinstance(column.type, UtcTime) else _KINDS[column.type.python_type]
        found.append(Column(column.name, f"{name}.{column.name}", kind, bool(column.nullable), default))
    return found


# What SQLAlchemy says of JSON: an object, and in older versions a dict.
_KINDS: Mapping[type, str] = {str: TEXT, int: WHOLE, float: DECIMAL, bool: SWITCH, object: JSON, dict: JSON}


def _text(cell: Any) -> str:
    if not isinstance(cell, str):
        raise UnfitError("no text")
    return plain_text(cell)


def _whole(cell: Any) -> int:
    if not isinstance(cell, int):
        raise UnfitError("no whole number")
    return cell


def _decimal(cell: Any) -> float:
    if not isinstance(cell, int | float) or not math.isfinite(cell):
        raise UnfitError("no number")
    return float(cell)


def _switch(cell: Any) -> int:
    if cell not in (0, 1):
        raise UnfitError("neither on nor off")
    return int(cell)


def _moment(cell: Any) -> str:
    moment = read_moment(cell)
    if moment is None:
        raise UnfitError("no moment")
    return utc_text(moment)


def _json(cell: Any) -> Any:
    try:
        return read_json(_text(cell))
    except ValueError as error:
        raise UnfitError(str(error)) from None


_READERS: Mapping[str, Callable[[Any], Any]] = {
    TEXT: _text,
    WHOLE: _whole,
    DECIMAL: _decimal,
    SWITCH: _switch,
    MOMENT: _moment,
    JSON: _json,
}


def _is_list(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(each, kind) for each in value)


def _is_map(value: Any, kind: type) -> bool:
    return isinstance(value, dict) and all(isinstance(each, kind) for each in value.values())


def _is_money(value: Sequence[Any]) -> bool:
    return _is_list(value, str) and len(value) == 2 and is_plain_number(value[0])  # noqa: PLR2004 - amount, currency


def _is_complaint(value: Mapping[str, Any]) -> bool:
    field_name = value.get("field", 0)
    return isinstance(value.get("message"), str) and (field_name is None or isinstance(field_name, str))


def _is_difference(value: Mapping[str, Any]) -> bool:
    return all(isinstance(value.get(name), str) for name in ("field", "old", "new"))
