"""Exchanges: what an attempt asked Reverb, and the answers. They go with their row of the sync log, or before it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from reverb_plugin.store.schema import exchanges

MOST_BYTES = 64_000_000
"""So much all exchanges together may take; the log itself is kept for longer."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as texts for people.

    ``request`` is None when it had no body; ``status`` is None when no answer came, and then ``answer`` says why.
    """

    method: str
    path: str
    request: str | None
    status: int | None
    answer: str
    duration_seconds: float

    @property
    def size(self) -> int:
        """How many bytes its texts take."""
        return sum(len(text.encode("utf-8", "replace")) for text in (self.path, self.request or "", self.answer))


_COLUMNS = tuple(Exchange.__dataclass_fields__)
_INSERT = insert(exchanges)


def save(connection: Connection, entry_id: int, several: Iterable[Exchange]) -> None:
    """Keeps the exchanges of an attempt in their order."""
    values = [
        {name: getattr(each, name) for name in _COLUMNS} | {"entry_id": entry_id, "number": number, "size": each.size}
        for number, each in enumerate(several)
    ]
    if values:
        connection.execute(_INSERT, values)


def find_all(connection: Connection, entry_id: int) -> Sequence[Exchange]:
    """The exchanges of an attempt in their order; none when they are no longer kept."""
    query = select(exchanges).where(exchanges.c.entry_id == entry_id).order_by(exchanges.c.number)
    return [Exchange(*(getattr(row, name) for name in _COLUMNS)) for row in connection.execute(query)]


def trim(connection: Connection, most_bytes: int, chunk: int) -> int:
    """Deletes at most ``chunk`` of the oldest while all together take more than ``most_bytes``; how many it was."""
    if connection.execute(select(func.coalesce(func.sum(exchanges.c.size), 0))).scalar_one() <= most_bytes:
        return 0
    oldest = select(exchanges.c.entry_id).order_by(exchanges.c.entry_id).limit(chunk).subquery()
    last = select(func.max(oldest.c.entry_id)).scalar_subquery()
    return connection.execute(delete(exchanges).where(exchanges.c.entry_id <= last)).rowcount
