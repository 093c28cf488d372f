"""``reverb-plugin push``: bring listings in step with the shop, now."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice

import click

from reverb_plugin.changes import Change, Priority, Reason, product_changed
from reverb_plugin.cli.options import is_verbose, shop_options
from reverb_plugin.cli.product_file import product_file_options, take_product_file, tell_problems
from reverb_plugin.cli.sending import exit_code, require_token, send, tell
from reverb_plugin.cli.shop import connect
from reverb_plugin.cli.texts import counted
from reverb_plugin.errors import InvalidValueError
from reverb_plugin.glance import walk
from reverb_plugin.host import Host, check_sku
from reverb_plugin.plugin import Plugin

CHUNK = 500
"""Changes noted in one transaction."""


@click.command()
@shop_options
@click.option("--all", "everything", is_flag=True, help="All products of the shop.")
@product_file_options
@click.option(
    "--timeout", default=3600.0, show_default=True, type=click.FloatRange(min=0), help="Seconds to send at most."
)
@click.option("--no-wait", is_flag=True, help="Only note the changes; the worker or the next drain sends them.")
@click.argument("what", nargs=-1, metavar="[PRODUCTS.csv] [SKU]...")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    host_name: str | None,
    data_dir: str | None,
    api_url: str | None,
    everything: bool,
    currency: str | None,
    media_url: str | None,
    timeout: float,
    no_wait: bool,
    what: tuple[str, ...],
) -> None:
    """Bring listings in step with the shop, now.

    The shop is a product file (all of it, or the SKUs named behind it) or the one of --host (the SKUs named, or
    --all). The first argument is a file when it ends in .csv and --host is not given here.
    """
    shop, what = take_product_file(ctx, what, currency, media_url, is_whole=False)
    if shop:
        if no_wait:
            raise click.UsageError("a product file is read while it is sent: leave out --no-wait")
        everything = everything or not what
    skus = _checked(what, everything=everything)
    with closing(connect(shop or host_name, data_dir=data_dir, api_url=api_url)) as plugin:
        if not no_wait:
            require_token(plugin)
        if shop:
            shop.refuse_changes_of_others(plugin.store)
        problems = tell_problems(shop)
        noted = _note(plugin, _all_changes(plugin.host) if everything else _changes(skus))
        if no_wait:
            click.echo(f"{counted(noted, 'change is', 'changes are')} noted.")
            return
        sent = send(plugin, timeout, with_progress=not is_verbose(ctx), show_skipped=not everything)
    tell(sent)
    ctx.exit(exit_code(left=sent.report.left, needs_a_person=sent.refused + problems))


def _checked(skus: Sequence[str], *, everything: bool) -> Sequence[str]:
    """The SKUs that were named, unless all are meant."""
    if everything == bool(skus):
        raise click.UsageError("name a product file, one or more SKUs, or give --all")
    try:
        return [check_sku(sku) for sku in skus]
    except InvalidValueError as error:
        raise click.UsageError(error.message) from None


def _changes(skus: Iterable[str]) -> Iterator[Change]:
    return (product_changed(sku, Reason.BY_HAND) for sku in skus)


def _all_changes(host: Host) -> Iterator[Change]:
    """All products of the shop; saves and orders go before them.

    Raises:
        HostError: the adapter raised, or gave something else than products.
        InvalidValueError: the shop holds a value that cannot be meant.
    """
    for product in walk(host):
        yield replace(product_changed(product.sku, Reason.BY_HAND), priority=Priority.MASS)


def _note(plugin: Plugin, changes: Iterator[Change]) -> int:
    """Notes the changes, chunk by chunk; how many.

    Not through the intake: it would hold them in memory while the database cannot be used, and this process ends.
    """
    noted = 0
    while chunk := list(islice(changes, CHUNK)):
        plugin.store.record(chunk)
        noted += len(chunk)
    return noted
