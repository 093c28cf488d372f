"""``reverb-plugin orders``: orders on Reverb, and what is left to do for them."""

import dataclasses
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from rich.text import Text

from reverb_plugin.cli.memory import Memory, opened
from reverb_plugin.cli.options import json_option, memory_options
from reverb_plugin.cli.terminal import make_console, make_table, plain, print_table
from reverb_plugin.cli.texts import local_time
from reverb_plugin.orders import Orders
from reverb_plugin.settings import OrderMode
from reverb_plugin.store.order_history import OrderJob
from reverb_plugin.store.orders import OrderRow
from reverb_plugin.sync.order_steps import next_steps, told

MOST_ROWS = 10_000


@click.command()
@memory_options
@click.option("--all", "everything", is_flag=True, help="Also orders with nothing left to do.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, MOST_ROWS), help="The most orders.")
@click.option(
    "--restock",
    nargs=2,
    type=(str, click.IntRange(min=0)),
    metavar="ORDER PIECES",
    help="So many pieces of an order that was called off go back into the shop's stock.",
)
@click.option("--done", metavar="ORDER", help="What this order asked you to do by hand is done.")
@click.option("--by-hand", metavar="ORDER", help="You have placed this order in the shop: it is not tried any more.")
@click.option("--look", is_flag=True, help="Have the orders on Reverb read now, by the worker or the next drain.")
@json_option("One JSON object on each line, with all that is known of the order but its buyer.")
def command(
    data_dir: str | None,
    *,
    everything: bool,
    limit: int,
    restock: tuple[str, int] | None,
    done: str | None,
    by_hand: str | None,
    look: bool,
    as_json: bool,
) -> None:
    """Show orders on Reverb, and what is left to do for them.

    Orders of one checkout stand together. An order is named by Reverb's number or by the shop's own id.
    """
    with opened(data_dir) as memory:
        orders = Orders(lambda: memory.store, None, lambda: None)
        if restock is not None:
            orders.restock(*restock)
            click.echo(f"{restock[1]} of order {restock[0]} go back into stock, by the worker or the next drain.")
        elif done is not None:
            orders.done(done)
            click.echo(f"Order {done} asks for nothing more.")
        elif by_hand is not None:
            orders.by_hand(by_hand)
            click.echo(f"Order {by_hand} counts as placed in the shop, and is not tried any more.")
        elif look:
            orders.look_now()
            click.echo("The orders are read by the worker or the next drain.")
        else:
            _show(memory, orders, orders.page(is_open=not everything, limit=limit), as_json=as_json)


def _show(memory: Memory, orders: Orders, rows: Sequence[OrderRow], *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            click.echo(json.dumps(_facts(row), ensure_ascii=False))
        return
    if memory.configuration.load().values.orders is OrderMode.OFF:
        click.echo("Orders are off: a sale on Reverb does not reach the shop. See the setting orders.", err=True)
    if not rows:
        click.echo(_why_none(memory) if memory.is_recorded else "", err=True)
        return
    table = make_table(expand=True)
    for name, ratio in (("Order", 2), ("What", 3), ("Done", 3), ("Left to do", 4)):
        table.add_column(name, ratio=ratio, overflow="fold")
    for bundle in orders.bundles(rows).values():
        jobs = memory.store.order_history.jobs(bundle)
        for row in bundle:
            table.add_row(_name(row, bundle), _what(row), plain(" ".join(told(row))), _steps(row, jobs[row.number]))
    print_table(make_console(), table)


def _why_none(memory: Memory) -> str:
    if memory.store.orders.page(limit=1):
        return "No order has anything left to do."
    poll = memory.store.orders.find_poll()
    if poll is None or poll.last_began_at is None:
        return "The orders on Reverb were not read yet."
    return "There is no order on Reverb that changed since they were first looked for."


def _name(row: OrderRow, bundle: Sequence[OrderRow]) -> Text:
    lines = [row.number, row.status]
    if len(bundle) > 1:
        lines.append(f"checkout of {len(bundle)}")
    return Text("\n").join(map(plain, lines))


def _what(row: OrderRow) -> Text:
    amount = " ".join(row.money.get("total", ()))
    when = local_time(row.created_at) if row.created_at is not None else ""
    return Text("\n").join(map(plain, filter(None, [f"{row.quantity} x {row.sku or row.title}", amount, when])))


def _steps(row: OrderRow, jobs: Sequence[OrderJob]) -> Text:
    lines = [f"Did not work, {_when(job)}: {job.message}" for job in jobs if job.message]
    lines += [f"{step.text} {step.url}" if step.url else step.text for step in next_steps(row)]
    return Text("\n").join(map(plain, lines))


def _when(job: OrderJob) -> str:
    return "waits for you" if job.is_parked else f"is tried again {local_time(job.available_at)}"


def _facts(row: OrderRow) -> dict[str, Any]:
    facts: dict[str, Any] = dataclasses.asdict(row)
    for name in ("buyer_name", "ship_to", "fingerprint", "told", "moving"):
        del facts[name]
    times = {name: value.isoformat() for name, value in facts.items() if isinstance(value, datetime)}
    return facts | times | {"done": told(row), "left_to_do": [dataclasses.asdict(step) for step in next_steps(row)]}
