"""Which products are left alone, by the seller's rules. Pure; one rule after the other, the first that holds speaks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reverb_plugin.host import Product
from reverb_plugin.settings import Settings

SPECIAL = frozenset("*?[|")
"""What stands for other characters in a pattern, or separates it from the next one."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The rule that leaves a product alone (``sync`` or the name of a setting), and why it holds."""

    rule: str
    message: str


def find_exclusion(product: Product, settings: Settings) -> Exclusion | None:
    """The rule that leaves this product and its listing alone; None when none does."""
    return next(_exclusions(product, settings), None)


def find_sku_exclusion(sku: str, settings: Settings) -> Exclusion | None:
    """The rule that leaves whatever has this SKU alone: all that can be asked of a product that is gone."""
    if pattern := _match([sku], settings.exclude_skus):
        return Exclusion("exclude_skus", f"The SKU is excluded by {pattern!r}.")
    return None


def pattern_of(sku: str) -> str:
    """The pattern for ``exclude_skus`` that holds for this SKU, and for others only if they differ in capitals."""
    return "".join(f"[{char}]" if char in SPECIAL else char for char in sku)


def may_not_be_made(product: Product, settings: Settings) -> Exclusion | None:
    """The rule that keeps a product from getting a listing; one that it has already is kept in step all the same."""
    if settings.exclude_out_of_stock and product.quantity == 0:
        return Exclusion("exclude_out_of_stock", "The product has no stock.")
    return None


def _exclusions(product: Product, settings: Settings) -> Iterator[Exclusion]:
    if not product.sync:
        yield Exclusion("sync", "The shop says to leave this product alone.")
    if by_sku := find_sku_exclusion(product.sku, settings):
        yield by_sku
    if pattern := _match(product.categories, settings.exclude_categories):
        yield Exclusion("exclude_categories", f"The category is excluded by {pattern!r}.")
    if pattern := _match([product.make], settings.exclude_makes):
        yield Exclusion("exclude_makes", f"The make is excluded by {pattern!r}.")
    price, low, high = product.price, settings.exclude_price_below, settings.exclude_price_above
    if price is not None and low is not None and price < low:
        yield Exclusion("exclude_price_below", f"The price {price} is below {low}.")
    if price is not None and high is not None and price > high:
        yield Exclusion("exclude_price_above", f"The price {price} is above {high}.")


def _match(texts: Iterable[str], patterns: tuple[str, ...]) -> str | None:
    folded = [text.casefold() for text in texts]
    return next(
        (pattern for pattern in patterns if any(fnmatchcase(text, pattern.casefold()) for text in folded)), None
    )
