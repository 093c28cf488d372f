"""One version of a product CSV: what kind it is, and where each product stands in it.

Only SKUs and offsets are held in memory; a product is read from the file when it is asked for.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reverb_plugin.errors import InvalidFileError, InvalidValueError
from reverb_plugin.host import check_sku
from reverb_plugin.hosts.csv_file import DamagedRecordError, Dialect, Row, possible_dialects
from reverb_plugin.hosts.csv_formats import FORMATS, Format

ENCODINGS = ("utf-8", "cp1252")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Something in the file that could not be read; ``column`` and ``sku`` are empty where there is none to name."""

    line: int
    column: str
    sku: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{where}{f', SKU {self.sku}' if self.sku else ''}: {self.message}"


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What the file does not say: the currency of its prices, and the URL below which its photo paths are."""

    currency: str
    media_url: str | None


@dataclass(slots=True)
class Catalogue:
    """One version of the file. Made by :func:`open_catalogue`."""

    path: Path
    dialect: Dialect
    format: Format
    facts: ShopFacts
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    skus: list[str] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    damaged_line: int | None = None

    def skus_after(self, sku: str | None) -> Iterator[str]:
        """The SKUs in order, from the first one behind ``sku``."""
        first = 0 if sku is None else bisect_right(self.skus, sku)
        return (self.skus[index] for index in range(first, len(self.skus)))

    def index(self) -> None:
        """Walk through the file once and note where each product and each head begins."""
        with self.path.open("rb") as file:
            for row in self.dialect.rows(file):
                if isinstance(row, DamagedRecordError):
                    self.damaged_line = self.damaged_line or row.line
                    self.problems.append(RowProblem(row.line, "", "", f"the quotes do not fit ({row})"))
                else:
                    self._note(row)
        self.skus = sorted(self.places)

    def _note(self, row: Row) -> None:
        for key in self.format.head_keys(row):
            self.heads.setdefault(key, row.offset)
        if not self.format.is_product(row):
            return
        sku = self.format.text(row, "sku")
        try:
            check_sku(sku)
        except InvalidValueError as error:
            self._report(row, "sku", sku, error.problem)
            return
        if sku in self.places:
            self._report(row, "sku", sku, f"the SKU is that of line {self.places[sku][1]} already; that one counts")
        else:
            self.places[sku] = (row.offset, row.line)

    def _report(self, row: Row, name: str, sku: str, message: str) -> None:
        self.problems.append(RowProblem(row.line, self.column(name), sku, message))

    def column(self, name: str) -> str:
        """The column of the file that holds a product field, as the file spells it; empty when it has none."""
        names = self.format.columns.get(name, ())
        return next((self.dialect.spelled(each) for each in names if each in self.dialect.columns), "")


def open_catalogue(path: Path, facts: ShopFacts) -> Catalogue:
    """Recognise and index the file. Raises :class:`InvalidFileError` when it is no product CSV, else OSError."""
    for encoding in ENCODINGS:
        try:
            catalogue = _recognise(path, encoding, facts)
            catalogue.index()
        except UnicodeDecodeError:
            continue
        if encoding != ENCODINGS[0]:
            catalogue.problems.insert(0, RowProblem(1, "", "", "the file is not UTF-8; it was read as Windows-1252"))
        return catalogue
    raise InvalidFileError(path, "is neither UTF-8 nor Windows-1252 text: save it as CSV in UTF-8")


def _recognise(path: Path, encoding: str, facts: ShopFacts) -> Catalogue:
    dialects = list(possible_dialects(path, encoding))
    if not any(dialect.columns for dialect in dialects):
        raise InvalidFileError(
            path, "is no product CSV: its first line is empty, where the names of the columns belong"
        )
    for each in FORMATS:
        for dialect in dialects:
            if each.fits(dialect.columns):
                return Catalogue(path, dialect, each, facts)
    looked_for = "; ".join(f"{each.name}: {', '.join(' or '.join(names) for names in each.needs)}" for each in FORMATS)
    raise InvalidFileError(path, f"is no product CSV; its first line needs all columns of one kind: {looked_for}")
