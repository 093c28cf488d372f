"""``reverb-plugin drain``: send what waits, then end."""

from contextlib import closing

import click

from reverb_plugin.cli.options import is_verbose, shop_options
from reverb_plugin.cli.sending import exit_code, send, tell
from reverb_plugin.cli.shop import connect


@click.command()
@shop_options
@click.option(
    "--timeout", default=30.0, show_default=True, type=click.FloatRange(min=0), help="Seconds until it ends at most."
)
@click.pass_context
def command(
    ctx: click.Context, host_name: str | None, data_dir: str | None, api_url: str | None, timeout: float
) -> None:
    """Send what waits until nothing is left, then end; made for cron.

    Ends with 0 when nothing is left, with 1 when something was refused now and waits for a person, with 4 when work is
    left. What was parked before is told, and changes nothing.
    """
    with closing(connect(host_name, data_dir=data_dir, api_url=api_url)) as plugin:
        sent = send(plugin, timeout, with_progress=not is_verbose(ctx), keeps_schedule=True)
    tell(sent)
    if sent.report.parked:
        # Told as an error only when it is news: cron would send the same mail every minute.
        click.echo(f"{sent.report.parked} parked; `reverb-plugin status` tells why.", err=bool(sent.refused))
    ctx.exit(exit_code(left=sent.report.left, needs_a_person=sent.refused))
