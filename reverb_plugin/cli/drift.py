"""``reverb-plugin drift``: what differs between shop and Reverb, and which side gives way."""

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from types import MappingProxyType

import click

from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.cli.options import is_verbose, json_option, shop_options
from reverb_plugin.cli.plan import all_rows, print_counts, print_json, print_rows, run_facts
from reverb_plugin.cli.product_file import product_file_options, take_product_file, tell_problems
from reverb_plugin.cli.report import Desk, View, desk_of, opened_desk, print_head, tell_result
from reverb_plugin.cli.running import drive
from reverb_plugin.cli.sending import require_token
from reverb_plugin.cli.shop import connect
from reverb_plugin.cli.terminal import make_console
from reverb_plugin.cli.texts import counted
from reverb_plugin.plugin import Plugin
from reverb_plugin.store import runs as states
from reverb_plugin.store.runs import Run
from reverb_plugin.sync.drift import DriftKind

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        DriftKind.QUANTITY: "another number on Reverb",
        DriftKind.PRICE: "another price on Reverb",
        DriftKind.TEXT: "title, description, make, category and the like",
        DriftKind.CONDITION: "another condition on Reverb",
        DriftKind.PHOTOS: "another list of photos",
        DriftKind.STATE: "in stock, but not live on Reverb",
        DriftKind.MISSING: "not on Reverb",
        DriftKind.STALE_LINK: "was on Reverb, and is gone there",
        DriftKind.EXTRA: "on Reverb only; never touched",
        DriftKind.DUPLICATE_SKU: "one more listing of a SKU that has one",
        DriftKind.LOCKED: "sold on Reverb; the listing cannot change any more",
    }
)
ALL = "all"
KINDS = {kind.replace(" ", "-"): kind for kind in MEANINGS}
"""Each kind by the word for it that can be typed."""


@click.command()
@shop_options
@click.option("--show", is_flag=True, help="Show again what the last check found and is not settled.")
@click.option("--settle", type=click.Choice([*KINDS, ALL]), help="Settle what the last check found, of this kind.")
@click.option("--to", type=click.Choice(["reverb", "shop"]), help="Where the value goes that is settled.")
@click.option("--sku", help="Settle this SKU only.")
@click.option("--confirm-mass-change", "confirmed", is_flag=True, help="Send also what the brake would hold.")
@click.option(
    "--rows", "most", default=10, show_default=True, type=click.IntRange(min=0), help="The most rows shown of a kind."
)
@json_option("One JSON object on each line: the check, then each difference.")
@click.option("--timeout", type=click.FloatRange(min=0), help="Seconds to work at most; until it is done, if left out.")
@product_file_options
@click.argument("what", nargs=-1, metavar="[PRODUCTS.csv]")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    host_name: str | None,
    data_dir: str | None,
    api_url: str | None,
    show: bool,
    settle: str | None,
    to: str | None,
    sku: str | None,
    confirmed: bool,
    most: int,
    as_json: bool,
    timeout: float | None,
    currency: str | None,
    media_url: str | None,
    what: tuple[str, ...],
) -> None:
    """Compare shop and Reverb without writing, and settle what differs.

    The shop is a product file or the one of --host. A check ends with 1 when it found differences. `--to reverb` sends
    what the shop has, `--to shop` lets the shop take over the quantities that Reverb shows.
    """
    _check_usage(show=show, settle=settle, to=to, sku=sku, confirmed=confirmed)
    shop, rest = take_product_file(ctx, what, currency, media_url)
    if rest:
        raise click.UsageError("the only argument is a product file")
    view = View(most, as_json, "nothing" if as_json or is_verbose(ctx) else "progress")
    if show:
        with opened_desk(data_dir) as desk:
            _show_last(desk, view)
        return
    with closing(connect(shop or host_name, data_dir=data_dir, api_url=api_url)) as plugin:
        require_token(plugin)
        if shop:
            shop.refuse_changes_of_others(plugin.store)
        problems = tell_problems(shop)
        if to == "shop":
            code = _take(plugin, sku)
        elif settle:
            run_id = plugin.drift.send(kind=KINDS.get(settle), sku=sku, confirmed=confirmed)
            code = _send(plugin, run_id, timeout, view)
        else:
            code = _check(plugin, timeout, view)
    ctx.exit(ExitCode.NEEDS_A_PERSON if problems and not code else code)


def _check_usage(*, show: bool, settle: str | None, to: str | None, sku: str | None, confirmed: bool) -> None:
    if show and settle:
        raise click.UsageError("say one thing to do: --show or --settle")
    if settle and not to:
        raise click.UsageError("say also which side gets the value: --to reverb or --to shop")
    if not settle and (to or sku):
        raise click.UsageError("say also what to settle: --settle KIND, or --settle all")
    if confirmed and to != "reverb":
        raise click.UsageError("--confirm-mass-change goes with --settle and --to reverb")
    if to == "shop" and settle != DriftKind.QUANTITY:
        raise click.UsageError("the shop takes over quantities only: --settle quantity --to shop")


def _check(plugin: Plugin, timeout: float | None, view: View) -> ExitCode:
    progress = drive(plugin, plugin.mass_sync.check_drift(), timeout, view.show)
    if progress.run.state != states.PLANNED:
        return ExitCode.NOT_SENT
    return ExitCode.NEEDS_A_PERSON if _tell(desk_of(plugin), progress.run, view) else ExitCode.DONE


def _take(plugin: Plugin, sku: str | None) -> ExitCode:
    taken = plugin.drift.take(sku=sku)
    click.echo(f"The shop has taken over {counted(taken, 'quantity', 'quantities')}.")
    return ExitCode.DONE


def _send(plugin: Plugin, run_id: int, timeout: float | None, view: View) -> ExitCode:
    progress = drive(plugin, run_id, timeout, view.show)
    tell_result(desk_of(plugin), progress, view)
    if progress.run.state != states.DONE:
        return ExitCode.NOT_SENT
    return ExitCode.NEEDS_A_PERSON if progress.failed + progress.aside else ExitCode.DONE


def _show_last(desk: Desk, view: View) -> None:
    run = next((run for run in desk.store.runs.newest(states.DRIFT_CHECK) if run.planned_at is not None), None)
    if run is None:
        click.echo("There was no drift check yet.")
    else:
        _tell(desk, run, view)


def _tell(desk: Desk, run: Run, view: View) -> int:
    """Prints the differences that are not settled; how many there are."""
    counts: Counter[str] = Counter()
    for (kind, state), number in desk.store.runs.row_counts(run.id).items():
        counts[kind] += number if state == states.ROW_PLANNED else 0
    if view.as_json:
        print_json(run_facts(run) | {"counts": counts}, all_rows(desk.store.runs, run.id, states.ROW_PLANNED))
        return counts.total()
    console = make_console()
    print_head(console, desk, run)
    shown = {word: MEANINGS[kind] for word, kind in KINDS.items()}
    print_counts(console, {word: counts[kind] for word, kind in KINDS.items()}, shown)
    print_rows(console, desk.store.runs, run, MEANINGS, view.most, states.ROW_PLANNED)
    if any(row.body is not None for row in all_rows(desk.store.runs, run.id, states.ROW_PLANNED)):
        console.print()
        command = "`reverb-plugin drift --settle KIND --to reverb`"
        console.print(f"{command} with the same shop or file sends what the shop has.", soft_wrap=True)
    return counts.total()
