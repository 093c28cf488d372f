"""A CSV file as records with their place in the file, so that each can be named by line and read again."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from reverb_plugin.errors import InvalidFileError

DELIMITERS = ",;\t|"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


class DamagedRecordError(Exception):
    """A record whose quotes do not fit; where it ends is a guess."""

    def __init__(self, line: int, problem: str) -> None:
        self.line = line
        super().__init__(problem)


class Row:
    """One record: its cells by the lower-case name of their column, and where it begins in the file."""

    __slots__ = ("_cells", "_columns", "line", "offset")

    def __init__(self, columns: dict[str, int], cells: Sequence[str], line: int, offset: int) -> None:
        self._columns = columns
        self._cells = cells
        self.line = line
        self.offset = offset

    def get(self, *names: str) -> str:
        """The first of these cells that is not empty, without blanks at its ends; else empty."""
        for name in names:
            place = self._columns.get(name)
            if place is not None and place < len(self._cells) and (text := self._cells[place].strip()):
                return text
        return ""

    def has(self, name: str) -> bool:
        """Whether the file has this column."""
        return name in self._columns

    @property
    def names(self) -> Iterable[str]:
        """The lower-case names of all columns."""
        return self._columns

    @property
    def is_empty(self) -> bool:
        """Whether the record has no text at all: a line left blank."""
        return not any(cell.strip() for cell in self._cells)

    @property
    def surplus(self) -> int:
        """How many cells with text stand to the right of the last column."""
        return sum(1 for cell in self._cells[max(self._columns.values()) + 1 :] if cell.strip())


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one file is written: encoding, delimiter, its header as it stands there."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]

    @property
    def columns(self) -> dict[str, int]:
        """Lower-case column name -> place; of two columns with one name the first counts."""
        places: dict[str, int] = {}
        for place, name in enumerate(self.header):
            if name.strip():
                places.setdefault(name.strip().lower(), place)
        return places

    def spelled(self, name: str) -> str:
        """The column's name as the file spells it."""
        place = self.columns.get(name)
        return name if place is None else self.header[place].strip()

    def rows(self, file: BinaryIO, offset: int | None = None) -> Iterator[Row | DamagedRecordError]:
        """The records behind the header, or those from ``offset`` on (then lines are counted from there).

        Raises UnicodeDecodeError where the encoding does not fit.
        """
        lines = _Lines(file, self.encoding, offset or 0)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        columns = self.columns
        if offset is None:
            next(reader)
        while True:
            line, start = lines.count + 1, lines.offset
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield DamagedRecordError(line, str(error))
                continue
            if cells:
                yield Row(columns, cells, line, start)


def possible_dialects(path: Path, encoding: str) -> Iterator[Dialect]:
    """The file's header read with each delimiter in turn. Raises :class:`InvalidFileError` for UTF-16."""
    with path.open("rb") as file:
        if file.read(2) in _UTF16_BOMS:
            raise InvalidFileError(path, "is UTF-16: save it as CSV in UTF-8")
        for delimiter in DELIMITERS:
            try:
                header = next(csv.reader(_Lines(file, encoding, 0), delimiter=delimiter, strict=True), [])
            except csv.Error:
                continue
            yield Dialect(encoding, delimiter, tuple(header))


class _Lines:
    """The lines of a binary file as text, counting lines and bytes, so that a record can be found again."""

    def __init__(self, file: BinaryIO, encoding: str, offset: int) -> None:
        self._file = file
        self._encoding = encoding
        self.count = 0
        self.offset = offset
        file.seek(offset)
        if offset == 0 and file.read(len(_UTF8_BOM)) != _UTF8_BOM:
            file.seek(0)
        self.offset = file.tell()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        # another reader may have moved the file's position between two records
        self._file.seek(self.offset)
        line = self._file.readline()
        if not line:
            raise StopIteration
        self.count += 1
        self.offset += len(line)
        return line.decode(self._encoding)
