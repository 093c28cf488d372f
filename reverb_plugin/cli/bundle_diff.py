"""``reverb-plugin bundle diff``: what changed from one bundle to another."""

from pathlib import Path

import click

from reverb_plugin.cli.options import verbose_option
from reverb_plugin.cli.terminal import make_console, plain
from reverb_plugin.support.contents import Contents, read_contents
from reverb_plugin.support.diff import compare
from reverb_plugin.support.opened import open_bundle

FILE = click.Path(path_type=Path)


@click.command()
@verbose_option
@click.argument("before", type=FILE)
@click.argument("after", type=FILE)
def command(*, before: Path, after: Path) -> None:
    """Tell in words what changed between two bundles.

    Findings, settings, the queue, the sync log, listings, and the installation. What was taken out of both counts as
    the same.
    """
    sections = compare(_read(before), _read(after))
    console = make_console()
    for section in sections:
        console.print(plain(section.title, "bold"))
        for line in section.lines:
            console.print(plain(f"  {line}"), soft_wrap=True)
    if not sections:
        click.echo("Nothing that a bundle tells has changed.")


def _read(path: Path) -> Contents:
    with open_bundle(path) as bundle:
        return read_contents(bundle)
