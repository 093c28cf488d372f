"""A shop read from a product CSV: the exports of WooCommerce, Shopify and Magento 2, and our own columns."""

import csv
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reverb_plugin.errors import HostError, InvalidValueError
from reverb_plugin.host import Product
from reverb_plugin.hosts.csv_catalogue import Catalogue, RowProblem, ShopFacts, open_catalogue
from reverb_plugin.hosts.csv_cells import write_list, write_price
from reverb_plugin.hosts.csv_formats import OwnFormat
from reverb_plugin.hosts.csv_reader import Reader, UnreadableRowError

__all__ = ["CsvShop", "RowProblem", "write_products"]

MAX_PROBLEMS = 1_000
_SWITCH = {None: "", True: "yes", False: "no"}
_Stamp = tuple[int, int, int]


class CsvShop:
    """The products of a CSV file; the file is read again whenever it has changed.

    A variant is a product of its own. The regular price counts, not a sale price. What the shop hides (drafts,
    disabled products) has ``sync`` False. An empty stock is unknown, and so is a price or stock that cannot be read
    for certain. :attr:`problems` tells what could not be read.

    ``currency`` is that of the prices when the file has no currency column; ``media_url`` is the URL below which
    photo paths are, as Magento writes them (``https://shop.example/media/catalog/product``).

    Raises :class:`~reverb_plugin.errors.InvalidFileError` when the file is no product CSV, and OSError when it
    cannot be opened.
    """

    def __init__(self, path: str | Path, *, currency: str = "USD", media_url: str | None = None) -> None:
        self.path = Path(path)
        self._facts = ShopFacts(currency, media_url)
        self._lock = threading.Lock()
        self._stamp = _stamp(self.path)
        self._catalogue = open_catalogue(self.path, self._facts)
        self._problems: tuple[Catalogue, tuple[RowProblem, ...]] | None = None

    @property
    def format_name(self) -> str:
        """Whose columns the file has: WooCommerce, Shopify, Magento 2 or reverb-plugin."""
        return self._catalogue.format.name

    @property
    def problems(self) -> tuple[RowProblem, ...]:
        """All that could not be read, in the order of lines; the first thousand. Reads the whole file."""
        catalogue = self._current()
        if self._problems is None or self._problems[0] is not catalogue:
            self._problems = (catalogue, tuple(self._find_problems(catalogue)))
        return self._problems[1]

    def has_product(self, sku: str) -> bool:
        """Whether the file has a row of this SKU, readable or not.

        Raises :class:`~reverb_plugin.errors.HostError` when the file cannot tell: it is gone or damaged.
        """
        catalogue = self._current()
        if sku not in catalogue.places:
            _refuse_damaged(catalogue)
            return False
        return True

    def find_product(self, sku: str) -> Product | None:
        """The product as the file has it now; None when the file has no such SKU.

        Raises :class:`~reverb_plugin.errors.HostError` when the file cannot tell: it is gone, or the row is damaged.
        """
        while True:
            catalogue = self._current()
            if sku not in catalogue.places:
                _refuse_damaged(catalogue)
                return None
            with self._reader(catalogue) as reader:
                product = _read(reader, sku)
            if self._current() is catalogue:
                return _get_readable(product)

    def iter_products(self, after_sku: str | None = None) -> Iterator[Product]:
        """The readable products by SKU, read one by one; the others are in :attr:`problems`."""
        catalogue = None
        while catalogue is not (current := self._current()):
            catalogue = current
            with self._reader(catalogue) as reader:
                for sku in catalogue.skus_after(after_sku):
                    product = _read(reader, sku)
                    if self._current() is not catalogue:
                        break  # offsets of the old file mean nothing in the new one
                    after_sku = sku
                    if isinstance(product, Product):
                        yield product

    def _current(self) -> Catalogue:
        with self._lock:
            try:
                stamp = _stamp(self.path)
                if stamp != self._stamp:
                    self._catalogue = open_catalogue(self.path, self._facts)
                    self._stamp = stamp
            except (OSError, InvalidValueError) as error:
                raise HostError(f"The product file cannot be read: {error}") from error
            return self._catalogue

    @contextmanager
    def _reader(self, catalogue: Catalogue) -> Iterator[Reader]:
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise HostError(f"The product file cannot be read: {error}") from error
        with file:
            yield Reader(catalogue, file)

    def _find_problems(self, catalogue: Catalogue) -> list[RowProblem]:
        found = list(catalogue.problems)
        with self._reader(catalogue) as reader:
            for sku in catalogue.places:
                try:
                    found += reader.read(sku)[1]
                except UnreadableRowError as error:
                    found.append(error.problem)
                if len(found) >= MAX_PROBLEMS:
                    break
        return sorted(found[:MAX_PROBLEMS], key=lambda problem: problem.line)


def write_products(path: str | Path, products: Iterable[Product]) -> None:
    """Write products in our own columns, as UTF-8. The file is replaced at once: one reads the old or the new."""
    path = Path(path).resolve()
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    try:
        with draft.open("x", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(OwnFormat.columns)
            writer.writerows(_cells(product) for product in products)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _cells(product: Product) -> list[str]:
    written = {
        "price": write_price(product.price),
        "quantity": "" if product.quantity is None else str(product.quantity),
        "categories": write_list(product.categories),
        "photos": write_list(product.photos),
        "offers_enabled": _SWITCH[product.offers_enabled],
        "sync": _SWITCH[product.sync],
    }
    return [written[name] if name in written else getattr(product, name) or "" for name in OwnFormat.columns]


def _stamp(path: Path) -> _Stamp:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read(reader: Reader, sku: str) -> Product | UnreadableRowError:
    try:
        product, _ = reader.read(sku)
    except UnreadableRowError as error:
        return error
    return product


def _get_readable(product: Product | UnreadableRowError) -> Product:
    if isinstance(product, UnreadableRowError):
        raise HostError(f"The product file has a row that cannot be read: {product}") from product
    return product


def _refuse_damaged(catalogue: Catalogue) -> None:
    # a quote that is missing swallows rows: what is not found in such a file may still be there
    if catalogue.damaged_line is not None:
        raise HostError(f"The product file is damaged at line {catalogue.damaged_line}: correct the quotes there")
