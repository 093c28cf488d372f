"""The counter of the sample shop: what people do there, and how both sides stand afterwards."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import count
from typing import Any, Literal

from reverb_plugin.demo.shop import SampleShop
from reverb_plugin.host import Product
from reverb_plugin.simulator.door import SimulatorDoor

Place = Literal["shop", "Reverb"]

FIRST_ORDER = 3001
LARGEST_NUMBER = 100_000


class CounterError(Exception):
    """It cannot be done as it was asked for; the text is for the person."""


@dataclass(slots=True)
class Purchase:
    """Something that was bought: the order's number, where, what, how much of it, and whether it was paid back."""

    number: str
    place: Place
    sku: str
    quantity: int
    is_refunded: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """A product as the shop has it, beside its listing as Reverb has it, or None."""

    product: Product
    listing: Mapping[str, Any] | None

    @property
    def reverbs_stock(self) -> int | None:
        """How many Reverb would sell: of a one-of-a-kind item its state tells."""
        if self.listing is None:
            return None
        if self.listing["has_inventory"]:
            return int(self.listing["inventory"])
        return 0 if self.listing["state"] == "ended" else 1

    @property
    def is_live(self) -> bool:
        """Whether it can be bought on Reverb."""
        return self.listing is not None and self.listing["state"] == "live"

    @property
    def is_in_step(self) -> bool:
        """Whether both sides show the same price and the same stock."""
        if self.listing is None or self.product.price is None:
            return False
        return Decimal(self.listing["price"]) == self.product.price and self.reverbs_stock == self.product.quantity


class Counter:
    """One thing at a time happens here, however many windows are open."""

    def __init__(self, shop: SampleShop, door: SimulatorDoor) -> None:
        self._shop = shop
        self._door = door
        self._lock = threading.Lock()
        self._numbers = count(FIRST_ORDER)
        self._purchases: list[Purchase] = []

    def sides(self) -> Sequence[Side]:
        """All products, those first that can be bought on Reverb."""
        listings = {listing["sku"]: listing for listing in self._door.listings()}
        sides = [Side(product, listings.get(product.sku)) for product in self._shop.products().values()]
        return sorted(sides, key=lambda side: not side.is_live)

    def find_side(self, sku: str) -> Side | None:
        """One product; None when the shop does not have it."""
        product = self._shop.products().get(sku)
        return None if product is None else Side(product, self._door.find_listing(sku))

    def purchases(self, sku: str) -> Sequence[Purchase]:
        """What was bought of a product, newest first."""
        return [purchase for purchase in reversed(self._purchases) if purchase.sku == sku]

    def edit(self, sku: str, title: str, price: str, quantity: str, shown_quantity: str | None = None) -> None:
        """Someone edits a product and saves it; a stock left as the form showed it is as sales have made it since.

        Raises:
            InvalidValueError: the shop's product cannot have this value.
            CounterError: the price is no number, or the stock is none.
        """
        with self._lock:
            edited: dict[str, Any] = {"title": title, "price": _read_price(price)}
            if quantity != shown_quantity:
                edited["quantity"] = _read_number(quantity, "stock", 0)
            self._shop.save(sku, **edited)

    def buy_here(self, sku: str, quantity: str) -> None:
        """A customer buys in the shop; CounterError when there is not enough of it."""
        with self._lock:
            wanted, there = _read_number(quantity, "quantity", 1), self._shop.product(sku).quantity or 0
            if wanted > there:
                raise CounterError(f"The shop has {there}, not {wanted}.")
            number = str(next(self._numbers))
            self._shop.sell(number, sku, wanted)
            self._purchases.append(Purchase(number, "shop", sku, wanted))

    def buy_on_reverb(self, sku: str, quantity: str) -> None:
        """A buyer buys on Reverb; DoorError when the listing is not live or has less."""
        with self._lock:
            wanted = _read_number(quantity, "quantity", 1)
            number = self._door.buy(self._door.listing(sku)["id"], wanted)
            self._purchases.append(Purchase(number, "Reverb", sku, wanted))

    def arrived(self, purchases: Sequence[Purchase]) -> Mapping[str, str]:
        """The purchases on Reverb that are orders in the shop by now, each with what Reverb calls its state."""
        orders = self._shop.csv.orders
        return {
            purchase.number: orders[f"R-{purchase.number}"].status
            for purchase in purchases
            if f"R-{purchase.number}" in orders
        }

    def ship(self, number: str) -> None:
        """Somebody packs an order of Reverb's in the shop; StoryError before it has arrived there."""
        with self._lock:
            self._shop.ship(number)

    def refund(self, number: str) -> None:
        """Pays back a purchase; the shop puts what comes back on its shelf. CounterError when it was before."""
        with self._lock:
            purchase = next((each for each in self._purchases if each.number == number), None)
            if purchase is None or purchase.is_refunded:
                raise CounterError("There is nothing to pay back.")
            if purchase.place == "shop":
                self._shop.take_back(number, purchase.sku, purchase.quantity)
            else:
                self._door.request_refund(number, state="approved")
            purchase.is_refunded = True


def _read_price(text: str) -> Decimal:
    try:
        return Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise CounterError(f"The price has to be a number, not {text!r}.") from None


def _read_number(text: str, name: str, least: int) -> int:
    cleaned = text.strip()
    if not (cleaned.isascii() and cleaned.isdigit() and least <= int(cleaned) <= LARGEST_NUMBER):
        raise CounterError(f"The {name} has to be a whole number from {least} on, not {text!r}.")
    return int(cleaned)
