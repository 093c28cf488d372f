"""What a person is told of a mass sync or drift check: its plan, how far it is, what came of it."""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType

import click
from rich.console import Console
from rich.text import Text

from reverb_plugin.cli.memory import opened
from reverb_plugin.cli.plan import all_rows, print_counts, print_json, print_rows, print_table, run_facts
from reverb_plugin.cli.running import UNDER_WAY, Show, find_step, planned_word, result_words
from reverb_plugin.cli.status import sender_words
from reverb_plugin.cli.terminal import environment_badge, make_console, make_table, plain
from reverb_plugin.cli.texts import counted, duration, local_time
from reverb_plugin.mass_sync import MASS_SYNC, MassSync, Progress
from reverb_plugin.plugin import Plugin
from reverb_plugin.settings import Settings
from reverb_plugin.store import runs as states
from reverb_plugin.store.runs import Run
from reverb_plugin.store.sender import Sender
from reverb_plugin.store.store import Store
from reverb_plugin.sync.owner import is_dead
from reverb_plugin.sync.plan import PlanAction

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        PlanAction.END: "live on Reverb, and the shop has none left",
        PlanAction.UPDATE: "differs in a field that is kept in step",
        PlanAction.CREATE: "not on Reverb yet",
        PlanAction.UNCHANGED: "Reverb shows what the shop has",
        PlanAction.REFUSED: "cannot be sent as it is",
        PlanAction.NEAR_MISS: "Reverb has the SKU with other capitals or blanks",
        PlanAction.DUPLICATE: "one more listing of a SKU that has one",
        PlanAction.SKIPPED: "left alone, for the reason that is told",
        PlanAction.EXCLUDED: "left alone by a rule of yours",
        PlanAction.NOT_IN_SHOP: "on Reverb only; never touched",
        PlanAction.WITHOUT_SKU: "on Reverb only, without a SKU; never touched",
    }
)
BAD_STATES = (states.ROW_FAILED, states.ROW_ASIDE, states.ROW_MOVED)


@dataclass(frozen=True, slots=True)
class View:
    """How the person wants to see it."""

    most: int
    as_json: bool
    show: Show


@dataclass(frozen=True, slots=True)
class Desk:
    """What looking at runs takes, with a shop or without one."""

    store: Store
    settings: Settings
    mass_sync: MassSync


@contextmanager
def opened_desk(data_dir: str | None) -> Iterator[Desk]:
    """The desk without a shop, closed at the end."""
    with opened(data_dir) as memory:
        settings, name = memory.configuration.values, f"{socket.gethostname()}:{os.getpid()}"
        mass_sync = MassSync(lambda: memory.store.runs, lambda: settings, memory.clock, name)
        yield Desk(memory.store, settings, mass_sync)


def desk_of(plugin: Plugin) -> Desk:
    """The desk with a shop."""
    return Desk(plugin.store, plugin.settings, plugin.mass_sync)


def tell_result(desk: Desk, progress: Progress, view: View) -> None:
    """Prints what came of a run, with the rows that a person should know of."""
    console, run = make_console(), progress.run
    console.print(plain(result_words(progress)), soft_wrap=True)
    for state in BAD_STATES:
        rows = desk.store.runs.rows(run.id, state=state, limit=view.most)
        if rows:
            console.print()
            print_table(console, "SKU", rows, with_state=True)
    if progress.counts.get(PlanAction.REFUSED):
        refused = counted(progress.counts[PlanAction.REFUSED], "product")
        console.print(f"{refused} cannot be sent; `reverb-plugin mass-sync --show {run.id}` tells why.")


def tell_plan(desk: Desk, progress: Progress, view: View) -> None:
    """Prints a plan: figures, what it costs, what stands in the way, its rows."""
    run, runs = progress.run, desk.store.runs
    counts = {**progress.counts, PlanAction.UNCHANGED: run.unchanged}
    if view.as_json:
        cost = {"requests": progress.requests, "left_seconds": progress.left_seconds}
        print_json(run_facts(run) | cost | {"counts": counts}, all_rows(runs, run.id))
        return
    console = make_console()
    print_head(console, desk, run)
    print_counts(console, counts, MEANINGS)
    print_rows(console, runs, run, MEANINGS, view.most, None)
    console.print()
    _print_cost(console, desk, progress)


