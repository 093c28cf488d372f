"""``reverb-plugin bundle export``: one file for support, without secrets and personal data."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from reverb_plugin.cli.doctor import scene_of
from reverb_plugin.cli.log import DAY
from reverb_plugin.cli.options import json_option, shop_options
from reverb_plugin.cli.terminal import make_console, make_table, plain, print_table
from reverb_plugin.cli.texts import counted, printable
from reverb_plugin.clock import Clock
from reverb_plugin.diagnostics.bundle import Bundle, Exported, file_name
from reverb_plugin.store.snapshot import Narrowing


@click.command()
@shop_options
@click.option("--sku", help="Only what is about this SKU.")
@click.option("--since", type=DAY, help="Only what happened on this day (YYYY-MM-DD) and later.")
@click.option("--preview", is_flag=True, help="List what would go in, and make nothing.")
@json_option("One JSON object: the parts with their sizes, and what was taken out.")
@click.argument("path", required=False, type=click.Path(dir_okay=False, path_type=Path))
def command(
    *,
    host_name: str | None,
    data_dir: str | None,
    api_url: str | None,
    sku: str | None,
    since: datetime | None,
    preview: bool,
    as_json: bool,
    path: Path | None,
) -> None:
    """Make a debug bundle for support.

    Secrets and personal data stay here. Nothing is needed: no database, token, shop or network; with --host the shop is
    asked for the products that fail. It is written to PATH, or into the current folder.
    """
    narrowing = Narrowing(sku, since and since.astimezone())
    with scene_of(host_name, data_dir, api_url, offline=True) as scene:
        bundle = Bundle(scene)
        if preview:
            _print_preview(bundle, narrowing, as_json=as_json)
            return
        path = path or Path(file_name(Clock().now()))
        try:
            exported = bundle.export(path, narrowing)
        except OSError as error:
            why = f"{path} cannot be written: {error.strerror or error}. Name another path, on a disk with free space."
            raise click.ClickException(why) from error
    _print(path, exported, as_json=as_json)


def _print_preview(bundle: Bundle, narrowing: Narrowing, *, as_json: bool) -> None:
    parts = bundle.preview(narrowing)
    if as_json:
        told = [{"name": part.name, "about": part.about, "rows": part.rows, "error": part.error} for part in parts]
        click.echo(json.dumps({"parts": told}, indent=2))
        return
    table = make_table()
    for heading in ("File", "Rows", "Holds"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "Rows" else "left")
    for part in parts:
        about = f"{part.about} (missing: {printable(part.error)})" if part.error else part.about
        table.add_row(part.name, "" if part.rows is None else f"{part.rows:,}", plain(about))
    print_table(make_console(), table)


def _print(path: Path, exported: Exported, *, as_json: bool) -> None:
    if as_json:
        told = {"path": str(path), "size": exported.size, "removed": dict(exported.removed)}
        click.echo(json.dumps(told | {"parts": [asdict(part) for part in exported.parts]}, indent=2))
        return
    click.echo(f"{path}: {exported.size:,} bytes, {counted(len(exported.parts), 'part')}. report.html is for reading.")
    removed = ", ".join(f"{number:,} x {kind}" for kind, number in exported.removed.items())
    click.echo(f"Taken out: {removed or 'nothing had to be'}.")
    for trouble in exported.troubles:
        click.echo(f"Not complete: {printable(trouble)}", err=True)
