"""``reverb-plugin retry``: try again what is parked."""

import click

from reverb_plugin.cli.memory import opened
from reverb_plugin.cli.options import memory_options
from reverb_plugin.cli.texts import counted


@click.command()
@memory_options
@click.option("--all", "everything", is_flag=True, help="All that is parked.")
@click.argument("sku", nargs=-1)
def command(data_dir: str | None, everything: bool, sku: tuple[str, ...]) -> None:
    """Try again what is parked.

    What is parked waits for a person, of the named SKUs or of all. It is sent by the running worker or the next drain.
    """
    if everything == bool(sku):
        raise click.UsageError("name one or more SKUs, or give --all")
    with opened(data_dir) as memory:
        count = memory.store.retry() if everything else sum(memory.store.retry(each) for each in sku)
    if count:
        click.echo(f"{counted(count, 'job')} will be tried again by the running worker or the next drain.")
    else:
        click.echo("Nothing of this is parked." if sku else "Nothing is parked.")