def print_head(console: Console, desk: Desk, run: Run) -> None:
    """Which run it is, on which Reverb, and what is to be said of it."""
    badge = environment_badge(desk.settings.environment, console)
    made = f"{planned_word(run)} {local_time(run.planned_at)}" if run.planned_at else run.state
    head = Text.assemble(f"{run.kind.capitalize()} {run.id} ", badge, f" {made}: {counted(run.products, 'product')}")
    console.print(head, soft_wrap=True)
    if run.message:
        console.print(plain(run.message, "yellow"), soft_wrap=True)


def _print_cost(console: Console, desk: Desk, progress: Progress) -> None:
    run = progress.run
    if run.state != states.PLANNED:
        console.print(plain(result_words(progress)), soft_wrap=True)
        return
    if progress.requests:
        pace = f"about {duration(progress.left_seconds or 0)} at {desk.settings.requests_per_minute} a minute"
        console.print(f"Sending this takes {counted(progress.requests, 'request')}, {pace}.", soft_wrap=True)
    else:
        console.print("There is nothing to send.")
    if run.brake:
        console.print(plain(f"The brake holds it: {run.brake}", "bold red"), soft_wrap=True)
    if progress.requests or run.brake:
        what = "sends exactly this" if progress.requests else "says that it is meant"
        console.print(f"`{apply_command(run)}` with the same shop or file {what}.", soft_wrap=True)


def apply_command(run: Run) -> str:
    """What to type to apply a plan, but for the shop."""
    flag = " --confirm-mass-change" if run.brake else ""
    return f"reverb-plugin mass-sync --apply {run.id}{flag}"


def tell_status(desk: Desk, view: View) -> None:
    """Prints how far the run under way is, or the last mass sync."""
    progress = desk.mass_sync.find_active() or _last(desk)
    if progress is not None and progress.run.state in UNDER_WAY and _find_living_sender(desk) is None:
        progress = replace(progress, rate=0.0, left_seconds=None)  # it does not go on by itself
    if view.as_json:
        click.echo(json.dumps(_status_facts(desk, progress), indent=2, ensure_ascii=False))
    elif progress is None:
        click.echo("There was no mass sync yet.")
    else:
        _print_status(make_console(), desk, progress)


def _find_living_sender(desk: Desk) -> Sender | None:
    sender = desk.store.find_sender()
    return None if sender is None or is_dead(sender.owner) else sender


def _last(desk: Desk) -> Progress | None:
    newest = [run for kind in (MASS_SYNC, states.SETTLEMENT) for run in desk.store.runs.newest(kind, 1)]
    return desk.mass_sync.progress(max(newest, key=lambda run: run.id)) if newest else None


def _status_facts(desk: Desk, progress: Progress | None) -> dict[str, object] | None:
    if progress is None:
        return None
    trouble, sender = desk.store.runs.find_trouble(progress.run.id), _find_living_sender(desk)
    numbers = ("requests", "done", "failed", "moved", "aside", "left", "rate", "left_seconds")
    return (
        run_facts(progress.run)
        | {name: getattr(progress, name) for name in numbers}
        | {
            "step": asdict(find_step(desk.store.runs, progress)),
            "trouble": trouble and trouble.message,
            "sender": sender and sender.owner,
        }
    )


def _print_status(console: Console, desk: Desk, progress: Progress) -> None:
    run, trouble = progress.run, desk.store.runs.find_trouble(progress.run.id)
    table = make_table(show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("Run", Text.assemble(f"{run.kind} {run.id} ", environment_badge(desk.settings.environment, console)))
    table.add_row("State", plain(result_words(progress)))
    if run.state in UNDER_WAY:
        table.add_row("Step", plain(str(find_step(desk.store.runs, progress))))
        table.add_row("Sending", plain(sender_words(desk.store.find_sender())))
    table.add_row("Started", plain(f"{local_time(run.created_at)} by {run.started_by}"))
    for name, text in (("Trouble", trouble and trouble.message), ("Brake", run.brake), ("Note", run.message)):
        if text:
            table.add_row(name, plain(text, "yellow"))
    console.print(table)
