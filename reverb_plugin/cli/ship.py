"""``reverb-plugin ship``: tell Reverb of parcels that were shipped by hand."""

from collections.abc import Sequence
from pathlib import Path

import click

from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.cli.memory import opened
from reverb_plugin.cli.options import memory_options
from reverb_plugin.cli.terminal import make_console, make_table, plain, print_table
from reverb_plugin.cli.texts import counted
from reverb_plugin.host import PickedUp, Shipment
from reverb_plugin.orders import Orders
from reverb_plugin.settings import OrderMode
from reverb_plugin.shipment_file import LineProblem, read_shipments
from reverb_plugin.sync.carriers import words_by_provider


@click.command()
@memory_options
@click.option("--csv", "file", type=click.Path(path_type=Path), help="A shipment export of ShipStation, or 3 columns.")
@click.option("--picked-up", is_flag=True, help="The buyer has collected the order: no carrier and no number.")
@click.option("--carriers", is_flag=True, help="Show Reverb's names for carriers and the words that lead to them.")
@click.argument("words", nargs=-1, metavar="[ORDER CARRIER TRACKING-NUMBER]")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    data_dir: str | None,
    file: Path | None,
    picked_up: bool,
    carriers: bool,
    words: tuple[str, ...],
) -> None:
    """Tell Reverb of parcels that were shipped by hand.

    An order is named by Reverb's number or by the shop's own id. The worker or the next drain sends it, once.
    """
    with opened(data_dir) as memory:
        settings = memory.configuration.load().values
        if carriers:
            _show_carriers(dict(settings.carrier_map))
            return
        shipments, problems = _shipments(file, words, picked_up=picked_up)
        orders = Orders(lambda: memory.store, None, lambda: None)
        new = sum([orders.ship(shipment) for shipment in shipments])
    click.echo(f"{counted(new, 'parcel')} noted{_known(len(shipments) - new)}.")
    if settings.orders is not OrderMode.SHIPMENTS:
        click.echo("They are kept: nothing is sent until the setting orders is orders-and-shipments.", err=True)
    for problem in problems:
        click.echo(f"Line {problem.line}: {problem.problem}", err=True)
    if problems:
        ctx.exit(ExitCode.NEEDS_A_PERSON)


def _shipments(
    file: Path | None, words: tuple[str, ...], *, picked_up: bool
) -> tuple[Sequence[Shipment | PickedUp], Sequence[LineProblem]]:
    if file is not None:
        if words or picked_up:
            raise click.UsageError("--csv names all parcels; nothing goes beside it")
        return read_shipments(file)
    if picked_up:
        if not words:
            raise click.UsageError("name the orders that were picked up")
        return [PickedUp(word) for word in words], []
    if len(words) != len(("order", "carrier", "number")):
        raise click.UsageError("name order, carrier and tracking number, or give --csv, --picked-up or --carriers")
    return [Shipment(*words)], []


def _known(count: int) -> str:
    return f", {count} known before" if count else ""


def _show_carriers(own: dict[str, str]) -> None:
    table = make_table()
    table.add_column("Reverb's name")
    table.add_column("Also goes by", overflow="fold")
    for name, words in words_by_provider(own).items():
        table.add_row(plain(name), plain(", ".join(words)))
    console = make_console()
    print_table(console, table)
    console.print("Anything else goes out as Other; the setting carrier_map adds words.", soft_wrap=True)
