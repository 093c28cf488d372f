"""A plan, or what a drift check found, on the terminal: how many rows of each kind, then the rows themselves."""

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import click
from rich.console import Console
from rich.text import Text

from reverb_plugin.cli.terminal import make_table, plain
from reverb_plugin.store.run_store import RunStore
from reverb_plugin.store.runs import DRIFT_CHECK, Run, RunRow
from reverb_plugin.sync.plan import readable

PAGE_ROWS = 500
TOLD_OF_NEW = ("price", "inventory", "condition")
STATE_WORDS = {"moved": "changed since the preview", "aside": "set aside", "planned": "not sent", "queued": "not sent"}
STATE_STYLES = {"done": "green", "failed": "bold red", "aside": "bold red", "moved": "yellow"}


def print_counts(console: Console, counts: Mapping[str, int], meanings: Mapping[str, str]) -> None:
    """A line for each kind of row, also those there are none of: people learn where to look."""
    table = make_table(show_header=False)
    table.add_column(justify="right")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, meaning in meanings.items():
        count = counts.get(name, 0)
        table.add_row(str(count), name, meaning, style="" if count else "dim")
    console.print(table)


def print_rows(console: Console, runs: RunStore, run: Run, names: Iterable[str], most: int, state: str | None) -> None:
    """The first rows of each kind; with what became of them, when the run was applied."""
    for name in names:
        rows = runs.rows(run.id, action=name, state=state, limit=most + 1) if most else ()
        if rows:
            console.print()
            with_state = run.applied_at is not None and rows[0].body is not None
            print_table(console, _title(run, name), rows[:most], with_state=with_state)
        if len(rows) > most:
            console.print(f"There are more; --rows {10 * most} or --json shows them.")


def _title(run: Run, name: str) -> str:
    """A kind of drift as it is typed to settle it."""
    return name.replace(" ", "-") if run.kind == DRIFT_CHECK else name.capitalize().replace(" sku", " SKU")


def print_table(console: Console, title: str, rows: Sequence[RunRow], *, with_state: bool) -> None:
    """Rows below each other."""
    table = make_table()
    table.add_column(title, ratio=1, overflow="fold")
    if with_state:
        table.add_column("Became", no_wrap=True)
    table.add_column("What", ratio=3, overflow="fold")
    for row in rows:
        cells = [plain(row.sku or f"listing {row.listing_id}"), _row_text(row)]
        if with_state:
            cells.insert(1, state_text(row))
        table.add_row(*cells)
    console.print(table)


def state_text(row: RunRow) -> Text:
    """What became of a row; nothing for one that sends nothing."""
    if row.body is None:
        return Text("")
    return plain(STATE_WORDS.get(row.state, row.state), STATE_STYLES.get(row.state, ""))


def print_json(head: Mapping[str, object], rows: Iterator[RunRow]) -> None:
    """One JSON object on each line: the head, then each row."""
    click.echo(json.dumps(head, ensure_ascii=False))
    for row in rows:
        click.echo(json.dumps(row_facts(row), ensure_ascii=False))


def row_facts(row: RunRow) -> dict[str, object]:
    """All that a person or script may want to know of a row."""
    inner = {"run_id", "begun", "seen"}
    return {field.name: getattr(row, field.name) for field in dataclasses.fields(row) if field.name not in inner}


def run_facts(run: Run) -> dict[str, object]:
    """All that a person or script may want to know of a run; times are UTC."""
    inner = {"next_link", "after_sku", "apply_when_planned"}
    facts = {field.name: getattr(run, field.name) for field in dataclasses.fields(run) if field.name not in inner}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in facts.items()}


def all_rows(runs: RunStore, run_id: int, state: str | None = None) -> Iterator[RunRow]:
    """Every row of a run, read page by page."""
    after_id = 0
    while page := runs.rows(run_id, state=state, after_id=after_id, limit=PAGE_ROWS):
        yield from page
        after_id = page[-1].id


def _row_text(row: RunRow) -> Text:
    lines = [plain(row.title)] if row.title else []
    lines += [_difference(each) for each in row.differences]
    if row.method == "POST" and row.body is not None:
        told = [f"{name}: {readable(name, row.body[name])}" for name in TOLD_OF_NEW if name in row.body]
        lines.append(plain(", ".join([*told, "published" if row.body.get("publish") else "as a draft"])))
    if row.message:
        lines.append(plain(row.message, "italic"))
    if row.listing_url and row.body is None:
        lines.append(plain(row.listing_url, "dim"))
    return Text("\n").join(lines)


def _difference(difference: Mapping[str, str]) -> Text:
    old, new = (difference[each].replace("\n", ", ") or "(nothing)" for each in ("old", "new"))
    return Text.assemble(f"{difference['field']}: ", plain(old, "dim"), " -> ", plain(new, "bold"))
