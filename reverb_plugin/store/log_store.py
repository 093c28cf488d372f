"""The sync log as people look at it: page by page, one row with all that belongs to it, in figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from reverb_plugin.clock import Clock
from reverb_plugin.store import exchanges, sync_log
from reverb_plugin.store.engine import Database
from reverb_plugin.store.exchanges import Exchange
from reverb_plugin.store.sync_log import Cursor, LogEntry, LogFilter

EXPORT_ROWS = 500
"""Rows read at once while the log is gone through: nobody is kept waiting, and the memory stays small."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Rows, newest first; ``newer`` and ``older`` are where the pages beside it begin, None where there is none."""

    entries: Sequence[LogEntry]
    newer: Cursor | None
    older: Cursor | None


@dataclass(frozen=True, slots=True)
class OpenedEntry:
    """One row with its exchanges, and the rows beside it."""

    entry: LogEntry
    exchanges: Sequence[Exchange]
    newer: LogEntry | None
    older: LogEntry | None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of UTC: how many attempts ended how."""

    day: date
    outcomes: Mapping[str, int] = field(default_factory=dict)


class LogStore:
    """The sync log for a reader. Every method is one transaction but :meth:`iterate`."""

    def __init__(self, database: Database, environment: str, clock: Clock) -> None:
        self._database = database
        self._environment = environment
        self._clock = clock

    def page(self, chosen: LogFilter, limit: int) -> LogPage:
        """The page that ``chosen`` leads to; the first one is always full."""
        with self._database.read() as connection:
            rows = sync_log.page(connection, chosen, limit + 1)
            if chosen.after is not None and len(rows) <= limit:
                chosen = replace(chosen, after=None)
                rows = sync_log.page(connection, chosen, limit + 1)
        if chosen.after is not None:
            rows = rows[1:]
            return LogPage(rows, rows[0].cursor, rows[-1].cursor)
        entries = rows[:limit]
        newer = entries[0].cursor if entries and chosen.before is not None else None
        return LogPage(entries, newer, entries[-1].cursor if len(rows) > limit else None)

    def count(self, chosen: LogFilter, most: int) -> int:
        """How many rows match; it stops counting at ``most``."""
        with self._database.read() as connection:
            return sync_log.count(connection, chosen, most)

    def find(self, entry_id: int, chosen: LogFilter) -> OpenedEntry | None:
        """One row, with the rows beside it among those ``chosen``."""
        with self._database.read() as connection:
            entry = sync_log.find(connection, entry_id)
            if entry is None:
                return None
            newer = sync_log.page(connection, replace(chosen, before=None, after=entry.cursor), 1)
            older = sync_log.page(connection, replace(chosen, before=entry.cursor, after=None), 1)
            kept = exchanges.find_all(connection, entry_id)
            return OpenedEntry(entry, kept, next(iter(newer), None), next(iter(older), None))

    def iterate(self, chosen: LogFilter) -> Iterator[LogEntry]:
        """All rows that match, newest first, a piece at a time."""
        chosen = replace(chosen, before=None, after=None)
        while True:
            with self._database.read() as connection:
                rows = sync_log.page(connection, chosen, EXPORT_ROWS)
            yield from rows
            if len(rows) < EXPORT_ROWS:
                return
            chosen = replace(chosen, before=rows[-1].cursor)

    def similar_skus(self, prefix: str, most: int) -> Sequence[str]:
        """SKUs of the log that begin like this, in their order."""
        found: list[str] = []
        with self._database.read() as connection:
            while len(found) < most:
                sku = sync_log.next_sku(connection, prefix, found[-1] if found else "")
                if sku is None:
                    break
                found.append(sku)
        return found

    def last_success_at(self) -> datetime | None:
        """When an attempt in the environment in force last ended well."""
        with self._database.read() as connection:
            return sync_log.last_success_at(connection, self._environment)

    def days(self, number: int) -> Sequence[Day]:
        """The last ``number`` days, today last, with the attempts in the environment in force."""
        first = self._clock.now().date() - timedelta(days=number - 1)
        with self._database.read() as connection:
            rows = sync_log.days(connection, self._environment, first.isoformat())
        outcomes: dict[str, dict[str, int]] = {}
        for day, outcome, attempts in rows:
            outcomes.setdefault(day, {})[outcome] = attempts
        days = (first + timedelta(days=n) for n in range(number))
        return [Day(day, outcomes.get(day.isoformat(), {})) for day in days]
