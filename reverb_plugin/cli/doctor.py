"""``reverb-plugin doctor``: find out what is wrong, the cause first."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
from rich.console import Console

from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.cli.options import json_option, shop_options
from reverb_plugin.cli.product_file import product_file_options, take_product_file
from reverb_plugin.cli.shop import load_shop
from reverb_plugin.cli.terminal import make_console, plain
from reverb_plugin.cli.texts import counted, printable
from reverb_plugin.clock import Clock
from reverb_plugin.diagnostics.doctor import diagnose, find_check, repair
from reverb_plugin.diagnostics.finding import Finding, Report, Status, report_as_json
from reverb_plugin.diagnostics.scene import Scene, scene_of_folder
from reverb_plugin.errors import HostError, PluginError
from reverb_plugin.host import Host
from reverb_plugin.places import data_folder
from reverb_plugin.plugin import API_URLS, Plugin
from reverb_plugin.version import __version__

LOAD_SECONDS = 15.0
STYLES = {Status.FAIL: "bold red", Status.WARN: "yellow", Status.PASS: "green"}


@click.command()
@shop_options
@click.option("--fix", "code", metavar="CODE", help="Do what can be done about the finding of this code.")
@click.option("--offline", is_flag=True, help="Ask nobody else: neither Reverb nor a name server.")
@click.option("--all", "everything", is_flag=True, help="Show also what is well, and what could not be looked at.")
@json_option("One JSON object; its findings are in the order of causes.")
@product_file_options
@click.argument("what", nargs=-1, metavar="[PRODUCTS.csv]")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    host_name: str | None,
    data_dir: str | None,
    api_url: str | None,
    code: str | None,
    offline: bool,
    everything: bool,
    as_json: bool,
    currency: str | None,
    media_url: str | None,
    what: tuple[str, ...],
) -> None:
    """Find out what is wrong: the cause first, with one next step.

    Nothing is changed without --fix, and nothing is needed: no database, token, shop or network. With a product file,
    or the shop of --host, its products are looked at as well. It ends with 1 when something failed.
    """
    shop, others = take_product_file(ctx, what, currency, media_url)
    if others:
        raise click.UsageError(f"{others[0]} is no product file: its name has to end in .csv")
    with scene_of(shop or host_name, data_dir, api_url, offline=offline) as scene:
        if code is not None:
            find_check(code)
            click.echo(repair(scene, code))
            return
        report = diagnose(scene)
    if as_json:
        click.echo(json.dumps({"version": __version__} | report_as_json(report), indent=2, ensure_ascii=False))
    else:
        _print(make_console(), report, everything=everything)
    ctx.exit(ExitCode.NEEDS_A_PERSON if report.of(Status.FAIL) else ExitCode.DONE)


@contextmanager
def scene_of(host: Host | str | None, data_dir: str | None, api_url: str | None, *, offline: bool) -> Iterator[Scene]:
    """Made by looking alone: a plugin would open the database, and with it make or migrate it."""
    trouble: PluginError | None = None
    shop: Host | Plugin | None = None
    try:
        with _at_most(LOAD_SECONDS):
            shop = load_shop(host) if isinstance(host, str) else host
    except PluginError as error:
        trouble = error
    except SystemExit as error:
        trouble = HostError(f"its code called exit({error.code})")
    except click.UsageError as error:
        trouble = HostError(error.message)
    if isinstance(shop, Plugin):
        yield shop.scene(offline=offline)
        return
    folder = data_folder(data_dir)
    scene = scene_of_folder(
        folder,
        os.environ,
        lambda environment: api_url or API_URLS[environment],
        Clock(),
        host=shop,
        host_trouble=trouble,
        offline=offline,
        is_named=data_dir is not None,
    )
    try:
        yield scene
    finally:
        scene.untouched_store.close()


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """What the shop does when it is loaded may never end. It is loaded in the main thread, as the shop itself does."""

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"it was not done after {seconds:.0f} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _print(console: Console, report: Report, *, everything: bool) -> None:
    for finding in report.findings:
        if everything or finding.status is not Status.PASS:
            _print_finding(console, finding)
    if everything:
        for skipped in report.skipped:
            line = f"not looked at: {skipped.name} ({skipped.code}): {skipped.why}"
            console.print(plain(line, "dim"), soft_wrap=True)
    _print_sum(console, report)


def _print_finding(console: Console, finding: Finding) -> None:
    head = plain(f"{finding.status.upper()}  ", STYLES[finding.status])
    console.print(head.append(printable(finding.cause), "default").append(f"  [{finding.code}]", "dim"), soft_wrap=True)
    if finding.next_step:
        console.print(plain(f"      {finding.next_step}", "italic"), soft_wrap=True)
    if finding.repair:
        console.print(plain(f"      {finding.repair}: reverb-plugin doctor --fix {finding.code}"), soft_wrap=True)
    if finding.status is not Status.PASS:
        console.print(plain(f"      See {finding.docs}", "dim"), soft_wrap=True)


def _print_sum(console: Console, report: Report) -> None:
    failed, warned = len(report.of(Status.FAIL)), len(report.of(Status.WARN))
    told = [counted(len(report.of(Status.PASS)), "check") + " found nothing wrong"]
    told += [f"{failed} failed"] if failed else []
    told += [f"{counted(warned, 'warning')}"] if warned else []
    told += [f"{len(report.skipped)} could not be made or make no sense here"] if report.skipped else []
    console.print(plain("; ".join(told) + ".", STYLES[Status.FAIL if failed else Status.PASS]), soft_wrap=True)
