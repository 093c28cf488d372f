"""``reverb-plugin mass-sync``: plan, look, apply, watch, stop."""

from contextlib import closing

import click

from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.cli.options import is_verbose, json_option, shop_options
from reverb_plugin.cli.product_file import product_file_options, take_product_file, tell_problems
from reverb_plugin.cli.report import (
    Desk,
    View,
    apply_command,
    desk_of,
    opened_desk,
    tell_plan,
    tell_result,
    tell_status,
)
from reverb_plugin.cli.running import drive
from reverb_plugin.cli.sending import require_token
from reverb_plugin.cli.shop import connect
from reverb_plugin.errors import RunError, RunNeedsConfirmationError
from reverb_plugin.mass_sync import Progress
from reverb_plugin.plugin import Plugin
from reverb_plugin.store import runs as states
from reverb_plugin.store.runs import Run
from reverb_plugin.sync.plan import PlanAction

WITHOUT_SHOP = ("status", "show", "pause", "cancel")


@click.command()
@shop_options
@click.option("--preview", is_flag=True, help="Plan it, and show what would be sent; nothing is.")
@click.option("--apply", type=click.IntRange(1), metavar="RUN", help="Send exactly what this plan shows.")
@click.option("--yes", is_flag=True, help="Plan it and send it in one go, for cron.")
@click.option("--status", is_flag=True, help="Show how far the one under way is, or the last one.")
@click.option("--show", type=click.IntRange(1), metavar="RUN", help="Show a plan again, with what became of its rows.")
@click.option("--pause", is_flag=True, help="Hold the one that is being sent.")
@click.option("--resume", is_flag=True, help="Go on with the one that was held, or whose process ended.")
@click.option("--cancel", is_flag=True, help="End the one under way for good.")
@click.option("--confirm-mass-change", "confirmed", is_flag=True, help="Send also what the brake would hold.")
@click.option(
    "--rows", "most", default=10, show_default=True, type=click.IntRange(min=0), help="The most rows shown of a kind."
)
@json_option("One JSON object on each line: the plan, then each of its rows.")
@click.option("--timeout", type=click.FloatRange(min=0), help="Seconds to work at most; until it is done, if left out.")
@product_file_options
@click.argument("what", nargs=-1, metavar="[PRODUCTS.csv]")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    host_name: str | None,
    data_dir: str | None,
    api_url: str | None,
    confirmed: bool,
    most: int,
    as_json: bool,
    timeout: float | None,
    currency: str | None,
    media_url: str | None,
    what: tuple[str, ...],
    **actions: int,
) -> None:
    """Bring all listings in step with the shop: preview, then send.

    The shop is a product file or the one of --host. Both sides are read completely and compared; what the preview
    shows is what is sent. One at a time: a second start is refused.
    """
    action, run_id = _only(actions)
    if confirmed and action not in {"apply", "yes"}:
        raise click.UsageError("--confirm-mass-change goes with --apply or --yes")
    shop, rest = take_product_file(ctx, what, currency, media_url)
    if rest:
        raise click.UsageError("the only argument is a product file")
    view = View(most, as_json, "nothing" if as_json or is_verbose(ctx) else "progress")
    if action in WITHOUT_SHOP or (action == "resume" and not (shop or host_name)):
        with opened_desk(data_dir) as desk:
            _look(desk, action, run_id, view)
        return
    with closing(connect(shop or host_name, data_dir=data_dir, api_url=api_url)) as plugin:
        require_token(plugin)
        if shop:
            shop.refuse_changes_of_others(plugin.store)
        problems = tell_problems(shop)
        progress = _work(plugin, action, run_id, timeout, view, confirmed=confirmed)
    ctx.exit(_exit_code(progress, problems))


def _only(actions: dict[str, int]) -> tuple[str, int]:
    """The one thing to do, with the number of its run."""
    chosen = [(name, int(value)) for name, value in actions.items() if value]
    if len(chosen) != 1:
        names = ", ".join(f"--{name}" for name in actions)
        raise click.UsageError(f"say one thing to do: {names}")
    return chosen[0]


# With the shop


def _work(plugin: Plugin, action: str, run_id: int, timeout: float | None, view: View, *, confirmed: bool) -> Progress:
    match action:
        case "preview":
            run_id = plugin.mass_sync.preview()
        case "yes":
            run_id = plugin.mass_sync.start(confirmed=confirmed)
        case "apply":
            plugin.mass_sync.apply(run_id, confirmed=confirmed)
        case _:
            run_id = plugin.mass_sync.resume()
    progress = drive(plugin, run_id, timeout, view.show)
    desk, run = desk_of(plugin), progress.run
    if run.kind == states.DRIFT_CHECK and run.state == states.PLANNED:
        click.echo(f"The {run.kind} {run.id} is complete; `reverb-plugin drift --show` shows what it found.")
    elif run.state == states.PLANNED or view.as_json:
        tell_plan(desk, progress, view)
    else:
        tell_result(desk, progress, view)
    if run.state == states.PLANNED and run.apply_when_planned and run.brake:
        raise RunNeedsConfirmationError(f"{run.brake} It is the mass sync {run.id}: `{apply_command(run)}`.")
    return progress


def _exit_code(progress: Progress, problems: int) -> ExitCode:
    run = progress.run
    is_preview = run.applied_at is None
    if run.state != states.DONE and not (run.state == states.PLANNED and is_preview):
        return ExitCode.NOT_SENT
    bad = progress.failed + progress.aside + progress.counts.get(PlanAction.REFUSED, 0)
    return ExitCode.NEEDS_A_PERSON if problems or (bad and not is_preview) else ExitCode.DONE


# Without it


def _look(desk: Desk, action: str, run_id: int, view: View) -> None:
    match action:
        case "show":
            tell_plan(desk, desk.mass_sync.progress(_get_mass_sync(desk, run_id)), view)
            return
        case "pause":
            desk.mass_sync.pause()
        case "resume":
            desk.mass_sync.resume()
        case "cancel":
            run = desk.store.runs.find_active()
            desk.mass_sync.cancel()
            click.echo(f"The {run.kind} {run.id} is cancelled." if run else "It is cancelled.")
            return
    tell_status(desk, view)


def _get_mass_sync(desk: Desk, run_id: int) -> Run:
    run = desk.store.runs.find(run_id)
    if run is None or run.kind == states.DRIFT_CHECK:
        raise RunError(f"There is no mass sync {run_id}.")
    return run
