"""``reverb-plugin update``: look for a newer version of the plugin, and install it."""

import json

import click
from rich.console import Console

from reverb_plugin.cli.memory import Memory, opened
from reverb_plugin.cli.options import json_option, memory_options
from reverb_plugin.cli.terminal import make_console, plain
from reverb_plugin.update.notice import UpdateNotice, UpdateStatus
from reverb_plugin.update.updates import Updates


@click.command()
@memory_options
@click.option("--check", is_flag=True, help="Only look whether there is a newer version, and tell what is new.")
@click.option("--skip", metavar="VERSION", help="Be told no more of this version, but of the one after it.")
@click.option("--remind", is_flag=True, help="Be told again in a week.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--yes", is_flag=True, help="Install it without asking.")
@click.option("--with-dependencies", is_flag=True, help="Install what it needs and is not there yet, too.")
@click.option("--only", metavar="VERSION", help="Install this version or none.")
@click.option("--in-container", is_flag=True, help="Install it although it is gone when the container is made anew.")
@json_option("One JSON object.")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    data_dir: str | None,
    check: bool,
    skip: str | None,
    remind: bool,
    dry_run: bool,
    yes: bool,
    with_dependencies: bool,
    only: str | None,
    in_container: bool,
    as_json: bool,
) -> None:
    """Look for a newer version of the plugin, and install it.

    First it shows what would be done, and asks. The version from before and its database are backed up, and are back
    whatever goes wrong, be it that the machine is switched off. No shop is needed.
    """
    alone = [check, skip is not None, remind]
    if sum(alone) > 1 or (any(alone) and (dry_run or yes or with_dependencies or only or in_container)):
        raise click.UsageError("--check, --skip and --remind go with none of the others.")
    if any(alone):
        with opened(data_dir) as memory:
            _look_or_note(memory, skip, remind=remind, as_json=as_json)
        return
    from reverb_plugin.cli.update_install import Wishes, run  # noqa: PLC0415 - only this needs all that installs

    ctx.exit(run(data_dir, Wishes(dry_run, yes, with_dependencies, only, in_container, as_json)))


def _look_or_note(memory: Memory, skip: str | None, *, remind: bool, as_json: bool) -> None:
    values = memory.configuration.load().values
    updates = Updates(memory.path.parent, lambda: values, memory.clock)
    if skip is not None:
        updates.skip(skip)
        click.echo(f"You are told no more of {skip}, but of the version after it.")
    elif remind:
        updates.remind_later()
        click.echo("You are told again in a week.")
    else:
        status = updates.check()
        if as_json:
            click.echo(json.dumps(status.as_facts(), indent=2, ensure_ascii=False))
        else:
            _show(make_console(), status)


def _show(console: Console, status: UpdateStatus) -> None:
    console.print(plain(f"Version {status.current} is installed; {status.words}."), soft_wrap=True)
    if status.notice is not None:
        _show_notice(console, status.notice)
    for each in status.passed_over:
        console.print(plain(f"{each.version} is not for here: {each.reason}."), soft_wrap=True)


def _show_notice(console: Console, notice: UpdateNotice) -> None:
    console.print(plain(notice.words, "yellow" if notice.offer.is_security else ""), soft_wrap=True)
    for section in notice.offer.sections:
        console.print()
        console.print(plain(f"{section.version} {section.released}".rstrip(), "bold"))
        for group in section.groups:
            console.print(plain(group.title, "bold red" if group.title.lower() == "security" else "italic"))
            for entry in group.entries:
                console.print(plain(f"- {entry}"))
    console.print()
    if not notice.can_install:
        console.print(plain(f"It is not installed by this command. {notice.why_not}"))
    console.print(plain(notice.command, "bold"), soft_wrap=True)
