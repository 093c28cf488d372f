"""``reverb-plugin explain``: why a product is on Reverb as it is, or is not."""

import json
from contextlib import closing
from dataclasses import asdict

import click
from rich.console import Console
from rich.text import Text

from reverb_plugin.cli.options import json_option, shop_options
from reverb_plugin.cli.product_file import product_file_options, take_product_file
from reverb_plugin.cli.shop import connect
from reverb_plugin.cli.terminal import make_console, make_table, plain
from reverb_plugin.errors import InvalidValueError
from reverb_plugin.host import check_sku
from reverb_plugin.sync.explain import Explanation, FieldAnswer
from reverb_plugin.sync.plan import readable

LONGEST_VALUE = 100


@click.command()
@shop_options
@json_option("One JSON object.")
@product_file_options
@click.argument("what", nargs=-1, metavar="[PRODUCTS.csv] SKU")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    host_name: str | None,
    data_dir: str | None,
    api_url: str | None,
    as_json: bool,
    currency: str | None,
    media_url: str | None,
    what: tuple[str, ...],
) -> None:
    """Tell why a product is on Reverb as it is, or is not.

    The shop is a product file or the one of --host. Nothing is written.
    """
    shop, words = take_product_file(ctx, what, currency, media_url)
    sku = _checked(words)
    with closing(connect(shop or host_name, data_dir=data_dir, api_url=api_url)) as plugin:
        explanation = plugin.explain(sku)
    if as_json:
        click.echo(json.dumps(asdict(explanation), indent=2, ensure_ascii=False))
    else:
        _print(make_console(), explanation)


def _checked(words: tuple[str, ...]) -> str:
    if len(words) != 1:
        raise click.UsageError("name one SKU")
    try:
        return check_sku(words[0])
    except InvalidValueError as error:
        raise click.UsageError(error.message) from None


def _print(console: Console, explanation: Explanation) -> None:
    table = make_table(show_header=False)
    table.add_column(style="bold", ratio=1, overflow="fold")
    table.add_column(ratio=3, overflow="fold")
    for answer in explanation.answers:
        text = f"{answer.text} {answer.url or ''}".strip()
        table.add_row(answer.question, plain(text, "yellow" if answer.is_obstacle else ""))
    table.add_row("What to do", plain(explanation.to_do, "bold"))
    console.print(table)
    if explanation.fields:
        console.print()
        _print_fields(console, explanation)


def _print_fields(console: Console, explanation: Explanation) -> None:
    table = make_table()
    table.add_column("Field", no_wrap=True)
    table.add_column("Is sent", no_wrap=True)
    table.add_column("Now", no_wrap=True)
    table.add_column("In the shop", ratio=1, overflow="fold")
    for field in explanation.fields:
        now = plain("yes", "green") if field.is_sent else plain("no", "dim")
        table.add_row(field.group, field.policy, now, _value_text(field))
    console.print(table)


def _value_text(field: FieldAnswer) -> Text:
    texts = {name: readable(name, value).replace("\n", ", ") for name, value in field.value.items()}
    told = ", ".join(f"{name}: {text}" if len(texts) > 1 else text for name, text in texts.items() if text)
    return plain(told if len(told) <= LONGEST_VALUE else told[: LONGEST_VALUE - 3] + "...")
