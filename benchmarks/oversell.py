"""How often a piece is sold twice: a busy shop and Reverb sell from one stock, event by event, in simulated time.

The same customers come in each case. The peers' way is a model of what their code does; ours is the plugin itself.
"""

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

import reverb_plugin
from benchmarks.figure import Figure
from reverb_plugin.hooks import on_order_placed, on_product_saved
from reverb_plugin.host import Product
from reverb_plugin.plugin import Plugin
from reverb_plugin.simulator import Simulator
from reverb_plugin.simulator.door import DoorError
from reverb_plugin.testing import FakeHost, FrozenClock

SKUS = tuple(f"P{number:02}" for number in range(20))
MINUTE, DAY = 60.0, 86_400.0
PEERS_POLL = DAY
OUR_POLL = 5 * MINUTE
BETWEEN_CUSTOMERS = 5 * MINUTE
DELIVERED = 5
"""Pieces of each product that arrive each day: less than could be sold, so that the last piece is often at stake."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody wants a piece, in the shop or on Reverb."""

    at: float
    sku: str
    on_reverb: bool


def customers(seed: int) -> Iterator[Customer]:
    """They come at random, one about every five minutes."""
    numbers, at = random.Random(seed), 0.0
    while True:
        at += numbers.expovariate(1 / BETWEEN_CUSTOMERS)
        yield Customer(at, numbers.choice(SKUS), numbers.random() < 0.5)


class Channels:
    """Both channels; ``pieces`` are those that are really there."""

    def __init__(self, simulator: Simulator, host: FakeHost, plugin: Plugin, clock: FrozenClock) -> None:
        self.door = simulator.door
        self.host = host
        self.plugin = plugin
        self.clock = clock
        self.pieces = dict.fromkeys(SKUS, DELIVERED)
        self.listing_ids: dict[str, int] = {}
        self.sales = self.oversells = self.unexplained = 0
        self.last_piece_at: dict[str, float] = {}
        self.began = clock.monotonic()

    def serve(self, customer: Customer) -> bool:
        """Sells a piece when the channel shows one; whether it did."""
        if customer.on_reverb:
            try:
                self.door.buy(self.listing_ids[customer.sku])
            except DoorError:
                return False
        else:
            if not self.quantity(customer.sku):
                return False
            self.sell(customer.sku)
        self.sales += 1
        if self.pieces[customer.sku]:
            self.pieces[customer.sku] -= 1
            self.last_piece_at[customer.sku] = customer.at
        else:
            self.oversells += 1
            self.unexplained += customer.at - self.last_piece_at.get(customer.sku, 0.0) > OUR_POLL + MINUTE
        return True

    def quantity(self, sku: str) -> int:
        """How many the shop thinks it has."""
        product = self.host.find_product(sku)
        return 0 if product is None else product.quantity or 0

    def deliver(self) -> None:
        """The day's delivery is entered in the shop."""
        for sku in SKUS:
            self.pieces[sku] += DELIVERED
            self.host.change(sku, quantity=self.quantity(sku) + DELIVERED)
            self.tell(sku)

    def go_on_to(self, at: float) -> None:
        """Time passes."""
        self.clock.advance(max(0.0, self.began + at - self.clock.monotonic()))

    def sell(self, sku: str) -> None:
        """A piece is sold in the shop."""
        raise NotImplementedError

    def tell(self, sku: str) -> None:
        """The shop has another number, and Reverb has to know."""
        raise NotImplementedError

    def look(self) -> None:
        """It is time to look for orders."""
        raise NotImplementedError


class Ours(Channels):
    """The plugin."""

    poll = OUR_POLL

    def sell(self, sku: str) -> None:
        """As its way is."""
        on_order_placed(self.host.sell(sku), plugin=self.plugin)
        self.plugin.drain(30)

    def tell(self, sku: str) -> None:
        """As its way is."""
        on_product_saved(sku, plugin=self.plugin)

    def look(self) -> None:
        """As its way is."""
        self.plugin.orders.look_now()
        self.plugin.drain(120)


