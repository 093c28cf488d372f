"""Orders on Reverb as they were last seen, and what they have moved in the shop's stock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, literal, or_, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert

from reverb_plugin.changes import Kind
from reverb_plugin.guard import is_echo
from reverb_plugin.settings import Environment
from reverb_plugin.store.outbox import PARKED
from reverb_plugin.store.schema import orders, outbox, utc_text

BY_STOCK, BY_ORDER, BY_HAND = "stock", "order", "hand"
"""How an order moves the shop's stock: we move it, the shop does when it gets the order, or a person has to."""

OFF_STATES = ("cancelled", "refunded", "blocked")
CLOSED_STATES = ("received", "presumed_received", "picked_up", *OFF_STATES)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order.

    ``sku`` is the shop's. The ledger: ``due`` units ought to be out of the shop's stock, ``taken`` are, ``short`` are
    not because the shop had no more, ``returned`` came back through the shop itself or were short and settled by a
    person; ``moving`` is what the movement under way does to ``taken``. ``restock`` is how many pieces shall go back,
    None until somebody has decided. ``told`` is the fingerprint that the shop was last told, or without
    ``host_order_id`` that it was about to be told: it may have the order. ``seen_at`` is since when we know that Reverb
    has counted down for it, ``off_seen_at`` since when that it was called off. ``is_old``: from before the first day,
    or not in the shop yet when orders were turned off; left alone.
    """

    number: str
    status: str
    sku: str = ""
    quantity: int = 1
    bundle_id: str = ""
    listing_id: str = ""
    title: str = ""
    money: Mapping[str, Any] = field(default_factory=dict)
    local_pickup: bool = False
    shipping_provider: str = ""
    tracking_number: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    buyer_name: str | None = None
    ship_to: str | None = None
    created_at: datetime | None = None
    paid_at: datetime | None = None
    updated_at: datetime | None = None
    seen_at: datetime | None = None
    off_seen_at: datetime | None = None
    fingerprint: str = ""
    is_old: bool = False
    way: str = BY_STOCK
    due: int = 0
    taken: int = 0
    short: int = 0
    returned: int = 0
    moving: int = 0
    restock: int | None = None
    host_order_id: str | None = None
    told: str | None = None
    is_off_in_shop: bool = False
    refund_asked: bool = False
    note: str = ""

    @property
    def owed(self) -> int:
        """The units that still have to leave the shop's stock; negative when some have to come back."""
        return self.due - self.taken - self.short

    @property
    def may_be_in_shop(self) -> bool:
        """The shop has it, or was asked to take it and the answer is not known."""
        return self.host_order_id is not None or self.told is not None

    @property
    def is_off(self) -> bool:
        """It was called off."""
        return self.status in OFF_STATES


_COLUMNS = tuple(OrderRow.__dataclass_fields__)
_new = insert(orders)
_SAVE = _new.on_conflict_do_update(
    index_elements=["environment", "number"],
    set_={name: _new.excluded[name] for name in _COLUMNS if name != "number"},
)


def find(connection: Connection, environment: str, number: str) -> OrderRow | None:
    """The order with Reverb's number."""
    return find_all(connection, environment, [number]).get(number)


def find_all(connection: Connection, environment: str, numbers: Iterable[str]) -> Mapping[str, OrderRow]:
    """The orders with these numbers."""
    query = select(orders).where(orders.c.environment == environment, orders.c.number.in_(list(numbers)))
    return {row.number: _order(row) for row in connection.execute(query)}


def find_by_host(connection: Connection, environment: str, host_order_id: str) -> OrderRow | None:
    """The order that the shop knows by this id."""
    query = select(orders).where(orders.c.environment == environment, orders.c.host_order_id == host_order_id)
    row = connection.execute(query.limit(1)).one_or_none()
    return None if row is None else _order(row)


def save(connection: Connection, environment: str, row: OrderRow) -> None:
    """Remembers an order in place of what was known of it."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    values |= {"environment": environment, "money": dict(row.money), "links": dict(row.links)}
    connection.execute(_SAVE, values)


_OWED = orders.c.due - orders.c.taken - orders.c.short


def leave_untouched(connection: Connection, environment: str) -> None:
    """Leaves all orders alone that have moved nothing in the shop, but those that a person is asked to see to."""
    is_untouched = orders.c.taken == 0, orders.c.short == 0, orders.c.moving == 0, orders.c.host_order_id.is_(None)
    chosen = orders.c.environment == environment, ~orders.c.is_old, orders.c.way != BY_HAND, *is_untouched
    connection.execute(update(orders).where(*chosen).values(is_old=True, due=0))


def of_sku(connection: Connection, environment: str, sku: str) -> Sequence[OrderRow]:
    """The orders of a SKU whose units we move and that are not where they ought to be, or are on their way."""
    ours = or_(orders.c.way == BY_STOCK, (_OWED < 0) & orders.c.is_off_in_shop)
    unsettled = or_((_OWED != 0) & ours, orders.c.moving != 0)
    query = select(orders).where(orders.c.environment == environment, orders.c.sku == sku, unsettled)
    return [_order(row) for row in connection.execute(query.order_by(orders.c.created_at, orders.c.number))]


def of_sku_since(connection: Connection, environment: str, sku: str, moment: datetime) -> Sequence[OrderRow]:
    """The orders of a SKU that were first seen to count, or first seen called off, since ``moment``."""
    news = or_(orders.c.seen_at >= moment, orders.c.off_seen_at >= moment)
    query = select(orders).where(orders.c.environment == environment, orders.c.sku == sku, news)
    return [_order(row) for row in connection.execute(query)]


def is_sold(connection: Connection, environment: str, listing_id: str) -> bool:
    """Whether an order holds pieces of the listing."""
    query = select(orders.c.number).where(
        orders.c.environment == environment, orders.c.listing_id == listing_id, orders.c.status.not_in(OFF_STATES)
    )
    return connection.execute(query.limit(1)).scalar() is not None


def untaken(connection: Connection, environment: str, sku: str) -> int:
    """How many units of a SKU are sold on Reverb and still in the shop's stock."""
    owed = select(func.coalesce(func.sum(_OWED), 0)).where(
        orders.c.environment == environment, orders.c.sku == sku, _OWED > 0
    )
    return int(connection.execute(owed).scalar_one())


