"""Sending for a person who waits: progress while it lasts, and afterwards what came of it."""

import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Column

from reverb_plugin.changes import Kind, Outcome
from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.cli.terminal import make_console, make_table, message_text, outcome_text, plain, print_table
from reverb_plugin.cli.texts import counted, hint_for, printable
from reverb_plugin.errors import NotConfiguredError, StoreError, TokenRefusedError
from reverb_plugin.plugin import Plugin
from reverb_plugin.store.store import Store
from reverb_plugin.store.sync_log import LogEntry, LogFilter
from reverb_plugin.sync.remote import Gate, decide_gate
from reverb_plugin.sync.worker import DrainReport

LOOK_SECONDS = 0.25
PAGE_ROWS = 500
SHOWN_PROBLEMS = 50


@dataclass(slots=True)
class Sent:
    """What came of it: how many products ended how, and those attempts that a person should know of."""

    report: DrainReport
    tally: Counter[str] = field(default_factory=Counter)
    problems: list[LogEntry] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many wait for a person now."""
        return self.tally[Outcome.REFUSED]


def require_token(plugin: Plugin) -> None:
    """Raises :class:`NotConfiguredError` when there is no token to send with."""
    if plugin.configuration.load().values.token is None:
        raise NotConfiguredError("No token has been entered yet.")


def send(
    plugin: Plugin,
    timeout_seconds: float,
    *,
    with_progress: bool,
    show_skipped: bool = False,
    keeps_schedule: bool = False,
) -> Sent:
    """Drains the queue.

    Args:
        plugin: whose queue.
        timeout_seconds: how long at most.
        with_progress: show a bar, when standard error is a terminal.
        show_skipped: count products that were left alone among the problems.
        keeps_schedule: begin the drift check that is due; only a command that comes again will end it.

    Raises:
        NotConfiguredError: there is no token.
        TokenRefusedError: Reverb does not accept the token.
        StoreError: the database cannot be used.
    """
    require_token(plugin)
    started_at = plugin.clock.now()
    console = make_console(stderr=True)
    with sigterm_interrupts(), _progress(plugin, console, shown=with_progress and console.is_terminal):
        report = plugin.drain(timeout_seconds, keeps_schedule=keeps_schedule)
    if report.left and gate_of(plugin).needs_a_person:
        raise TokenRefusedError(f"Reverb does not accept the token; {_left(report)}.")
    return read_result(plugin.store, report, started_at, show_skipped=show_skipped)


def tell(sent: Sent) -> None:
    """Prints what came of it."""
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(sent.tally.items()))
    nothing = "Nothing was sent." if sent.report.left else "There was nothing to send."
    make_console().print(plain(f"Sent: {told}." if told else nothing), soft_wrap=True)
    _print_problems(sent)
    if sent.report.left:
        console = make_console(stderr=True)
        console.print(plain(f"{_left(sent.report)}: {sent.report.stopped_because}."), soft_wrap=True)


def exit_code(*, left: int, needs_a_person: int) -> ExitCode:
    """What the command ends with."""
    if left:
        return ExitCode.NOT_SENT
    return ExitCode.NEEDS_A_PERSON if needs_a_person else ExitCode.DONE


def _left(report: DrainReport) -> str:
    return f"{counted(report.left, 'change is', 'changes are')} left in the queue"


def gate_of(plugin: Plugin) -> Gate:
    """Whether requests may go to Reverb now."""
    return decide_gate(plugin.store.get_remote_state(), plugin.settings.token, plugin.clock.now().timestamp())


def read_result(store: Store, report: DrainReport, started_at: datetime, *, show_skipped: bool) -> Sent:
    """What came of it since ``started_at``; the last attempt at each product counts.

    Read from the log and not from the report, because another process may have done the sending.
    """
    sent = Sent(report)
    seen: set[tuple[str, str]] = set()
    for entry in _attempts_since(store, started_at):
        if (entry.kind, entry.sku) in seen:
            continue
        seen.add((entry.kind, entry.sku))
        if entry.kind != Kind.CHECK_PUBLISH or entry.outcome == Outcome.REFUSED:
            sent.tally[entry.outcome] += 1
        if _is_problem(entry, show_skipped=show_skipped):
            sent.problems.append(entry)
    return sent


def _attempts_since(store: Store, moment: datetime) -> Iterator[LogEntry]:
    chosen = LogFilter()
    while page := store.log_page(chosen, PAGE_ROWS):
        for entry in page:
            if entry.created_at < moment:
                return
            yield entry
        chosen = LogFilter(before=(page[-1].created_at, page[-1].id or 0))


def _is_problem(entry: LogEntry, *, show_skipped: bool) -> bool:
    if entry.outcome == Outcome.SKIPPED:
        return show_skipped
    return entry.outcome in {Outcome.REFUSED, Outcome.DEFERRED} or bool(entry.errors)


def _print_problems(sent: Sent) -> None:
    if not sent.problems:
        return
    console = make_console()
    table = make_table()
    table.add_column("SKU", ratio=1, overflow="fold")
    table.add_column("Outcome", no_wrap=True)
    table.add_column("What was said, and what to do next", ratio=3, overflow="fold")
    for entry in sent.problems[:SHOWN_PROBLEMS]:
        message = message_text(entry.message, entry.errors, hint=hint_for(entry.code, entry.environment))
        table.add_row(plain(entry.sku), outcome_text(entry.outcome), message)
    console.print()
    print_table(console, table)
    if len(sent.problems) > SHOWN_PROBLEMS:
        console.print(f"{len(sent.problems) - SHOWN_PROBLEMS} more; `reverb-plugin log` shows them.")


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """SIGTERM ends the sending in good order, as Ctrl-C does: another process need not wait for our lease."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _progress(plugin: Plugin, console: Console, *, shown: bool) -> Iterator[None]:
    if not shown:
        yield
        return
    word = TextColumn("{task.fields[word]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    done = threading.Event()
    with Progress(
        TextColumn("Sending"), BarColumn(bar_width=24), MofNCompleteColumn(), word, console=console, transient=True
    ) as progress:
        watcher = threading.Thread(target=_watch, args=(plugin, progress, done), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def _watch(plugin: Plugin, progress: Progress, done: threading.Event) -> None:
    task = progress.add_task("", total=None, word="")
    total = 0
    try:
        while True:
            queue = plugin.store.queue_status()
            left = queue.pending + queue.leased
            total = max(total, left)
            progress.update(task, total=total, completed=total - left, word=_word(plugin))
            if done.wait(LOOK_SECONDS):
                return
    except StoreError:
        return  # the drain meets the same trouble, and tells


def _word(plugin: Plugin) -> str:
    """What is going on: why it waits, or the last attempt."""
    if cause := gate_of(plugin).cause:
        return printable(cause)
    newest = plugin.store.log_page(limit=1)
    return printable(f"{newest[0].sku} {newest[0].outcome}") if newest else ""
