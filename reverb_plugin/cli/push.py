"""``reverb-plugin push``: bring listings in step with the shop, now."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice

import click
from click.core import ParameterSource

from reverb_plugin.changes import Change, Priority, Reason, product_changed
from reverb_plugin.cli.options import is_verbose, shop_options
from reverb_plugin.cli.sending import exit_code, require_token, send, tell
from reverb_plugin.cli.shop import connect
from reverb_plugin.cli.texts import counted, printable
from reverb_plugin.errors import HostError, InvalidValueError, PluginError
from reverb_plugin.host import Host, Product, check_sku
from reverb_plugin.hosts.csv_shop import CsvShop, RowProblem
from reverb_plugin.plugin import Plugin, configure
from reverb_plugin.store.store import Store

CHUNK = 500
"""Changes noted in one transaction."""

SHOWN_ROWS = 50
SHOWN_OTHERS = 5


class _FileShop(CsvShop):
    """A product file as the shop of one push, which sends the whole queue of the data folder.

    That a product is not in the file means nothing for a change of another shop that waits in the same folder: the
    file answers only for the products it has and for those that were ``named`` on the command line.
    """

    def __init__(self, path: str, currency: str, media_url: str | None, *, named: Sequence[str]) -> None:
        self._named = frozenset(named)
        try:
            super().__init__(path, currency=currency, media_url=media_url)
        except OSError as error:
            raise click.UsageError(f"{path} cannot be opened: {error.strerror}") from None

    def find_product(self, sku: str) -> Product | None:
        """Raises HostError for a product of another shop, so that its change is kept."""
        product = super().find_product(sku)
        if product is None and sku not in self._named:
            raise HostError(f"{self.path.name} does not have this product; its change is left to its own shop")
        return product

    def refuse_changes_of_others(self, store: Store) -> None:
        """Raises click.UsageError when changes wait that this file cannot answer for."""
        others = [sku for sku in store.waiting_skus() if sku not in self._named and not self.has_product(sku)]
        if not others:
            return
        more = f" and {len(others) - SHOWN_OTHERS} more" if len(others) > SHOWN_OTHERS else ""
        raise click.UsageError(
            f"in {store.path} {counted(len(others), 'change waits', 'changes wait')} of products that {self.path.name} "
            f"does not have: {', '.join(others[:SHOWN_OTHERS])}{more}.\n"
            "If another shop uses this database, send its changes first (`reverb-plugin drain --host ...`), or give "
            "the file a folder of its own (--data-dir).\n"
            "If they were taken out of the file, name them to let their changes go: "
            f"`reverb-plugin push {self.path} {others[0]} ...`"
        )


@click.command()
@shop_options
@click.option("--all", "everything", is_flag=True, help="All products of the shop.")
@click.option("--currency", help="Of the prices of a product file without a currency column; USD when left out.")
@click.option("--media-url", help="The URL below which the photos of a product file lie, for Magento.")
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
    shop: _FileShop | None = None
    if what and what[0].lower().endswith(".csv") and _is_file_meant(ctx):
        if no_wait:
            raise click.UsageError("a product file is read while it is sent: leave out --no-wait")
        shop, what = _FileShop(what[0], currency or "USD", media_url, named=what[1:]), what[1:]
        everything = everything or not what
    elif currency or media_url:
        raise click.UsageError("--currency and --media-url are for a product file")
    elif files := [each for each in what if each.lower().endswith(".csv") and _is_file_meant(ctx)]:
        raise click.UsageError(f"the product file comes first: `reverb-plugin push {files[0]} ...`")
    skus = _checked(what, everything=everything)
    plugin = configure(shop, data_dir=data_dir, api_url=api_url, worker="none") if shop else None
    with closing(plugin or connect(host_name, data_dir=data_dir, api_url=api_url)) as plugin:
        if not no_wait:
            require_token(plugin)
        problems = 0
        if shop:
            shop.refuse_changes_of_others(plugin.store)
            problems = _tell_problems(shop)
        noted = _note(plugin, _all_changes(plugin.host) if everything else _changes(skus))
        if no_wait:
            click.echo(f"{counted(noted, 'change is', 'changes are')} noted.")
            return
        sent = send(plugin, timeout, with_progress=not is_verbose(ctx), show_skipped=not everything)
    tell(sent)
    ctx.exit(exit_code(left=sent.report.left, needs_a_person=sent.refused + problems))


def _is_file_meant(ctx: click.Context) -> bool:
    return ctx.get_parameter_source("host_name") is not ParameterSource.COMMANDLINE


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
        HostError: the adapter raised.
    """
    try:
        for product in host.iter_products():
            yield replace(product_changed(product.sku, Reason.BY_HAND), priority=Priority.MASS)
    except PluginError:
        raise
    except Exception as error:
        raise HostError(f"iter_products raised {type(error).__name__}: {error}") from error


def _note(plugin: Plugin, changes: Iterator[Change]) -> int:
    """Notes the changes, chunk by chunk; how many.

    Not through the intake: it would hold them in memory while the database cannot be used, and this process ends.
    """
    noted = 0
    while chunk := list(islice(changes, CHUNK)):
        plugin.store.record(chunk)
        noted += len(chunk)
    return noted


def _tell_problems(shop: CsvShop) -> int:
    """Prints what the file holds that cannot be read; how many rows that is."""
    problems: Sequence[RowProblem] = shop.problems
    for problem in problems[:SHOWN_ROWS]:
        click.echo(f"{shop.path.name}: {printable(str(problem))}", err=True)
    if len(problems) > SHOWN_ROWS:
        click.echo(f"{len(problems) - SHOWN_ROWS} more rows cannot be read.", err=True)
    return len(problems)
