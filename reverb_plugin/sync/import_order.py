"""Placing an order of Reverb's in the shop, and following what becomes of it. Each step may be repeated."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from reverb_plugin.changes import Action, Kind, Outcome
from reverb_plugin.errors import HostError, InvalidValueError
from reverb_plugin.host import Host
from reverb_plugin.host_orders import CancelsOrders, ReverbOrder, TakesOrders, UpdatesOrders
from reverb_plugin.redact import Secret, redact
from reverb_plugin.reverb_api.orders import Order
from reverb_plugin.settings import OrderMode
from reverb_plugin.store.orders import BY_ORDER, OrderRow
from reverb_plugin.store.store import Done, Settlement
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.order_rules import OrderRules, make_rules, order_for_shop, row_of
from reverb_plugin.sync.tools import Tools

T = TypeVar("T")

BUYER = ("buyer_name", "buyer_first_name", "buyer_last_name", "buyer_email")
ADDRESS = ("name", "street_address", "extended_address", "locality", "postal_code", "phone")
SHORTEST = 3
"""Less than that is no name, and would take letters out of words."""


def import_order(tools: Tools, attempt: Attempt) -> Settlement:
    """Tells the shop of the order whose number is the job's key."""
    attempt.action = Action.IMPORT
    row, poll = tools.store.orders.find(attempt.job.key), tools.store.orders.find_poll()
    if row is None or poll is None or row.way != BY_ORDER or row.is_old:
        return Settlement(Done(), None)
    if tools.settings.orders is OrderMode.OFF and row.host_order_id is None:
        return Settlement(Done(), None)
    order = tools.client.get_order(row.number)
    rules = make_rules(tools.host, tools.settings, poll.counts_from)
    return _Import(tools, attempt, rules, order, tools.host).run(row)


