"""``reverb-plugin bundle open``: the admin's own pages over the data of a bundle, on support's machine."""

import webbrowser
from pathlib import Path

import click

from reverb_plugin.admin.app import AdminApp
from reverb_plugin.admin.local_server import LocalServer
from reverb_plugin.cli.options import verbose_option
from reverb_plugin.cli.serve import listen
from reverb_plugin.cli.texts import local_time, printable
from reverb_plugin.cli.worker import until_signal
from reverb_plugin.support.opened import OpenedBundle, open_bundle


@click.command()
@verbose_option
@click.option(
    "--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="Where to listen; 0 takes any."
)
@click.option("--no-browser", is_flag=True, help="Only print the link.")
@click.argument("file", type=click.Path(path_type=Path))
def command(*, port: int, no_browser: bool, file: Path) -> None:
    """Show a bundle in the pages of the shop's admin, read-only, until SIGTERM or SIGINT.

    Everything is as it was when the bundle was made. Nothing can be changed there, nobody is asked and nothing is sent.
    At the end nothing of the bundle is left on this machine but the file itself.
    """
    stopping = until_signal()
    with open_bundle(file) as bundle:
        _tell(bundle)
        app = AdminApp(bundle, lambda _environ: True, banner=bundle.banner)
        with listen(app, port) as server:
            click.echo("The pages are shown until Ctrl-C. This link lets one browser in, once:")
            click.echo(f"\n  {server.link}\n")
            _show(server, no_browser=no_browser)
            stopping.wait()
            click.echo("Stopping.")


def _tell(bundle: OpenedBundle) -> None:
    banner = bundle.banner
    click.echo(printable(banner.text))
    click.echo("Made at " + (local_time(banner.made_at) if banner.made_at is not None else "a time that is not known"))
    for note in banner.notes:
        click.echo(f"  {printable(note)}")


def _show(server: LocalServer, *, no_browser: bool) -> None:
    if not no_browser:
        webbrowser.open(server.link)
