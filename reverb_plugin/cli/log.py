"""``reverb-plugin log``: the sync log."""

import dataclasses
import json
import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import click
from rich.console import Console

from reverb_plugin.changes import Kind, Outcome
from reverb_plugin.cli.memory import opened
from reverb_plugin.cli.options import json_option, memory_options
from reverb_plugin.cli.terminal import make_console, make_table, message_text, outcome_text, plain, print_table
from reverb_plugin.cli.texts import hint_for, local_time
from reverb_plugin.store.store import Store
from reverb_plugin.store.sync_log import LogEntry, LogFilter

POLL_SECONDS = 1.0
MOST_ROWS = 10_000
LOOK_BACK_ROWS = 1_000
"""More rows than can be added between two looks."""

TIME_WIDTH, OUTCOME_WIDTH = 19, 9
DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@memory_options
@click.option("--sku", help="Only rows of this SKU.")
@click.option("--outcome", type=click.Choice([str(outcome) for outcome in Outcome]), help="Only rows that ended so.")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="Only attempts of this kind.")
@click.option("--since", type=DAY, help="Only rows of this day (YYYY-MM-DD) and later ones.")
@click.option("--until", type=DAY, help="Only rows of this day (YYYY-MM-DD) and earlier ones.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, MOST_ROWS), help="The most rows.")
@json_option("One JSON object on each line, with all that is known of the attempt.")
@click.option("--follow", is_flag=True, help="Show new rows as they come, oldest first, until Ctrl-C.")
def command(
    *,
    data_dir: str | None,
    sku: str | None,
    outcome: str | None,
    kind: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
    follow: bool,
) -> None:
    """Show the sync log, newest first.

    Each row is one attempt: when, which SKU, how it ended, what Reverb said, and what to do next. Times and days
    are those of this machine; in JSON they are UTC.
    """
    chosen = LogFilter(
        sku=sku,
        outcome=outcome,
        kind=kind,
        since=since and since.astimezone(),
        until=until and (until + timedelta(days=1)).astimezone(),
    )
    with opened(data_dir) as memory:
        if not memory.is_recorded:
            return
        # Before the rows that are shown: what is added in between shall not be missed.
        last_id = _last_id(memory.store.log_page(limit=LOOK_BACK_ROWS)) if follow else 0
        entries = memory.store.log_page(chosen, limit)
        if not follow:
            _print(entries, as_json, show_header=True)
            return
        _print(entries[::-1], as_json, show_header=True)
        try:
            _follow(memory.store, chosen, as_json, last_id, {entry.id for entry in entries})
        except KeyboardInterrupt:
            return


def _follow(store: Store, chosen: LogFilter, as_json: bool, last_id: int, shown: Collection[int | None]) -> None:
    while True:
        newest = store.log_page(chosen, LOOK_BACK_ROWS)
        # By id and not by time: a row is dated by the beginning of its attempt, and long attempts are added late.
        new = [entry for entry in newest[::-1] if (entry.id or 0) > last_id and entry.id not in shown]
        _print(new, as_json, show_header=False)
        last_id, shown = max(last_id, _last_id(newest)), ()
        time.sleep(POLL_SECONDS)


def _last_id(entries: Sequence[LogEntry]) -> int:
    return max((entry.id or 0 for entry in entries), default=0)


def _print(entries: Sequence[LogEntry], as_json: bool, *, show_header: bool) -> None:
    if as_json:
        for entry in entries:
            click.echo(json.dumps(_facts(entry), ensure_ascii=False))
    elif entries:
        _print_table(make_console(), entries, show_header=show_header)
    elif show_header:
        click.echo("The sync log has no such row.", err=True)


def _facts(entry: LogEntry) -> dict[str, object]:
    return dataclasses.asdict(entry) | {"created_at": entry.created_at.isoformat(), "hint": _hint(entry)}


def _hint(entry: LogEntry) -> str | None:
    """What to do next, when there is something left to do."""
    return hint_for(entry.code, entry.environment) if entry.outcome in (Outcome.REFUSED, Outcome.DEFERRED) else None


def _print_table(console: Console, entries: Sequence[LogEntry], *, show_header: bool) -> None:
    # Widths depend on the terminal alone, so that rows that come later stand below the earlier ones.
    table = make_table(show_header=show_header, expand=True)
    table.add_column("Time", width=TIME_WIDTH)
    table.add_column("SKU", ratio=1, overflow="fold")
    table.add_column("Outcome", width=OUTCOME_WIDTH)
    table.add_column("Message", ratio=2, overflow="fold")
    for entry in entries:
        message = message_text(entry.message, entry.errors, hint=_hint(entry))
        table.add_row(local_time(entry.created_at), plain(entry.sku), outcome_text(entry.outcome), message)
    print_table(console, table)
