"""How the shop's stock of one SKU has to move. Pure."""

from collections.abc import Sequence
from uuid import uuid4

from reverb_plugin.store.order_store import Movement
from reverb_plugin.store.orders import OrderRow


def plan_movement(quantity: int, orders: Sequence[OrderRow], edited: int) -> Movement:
    """The movement that settles these orders and a person's edit, for a shop that has ``quantity``.

    What comes back is counted first; then each order takes what there is, and what there is not is short. An order that
    was short gives that back before it gives back pieces.
    """
    left, taken, short = quantity, {}, {}
    for order in sorted(orders, key=lambda order: order.owed):
        if order.owed < 0:
            short[order.number] = -min(order.short, -order.owed)
            taken[order.number] = order.owed - short[order.number]
        else:
            taken[order.number] = min(left, order.owed)
            short[order.number] = order.owed - taken[order.number]
        left -= taken[order.number]
    part = max(edited, -left)
    return Movement(uuid4().hex, quantity, left + part, taken, short, edited)
