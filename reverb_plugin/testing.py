"""For tests: a shop in memory, a clock that stands still, and the promises that every host adapter has to keep.

A shop's developer checks an adapter with plain pytest::

    from reverb_plugin.testing import HostConformance

    class TestMyShop(HostConformance):
        def make_host(self, products):
            return MyShop(database_with(products))
"""

import random
import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from reverb_plugin.clock import Clock
from reverb_plugin.errors import InvalidValueError
from reverb_plugin.host import Host, Line, OrderPlaced, Product, Refund, TakesQuantity, check_quantity
from reverb_plugin.host_orders import CancelsOrders, ChangesQuantity, OrderBuyer, ReverbOrder, TakesOrders

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FrozenClock(Clock):
    """A clock that moves only when it is told to; ``sleep`` moves it at once and waits for nothing.

    ``now`` and ``monotonic`` move together. ``random`` gives the same numbers in each run.
    """

    def __init__(self, now: datetime = NOON, *, seed: int = 0) -> None:
        if now.tzinfo is None:
            raise InvalidValueError("now", now, "must be aware")
        self._start_at = now.astimezone(UTC)
        self._elapsed_seconds = 0.0
        self._random = random.Random(seed)  # noqa: S311 - the same numbers each time are the point
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The time it was set to, and what it was advanced by since."""
        return self._start_at + timedelta(seconds=self._elapsed_seconds)

    def monotonic(self) -> float:
        """Seconds it was advanced by since it was made."""
        return self._elapsed_seconds

    def sleep(self, seconds: float) -> None:
        """Advance by ``seconds`` at once; nothing happens for zero or less."""
        if seconds > 0:
            self.advance(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Advance by ``seconds`` unless ``event`` is set; whether it is."""
        if not event.is_set():
            self.sleep(seconds)
        return event.is_set()

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass. Raises :class:`InvalidValueError` for less than zero: this clock does not go back."""
        if seconds < 0:
            raise InvalidValueError("seconds", seconds, "must be 0 or more")
        with self._lock:
            self._elapsed_seconds += seconds

    def random(self) -> float:
        """The next number in [0, 1) of the sequence that ``seed`` gives."""
        return self._random.random()


class FakeHost:
    """A shop in memory that works: products come, change and go, are sold and refunded, from any thread. It takes
    Reverb's orders over and lets its stock be changed.

    ``fail`` makes it raise until ``heal``.
    """

    def __init__(self, products: Iterable[Product] = ()) -> None:
        self.reasons: list[tuple[str, str]] = []
        self.orders: dict[str, ReverbOrder] = {}
        self.cancelled: dict[str, int] = {}
        self._changes: dict[str, int] = {}
        self._lock = threading.RLock()
        self._products: dict[str, Product] = {}
        self._skus: list[str] = []
        self._failures: dict[str | None, Exception] = {}
        self._orders = 0
        self.add(*products)

    def find_product(self, sku: str) -> Product | None:
        """The product as it is now, or None."""
        with self._lock:
            self._raise_failure(None)
            self._raise_failure(sku)
            return self._products.get(sku)

    def iter_products(self, after_sku: str | None = None) -> Iterator[Product]:
        """The products by SKU, each read when it is asked for."""
        while (product := self._next_product(after_sku)) is not None:
            yield product
            after_sku = product.sku

    def add(self, *products: Product) -> None:
        """Put new products into the shop. Raises :class:`InvalidValueError` for a SKU that it has."""
        with self._lock:
            for product in products:
                if product.sku in self._products:
                    raise InvalidValueError("sku", product.sku, "is in the shop already")
                self._products[product.sku] = product
                insort(self._skus, product.sku)

    def replace(self, product: Product) -> Product:
        """Save ``product`` over the one with its SKU; KeyError when there is none. Gives the product back."""
        with self._lock:
            if product.sku not in self._products:
                raise KeyError(product.sku)
            self._products[product.sku] = product
        return product

    def change(self, sku: str, **fields: object) -> Product:
        """Save the product of this SKU with other ``fields``, and give it back: ``change("A-1", quantity=0)``."""
        with self._lock:
            return self.replace(replace(self._products[sku], **fields))  # type: ignore[arg-type]  # Product checks them

    def remove(self, sku: str) -> Product:
        """Take the product out of the shop, and give it back; KeyError when there is none."""
        with self._lock:
            product = self._products.pop(sku)
            del self._skus[bisect_left(self._skus, sku)]
            return product

    def sell(self, sku: str, quantity: int = 1) -> OrderPlaced:
        """An order: the stock falls. The event is what the shop would hand to ``on_order_placed``.

        An unknown quantity stays unknown. Raises :class:`InvalidValueError` when there is not enough.
        """
        with self._lock:
            self._move_stock(sku, -quantity)
            return OrderPlaced(self._next_order_id(), (Line(sku, quantity),))

    def set_quantity(self, sku: str, quantity: int, reason: str) -> None:
        """Take over a quantity from Reverb; ``reasons`` remembers why."""
        self.change(sku, quantity=quantity)
        self.reasons.append((sku, reason))

    def change_quantity(self, sku: str, difference: int, reason: str, key: str) -> int:
        """Add to the stock, once for each key; ``reasons`` remembers why."""
        with self._lock:
            self._raise_failure(sku)
            if key not in self._changes:
                quantity = self._products[sku].quantity or 0
                self._changes[key] = max(difference, -quantity)
                self.change(sku, quantity=quantity + self._changes[key])
                self.reasons.append((sku, reason))
            return self._changes[key]

    def find_order(self, order_number: str) -> str | None:
        """The id of the order with Reverb's number, or None."""
        with self._lock:
            self._raise_failure(order_number)
            return next((each for each, order in self.orders.items() if order.order_number == order_number), None)

    def place_order(self, order: ReverbOrder) -> str:
        """Take an order of Reverb's over: the stock falls, to 0 at the least. A second one with its number is none."""
        with self._lock:
            found = self.find_order(order.order_number)
            if found is not None:
                return found
            self._take(order.sku, -order.quantity)
            order_id = self._next_order_id()
            self.orders[order_id] = order
            return order_id

    def update_order(self, order_id: str, order: ReverbOrder) -> None:
        """The order is now as given."""
        with self._lock:
            self.orders[order_id] = order

    def cancel_order(self, order_id: str, order: ReverbOrder, restock: int) -> None:
        """Call an order off, once; ``cancelled`` remembers how many pieces went back into stock."""
        with self._lock:
            if order_id not in self.cancelled:
                self.cancelled[order_id] = restock
                self.orders[order_id] = order
                self._take(order.sku, restock)

    def refund(self, sku: str, quantity: int = 1, *, order_id: str | None = None) -> Refund:
        """A refund with the goods back: the stock rises. The event is what goes to ``on_refund``."""
        with self._lock:
            self._move_stock(sku, quantity)
            return Refund(order_id or self._next_order_id(), (Line(sku, quantity),))

    def fail(self, error: Exception, *, sku: str | None = None) -> None:
        """From now on raise ``error`` when asked for anything, or only when asked for ``sku``."""
        with self._lock:
            self._failures[sku] = error

    def heal(self) -> None:
        """Raise nothing any more."""
        with self._lock:
            self._failures.clear()

    def _next_product(self, after_sku: str | None) -> Product | None:
        with self._lock:
            self._raise_failure(None)
            index = 0 if after_sku is None else bisect_right(self._skus, after_sku)
            if index == len(self._skus):
                return None
            self._raise_failure(self._skus[index])
            return self._products[self._skus[index]]

    def _move_stock(self, sku: str, difference: int) -> None:
        quantity = self._products[sku].quantity
        if quantity is not None:
            self.change(sku, quantity=check_quantity(quantity + difference))

    def _take(self, sku: str, difference: int) -> None:
        product = self._products.get(sku)
        if product is not None and product.quantity is not None:
            self.change(sku, quantity=max(0, product.quantity + difference))

    def _next_order_id(self) -> str:
        self._orders += 1
        return f"ORDER-{self._orders}"

    def _raise_failure(self, sku: str | None) -> None:
        if (error := self._failures.get(sku)) is not None:
            raise error.with_traceback(None)


