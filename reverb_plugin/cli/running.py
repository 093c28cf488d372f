"""A mass sync or drift check for a person who waits: this process does the work, or watches the one that does."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
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

GOES_ON = "It is tried again by itself; `reverb-plugin mass-sync --cancel` ends it."

UNDER_WAY = (states.READING, states.COMPARING, states.APPLYING)

Show = Literal["progress", "nothing"]


@dataclass(frozen=True, slots=True)
class Step:
    """Where a run is: what it does, how much of it is done (of how much, when that is known), and what else to say.

    ``is_held`` when it cannot go on for now, and ``words`` say why.
    """

    doing: str
    done: int
    total: int | None
    words: str
    is_held: bool = False

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
        before = _find_obstacle(plugin, run_id)
        while True:
            progress = plugin.mass_sync.progress(get_run(plugin, run_id))
            step = find_step(plugin.store.runs, progress)
            words = _find_obstacle(plugin, run_id).words(before)
            tell(replace(step, words=words, is_held=True) if words else step)
            if done.wait(LOOK_SECONDS):
                return
    except StoreError:
        return  # the drain meets the same trouble, and tells


@dataclass(frozen=True, slots=True)
class _Obstacle:
    """What keeps a run from going on. It counts with the circuit, which changes with every try that is lost."""

    message: str
    needs_a_person: bool
    circuit: tuple[int, float]

    def words(self, before: "_Obstacle") -> str:
        """For people; what was so ``before`` this command began may be over, or was another address."""
        if self.needs_a_person or not self.message:
            return printable(self.message)
        when = "Last time: " if self == before else ""
        return f"{when}{printable(self.message).rstrip('.')}. {GOES_ON}"


def _find_obstacle(plugin: Plugin, run_id: int) -> _Obstacle:
    gate, state = gate_of(plugin), plugin.store.get_remote_state()
    trouble = plugin.store.runs.find_trouble(run_id)
    message = gate.cause or (trouble.message if trouble is not None else "")
    is_parked = not gate.cause and trouble is not None and trouble.is_parked
    return _Obstacle(message, gate.needs_a_person or is_parked, (state.failures, state.open_until))


@contextmanager
def _bar(console: Console) -> Iterator[Callable[[Step], None]]:
    doing = TextColumn("{task.description}", markup=False)
    words = TextColumn("{task.fields[words]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    with Bar(doing, BarColumn(bar_width=24), MofNCompleteColumn(), words, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, words="")

        told = ""

        def tell(step: Step) -> None:
            nonlocal told
            if step.is_held and step.words != told:  # the bar has no room for it
                told = step.words
                bar.console.print(told, markup=False, soft_wrap=True)
            bar.update(task, description=step.doing, completed=step.done, words=step.words)
            bar.tasks[0].total = step.total

        yield tell


@contextmanager
def _lines() -> Iterator[Callable[[Step], None]]:
    last: tuple[tuple[str, str], float] = (("", ""), -math.inf)

    def tell(step: Step) -> None:
        nonlocal last
        what = (step.doing, step.words if step.is_held else "")
        if what != last[0] or time.monotonic() >= last[1] + LINE_SECONDS:
            click.echo(f"{str(step).rstrip('.')}.")
            last = (what, time.monotonic())

    yield tell


def result_words(progress: Progress) -> str:
    """How a run stands, in one sentence."""
    numbers = [(progress.done, "done"), (progress.failed, "failed"), (progress.aside, "set aside")]
    numbers += [(progress.moved, "changed since the preview and left alone"), (progress.left, "left")]
    told = ", ".join(f"{number} {word}" for number, word in numbers if number)
    run = progress.run
    nothing = "nothing to send" if run.planned_at else f"{counted(run.products, 'product')} compared"
    state = planned_word(run) if run.state == states.PLANNED else run.state
    return f"The {run.kind} {run.id} is {state}: {told or nothing}."


def planned_word(run: Run) -> str:
    """What a run is that has compared everything: a drift check makes no plan."""
    return "made" if run.kind == states.DRIFT_CHECK else states.PLANNED
