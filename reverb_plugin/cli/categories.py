"""``reverb-plugin categories``: Reverb's categories, for the setting ``category_map``."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict

import click

from reverb_plugin.cli.memory import Memory, opened
from reverb_plugin.cli.options import api_option, json_option, memory_options
from reverb_plugin.cli.terminal import make_console, make_table, plain, print_table
from reverb_plugin.errors import UnavailableError
from reverb_plugin.plugin import API_URLS
from reverb_plugin.reverb_api.client import ReverbClient
from reverb_plugin.reverb_api.models import Category
from reverb_plugin.reverb_api.transport import Transport
from reverb_plugin.sync.remote import NotNowError, Patient, Remote


@click.command()
@memory_options
@api_option
@json_option("One JSON list.")
@click.argument("word", nargs=-1)
def command(data_dir: str | None, api_url: str | None, as_json: bool, word: tuple[str, ...]) -> None:
    """List Reverb's categories.

    Those whose full name contains each WORD, or all, with the uuid that the setting category_map takes. Reverb is
    asked, in the environment in force; no token is needed.
    """
    with opened(data_dir) as memory:
        categories = [each for each in _ask(memory, api_url) if _matches(each, word)]
    if as_json:
        click.echo(json.dumps([asdict(each) for each in categories], indent=2, ensure_ascii=False))
    elif categories:
        _print(categories)
    else:
        click.echo("No category has such a name.", err=True)


def _ask(memory: Memory, api_url: str | None) -> Sequence[Category]:
    """All categories.

    Raises:
        ReverbError: they cannot be had.
    """
    values, clock = memory.configuration.load().values, memory.clock
    remote = Remote(memory.store, clock, lambda: values.requests_per_minute, Patient(clock))
    address = api_url or API_URLS[values.environment]
    with closing(Transport(address, values.token, clock=clock, pace=remote)) as transport:
        try:
            return ReverbClient(transport).get_categories()
        except NotNowError as error:
            raise UnavailableError(f"Reverb was not asked: {error.cause}") from error


def _matches(category: Category, words: Sequence[str]) -> bool:
    return all(word.casefold() in category.full_name.casefold() for word in words)


def _print(categories: Sequence[Category]) -> None:
    table = make_table()
    table.add_column("Category", overflow="fold")
    table.add_column("UUID", no_wrap=True)
    for each in sorted(categories, key=lambda category: category.full_name):
        table.add_row(plain(each.full_name), plain(each.uuid))
    print_table(make_console(), table)
