"""``reverb-plugin serve``: the page of the shop's admin, on this machine alone."""

import errno
from contextlib import closing

import click

from reverb_plugin.admin.app import AdminApp
from reverb_plugin.admin.local_server import LocalServer
from reverb_plugin.cli.options import shop_options
from reverb_plugin.cli.product_file import product_file_options, take_product_file, tell_problems
from reverb_plugin.cli.shop import connect
from reverb_plugin.cli.worker import until_signal
from reverb_plugin.errors import PluginError
from reverb_plugin.host import NoShop
from reverb_plugin.plugin import Plugin

PORT = 8321
LOOK_SECONDS = 1.0


@click.command()
@shop_options
@click.option(
    "--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="Where to listen; 0 takes any."
)
@product_file_options
@click.argument("what", nargs=-1, metavar="[PRODUCTS.csv]")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    host_name: str | None,
    data_dir: str | None,
    api_url: str | None,
    port: int,
    currency: str | None,
    media_url: str | None,
    what: tuple[str, ...],
) -> None:
    """Serve the page of the shop's admin on this machine, until SIGTERM or SIGINT.

    It prints a link that lets one browser in, once. The shop is a product file or the one of --host, and while the
    page is served, what waits is sent. Without a shop the log, the settings and the state can be seen.
    """
    shop, others = take_product_file(ctx, what, currency, media_url)
    if others:
        raise click.UsageError(f"{others[0]} is no product file: its name has to end in .csv")
    with closing(connect(shop or host_name or NoShop(), data_dir=data_dir, api_url=api_url)) as plugin:
        if shop:
            shop.refuse_changes_of_others(plugin.store)
        tell_problems(shop)
        _serve(plugin, port, sends=not isinstance(plugin.host, NoShop))


def _serve(plugin: Plugin, port: int, *, sends: bool) -> None:
    stopping = until_signal()
    # Whoever has come through the door of the local server may see and do everything; nobody else gets this far.
    with listen(plugin.admin_app(authorize=lambda _environ: True), port) as server:
        click.echo(f"The page is served at {server.site}/ until Ctrl-C. This link lets one browser in, once:")
        click.echo(f"\n  {server.link}\n")
        if sends:
            plugin.start_worker()
        else:
            click.echo("No shop was named (a product file, or --host), so nothing is sent from here.")
        while not stopping.wait(LOOK_SECONDS):
            if sends and not plugin.has_live_worker:
                raise PluginError("The worker's thread has ended by itself.")
        click.echo("Stopping.")


def listen(app: AdminApp, port: int) -> LocalServer:
    """Serves the page on this machine alone; a port that is taken is told of as a mistake of usage is."""
    try:
        return LocalServer(app, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise click.ClickException(f"port {port} is in use; name another with --port, or 0 for any") from None
