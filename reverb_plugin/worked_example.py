"""The rules for price and stock, worked on one real product step by step. Pure; the results are what would be sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from reverb_plugin.host import Product
from reverb_plugin.settings import Rounding, Settings
from reverb_plugin.sync.exclusion import find_exclusion
from reverb_plugin.sync.fields import Group
from reverb_plugin.sync.inventory import decide_stock
from reverb_plugin.sync.payload import make_payload
from reverb_plugin.sync.price import EXACT

ROUNDED = {
    Rounding.CENT: "rounded to the cent",
    Rounding.WHOLE: "rounded to the whole amount",
    Rounding.NINETY_NINE: "rounded to end in .99",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a calculation: what is done, and what it gives."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """The calculation for one product; ``note`` says what stands in its way."""

    sku: str
    title: str
    url: str | None
    price: tuple[Step, ...]
    stock: tuple[Step, ...]
    note: str


def choose_example(products: Iterable[Product], settings: Settings) -> Product | None:
    """A product that shows all rules: with a price, several in stock and in a condition that holds stock; else any."""
    best: tuple[int, Product] | None = None
    for product in products:
        if find_exclusion(product, settings) is not None:
            continue
        payload = make_payload(product, settings)
        rank = bool(payload.groups[Group.PRICE]) + 2 * bool(payload.holds_stock and (product.quantity or 0) > 1)
        if best is None or rank > best[0]:
            best = rank, product
        if rank == 3:  # noqa: PLR2004 - both
            break
    return None if best is None else best[1]


def work_example(product: Product, settings: Settings) -> WorkedExample:
    """How the product's price and stock become those on Reverb."""
    payload = make_payload(product, settings)
    exclusion = find_exclusion(product, settings)
    problems = [str(error) for error in payload.problems if error.field in {"price", "condition"}]
    note = " ".join([exclusion.message] if exclusion else [*problems, *payload.notes])
    return WorkedExample(
        product.sku,
        product.title,
        product.url,
        _price(product, settings, payload.groups[Group.PRICE].get("price")),
        _stock(product, settings, holds_stock=payload.holds_stock),
        note,
    )


def _price(product: Product, settings: Settings, sent: dict[str, str] | None) -> tuple[Step, ...]:
    if product.price is None or sent is None:
        return ()
    steps = [Step("In the shop", f"{product.price} {product.currency}")]
    if settings.price_percent:
        with localcontext(EXACT):
            adjusted = product.price * (1 + settings.price_percent / 100)
        steps.append(Step(_signed(settings.price_percent), f"{adjusted.normalize():f} {product.currency}"))
    return (*steps, Step(f"On Reverb, {ROUNDED[settings.price_rounding]}", f"{sent['amount']} {sent['currency']}"))


def _stock(product: Product, settings: Settings, *, holds_stock: bool) -> tuple[Step, ...]:
    if product.quantity is None:
        return ()
    shown = decide_stock(product.quantity, settings, holds_stock=holds_stock).quantity
    steps = [Step("In the shop", str(product.quantity))]
    if holds_stock and settings.stock_buffer:
        kept = max(0, product.quantity - settings.stock_buffer)
        steps.append(Step(f"{settings.stock_buffer} held back", str(kept)))
    if holds_stock and settings.stock_maximum is not None:
        steps.append(Step(f"At most {settings.stock_maximum} shown", str(shown)))
    if not holds_stock and product.quantity > 1:
        steps.append(Step("One of a kind: at most 1", str(shown)))
    return (*steps, Step("On Reverb" if shown else "On Reverb: the listing ends", str(shown)))


def _signed(percent: Decimal) -> str:
    return f"{'plus' if percent > 0 else 'minus'} {abs(percent):f} %"
