"""A product file on the command line: a shop of its own."""

from collections.abc import Sequence

import click
from click.core import ParameterSource

from reverb_plugin.cli.options import Decorated
from reverb_plugin.cli.texts import counted, printable
from reverb_plugin.errors import HostError, RunActiveError
from reverb_plugin.host import Product
from reverb_plugin.hosts.csv_shop import CsvShop, RowProblem
from reverb_plugin.store.runs import PAUSED
from reverb_plugin.store.store import Store

SHOWN_ROWS = 50
SHOWN_OTHERS = 5


class FileShop(CsvShop):
    """A product file as the shop of one command, which sends the whole queue of the data folder.

    In a push, that a product is not in the file means nothing for a change of another shop that waits in the same
    folder: the file answers only for the products it has and for those that were ``named`` on the command line. In a
    mass sync or drift check the file ``is_whole``: what it does not have, the shop does not have.
    """

    def __init__(
        self, path: str, currency: str, media_url: str | None, *, named: Sequence[str], is_whole: bool
    ) -> None:
        self._named = frozenset(named)
        self._is_whole = is_whole
        try:
            super().__init__(path, currency=currency, media_url=media_url)
        except OSError as error:
            raise click.UsageError(f"{path} cannot be opened: {error.strerror}") from None

    def find_product(self, sku: str) -> Product | None:
        """Raises HostError for a product of another shop, so that its change is kept."""
        product = super().find_product(sku)
        if product is None and not self._is_whole and sku not in self._named:
            raise HostError(f"{self.path.name} does not have this product; its change is left to its own shop")
        return product

    def refuse_changes_of_others(self, store: Store) -> None:
        """Refuses to send what waits and this file cannot answer for.

        Raises:
            click.UsageError: changes of other products wait.
            RunActiveError: a run is under way that would go on with this file as the whole shop.
        """
        run = store.runs.find_active()
        if run is not None and not self._is_whole and run.state != PAUSED:
            raise RunActiveError(f"The {run.kind} {run.id}, started by {run.started_by}, is {run.state}.")
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


def product_file_options(command: Decorated) -> Decorated:
    """What a product file may leave open."""
    currency = click.option(
        "--currency", help="Of the prices of a product file without a currency column; USD when left out."
    )
    media_url = click.option("--media-url", help="The URL below which the photos of a product file lie, for Magento.")
    return currency(media_url(command))


def take_product_file(
    ctx: click.Context,
    words: tuple[str, ...],
    currency: str | None,
    media_url: str | None,
    *,
    is_whole: bool = True,
) -> tuple[FileShop | None, tuple[str, ...]]:
    """The product file that the first word names, and the other words; no shop when it names none.

    Raises:
        click.UsageError: it cannot be opened, or the options are for a file and there is none.
        InvalidValueError: it is no product file.
    """
    if words and words[0].lower().endswith(".csv") and _is_file_meant(ctx):
        return _open(words, currency, media_url, is_whole=is_whole), words[1:]
    if currency or media_url:
        raise click.UsageError("--currency and --media-url are for a product file")
    if files := [each for each in words if each.lower().endswith(".csv") and _is_file_meant(ctx)]:
        raise click.UsageError(f"the product file comes first: `reverb-plugin {ctx.info_name} {files[0]} ...`")
    return None, words


def _open(words: tuple[str, ...], currency: str | None, media_url: str | None, *, is_whole: bool) -> FileShop:
    return FileShop(words[0], currency or "USD", media_url, named=words[1:], is_whole=is_whole)


def tell_problems(shop: FileShop | None) -> int:
    """Prints what the file holds that cannot be read; how many rows that is, 0 without a file."""
    if shop is None:
        return 0
    problems: Sequence[RowProblem] = shop.problems
    for problem in problems[:SHOWN_ROWS]:
        click.echo(f"{shop.path.name}: {printable(str(problem))}", err=True)
    if len(problems) > SHOWN_ROWS:
        click.echo(f"{len(problems) - SHOWN_ROWS} more such rows.", err=True)
    return len(problems)


def _is_file_meant(ctx: click.Context) -> bool:
    return ctx.get_parameter_source("host_name") is not ParameterSource.COMMANDLINE
