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
from reverb_plugin.health import Facts, OrderFacts, find_problems, read_facts
from reverb_plugin.store.outbox import ParkedJob
from reverb_plugin.store.sender import Sender
from reverb_plugin.store.store import Store
from reverb_plugin.store.sync_log import LogFilter
from reverb_plugin.sync.owner import is_dead
from reverb_plugin.update.notice import UpdateStatus
from reverb_plugin.version import __version__

MOST_PARKED = 100
SHOWN_PARKED = 20
LOOK_BACK_ROWS = 50
TOLD_ABOVE = frozenset(
    {"no-token", "token-refused", "unreachable", "no-worker", "parked", "setting-unusable", "update-waiting"}
)
"""Problems that the table or the list of parked jobs tells already."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A job that waits for a person, with the complaints about single fields from its last attempt."""

    job: ParkedJob
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand at one moment."""

    facts: Facts
    database: str
    parked: Sequence[Parked]

    @property
    def reverb_hint(self) -> str | None:
        """What to do about the way to Reverb; None unless Reverb refuses the token."""
        if not self.facts.is_token_refused:
            return None
        return hint_for(TokenRefusedError.code, self.facts.loaded.values.environment)


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
    for problem in status.facts.loaded.problems:
        click.echo(f"Setting not used: {printable(problem.message)}", err=True)


def read_status(memory: Memory) -> Status:
    """Reads all of it from the database."""
    store = memory.store
    facts = read_facts(store, memory.configuration.load(), memory.clock.now())
    parked = [Parked(job, _last_errors(store, job)) for job in store.parked_jobs(MOST_PARKED)]
    return Status(facts, str(memory.path), parked)


def as_facts(status: Status) -> dict[str, object]:
    """What ``--json`` prints."""
    values, queue = status.facts.loaded.values, status.facts.queue
    sender = status.facts.sender and asdict(status.facts.sender) | {
        "started_at": status.facts.sender.started_at.isoformat(),
        "leased_until": status.facts.sender.leased_until.isoformat(),
    }
    return {
        "version": __version__,
        "environment": values.environment,
        "database": status.database,
        "token": {"set": values.token is not None, "source": status.facts.loaded.sources["token"]},
        "queue": asdict(queue) | {"oldest_at": _iso(queue.oldest_at), "oldest_seconds": status.facts.oldest_seconds},
        "sender": sender,
        "reverb": {
            "open": not status.facts.gate.cause,
            "words": status.facts.reverb,
            "hint": status.reverb_hint,
            "wait_seconds": status.facts.gate.wait_seconds,
        },
        "links": status.facts.links,
        "last_success_at": _iso(status.facts.last_success_at),
        "orders": facts_of_orders(status.facts.orders),
        "parked_jobs": [
            asdict(each.job)
            | {
                "errors": [asdict(error) for error in each.errors],
                "hint": hint_for(each.job.code, values.environment),
            }
            for each in status.parked
        ],
        "update": None if status.facts.update is None else status.facts.update.as_facts(),
        "problems": [problem.message for problem in status.facts.loaded.problems],
        "health": [
            {"code": each.code, "tone": each.tone, "title": each.title, "text": each.text}
            for each in find_problems(status.facts)
        ],
    }


def facts_of_orders(orders: OrderFacts | None) -> dict[str, object] | None:
    """How the orders stand; None while they are off."""
    if orders is None:
        return None
    failing = [{"kind": job.kind, "key": job.key, "message": job.message} for job in orders.failing]
    return {"read_at": _iso(orders.read_at), "trouble": orders.trouble, "failing": failing, "asking": orders.asking}


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
    for problem in find_problems(status.facts):
        if problem.code not in TOLD_ABOVE:
            console.print()
            console.print(plain(f"{problem.title}.", "yellow").append(f" {problem.text}", "default"))
    if status.parked:
        console.print()
        _print_parked(console, status)


def _rows(status: Status, console: Console) -> list[tuple[str, Text]]:
    sources, values = status.facts.loaded.sources, status.facts.loaded.values
    token = f"set (from the {sources['token']})" if values.token else "not set: `reverb-plugin settings set token`"
    return [
        ("Environment", environment_badge(values.environment, console)),
        ("Token", plain(token, "" if values.token else "yellow")),
        ("Reverb", _reverb_text(status)),
        ("Queue", plain(_queue_words(status), "red" if status.facts.queue.parked else "")),
        ("Sending", plain(sender_words(status.facts.sender))),
        ("Linked", plain(counted(status.facts.links, "listing"))),
        ("Last success", plain(_time_words(status.facts.last_success_at, status.facts.now))),
        ("Orders read", plain(_orders_words(status.facts))),
        ("Database", plain(status.database)),
        ("Version", _version_text(status.facts.update)),
    ]


def _reverb_text(status: Status) -> Text:
    text = plain(status.facts.reverb, "yellow" if status.facts.gate.cause else "")
    return text.append(f"\n{status.reverb_hint}", "italic") if status.reverb_hint else text


def _version_text(update: UpdateStatus | None) -> Text:
    notice = None if update is None else update.prompt
    if update is None or notice is None:
        return plain(__version__)
    text = plain(f"{__version__}; {update.words}", "yellow" if notice.offer.is_security else "")
    return text.append("\n`reverb-plugin update --check` tells what is new", "italic")


def _queue_words(status: Status) -> str:
    queue = status.facts.queue
    if not queue.pending + queue.leased + queue.parked:
        return "empty"
    words = f"{queue.pending} waiting, {queue.leased} being sent, {queue.parked} parked"
    age = status.facts.oldest_seconds
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


def _orders_words(facts: Facts) -> str:
    if facts.orders is None:
        return "orders are off: a sale on Reverb does nothing in the shop"
    return _time_words(facts.orders.read_at, facts.now)


def _parked_name(job: ParkedJob) -> str:
    return f"run {job.key}" if job.kind is Kind.RUN_STEP else job.key


def _print_parked(console: Console, status: Status) -> None:
    table = make_table()
    table.add_column("Parked", ratio=1, overflow="fold")
    table.add_column("Why, and what to do next", ratio=3, overflow="fold")
    for each in status.parked[:SHOWN_PARKED]:
        hint = hint_for(each.job.code, status.facts.loaded.values.environment)
        message = message_text(each.job.message, each.errors, hint=hint)
        table.add_row(plain(_parked_name(each.job)), message)
    print_table(console, table)
    if status.facts.queue.parked > SHOWN_PARKED:
        console.print(f"{status.facts.queue.parked - SHOWN_PARKED} more; `reverb-plugin status --json` lists them.")
    console.print(Text("`reverb-plugin log --sku SKU` tells more; `reverb-plugin retry SKU` tries again."))
