"""Installing a newer version, for a person who waits: the plan, the question, the steps, and what to do next."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.cli.memory import Memory, opened
from reverb_plugin.cli.sending import sigterm_interrupts
from reverb_plugin.cli.status import sender_words
from reverb_plugin.cli.texts import counted, printable
from reverb_plugin.errors import UpdateError
from reverb_plugin.settings import Settings
from reverb_plugin.store.schema import HEAD
from reverb_plugin.update.additions import find_additions
from reverb_plugin.update.environment import find_here, find_manager
from reverb_plugin.update.fetch import Fetcher
from reverb_plugin.update.index import ReleaseFile
from reverb_plugin.update.install import install
from reverb_plugin.update.offer import Choice
from reverb_plugin.update.plan import Plan, find_spot, make_plan
from reverb_plugin.update.processes import find_users
from reverb_plugin.update.recover import Step
from reverb_plugin.update.report import Report
from reverb_plugin.update.updates import Updates
from reverb_plugin.version import __version__

TOLD = {
    Step.DOWNLOADING: "Downloading it.",
    Step.HOLDING: "Holding the sender.",
    Step.BACKING_UP: "Backing up the database.",
    Step.TRYING: "Trying it on a copy of the database.",
    Step.INSTALLING: "Having pip install it.",
    Step.MIGRATING: "Migrating the database.",
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person asked for."""

    dry_run: bool = False
    yes: bool = False
    with_dependencies: bool = False
    only: str | None = None
    in_container: bool = False
    as_json: bool = False


def run(data_dir: str | None, wishes: Wishes) -> ExitCode:
    """Plans, asks, installs; what the command ends with.

    Raises:
        UpdateError: there is nothing to install, or it was not begun.
        UpdateFailedError: it failed; the version from before is in place.
    """
    with opened(data_dir) as memory:
        plan = read_plan(memory, wishes)
        if plan is None:
            _tell_newest(wishes)
            return ExitCode.DONE
        if wishes.dry_run:
            _show(plan, wishes)
            return ExitCode.NEEDS_A_PERSON if plan.objections else ExitCode.DONE
        if not plan.objections and not wishes.yes:
            _show(plan, wishes)
            click.confirm("Install it?", abort=True, err=True)
        with sigterm_interrupts():
            report = install(plan, memory.store, Fetcher(memory.clock), memory.clock, _tell)
        _end(plan, report, wishes)
    return ExitCode.DONE


def read_plan(memory: Memory, wishes: Wishes) -> Plan | None:
    """What would be installed, after a look at the index; None when the newest version is."""
    settings = memory.configuration.load().values
    database = memory.path if memory.is_recorded else None
    choice = Updates(memory.path.parent, lambda: settings, memory.clock).look()
    _check_wished(choice, wishes.only)
    if choice == Choice():
        return None
    spot = find_spot(memory.path.parent, database, None if database is None else HEAD)
    return make_plan(
        choice,
        find_here().version,
        find_manager(memory.path.parent, settings.update_index_url, in_container=wishes.in_container),
        spot,
        additions=_additions(choice, settings, memory) if wishes.with_dependencies else (),
        sender=memory.store.find_sender(),
        users=() if database is None else find_users(database),
    )


def _check_wished(choice: Choice, only: str | None) -> None:
    offered = None if choice.offer is None else choice.offer.version
    if only is not None and only != offered:
        raise UpdateError(f"Wanted is {only} and no other version; the package index has {offered or 'none'} for here.")


def _additions(choice: Choice, settings: Settings, memory: Memory) -> tuple[ReleaseFile, ...]:
    if choice.offer is None or choice.file is None or not choice.offer.adds:
        return ()
    with TemporaryDirectory() as folder:
        wheel = Path(folder, choice.file.filename)
        Fetcher(memory.clock).save_file(choice.file, wheel)
        return find_additions(wheel, settings.update_index_url, Path(folder))


def _tell_newest(wishes: Wishes) -> None:
    if wishes.as_json:
        click.echo(json.dumps({"from": __version__, "to": None}))
    else:
        click.echo(f"Version {__version__} is installed; the newest.")


def as_facts(plan: Plan) -> Mapping[str, object]:
    """What ``--dry-run --json`` prints."""
    return {
        "from": plan.version_before,
        "to": plan.offer.version,
        "file": {"name": plan.file.filename, "url": plan.file.url, "sha256": plan.file.sha256},
        "additions": [file.filename for file in plan.additions],
        "needs_migration": plan.migrates,
        "needed_bytes": {str(folder): size for folder, size in plan.needs.items()},
        "sender": plan.sender and plan.sender.owner,
        "processes": [{"pid": each.pid, "command": each.command} for each in plan.users],
        "steps": list(plan.steps),
        "objections": list(plan.objections),
    }


def _show(plan: Plan, wishes: Wishes) -> None:
    if wishes.as_json:
        click.echo(json.dumps(as_facts(plan), indent=2))
        return
    click.echo(f"From {plan.version_before} to {plan.offer.version}:")
    for number, step in enumerate(plan.steps, 1):
        click.echo(f"{number}. {printable(step)}.")
    for folder, size in plan.needs.items():
        click.echo(f"Room needed in {folder}: {size / 1e6:,.0f} MB.")
    click.echo(f"Sending: {printable(sender_words(plan.sender))}.")
    _show_users(plan, "Running, to be restarted afterwards")
    for objection in plan.objections:
        click.echo(f"Not possible: {printable(objection.rstrip('.'))}.")


def _show_users(plan: Plan, words: str) -> None:
    if plan.users:
        click.echo(f"{words} ({counted(len(plan.users), 'process').replace('processs', 'processes')}):")
        for user in plan.users:
            click.echo(f"  {printable(str(user))}")


def _tell(step: Step) -> None:
    if step in TOLD:
        click.echo(TOLD[step], err=True)


def _end(plan: Plan, report: Report, wishes: Wishes) -> None:
    if wishes.as_json:
        facts = {"outcome": report.outcome, "from": report.version_before, "to": report.version_after}
        click.echo(
            json.dumps(facts | {"backup": report.backup, "restart": [each.pid for each in plan.users]}, indent=2)
        )
        return
    click.echo(report.words)
    if report.backup:
        click.echo(f"The database from before is in {report.backup}.")
    _show_users(plan, "These processes run the old version until they are restarted; they send nothing any more")