class Peers(Channels):
    """What the existing plugins do: the shop's number goes to Reverb as it is, and orders come once a day."""

    poll = PEERS_POLL

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.bought: list[str] = []

    def serve(self, customer: Customer) -> bool:
        """As its way is."""
        sold = super().serve(customer)
        if sold and customer.on_reverb:
            self.bought.append(customer.sku)
        return sold

    def sell(self, sku: str) -> None:
        """As its way is."""
        self.host.sell(sku)
        self.tell(sku)

    def tell(self, sku: str) -> None:
        """As its way is."""
        self.plugin.client.update_listing(str(self.listing_ids[sku]), {"inventory": self.quantity(sku)})

    def look(self) -> None:
        """As its way is."""
        for sku in self.bought:
            self.host.change(sku, quantity=max(0, self.quantity(sku) - 1))
            self.tell(sku)
        self.bought.clear()


def simulate(way: type[Channels], sales: int, **settings: str) -> tuple[float, float]:
    """Oversells per 1,000 sales, and those of them that came later than the last piece's sale can take to be known."""
    with _channels(way, settings) as channels:
        poll, next_poll, next_delivery, news = channels.poll, 0.0, DAY, False  # type: ignore[attr-defined]
        for customer in customers(seed=7):
            while (at := min(next_poll, next_delivery)) <= customer.at:
                channels.go_on_to(at)
                if next_delivery <= next_poll:
                    channels.deliver()
                    next_delivery, news = next_delivery + DAY, True
                else:
                    if news:  # a look that finds nothing is only time
                        channels.look()
                    next_poll, news = next_poll + poll, False
            channels.go_on_to(customer.at)
            news |= channels.serve(customer)
            if channels.sales >= sales:
                break
        return 1000 * channels.oversells / channels.sales, 1000 * channels.unexplained / channels.sales


@contextmanager
def _channels(way: type[Channels], settings: dict[str, str]) -> Iterator[Channels]:
    clock = FrozenClock()
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(clock=clock, index_lag_seconds=0, publish_delay_seconds=0, photo_delay_seconds=0) as simulator,
    ):
        host = FakeHost(_product(sku) for sku in SKUS)
        plugin = reverb_plugin.configure(
            host, token=simulator.token, api_url=simulator.url, data_dir=folder, worker="none", clock=clock
        )
        try:
            for name, text in {
                "requests_per_minute": "600",
                "orders": "stock",
                "auto_publish": "on",
                **settings,
            }.items():
                plugin.configuration.save(name, text)
            for sku in SKUS:
                on_product_saved(sku, plugin=plugin)
            plugin.drain(600)
            simulator.door.publish_now()
            channels = way(simulator, host, plugin, clock)
            channels.listing_ids = {sku: simulator.door.listing(sku)["id"] for sku in SKUS}
            yield channels
        finally:
            plugin.close()


def _product(sku: str) -> Product:
    return Product(
        sku, title=f"Pedal {sku}", price=Decimal("99.00"), quantity=DELIVERED, make="Boss", model="DS-1", upc="",
        condition="B-Stock", categories=("e57deb7a-382b-4e18-a008-67d4fbcb2879",),
    )  # fmt: skip


def measure(*, quick: bool) -> Sequence[Figure]:
    """Oversells per 1,000 sales in each way."""
    sales = 10 if quick else 1000
    peers, _ = simulate(Peers, sales)
    ours, unexplained = simulate(Ours, sales)
    buffered, _ = simulate(Ours, sales, stock_buffer="1")
    unit = "of 1,000 sales"
    return [
        Figure("oversells: absolute push, orders once a day (the peers)", peers, 1000, unit),
        Figure("oversells: ours, orders every 5 minutes", ours, 20, unit),
        Figure("oversells: ours, not explained by the 5 minutes", unexplained, 0, unit),
        Figure("oversells: ours with a stock buffer of 1", buffered, 1, unit),
    ]
