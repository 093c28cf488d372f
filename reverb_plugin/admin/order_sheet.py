"""An order as the page shows it: its state in words, its money, what was done and what is left to do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from reverb_plugin.admin.desk import Desk
from reverb_plugin.changes import Kind
from reverb_plugin.settings import OrderMode
from reverb_plugin.store.order_history import OrderJob
from reverb_plugin.store.orders import BY_HAND, BY_ORDER, OrderRow
from reverb_plugin.store.outbox import Trouble
from reverb_plugin.sync.order_rules import KNOWN_STATES, way_of
from reverb_plugin.sync.order_steps import Step

TONES: Mapping[str, str] = {
    "paid": "good",
    "shipped": "good",
    "picked_up": "good",
    "payment_pending": "warn",
    "pending_review": "warn",
    "blocked": "bad",
}
"""Of a status; the others that are known are quiet, and what is not known asks for a look."""

FAILING: Mapping[Kind, str] = {
    Kind.IMPORT_ORDER: "The shop could not be told",
    Kind.MOVE_STOCK: "The shop's stock could not be moved",
    Kind.SHIP_ORDER: "Reverb could not be told of the parcel",
}
UNDER_WAY: Mapping[Kind, str] = {
    Kind.IMPORT_ORDER: "The shop is being told.",
    Kind.MOVE_STOCK: "The shop's stock is being moved.",
    Kind.SHIP_ORDER: "Reverb is being told of the parcel.",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What did not work for an order, and why; ``retry_at`` is None when it waits for a person.

    ``is_placing``: the shop does not have the order.
    """

    kind: Kind
    message: str
    retry_at: datetime | None
    is_placing: bool

    @property
    def text(self) -> str:
        """What did not work."""
        return FAILING[self.kind]


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount of an order in words."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order. ``total`` is in the shop's currency; ``paid`` what the buyer saw, when that is another one.

    An order that was never paid has no total yet: ``subtotal`` stands for it then.
    """

    row: OrderRow
    state: str
    tone: str
    total: str | None
    subtotal: str | None
    paid: str | None
    payout: str | None
    told: tuple[str, ...]
    under_way: tuple[str, ...]
    failures: tuple[Failure, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the orders on Reverb were read. ``since_at`` is the first moment that counts, None before a first look.

    ``trouble`` is why the last look failed.
    """

    is_under_way: bool
    last_at: datetime | None
    next_at: datetime | None
    since_at: datetime | None
    trouble: Trouble | None


def make_lines(desk: Desk, rows: Collection[OrderRow]) -> dict[str, OrderLine]:
    """The lines of orders, by number; one query."""
    jobs = desk.store.order_history.jobs(rows)
    return {row.number: _line(desk, row, jobs[row.number]) for row in rows}


def _line(desk: Desk, row: OrderRow, jobs: Sequence[OrderJob]) -> OrderLine:
    return OrderLine(
        row=row,
        state=row.status.replace("_", " ").capitalize() or "No status",
        tone=TONES.get(row.status, "quiet" if row.status in KNOWN_STATES else "warn"),
        total=find_amount(row, "total"),
        subtotal=find_amount(row, "subtotal"),
        paid=None if _is_same_currency(row) else find_amount(row, "presented_total"),
        payout=find_amount(row, "payout"),
        told=desk.orders.told(row),
        under_way=tuple(UNDER_WAY[job.kind] for job in jobs if not job.message),
        failures=tuple(_failure(row, job) for job in jobs if job.message),
        steps=desk.orders.next_steps(row),
    )


def _failure(row: OrderRow, job: OrderJob) -> Failure:
    is_placing = job.kind is Kind.IMPORT_ORDER and row.host_order_id is None
    return Failure(job.kind, job.message, None if job.is_parked else job.available_at, is_placing)


AMOUNTS: Mapping[str, str] = {
    "price": "One piece",
    "subtotal": "All pieces",
    "shipping": "Shipping",
    "tax": "Tax",
    "total": "Total",
    "presented_total": "What the buyer saw",
    "payout": "Payout to you",
}


def amounts_of(row: OrderRow) -> tuple[Amount, ...]:
    """All that Reverb told of an order's money; what the buyer saw, where that was another currency."""
    shown = [name for name in AMOUNTS if name != "presented_total" or not _is_same_currency(row)]
    found = ((AMOUNTS[name], find_amount(row, name)) for name in shown)
    return tuple(Amount(words, text) for words, text in found if text is not None)


def find_amount(row: OrderRow, name: str) -> str | None:
    """An amount with its currency; None when Reverb does not tell it."""
    if name not in row.money:
        return None
    amount, currency = row.money[name]
    return f"{Decimal(amount):,f} {currency}"


def _is_same_currency(row: OrderRow) -> bool:
    """Whether the buyer saw the shop's currency."""
    return len({currency for _, currency in row.money.values()}) < 2  # noqa: PLR2004 - the shop's and the buyer's


def find_reading(desk: Desk) -> Reading:
    """How far the orders were read, and when that is done next; None of it while orders are off."""
    poll = desk.store.orders.find_poll()
    trouble = desk.store.find_trouble(Kind.POLL_ORDERS, desk.store.environment)
    if poll is None:
        return Reading(is_under_way=False, last_at=None, next_at=None, since_at=None, trouble=trouble)
    last_at, is_stuck = poll.last_began_at, trouble is not None and trouble.is_parked
    interval = timedelta(minutes=desk.settings.orders_poll_minutes)
    return Reading(
        is_under_way=poll.began_at is not None and trouble is None,
        last_at=last_at,
        next_at=None if last_at is None or is_stuck else max(last_at + interval, desk.clock.now()),
        since_at=poll.since_at,
        trouble=trouble,
    )


def find_lack(desk: Desk) -> str:
    """What the shop does not offer although the setting asks for it; empty when it offers all."""
    mode = desk.settings.orders
    way = way_of(desk.host, mode)
    if mode is OrderMode.OFF or way == BY_ORDER:
        return ""
    if way == BY_HAND:
        return "The plugin cannot change this shop's stock: what is sold on Reverb has to be lowered there by hand."
    return "This shop takes no orders: its stock is moved instead." if mode is not OrderMode.STOCK else ""
