"""``reverb-plugin bundle replay``: a recorded failure, tried again on this machine."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from reverb_plugin.cli.options import json_option, verbose_option
from reverb_plugin.cli.terminal import make_console, make_table, message_text, outcome_text, plain
from reverb_plugin.cli.texts import local_time
from reverb_plugin.store.sync_log import LogEntry
from reverb_plugin.support.opened import open_bundle
from reverb_plugin.support.replay import Replay, replay


@click.command()
@verbose_option
@json_option("One JSON object: what was recorded, what came of it now, and whether that is the same.")
@click.option("--sku", required=True, help="Whose newest failure to try again.")
@click.argument("file", type=click.Path(path_type=Path))
def command(*, as_json: bool, sku: str, file: Path) -> None:
    """Run a recorded product against recorded answers, and tell whether it fails again.

    The newest failure of the SKU is tried once more, by this version of the plugin: the product as the shop gave it for
    the bundle, the settings and what was remembered, and a simulated Reverb on this machine that answers as Reverb did.
    Nothing leaves this machine.
    """
    with open_bundle(file) as bundle:
        result = replay(bundle, sku)
    if as_json:
        click.echo(json.dumps(_as_json(result), indent=2, ensure_ascii=False))
    else:
        _print(make_console(), result)


def _print(console: Console, result: Replay) -> None:
    entry = result.recorded
    console.print(plain(f"{entry.sku}, {local_time(entry.created_at)}: {entry.kind}, attempt {entry.attempt}", "bold"))
    table = make_table(show_header=False)
    for name, row in (("recorded", result.recorded), ("replayed", result.replayed)):
        if row is None:
            table.add_row(name, plain("nothing"), plain("It did not come to an end."))
        else:
            words = outcome_text(row.outcome)
            table.add_row(name, words.append(f" {row.code}" if row.code else ""), message_text(row.message, row.errors))
    console.print(table)
    for path in result.unrecorded:
        console.print(plain(f"It asked for something that was not asked then: {path}", "yellow"))
    for note in result.notes:
        console.print(plain(note, "yellow"))
    verdict = "The failure comes again." if result.comes_again else "The failure does not come again."
    console.print(plain(verdict, "bold"))


def _as_json(result: Replay) -> Mapping[str, Any]:
    return {
        "sku": result.recorded.sku,
        "comes_again": result.comes_again,
        "recorded": _row(result.recorded),
        "replayed": None if result.replayed is None else _row(result.replayed),
        "unrecorded_requests": list(result.unrecorded),
        "notes": list(result.notes),
    }


def _row(entry: LogEntry) -> Mapping[str, Any]:
    names = ("kind", "attempt", "outcome", "code", "http_status", "message")
    errors = [{"field": error.field, "message": error.message} for error in entry.errors]
    return {name: getattr(entry, name) for name in names} | {
        "created_at": entry.created_at.isoformat(),
        "errors": errors,
    }
