"""``reverb-plugin status``: how the plugin is doing."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import click
from rich.console import Console
from rich.text import Text

from reverb_plugin.changes import Kind, Outcome
from reverb_plugin.cli.memory import Memory, opened
from reverb_plugin.cli.options import json_option, memory_options
from reverb_plugin.cli.terminal import (
    environment_badge,
    make_console,
    make_table,
    message_text,
    plain,
    print_table,
)
from reverb_plugin.cli.texts import counted, duration, hint_for, local_time, printable
from reverb_plugin.errors import FieldError, TokenRefusedError
from reverb_plugin.settings import LoadedSettings
from reverb_plugin.store.outbox import ParkedJob
from reverb_plugin.store.remote_state import RemoteState
from reverb_plugin.store.sender import Sender
from reverb_plugin.store.store import QueueStatus, Store
from reverb_plugin.store.sync_log import LogFilter
from reverb_plugin.sync.owner import is_dead
from reverb_plugin.sync.remote import Gate, decide_gate, token_fingerprint
from reverb_plugin.version import __version__

SUCCESSES = (Outcome.CREATED, Outcome.UPDATED, Outcome.ENDED, Outcome.UNCHANGED)
MOST_PARKED = 100
SHOWN_PARKED = 20
LOOK_BACK_ROWS = 50


@dataclass(frozen=True, slots=True)
class Parked:
    """A job that waits for a person, with the complaints about single fields from its last attempt."""

    job: ParkedJob
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand at one moment."""

    now: datetime
    database: str
    loaded: LoadedSettings
    queue: QueueStatus
    sender: Sender | None
    gate: Gate
    remote_state: RemoteState
    links: int
    last_success_at: datetime | None
    parked: Sequence[Parked]

    @property
    def oldest_seconds(self) -> float | None:
        """For how long the oldest change has been waiting."""
        return None if self.queue.oldest_at is None else (self.now - self.queue.oldest_at).total_seconds()

    @property
    def reverb(self) -> str:
        """The way to Reverb, in words."""
        if self.loaded.values.token is None:
            return "nothing is sent before a token is entered"
        base_seconds = 60.0 / self.loaded.values.requests_per_minute
        if self.gate.cause:
            wait = f"; the next try is in {duration(self.gate.wait_seconds)}" if self.gate.wait_seconds else ""
            return f"{self.gate.cause}{wait}"
        if self.remote_state.interval_seconds > base_seconds * 1.01:
            return f"open, slowed down to one request every {self.remote_state.interval_seconds:.1f} s"
        return "open"

    @property
    def reverb_hint(self) -> str | None:
        """What to do about the way to Reverb; None unless Reverb refuses the token."""
        token = self.loaded.values.token
        if token is None or self.remote_state.refused_token != token_fingerprint(token):
            return None
        return hint_for(TokenRefusedError.code, self.loaded.values.environment)


@click.command()
@memory_options
@json_option("One JSON object.")
def command(data_dir: str | None, as_json: bool) -> None:
    """Show how the plugin is doing, from its database alone.

    Nothing is asked of Reverb, and no shop is needed. A token or an environment that the shop's own code gives to
    configure() is not seen from here.
    """
    with opened(data_dir) as memory:
        status = read_status(memory)
    if as_json:
        click.echo(json.dumps(as_facts(status), indent=2, ensure_ascii=False))
    else:
        _print(make_console(), status)
    for problem in status.loaded.problems:
        click.echo(f"Setting not used: {printable(problem.message)}", err=True)


def read_status(memory: Memory) -> Status:
    """Reads all of it from the database."""
    store, loaded, now = memory.store, memory.configuration.load(), memory.clock.now()
    remote_state = store.get_remote_state()
    return Status(
        now=now,
        database=str(memory.path),
        loaded=loaded,
        queue=store.queue_status(),
        sender=store.find_sender(),
        gate=decide_gate(remote_state, loaded.values.token, now.timestamp()),
        remote_state=remote_state,
        links=store.count_links(),
        last_success_at=_last_success_at(store),
        parked=[Parked(job, _last_errors(store, job)) for job in store.parked_jobs(MOST_PARKED)],
    )


