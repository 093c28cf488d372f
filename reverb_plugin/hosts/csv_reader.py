"""How the rows of a catalogue become products."""

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, TypeVar

from reverb_plugin.errors import InvalidValueError
from reverb_plugin.host import Product
from reverb_plugin.hosts.csv_catalogue import Catalogue, RowProblem
from reverb_plugin.hosts.csv_cells import read_price, read_quantity, read_switch
from reverb_plugin.hosts.csv_file import DamagedRecordError, Row
from reverb_plugin.hosts.csv_formats import photo_url

T = TypeVar("T")


class UnreadableRowError(Exception):
    """A row that makes no product."""

    def __init__(self, problem: RowProblem) -> None:
        self.problem = problem
        super().__init__(str(problem))


class Reader:
    """Reads products of a catalogue from the open file. Not for two threads at once."""

    def __init__(self, catalogue: Catalogue, file: BinaryIO) -> None:
        self._catalogue = catalogue
        self._format = catalogue.format
        self._file = file
        self._family: tuple[int, list[Row]] = (-1, [])

    def read(self, sku: str) -> tuple[Product, list[RowProblem]]:
        """The product of a known SKU, and what of its row could not be read and is unknown therefore.

        Raises :class:`UnreadableRowError` when the row makes no product.
        """
        offset, line = self._catalogue.places[sku]
        row = next(self._rows(offset), None)
        if row is None:
            raise UnreadableRowError(RowProblem(line, "", sku, "the file changed while it was read"))
        head_offset = self._catalogue.heads.get(self._format.head_key(row), offset)
        return _Making(self._catalogue, sku, line, row, self._family_at(head_offset) or [row]).product()

    def _family_at(self, offset: int) -> list[Row]:
        if self._family[0] != offset:
            self._family = (offset, list(self._read_family(offset)))
        return self._family[1]

    def _read_family(self, offset: int) -> Iterator[Row]:
        key = None
        for row in self._rows(offset):
            if key is None:
                key = self._format.head_key(row)
            elif not self._format.spreads or self._format.head_key(row) != key:
                return
            yield row

    def _rows(self, offset: int) -> Iterator[Row]:
        """The rows from here on, as far as they can be read."""
        try:
            for row in self._catalogue.dialect.rows(self._file, offset):
                if isinstance(row, DamagedRecordError):
                    return
                yield row
        except UnicodeDecodeError:
            return


class _Making:
    """One row on its way to a Product."""

    def __init__(self, catalogue: Catalogue, sku: str, line: int, row: Row, family: Sequence[Row]) -> None:
        self._catalogue = catalogue
        self._format = catalogue.format
        self._sku = sku
        self._line = line
        self._row = row
        self._family = family
        self._head = family[0]
        self._problems: list[RowProblem] = []

    def product(self) -> tuple[Product, list[RowProblem]]:
        if self._row.surplus:
            raise UnreadableRowError(self._problem("", "has more cells than the header; is a text not in quotes?"))
        try:
            return self._build(), self._problems
        except InvalidValueError as error:
            raise UnreadableRowError(self._problem(error.field, error.problem)) from None

    def _build(self) -> Product:
        facts = self._catalogue.facts
        options = self._format.options(self._row, self._head)
        attributes = self._format.attributes(self._head) | self._format.attributes(self._row) | options
        currency = self._text("currency") or facts.currency
        sync = read_switch("sync", self._text("sync"))
        return Product(
            self._sku,
            self._title(options),
            self._known("price", lambda text: read_price(text, currency.upper())),
            currency,
            self._quantity(),
            id=self._format.text(self._row, "id") or None,
            description=self._text("description"),
            **{name: self._attribute(name, attributes) for name in ("condition", "make", "model", "year", "finish")},
            categories=self._format.items(self._row, "categories") or self._format.items(self._head, "categories"),
            photos=self._photos(),
            upc=self._format.text(self._row, "upc"),
            url=self._text("url") or None,
            shipping_profile=self._text("shipping_profile") or None,
            offers_enabled=read_switch("offers_enabled", self._text("offers_enabled")),
            sync=sync is not False and self._format.is_offered(self._row) and self._format.is_offered(self._head),
        )

    def _text(self, name: str) -> str:
        return self._format.text(self._row, name) or self._format.text(self._head, name)

    def _title(self, options: dict[str, str]) -> str:
        is_variant = self._format.head_key(self._row) in self._catalogue.heads and bool(options)
        title = self._format.text(self._head, "title") if is_variant else self._text("title")
        return f"{title} - {' / '.join(options.values())}" if is_variant else title

    def _attribute(self, name: str, attributes: dict[str, str]) -> str:
        return self._format.attribute(name, attributes) or self._text(name)

    def _quantity(self) -> int | None:
        return 0 if self._format.is_sold_out(self._row) else self._known("quantity", read_quantity)

    def _photos(self) -> tuple[str, ...]:
        photos = self._format.photos(self._row, self._family)
        urls = tuple(url for photo in photos if (url := photo_url(photo, self._catalogue.facts.media_url)))
        if len(urls) < len(photos):
            self._problems.append(
                self._problem("photos", "a photo is a path and no URL: say with media_url where it lies")
            )
        return urls

    def _known(self, name: str, read: Callable[[str], T | None]) -> T | None:
        """The row's own value, never the head's; None, with a problem noted, when it cannot be read."""
        try:
            return read(self._format.text(self._row, name))
        except InvalidValueError as error:
            self._problems.append(self._problem(name, f"{error.problem} ({error.value!r})"))
            return None

    def _problem(self, name: str, message: str) -> RowProblem:
        return RowProblem(self._line, self._catalogue.column(name), self._sku, message)
