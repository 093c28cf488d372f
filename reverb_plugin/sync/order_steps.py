"""What was done for an order, and what the seller still has to do, and where. Pure."""

from dataclasses import dataclass

from reverb_plugin.store.orders import BY_HAND, OFF_STATES, OrderRow
from reverb_plugin.sync.order_rules import KNOWN_STATES, UNPAID_STATES


@dataclass(frozen=True, slots=True)
class Step:
    """One thing for the seller to do; ``url`` is where, None when that is here."""

    text: str
    url: str | None = None


_WAITING = {
    "payment_pending": "Do not ship yet: the payment has not arrived.",
    "pending_review": "Do not ship yet: Reverb reviews the payment.",
}


def told(row: OrderRow) -> tuple[str, ...]:
    """What the plugin has done for an order."""
    if row.is_old:
        return ("Nothing: it is from before the first day, or orders were turned off before it was in the shop.",)
    done = []
    if row.host_order_id is not None:
        done.append(f"Placed in the shop as {row.host_order_id}.")
    if row.taken:
        done.append(f"Taken from the shop's stock: {row.taken}.")
    if row.owed > 0:
        done.append(f"Not yet taken from the shop's stock: {row.owed}.")
    if row.returned:
        done.append(f"Came back through the shop, or settled by hand: {row.returned}.")
    if row.is_off and row.restock:
        done.append(f"Put back into stock: {row.restock}.")
    if row.is_off_in_shop:
        done.append("Called off in the shop.")
    return tuple(done)


def next_steps(row: OrderRow) -> tuple[Step, ...]:
    """What the seller has to do, the most pressing first."""
    if row.is_old:
        return ()
    web = row.links.get("web")
    steps = [Step(row.note, web)] if row.note else []
    if row.refund_asked:
        steps.append(Step("The buyer asks for money back: answer on Reverb.", web))
    if row.short and not row.is_off:
        text = f"Sold twice: {row.short} too few of {row.sku}. Find another piece, or call one of the sales off."
        steps.append(Step(text, web))
    return (*steps, *_of_status(row, web))


def _of_status(row: OrderRow, web: str | None) -> tuple[Step, ...]:
    if row.status == "paid":
        return _to_send(row, web)
    if row.status in _WAITING:
        return (Step(_WAITING[row.status], web),)
    if row.status in UNPAID_STATES:
        return (Step("Not paid yet: nothing to do but wait, or write to the buyer.", web),)
    if row.status in OFF_STATES:
        return _after_off(row, web)
    if row.status not in KNOWN_STATES:
        return (Step(f"Reverb calls it {row.status or 'nothing'}, which the plugin does not know: look there.", web),)
    return ()


def _to_send(row: OrderRow, web: str | None) -> tuple[Step, ...]:
    if row.local_pickup:
        return (Step("The buyer collects it: hand it over, then mark it as picked up.", web),)
    label = row.links.get("purchase_shipping_label", web)
    paid = "" if row.paid_at is None else f" It was paid on {row.paid_at:%Y-%m-%d}."
    steps = [Step(f"Ship it: buy a label on Reverb, or tell Reverb carrier and tracking number.{paid}", label)]
    if "packing_slip" in row.links:
        steps.append(Step("Print the packing slip.", row.links["packing_slip"]))
    return tuple(steps)


def asks_restock(row: OrderRow) -> bool:
    """Whether a person has to decide how many pieces go back into the shop's stock."""
    return row.is_off and not row.is_old and row.restock is None and row.taken > 0 and row.way != BY_HAND


def _after_off(row: OrderRow, web: str | None) -> tuple[Step, ...]:
    steps = []
    if row.status == "blocked":
        steps.append(Step("Reverb has stopped this order: do not ship it.", web))
    if asks_restock(row):
        pieces = "whether the piece goes" if row.taken == 1 else f"how many of the {row.taken} pieces go"
        steps.append(Step(f"Decide {pieces} back into the shop's stock."))
    return tuple(steps)