def page(
    connection: Connection,
    environment: str,
    *,
    is_open: bool,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[OrderRow]:
    """Orders, the newest first; ``is_open``: only those with something left to do. Found by key, never by counting."""
    query = select(orders).where(orders.c.environment == environment)
    if is_open:
        query = query.where(_is_open())
    if before is not None:
        last = tuple_(literal(utc_text(before[0])), literal(before[1]))
        query = query.where(tuple_(orders.c.created_at, orders.c.number) < last)
    newest = query.order_by(orders.c.created_at.desc(), orders.c.number.desc()).limit(limit)
    return [_order(row) for row in connection.execute(newest)]


def of_bundles(connection: Connection, environment: str, bundle_ids: Iterable[str]) -> Sequence[OrderRow]:
    """The orders of these checkouts, by number."""
    query = select(orders).where(orders.c.environment == environment, orders.c.bundle_id.in_(list(bundle_ids)))
    return [_order(row) for row in connection.execute(query.order_by(orders.c.number))]


def note_returned(connection: Connection, order_id: str, units: Mapping[str, int]) -> None:
    """Pieces of an order, known by the shop's id or Reverb's number, came back into stock through the shop itself."""
    anywhere = orders.c.environment.in_(list(Environment))  # the shop waits for this: with it, an index is used
    mine = or_(anywhere & (orders.c.host_order_id == order_id), anywhere & (orders.c.number == order_id))
    for found in connection.execute(select(orders).where(mine)):
        row = _order(found)
        back = min(units.get(row.sku, 0), row.taken)
        if back > 0 and not is_echo(row.number):
            changed = replace(row, returned=row.returned + back, taken=row.taken - back, due=max(0, row.due - back))
            save(connection, found.environment, changed)


def with_refund_asked(connection: Connection, environment: str, numbers: Iterable[str]) -> Sequence[OrderRow]:
    """The orders with these numbers, and those whose buyer asked for money before."""
    chosen = or_(orders.c.refund_asked, orders.c.number.in_(list(numbers)))
    return [
        _order(row) for row in connection.execute(select(orders).where(orders.c.environment == environment, chosen))
    ]


def count_asking(connection: Connection, environment: str, most: int) -> int:
    """How many orders ask a person for more than to ship them; it stops counting at ``most``."""
    chosen = select(orders.c.number).where(
        orders.c.environment == environment,
        ~orders.c.is_old,
        or_(_restock_is_asked(), orders.c.refund_asked, orders.c.note != "", _is_short()),
    )
    return int(connection.execute(select(func.count()).select_from(chosen.limit(most).subquery())).scalar_one())


def trim(connection: Connection, environment: str, before: datetime, most: int) -> int:
    """Forgets orders that were made and last changed before a moment, ``most`` at once; how many it were."""
    is_over = orders.c.created_at < before, orders.c.seen_at < before, orders.c.moving == 0
    has_changed = orders.c.updated_at.is_(None) | (orders.c.updated_at < before)
    mine = select(orders.c.number).where(orders.c.environment == environment, *is_over, has_changed).limit(most)
    chosen = orders.c.environment == environment, orders.c.number.in_(mine)
    return connection.execute(delete(orders).where(*chosen)).rowcount


def trim_buyers(connection: Connection, before: datetime, most: int) -> int:
    """Forgets who bought what was last seen before a moment, ``most`` at once; how many it were."""
    known = or_(orders.c.buyer_name.is_not(None), orders.c.ship_to.is_not(None))
    chosen = select(orders.c.environment, orders.c.number).where(known, orders.c.seen_at < before).limit(most)
    values = {"buyer_name": None, "ship_to": None}
    mine = tuple_(orders.c.environment, orders.c.number).in_(chosen)
    return connection.execute(update(orders).where(mine).values(values)).rowcount


def _is_open() -> ColumnElement[bool]:
    return ~orders.c.is_old & or_(
        orders.c.status.not_in([*CLOSED_STATES, "shipped"]),
        _OWED != 0,
        _restock_is_asked(),
        orders.c.refund_asked,
        orders.c.note != "",
        _is_parked(),
    )


def _restock_is_asked() -> ColumnElement[bool]:
    return orders.c.status.in_(OFF_STATES) & orders.c.restock.is_(None) & (orders.c.taken > 0)


def _is_short() -> ColumnElement[bool]:
    """It was sold twice."""
    return orders.c.status.not_in(OFF_STATES) & (orders.c.short > 0)


def _is_parked() -> ColumnElement[bool]:
    """The shop could not be told of it, or Reverb of its parcel, and that waits for a person."""
    imports = (outbox.c.kind == Kind.IMPORT_ORDER) & (outbox.c.key == orders.c.number)
    ships = (outbox.c.kind == Kind.SHIP_ORDER) & outbox.c.key.in_([orders.c.number, orders.c.host_order_id])
    return exists().where(outbox.c.state == PARKED, imports | ships)


def _order(row: Row[Any]) -> OrderRow:
    return OrderRow(**{name: getattr(row, name) for name in _COLUMNS})
