"""A SKU's stock on both sides: what Reverb was last made to show, and how the shop's is being moved."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from reverb_plugin.store.schema import stock


@dataclass(frozen=True, slots=True)
class StockRow:
    """One SKU.

    ``moves`` counts what moved its stock on Reverb, ``moves_sent`` how many of these the last push knew of: while they
    differ the quantity has to be sent, whatever was sent before. ``shown`` is what Reverb accepted last, ``shown_at``
    when; ``showing`` is what was sent since without an answer. ``odd_at`` is since when Reverb shows a number that no
    order explains. ``edited`` are units that a person added on Reverb and the shop has still to get (negative: took
    away), ``editing`` those on their way. The intent is the movement that was written down before the shop was asked.
    """

    sku: str
    moves: int = 0
    moves_sent: int = 0
    shown: int | None = None
    shown_at: datetime | None = None
    showing: int | None = None
    odd_at: datetime | None = None
    edited: int = 0
    editing: int = 0
    intent_key: str | None = None
    intent_before: int | None = None
    intent_after: int | None = None

    @property
    def is_open(self) -> bool:
        """Reverb may show something else than was last sent."""
        return self.moves != self.moves_sent


@dataclass(frozen=True, slots=True)
class StockShown:
    """What a push made Reverb show, knowing of so many ``moves``."""

    sku: str
    quantity: int
    moves: int


_COLUMNS = tuple(StockRow.__dataclass_fields__)
_new = insert(stock)
_SAVE = _new.on_conflict_do_update(
    index_elements=["environment", "sku"], set_={name: _new.excluded[name] for name in _COLUMNS if name != "sku"}
)
_OPEN = insert(stock).on_conflict_do_update(index_elements=["environment", "sku"], set_={"moves": stock.c.moves + 1})


def get(connection: Connection, environment: str, sku: str) -> StockRow:
    """What is known of a SKU."""
    row = connection.execute(select(stock).where(stock.c.environment == environment, stock.c.sku == sku)).one_or_none()
    return StockRow(sku) if row is None else StockRow(**{name: getattr(row, name) for name in _COLUMNS})


def save(connection: Connection, environment: str, row: StockRow) -> None:
    """Remembers what is known of a SKU."""
    connection.execute(_SAVE, {"environment": environment} | _values(row))


def open_for_push(connection: Connection, environment: str, sku: str) -> None:
    """Something moved the SKU's stock on Reverb: the next push has to send the quantity."""
    connection.execute(_OPEN, {"environment": environment} | _values(StockRow(sku, moves=1)))


def note_shown(connection: Connection, environment: str, shown: StockShown, now: datetime) -> None:
    """A push has ended."""
    row = get(connection, environment, shown.sku)
    save(
        connection,
        environment,
        replace(
            row,
            moves=max(row.moves, shown.moves),
            moves_sent=shown.moves,
            shown=shown.quantity,
            shown_at=now,
            showing=None,
            odd_at=None,
        ),
    )


def _values(row: StockRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}