class _Import:
    def __init__(self, tools: Tools, attempt: Attempt, rules: OrderRules, order: Order, host: Host) -> None:
        self._store = tools.store.orders
        self._host = host
        self._attempt = attempt
        self._rules = rules
        self._order = order
        self._clock = tools.clock

    def run(self, row: OrderRow) -> Settlement:
        seen = replace(row_of(self._order), sku=row.sku, seen_at=self._clock.now())
        row = self._store.keep(seen, self._rules.merge, without=Kind.IMPORT_ORDER)
        self._attempt.about, self._attempt.page = row.sku, row.links.get("web")
        if row.way != BY_ORDER or row.is_old:
            return Settlement(Done(), None)
        message = ""
        if row.host_order_id is None:
            order_id = self._find_or_place(row)
            if order_id is None:
                return self._let_go(seen)
            row = self._keep_id(row, order_id)
            message = f"Order {row.number} is {row.host_order_id} in the shop."
        elif row.told != row.fingerprint and not row.is_off:
            message = self._update(row)
        if row.is_off and not row.is_off_in_shop:
            return self._cancel(row, row.host_order_id or "")
        if not message:
            return Settlement(Done(), None)
        return self._attempt.done(Outcome.IMPORTED, message)

    def _find_or_place(self, row: OrderRow) -> str | None:
        """The shop's id of the order; None when it has none and shall have none.

        Asks first: the last try may have got through, also when the order or the settings have changed since.
        """
        host, order, is_wanted = self._host, self._for_shop(row), self._rules.is_wanted(row)
        if not isinstance(host, TakesOrders) or not (is_wanted or row.may_be_in_shop):
            return None
        order_id = self._ask("find_order", lambda: host.find_order(row.number))
        if order_id is None:
            if not is_wanted:
                return None
            if self._change(row, lambda known: _about_to_be_told(known, row.fingerprint)).way != BY_ORDER:
                return None  # the setting changed while the shop was asked
            order_id = self._ask("place_order", lambda: host.place_order(order))
        if not isinstance(order_id, str | int) or isinstance(order_id, bool) or not str(order_id):
            raise HostError(f"place_order gave {order_id!r}; it must give the id of the order in the shop")
        return str(order_id)

    def _let_go(self, seen: OrderRow) -> Settlement:
        """The shop does not have it: it counts as one that the shop was never asked to take."""
        row = self._store.change(seen.number, _never_told)
        if row is not None and row.way == BY_ORDER:
            self._store.keep(seen, self._rules.merge, without=Kind.IMPORT_ORDER)
        return Settlement(Done(), None)

    def _keep_id(self, row: OrderRow, order_id: str) -> OrderRow:
        taken = max(0, row.quantity - row.returned)
        return self._change(
            row,
            lambda known: replace(
                known,
                host_order_id=order_id,
                told=row.fingerprint,
                taken=taken,
                short=0,
                due=self._rules.decide_due(replace(known, taken=taken, short=0)),
            ),
            moves_stock=True,
        )

    def _update(self, row: OrderRow) -> str:
        host, order = self._host, self._for_shop(row)
        if isinstance(host, UpdatesOrders):
            self._ask("update_order", lambda: host.update_order(row.host_order_id or "", order))
        self._change(row, lambda known: replace(known, told=row.fingerprint))
        return (
            f"Order {row.host_order_id} in the shop was told: {row.status}." if isinstance(host, UpdatesOrders) else ""
        )

    def _cancel(self, row: OrderRow, order_id: str) -> Settlement:
        host, order, restock = self._host, self._for_shop(row), min(row.restock or 0, row.taken)
        if not isinstance(host, CancelsOrders):
            note = f"{row.status.capitalize()} on Reverb: call order {order_id} off in the shop by hand."
            self._change(row, lambda known: _left_to_a_person(replace(known, told=row.fingerprint, note=note)))
            return self._attempt.done(Outcome.SKIPPED, note)
        self._ask("cancel_order", lambda: host.cancel_order(order_id, order, restock))
        self._change(
            row,
            lambda known: replace(
                known, told=row.fingerprint, is_off_in_shop=True, taken=max(0, known.taken - restock)
            ),
            moves_stock=True,
        )
        back = f"{restock} back in stock" if restock else "nothing back in stock"
        return self._attempt.done(Outcome.CANCELLED, f"Order {order_id} in the shop is {row.status}; {back}.")

    def _for_shop(self, row: OrderRow) -> ReverbOrder:
        return order_for_shop(self._order, row.sku)

    def _change(self, row: OrderRow, change: Callable[[OrderRow], OrderRow], *, moves_stock: bool = False) -> OrderRow:
        changed = self._store.change(row.number, change, moves_stock=moves_stock and bool(row.sku))
        return row if changed is None else changed

    def _ask(self, name: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except InvalidValueError as error:
            raise InvalidValueError(error.field, self._plain(str(error.value)), self._plain(error.problem)) from None
        except Exception as error:  # noqa: BLE001 - raised again, without its text, which may name the buyer
            raise HostError(f"{name} raised {type(error).__name__}: {self._plain(str(error))}") from None

    def _plain(self, text: str) -> str:
        """What the shop says may quote the order; the log must not hold who bought."""
        address = self._order.address
        names = (getattr(self._order, name) for name in BUYER)
        places = (getattr(address, name) for name in ADDRESS) if address is not None else ()
        said = sorted({*names, *places}, key=len, reverse=True)
        return redact(text, *(Secret(each) for each in said if len(each) >= SHORTEST))


def _about_to_be_told(row: OrderRow, fingerprint: str) -> OrderRow:
    return replace(row, told=fingerprint) if row.way == BY_ORDER else row


def _never_told(row: OrderRow) -> OrderRow:
    return replace(row, told=None, fingerprint="") if row.way == BY_ORDER else row


def _left_to_a_person(row: OrderRow) -> OrderRow:
    """A shop where orders are called off by hand may put the pieces back itself: the seller says how many are left."""
    return replace(row, is_off_in_shop=True, restock=None if row.restock else row.restock, due=row.taken)
