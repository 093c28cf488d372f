"""Moving the shop's stock of one SKU by what was sold, called off or edited on Reverb: exactly once.

What is about to happen is written down first. A worker that dies in between leaves that behind, and the next one finds
out whether the shop has done it.
"""

from collections.abc import Sequence

from reverb_plugin.changes import Action, Outcome
from reverb_plugin.errors import FieldError, HostError, InvalidValueError
from reverb_plugin.host import TakesQuantity
from reverb_plugin.host_orders import ChangesQuantity
from reverb_plugin.store.order_store import Movement
from reverb_plugin.store.orders import OrderRow
from reverb_plugin.store.stock import StockRow
from reverb_plugin.store.store import Done, Settlement
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.movement import plan_movement
from reverb_plugin.sync.tools import Tools, read_product

OVERSOLD = "oversold"


def move_stock(tools: Tools, attempt: Attempt) -> Settlement:
    """Brings the shop's stock of one SKU in step with the orders on Reverb."""
    return _Mover(tools, attempt).run()


class _Mover:
    def __init__(self, tools: Tools, attempt: Attempt) -> None:
        self._host = tools.host
        self._store = tools.store.orders
        self._attempt = attempt
        self._sku = attempt.job.key
        self._tools = tools

    def run(self) -> Settlement:
        attempt = self._attempt
        attempt.action = Action.MOVE
        row, orders = self._store.unsettled(self._sku)
        if row.intent_key is not None:
            settlement = self._resume(row, orders)
            row, orders = self._store.unsettled(self._sku)
            if settlement is not None and not orders and not row.edited:
                return settlement
        if not orders and not row.edited:
            return Settlement(Done(), None)
        quantity = self._find_quantity()
        if quantity is None:
            return self._leave_to_a_person(orders)
        return self._move(plan_movement(quantity, orders, row.edited), orders)

    def _resume(self, row: StockRow, orders: Sequence[OrderRow]) -> Settlement | None:
        """Finds out what became of a movement whose worker died; None when it has to be made again."""
        before, after = row.intent_before or 0, row.intent_after or 0
        if isinstance(self._host, ChangesQuantity):
            lacking = self._change(self._host, after - before, str(row.intent_key), orders) if before != after else 0
            return self._end(before, after, orders, lacking)
        quantity = self._find_quantity()
        if quantity == after:
            return self._end(before, after, orders)
        self._store.drop_move(self._sku)
        if quantity != before:
            self._attempt.errors.append(FieldError("quantity", _uncertain(row, quantity)))
        return None

    def _find_quantity(self) -> int | None:
        product = self._attempt.product = read_product(self._host, self._sku)
        return None if product is None else product.quantity

    def _leave_to_a_person(self, orders: Sequence[OrderRow]) -> Settlement:
        units = sum(order.owed for order in orders)
        reason = (
            "does not know how many it has" if self._attempt.product is not None else "has no product with this SKU"
        )
        self._store.leave_to_a_person(self._sku, f"The shop {reason}: nothing was taken from its stock.")
        return self._attempt.done(Outcome.SKIPPED, f"Sold on Reverb: {units}. But the shop {reason}.")

    def _move(self, movement: Movement, orders: Sequence[OrderRow]) -> Settlement:
        before, after = movement.before, movement.after
        self._store.begin_move(self._sku, movement)
        lacking = 0
        if isinstance(self._host, ChangesQuantity) and before != after:
            lacking = self._change(self._host, after - before, movement.key, orders)
        elif before != after:
            self._set(after, orders)
        return self._end(before, after, orders, lacking)

    def _change(self, host: ChangesQuantity, difference: int, key: str, orders: Sequence[OrderRow]) -> int:
        try:
            added = host.change_quantity(self._sku, difference, _reason(orders), key)
        except InvalidValueError:
            raise
        except Exception as error:
            raise HostError(f"change_quantity raised {type(error).__name__}: {error}") from error
        return max(0, added - difference) if difference < 0 else 0

    def _set(self, quantity: int, orders: Sequence[OrderRow]) -> None:
        if not isinstance(self._host, TakesQuantity):
            raise HostError("The shop offers neither change_quantity nor set_quantity any more.")
        try:
            self._host.set_quantity(self._sku, quantity, _reason(orders))
        except InvalidValueError:
            raise
        except Exception as error:
            raise HostError(f"set_quantity raised {type(error).__name__}: {error}") from error

    def _end(self, before: int | None, after: int | None, orders: Sequence[OrderRow], lacking: int = 0) -> Settlement:
        self._store.end_move(self._sku, lacking)
        attempt = self._attempt
        short = {row.number: row.short for row in map(self._find, orders) if row is not None and row.short}
        for number, units in short.items():
            attempt.errors.append(FieldError(OVERSOLD, f"order {number}: the shop had {units} too few"))
        names = ", ".join(order.number for order in orders)
        why = f"order {names} on Reverb" if names else "somebody changed it on Reverb"
        return attempt.done(Outcome.MOVED, f"The shop's stock went from {before} to {after}: {why}.")

    def _find(self, order: OrderRow) -> OrderRow | None:
        return self._store.find(order.number)


def _reason(orders: Sequence[OrderRow]) -> str:
    return "Reverb order " + ", ".join(order.number for order in orders) if orders else "changed on Reverb"


def _uncertain(row: StockRow, quantity: int | None) -> str:
    return (
        f"the plugin was stopped while it set the stock from {row.intent_before} to {row.intent_after}, and the shop "
        f"has {quantity} now: count the pieces, one order may have been taken off twice"
    )
