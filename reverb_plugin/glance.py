"""A bounded look at the shop's products, for a person who waits for a page."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from reverb_plugin.clock import Clock
from reverb_plugin.errors import HostError, PluginError
from reverb_plugin.host import Host, Product

AT_ONCE = 200


class Glance:
    """Products of the shop in the order of their SKUs, until all were seen or it takes too long.

    ``seen`` and ``is_whole`` say afterwards how many it were, and whether those were all.

    Args:
        host: the shop.
        clock: how long it takes.
        most: the most products looked at.
        seconds: the longest time; the piece of 200 products under way is looked at to its end.
    """

    def __init__(self, host: Host, clock: Clock, *, most: int, seconds: float) -> None:
        self.seen = 0
        self.is_whole = False
        self._host = host
        self._clock = clock
        self._most = most
        self._seconds = seconds

    def pieces(self) -> Iterator[list[Product]]:
        """The products, piece by piece.

        Raises:
            HostError: the adapter raised, or gave something else than products.
            InvalidValueError: the shop holds a value that cannot be meant.
        """
        ends_at = self._clock.monotonic() + self._seconds
        products = walk(self._host)
        while True:
            piece: list[Product] = []
            try:
                piece.extend(islice(products, min(AT_ONCE, self._most - self.seen)))
            except PluginError:
                self.seen += len(piece)
                yield piece  # what came before the trouble
                raise
            self.seen += len(piece)
            if piece:
                yield piece
            if self.seen >= self._most or self._clock.monotonic() >= ends_at or len(piece) < AT_ONCE:
                break
        self.is_whole = next(products, None) is None

    def products(self) -> Iterator[Product]:
        """The products, one by one."""
        for piece in self.pieces():
            yield from piece


@dataclass(frozen=True, slots=True)
class Words:
    """The shop's own words for conditions and categories, each with how many of the ``seen`` products have it."""

    conditions: Counter[str]
    categories: Counter[str]
    seen: int
    is_whole: bool


def gather_words(glance: Glance) -> Words:
    """The words of the products that are seen; raises what :meth:`Glance.pieces` raises."""
    conditions: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    for product in glance.products():
        conditions[product.condition] += 1
        categories.update(set(product.categories))
    return Words(conditions, categories, glance.seen, glance.is_whole)


def walk(host: Host, after_sku: str | None = None) -> Iterator[Product]:
    """The shop's products by SKU, those behind ``after_sku``.

    Raises:
        HostError: the adapter raised, or gave something else than products.
        InvalidValueError: the shop holds a value that cannot be meant.
    """
    try:
        yield from map(_checked, host.iter_products(after_sku))
    except PluginError:
        raise
    except Exception as error:
        raise HostError(f"iter_products raised {type(error).__name__}: {error}") from error


def _checked(product: object) -> Product:
    if not isinstance(product, Product):
        raise HostError(f"iter_products gave {type(product).__name__}, which is no Product")
    return product
