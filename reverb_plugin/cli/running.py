"""A mass sync or drift check for a person who waits: this process does the work, or watches the one that does."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Column

from reverb_plugin.cli.sending import gate_of, sigterm_interrupts
from reverb_plugin.cli.terminal import make_console
from reverb_plugin.cli.texts import counted, duration, printable
from reverb_plugin.errors import RunError, StoreError, TokenRefusedError
from reverb_plugin.mass_sync import Progress
from reverb_plugin.plugin import Plugin
from reverb_plugin.store import runs as states
from reverb_plugin.store.run_store import RunStore
from reverb_plugin.store.runs import Run

LOOK_SECONDS = 0.5
LINE_SECONDS = 30.0
FINISH_SECONDS = 30.0
"""How long to go on afterwards with what the run left in the queue, such as whether a listing was published."""

UNDER_WAY = (states.READING, states.COMPARING, states.APPLYING)

Show = Literal["progress", "nothing"]


@dataclass(frozen=True, slots=True)
class Step:
    """Where a run is: what it does, how much of it is done (of how much, when that is known), and what else to say."""

    doing: str
    done: int
    total: int | None
    words: str

    def __str__(self) -> str:
        of = "" if self.total is None else f" of {self.total}"
        return f"{self.doing}: {self.done}{of}{f'; {self.words}' if self.words else ''}"


def find_step(runs: RunStore, progress: Progress) -> Step:
    """Where the run is; where it stopped, when it is not under way."""
    run = progress.run
    match run.state:
        case states.READING:
            return Step("Reading listings", runs.count_listings(run.id), run.listings_total, "")
        case states.COMPARING:
            return Step("Comparing products", run.products, None, "")
        case states.PLANNED:
            return Step("Compared products", run.products, run.products, "")
    over = progress.done + progress.failed + progress.moved + progress.aside
    return Step("Sending", over, over + progress.left, rate_words(progress))


def rate_words(progress: Progress) -> str:
    """What failed, how fast it goes, and how long it takes yet."""
    words = [f"{progress.failed + progress.aside} failed"] if progress.failed + progress.aside else []
    if progress.moved:
        words.append(f"{progress.moved} changed since the preview")
    if progress.run.state == states.APPLYING and progress.rate:
        words.append(f"{progress.rate:.0f} a minute")
    if progress.run.state == states.APPLYING and progress.left and progress.left_seconds is not None:
        words.append(f"{duration(progress.left_seconds)} left")
    return ", ".join(words)


def drive(plugin: Plugin, run_id: int, timeout_seconds: float | None, show: Show) -> Progress:
    """Sends until the run is planned, done or stopped, or the time is over; how far it is then.

    While another process sends, this one watches it.

    Raises:
        TokenRefusedError: Reverb does not accept the token.
        RunError: a step of the run failed too often.
    """
    ends_at = time.monotonic() + (math.inf if timeout_seconds is None else timeout_seconds)
    try:
        with sigterm_interrupts(), _shown(plugin, run_id, show):
            drain = partial(plugin.drain, keeps_schedule=False)  # nobody would go on with what it begins
            drain(ends_at - time.monotonic(), is_enough=lambda: get_run(plugin, run_id).state not in UNDER_WAY)
            if get_run(plugin, run_id).state == states.DONE and plugin.store.find_sender() is None:
                drain(min(FINISH_SECONDS, ends_at - time.monotonic()))
    except KeyboardInterrupt:
        run = get_run(plugin, run_id)
        if run.state in UNDER_WAY:
            click.echo(_how_it_goes_on(run), err=True)
        raise
    _check(plugin, get_run(plugin, run_id))
    return plugin.mass_sync.progress(get_run(plugin, run_id))


def get_run(plugin: Plugin, run_id: int) -> Run:
    """The run; raises :class:`RunError` when there is none of this number."""
    run = plugin.store.runs.find(run_id)
    if run is None:
        raise RunError(f"There is no run {run_id}.")
    return run


def _check(plugin: Plugin, run: Run) -> None:
    """Says why a run is still under way."""
    if run.state not in UNDER_WAY:
        return
    if gate_of(plugin).needs_a_person:
        raise TokenRefusedError(f"Reverb does not accept the token. {_how_it_goes_on(run)}")
    trouble = plugin.store.runs.find_trouble(run.id)
    if trouble is not None and trouble.is_parked:
        raise RunError(f"{trouble.message} {_how_it_goes_on(run)}")
    click.echo(f"The time is over. {_how_it_goes_on(run)}", err=True)


def _how_it_goes_on(run: Run) -> str:
    return (
        f"The {run.kind} {run.id} goes on with a running worker, the next drain or `reverb-plugin mass-sync --resume`; "
        "`reverb-plugin mass-sync --cancel` ends it."
    )


@contextmanager
def _shown(plugin: Plugin, run_id: int, show: Show) -> Iterator[None]:
    console = make_console(stderr=True)
    if show == "nothing":
        yield
        return
    with _bar(console) if console.is_terminal else _lines() as tell:
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(plugin, run_id, tell, done), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def _watch(plugin: Plugin, run_id: int, tell: Callable[[Step], None], done: threading.Event) -> None:
    try:
        while True:
            progress = plugin.mass_sync.progress(get_run(plugin, run_id))
            step = find_step(plugin.store.runs, progress)
            trouble = plugin.store.runs.find_trouble(run_id)
            cause = gate_of(plugin).cause or (trouble.message if trouble else "")
            tell(Step(step.doing, step.done, step.total, printable(cause) or step.words))
            if done.wait(LOOK_SECONDS):
                return
    except StoreError:
        return  # the drain meets the same trouble, and tells


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[Step], None]]:
    doing = TextColumn("{task.description}", markup=False)
    words = TextColumn("{task.fields[words]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    with Bar(doing, BarColumn(bar_width=24), MofNCompleteColumn(), words, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, words="")

        def tell(step: Step) -> None:
            bar.update(task, description=step.doing, completed=step.done, words=step.words)
            bar.tasks[0].total = step.total

        yield tell


@contextmanager
def _lines() -> Iterator[Callable[[Step], None]]:
    last: tuple[str, float] = ("", -math.inf)

    def tell(step: Step) -> None:
        nonlocal last
        if step.doing != last[0] or time.monotonic() >= last[1] + LINE_SECONDS:
            click.echo(f"{step}.")
            last = (step.doing, time.monotonic())

    yield tell


def result_words(progress: Progress) -> str:
    """How a run stands, in one sentence."""
    numbers = [(progress.done, "done"), (progress.failed, "failed"), (progress.aside, "set aside")]
    numbers += [(progress.moved, "changed since the preview and left alone"), (progress.left, "left")]
    told = ", ".join(f"{number} {word}" for number, word in numbers if number)
    run = progress.run
    nothing = "nothing to send" if run.planned_at else f"{counted(run.products, 'product')} compared"
    return f"The {run.kind} {run.id} is {run.state}: {told or nothing}."
