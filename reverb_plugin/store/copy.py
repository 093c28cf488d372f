"""A small database in memory, made of rows that may leave; it becomes a file of its own."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, MetaData, String, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from reverb_plugin.store.schema import metadata
from reverb_plugin.store.snapshot import VERSION_TABLE

_DIALECT = sqlite.dialect()


class Copy:
    """Tables of ours, as far as they were there, with what was put into them. To be closed."""

    def __init__(self) -> None:
        self._raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._raw.execute("PRAGMA journal_mode=OFF")
        self._columns: dict[str, Sequence[str]] = {}

    def close(self) -> None:
        """Forgets everything."""
        self._raw.close()

    def make(self, table: str, columns: Sequence[str]) -> None:
        """Makes a table of ours with these of its columns."""
        self._columns[table] = columns
        self._raw.execute(str(CreateTable(_table(table, columns)).compile(dialect=_DIALECT)))

    def add(self, table: str, row: Mapping[str, Any]) -> bool:
        """Puts a row in; False when it does not fit the table."""
        columns = self._columns[table]
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" * len(columns))
        try:
            self._raw.execute(
                f'INSERT INTO "{table}" ({names}) VALUES ({marks})',  # noqa: S608 - names of ours
                [row[name] for name in columns],
            )
        except (sqlite3.Error, OverflowError, UnicodeEncodeError):
            return False
        return True

    def rows(self, table: str, *, last_first: bool = False) -> Iterator[dict[str, Any]]:
        """The rows of a table by their number, or by the order in which they came; none when it was not made."""
        columns = self._columns.get(table)
        if columns is None:
            return
        names = ", ".join(f'"{name}"' for name in columns)
        order = "DESC" if last_first else "ASC"
        for row in self._raw.execute(f'SELECT {names} FROM "{table}" ORDER BY rowid {order}'):  # noqa: S608
            yield dict(zip(columns, row, strict=True))

    def content(self) -> bytes:
        """The database as the bytes of a file, with the indexes of ours."""
        for table, columns in self._columns.items():
            if table in metadata.tables:
                for index in metadata.tables[table].indexes:
                    if {column.name for column in index.columns} <= set(columns) and not index.unique:
                        self._raw.execute(str(CreateIndex(index).compile(dialect=_DIALECT)))
        return self._raw.serialize()


def _table(name: str, columns: Sequence[str]) -> Table:
    if name == VERSION_TABLE:
        return Table(name, MetaData(), Column("version_num", String(32), primary_key=True))
    ours = metadata.tables[name]
    kept = [
        Column(column.name, column.type, primary_key=column.primary_key, nullable=column.nullable, autoincrement=False)
        for column in ours.columns
        if column.name in columns
    ]
    return Table(name, MetaData(), *kept)