class HostConformance:
    """What every host adapter promises, as tests. Subclass it, name the subclass ``Test...``, define ``make_host``.

    Nothing beyond plain pytest is needed; fixtures of your own may be used as in any test class. What your shop
    cannot hold you take out: a SKU by overriding ``skus``, a whole promise by ``test_... = None``.

    Two promises of the port cannot be proved from outside and stay yours: ``find_product`` reads the *committed*
    product and no cache, and ``iter_products`` reads page by page and does not hold the whole catalogue in memory.
    """

    #: SKUs as real sellers write them; the shop under test is filled with one product for each.
    skus: ClassVar[tuple[str, ...]] = (
        "Guitar-1", "Guitar-10", "Guitar-2", "PEDAL_7", "amp-3", "0012", "12", "A B C", "it's", 'the "one"', "100%",
        "50% off", "a/b", "../up", "back\\slash", "semi;colon", "SKU?a=1&b=2#c", "Ünïcode-ß", "日本-1", "😀", "*",
        "Z" * 64,
    )  # fmt: skip

    def make_host(self, products: Sequence[Product]) -> Host:
        """The adapter under test, over a shop that holds exactly ``products``. Override this."""
        raise NotImplementedError("override make_host(self, products): return your adapter over a shop with these")

    def test_implements_the_host_protocol(self) -> None:
        """The adapter has the methods that the plugin calls."""
        _expect(
            isinstance(self.make_host([]), Host),
            "Give the adapter the methods find_product(sku) and iter_products(after_sku=None).",
        )

    def test_find_product_finds_each_product(self) -> None:
        """find_product gives each product of the shop by its own SKU, whatever characters that holds."""
        host = self.make_host(self._catalogue())
        for sku in self.skus:
            product = host.find_product(sku)
            _expect(product is not None, f"find_product({sku!r}) must find the product: pass the SKU as a parameter.")
            _expect(
                isinstance(product, Product) and product.sku == sku,
                f"find_product({sku!r}) gave {product!r}: return a reverb_plugin.Product with exactly this SKU.",
            )

    def test_find_product_gives_none_for_an_unknown_sku(self) -> None:
        """find_product gives None, and raises nothing, for a SKU that the shop does not have."""
        host = self.make_host([self._product("Guitar-1")])
        for sku in ("Guitar-2", "Guitar", "uitar-1", *_STRANGE):
            _expect(
                host.find_product(sku) is None,
                f"find_product({sku!r}) must be None in a shop with only 'Guitar-1': compare the whole SKU with =, "
                "never with LIKE, a pattern or a search index.",
            )

    def test_find_product_compares_the_sku_exactly(self) -> None:
        """Case and blanks make another SKU."""
        host = self.make_host([self._product("Guitar-1")])
        for sku in ("guitar-1", "GUITAR-1", " Guitar-1", "Guitar-1 ", "Guitar -1", "Guitar-1\n", "Guitar-1\t"):
            _expect(
                host.find_product(sku) is None,
                f"find_product({sku!r}) must not find 'Guitar-1': compare case and blanks too (many databases ignore "
                "them: use a binary collation, or compare the SKU of what was found once more in Python).",
            )

    def test_iter_products_gives_every_product_once(self) -> None:
        """iter_products leaves nothing out and repeats nothing."""
        skus = [product.sku for product in self.make_host(self._catalogue()).iter_products()]
        _expect(len(skus) == len(set(skus)), f"iter_products gave a SKU twice: {skus}. Join no other table.")
        _expect(
            set(skus) == set(self.skus),
            f"iter_products must give exactly the products of the shop; differing: {set(skus) ^ set(self.skus)}.",
        )

    def test_iter_products_ascends_by_sku(self) -> None:
        """iter_products goes up by SKU as Python compares text, capitals before small letters."""
        skus = [product.sku for product in self.make_host(self._catalogue()).iter_products()]
        _expect(
            skus == sorted(skus),
            f"iter_products must ascend by SKU, character by character; it gave {skus}. Order by the SKU with a binary "
            'collation (PostgreSQL: COLLATE "C", MySQL: utf8mb4_bin, SQLite: BINARY).',
        )

    def test_iter_products_continues_after_a_sku(self) -> None:
        """iter_products(after_sku) gives what comes behind that SKU, and not that SKU again."""
        host = self.make_host(self._catalogue())
        skus = sorted(self.skus)
        for index, after_sku in enumerate(skus):
            rest = [product.sku for product in host.iter_products(after_sku)]
            _expect(
                rest == skus[index + 1 :],
                f"iter_products(after_sku={after_sku!r}) must give {skus[index + 1 :]}, gave {rest}: select with "
                "sku > after_sku, in the same collation as the order.",
            )

    def test_iter_products_continues_after_a_sku_that_is_gone(self) -> None:
        """A product deleted between two pages does not end the walk."""
        host = self.make_host([self._product("A-1"), self._product("C-1")])
        for after_sku, rest in (("", ["A-1", "C-1"]), ("A-0", ["A-1", "C-1"]), ("B-1", ["C-1"]), ("D-1", [])):
            _expect(
                [product.sku for product in host.iter_products(after_sku)] == rest,
                f"iter_products(after_sku={after_sku!r}) over A-1 and C-1 must give {rest}: compare with >, do not "
                "look after_sku up first.",
            )

    def test_iter_products_of_an_empty_shop_is_empty(self) -> None:
        """A shop without products is no error."""
        _expect(list(self.make_host([]).iter_products()) == [], "iter_products of an empty shop must give nothing.")

    def test_iter_products_gives_an_iterator_that_can_be_left(self) -> None:
        """The walk can be left after the first product, and two walks do not disturb each other."""
        host = self.make_host(self._catalogue())
        first, second = host.iter_products(), host.iter_products()
        _expect(
            iter(first) is first and not isinstance(first, Sequence),
            "iter_products must return an iterator, best a generator that reads page by page, not a list.",
        )
        in_turn = [(next(first).sku, next(second).sku) for _ in range(3)]
        _expect(
            in_turn == [(sku, sku) for sku in sorted(self.skus)[:3]],
            "Two iterators of iter_products must be independent: keep the position in the generator, not in self.",
        )
        del first
        _expect(
            len(list(host.iter_products())) == len(self.skus),
            "After a walk that was left in the middle, a new one must begin at the first product.",
        )

    def test_both_ways_give_the_same_product(self) -> None:
        """find_product and iter_products tell the same of a product."""
        host = self.make_host(self._catalogue())
        for product in host.iter_products():
            found = host.find_product(product.sku)
            _expect(
                isinstance(product, Product) and found == product,
                f"iter_products gave {product!r}, find_product gave {found!r}: build both with one function.",
            )

    def test_money_is_exact(self) -> None:
        """A price arrives to the cent, with its currency."""
        for price in ("0.10", "19.99", "1299.95", "24999.00"):
            found = _get(self.make_host([self._product("A-1", price=Decimal(price))]), "A-1")
            _expect(
                found.price == Decimal(price) and found.currency == "USD",
                f"The price {price} USD arrived as {found.price} {found.currency}: read it as Decimal from the "
                "database's text or decimal type; never let it be a float.",
            )

    def test_quantity_is_what_can_be_sold(self) -> None:
        """A quantity arrives as it is; none in stock is 0."""
        for quantity in (0, 1, 250):
            found = _get(self.make_host([self._product("A-1", quantity=quantity)]), "A-1")
            _expect(
                found.quantity == quantity,
                f"The quantity {quantity} arrived as {found.quantity!r}: 0 is a quantity too (`quantity or None` "
                "makes it unknown).",
            )

    def test_unknown_quantity_stays_unknown(self) -> None:
        """A quantity that the shop does not know is None and never 0: 0 would end the listing."""
        found = _get(self.make_host([self._product("A-1", quantity=None)]), "A-1")
        _expect(
            found.quantity is None,
            f"The unknown quantity arrived as {found.quantity!r}: give None where the shop keeps no stock for the "
            "product (an empty or NULL field, stock keeping switched off).",
        )

    def test_text_arrives_whole(self) -> None:
        """Title and description arrive with their quotes, accents and HTML."""
        description = '<p>Fully hollow body &amp; a "Florentine" cutaway.</p>\n<p>It\'s 100 % original – naïve, no?</p>'
        sent = self._product("A-1", title='Gürtelrose 63\' "Reissue" – 日本 100%', description=description)
        found = _get(self.make_host([sent]), "A-1")
        _expect(
            (found.title, found.description) == (sent.title, sent.description),
            f"Title and description must arrive unchanged, as UTF-8 and with HTML; they came as {found.title!r} and "
            f"{found.description!r}.",
        )

    def test_answers_in_other_threads(self) -> None:
        """The worker asks from threads of its own, several at once."""
        host = self.make_host(self._catalogue())

        def fault(sku: str) -> str:
            try:
                found, walked = host.find_product(sku), sum(1 for _ in host.iter_products())
            except Exception as error:  # noqa: BLE001 - whatever the adapter raises is the finding
                return f"{sku!r}: {error!r}"
            is_right = found is not None and found.sku == sku and walked == len(self.skus)
            return "" if is_right else f"wrong answer for {sku!r}"

        with ThreadPoolExecutor(max_workers=4) as pool:
            faults = [found for found in pool.map(fault, self.skus) if found]
        _expect(
            not faults,
            f"The adapter failed when called from other threads ({faults[:1]}): open a connection for each call or "
            "thread, and keep no position or cursor in self.",
        )

    def test_changes_of_stock_count_once(self) -> None:
        """Where the shop offers change_quantity: the same key changes nothing the second time, and 0 is the least."""
        host = self.make_host([self._product("A-1", quantity=3)])
        if not isinstance(host, ChangesQuantity):
            return
        steps = [
            ("a", -2, -2, 1),
            ("a", -2, -2, 1),
            ("b", -2, -1, 0),
            ("b", -2, -1, 0),
            ("c", 4, 4, 4),
            ("a", -2, -2, 4),
        ]
        for key, difference, added, left in steps:
            given = host.change_quantity("A-1", difference, "test", key)
            quantity = _get(host, "A-1").quantity
            _expect(
                (given, quantity) == (added, left),
                f"change_quantity by {difference} with the key {key!r} must give {added} and leave {left}, not {given} "
                f"and {quantity}: keep each key with what it gave, in the transaction that changes the stock.",
            )

    def test_set_quantity_sets_the_quantity(self) -> None:
        """Where the shop offers set_quantity: the product has that quantity afterwards."""
        host = self.make_host([self._product("A-1", quantity=3)])
        if not isinstance(host, TakesQuantity):
            return
        for quantity in (0, 7):
            host.set_quantity("A-1", quantity, "test")
            found = _get(host, "A-1").quantity
            _expect(found == quantity, f"After set_quantity to {quantity} the product has {found}: commit the change.")

    def test_an_order_is_placed_once(self) -> None:
        """Where the shop takes orders: one number is one order, found by it, and the stock falls once."""
        host = self.make_host([self._product("A-1", quantity=3)])
        if not isinstance(host, TakesOrders):
            return
        order = ReverbOrder(
            "90000101", "paid", "A-1", "Chorus Pedal", 2, OrderBuyer("7", "Pat Example"), currency="USD"
        )
        _expect(host.find_order("90000101") is None, "find_order must give None for a number that was never placed.")
        first, second = host.place_order(order), host.place_order(order)
        _expect(
            first == second == host.find_order("90000101"),
            f"place_order gave {first!r} and then {second!r}, find_order {host.find_order('90000101')!r}: put a unique "
            "key on Reverb's number, and give the id of the order that is there.",
        )
        quantity = _get(host, "A-1").quantity
        _expect(quantity == 1, f"After an order of 2 of 3 pieces the product has {quantity}: take the stock off once.")

    def test_an_order_is_called_off_once(self) -> None:
        """Where the shop calls orders off: the pieces go back into stock once."""
        before = 3
        host = self.make_host([self._product("A-1", quantity=before)])
        if not (isinstance(host, TakesOrders) and isinstance(host, CancelsOrders)):
            return
        order = ReverbOrder("90000101", "cancelled", "A-1", "Chorus Pedal", 2, OrderBuyer("7"), currency="USD")
        order_id = host.place_order(order)
        for _ in range(2):
            host.cancel_order(order_id, order, 2)
        quantity = _get(host, "A-1").quantity
        _expect(quantity == before, f"Called off twice, the product has {quantity} instead of {before}: do it once.")

    def _catalogue(self) -> list[Product]:
        return [self._product(sku) for sku in self.skus]

    def _product(self, sku: str, **fields: object) -> Product:
        usual = {"title": "Chorus Pedal", "price": Decimal("99.00"), "quantity": 3, "condition": "New"}
        return Product(sku, **usual | fields)  # type: ignore[arg-type]  # Product checks them


#: SKUs that no shop under test has; each breaks a way of asking that looks right.
_STRANGE = (
    "", " ", "%", "_", "Guitar_1", "Guitar%", "*", "'", '"', "' OR '1'='1", "Guitar-1'; --", "a/b", "..", "\\", "{}",
    "%s", "?", ":sku", "None", "null", "0", "Gui\u0301tar-1", "Ｇuitar-1", "日本", "😀",
    "\N{ZERO WIDTH SPACE}Guitar-1", "x" * 300,
)  # fmt: skip


def _expect(kept: bool, sentence: str) -> None:
    # no plain assert: this module is not rewritten by pytest, and python -O would drop the promise
    if not kept:
        raise AssertionError(sentence)


def _get(host: Host, sku: str) -> Product:
    product = host.find_product(sku)
    if product is None:
        raise AssertionError(f"find_product({sku!r}) must find the product that make_host was given.")
    return product
