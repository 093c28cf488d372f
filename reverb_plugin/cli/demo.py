"""``reverb-plugin demo``: the whole story."""

import click

from reverb_plugin.cli.options import verbose_option
from reverb_plugin.demo import run


@click.command()
@verbose_option
@click.option("--once", is_flag=True, help="Wait for nobody, and end after the story.")
@click.pass_context
def command(ctx: click.Context, once: bool) -> None:
    """Tell the whole story on a simulator and a sample shop.

    Nothing leaves this machine. Afterwards the shop and the page in its admin are served until Ctrl-C. Ends with 0
    when every step went as told.
    """
    ctx.exit(run(once=once))