def as_facts(status: Status) -> dict[str, object]:
    """What ``--json`` prints."""
    values, queue = status.loaded.values, status.queue
    sender = status.sender and asdict(status.sender) | {
        "started_at": status.sender.started_at.isoformat(),
        "leased_until": status.sender.leased_until.isoformat(),
    }
    return {
        "version": __version__,
        "environment": values.environment,
        "database": status.database,
        "token": {"set": values.token is not None, "source": status.loaded.sources["token"]},
        "queue": asdict(queue) | {"oldest_at": _iso(queue.oldest_at), "oldest_seconds": status.oldest_seconds},
        "sender": sender,
        "reverb": {
            "open": not status.gate.cause,
            "words": status.reverb,
            "hint": status.reverb_hint,
            "wait_seconds": status.gate.wait_seconds,
        },
        "links": status.links,
        "last_success_at": _iso(status.last_success_at),
        "parked_jobs": [
            asdict(each.job)
            | {
                "errors": [asdict(error) for error in each.errors],
                "hint": hint_for(each.job.code, values.environment),
            }
            for each in status.parked
        ],
        "problems": [problem.message for problem in status.loaded.problems],
    }


def _last_success_at(store: Store) -> datetime | None:
    pages = (store.log_page(LogFilter(outcome=outcome), LOOK_BACK_ROWS) for outcome in SUCCESSES)
    times = (entry.created_at for page in pages for entry in page if entry.environment == store.environment)
    return max(times, default=None)


def _last_errors(store: Store, job: ParkedJob) -> tuple[FieldError, ...]:
    attempts = store.log_page(LogFilter(sku=job.key, outcome=Outcome.REFUSED), LOOK_BACK_ROWS)
    return next((entry.errors for entry in attempts if entry.kind == job.kind), ())


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _print(console: Console, status: Status) -> None:
    table = make_table(show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in _rows(status, console):
        table.add_row(name, text)
    print_table(console, table)
    if status.parked:
        console.print()
        _print_parked(console, status)


def _rows(status: Status, console: Console) -> list[tuple[str, Text]]:
    sources, values = status.loaded.sources, status.loaded.values
    token = f"set (from the {sources['token']})" if values.token else "not set: `reverb-plugin settings set token`"
    return [
        ("Environment", environment_badge(values.environment, console)),
        ("Token", plain(token, "" if values.token else "yellow")),
        ("Reverb", _reverb_text(status)),
        ("Queue", plain(_queue_words(status), "red" if status.queue.parked else "")),
        ("Sending", plain(sender_words(status.sender))),
        ("Linked", plain(counted(status.links, "listing"))),
        ("Last success", plain(_time_words(status.last_success_at, status.now))),
        ("Database", plain(status.database)),
        ("Version", plain(__version__)),
    ]


def _reverb_text(status: Status) -> Text:
    text = plain(status.reverb, "yellow" if status.gate.cause else "")
    return text.append(f"\n{status.reverb_hint}", "italic") if status.reverb_hint else text


def _queue_words(status: Status) -> str:
    queue = status.queue
    if not queue.pending + queue.leased + queue.parked:
        return "empty"
    words = f"{queue.pending} waiting, {queue.leased} being sent, {queue.parked} parked"
    age = status.oldest_seconds
    return words if age is None else f"{words}; the oldest has been waiting for {duration(age)}"


def sender_words(sender: Sender | None) -> str:
    """Which process sends, in words."""
    if sender is None:
        return "no process sends now"
    if is_dead(sender.owner):
        return f"no process sends now; {sender.owner} ended without a word"
    return f"{sender.owner}, version {sender.version}, since {local_time(sender.started_at)}"


def _time_words(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "none yet"
    return f"{local_time(moment)} ({duration((now - moment).total_seconds())} ago)"


def _parked_name(job: ParkedJob) -> str:
    return f"run {job.key}" if job.kind is Kind.RUN_STEP else job.key


def _print_parked(console: Console, status: Status) -> None:
    table = make_table()
    table.add_column("Parked", ratio=1, overflow="fold")
    table.add_column("Why, and what to do next", ratio=3, overflow="fold")
    for each in status.parked[:SHOWN_PARKED]:
        hint = hint_for(each.job.code, status.loaded.values.environment)
        message = message_text(each.job.message, each.errors, hint=hint)
        table.add_row(plain(_parked_name(each.job)), message)
    print_table(console, table)
    if status.queue.parked > SHOWN_PARKED:
        console.print(f"{status.queue.parked - SHOWN_PARKED} more; `reverb-plugin status --json` lists them.")
    console.print(Text("`reverb-plugin log --sku SKU` tells more; `reverb-plugin retry SKU` tries again."))
