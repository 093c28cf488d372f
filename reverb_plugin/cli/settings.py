"""``reverb-plugin settings``: show and change the settings."""

import json
import sys
from difflib import get_close_matches

import click
from rich.text import Text

from reverb_plugin.cli.memory import Memory, made, opened
from reverb_plugin.cli.options import json_option, memory_options
from reverb_plugin.cli.terminal import make_console, make_table, plain, print_table
from reverb_plugin.cli.texts import printable
from reverb_plugin.errors import InvalidSettingError
from reverb_plugin.settings import SETTINGS, LoadedSettings, SettingInfo, get_info, show

LONGEST_INPUT = 1_000_000
OUT_OF_RANGE = "-1e99"
MAP_ENTRIES = {
    "category_map": ("Pedals", "UUID"),
    "condition_map": ("As new", "Mint"),
    "carrier_map": ("Post", "USPS"),
}
"""An entry of each map, as an example."""

WHAT_LISTINGS_SHOW = ("price_percent", "price_rounding", "stock_", "policy_")

WHY_NOT_AS_ARGUMENT = (
    "the token is not taken as an argument: it would stay in the shell's history and be seen in the list of processes. "
    "`reverb-plugin settings set token` asks for it, `reverb-plugin settings set token -` reads it from standard "
    "input. If this was a real token, make a new one on Reverb."
)


@click.group()
def command() -> None:
    """Show and change the settings.

    A setting is looked for in the environment variable REVERB_<NAME> first, then in the database; its default is the
    last.
    """


@command.command("show")
@memory_options
@json_option("One JSON list of all settings.")
def show_settings(data_dir: str | None, as_json: bool) -> None:
    """Show each setting with its value, where the value comes from, what it is for, and which values it takes."""
    with opened(data_dir) as memory:
        loaded = memory.configuration.load()
    if as_json:
        click.echo(json.dumps([_facts(info, loaded) for info in SETTINGS.values()], indent=2, ensure_ascii=False))
    else:
        _print_table(loaded)
    for problem in loaded.problems:
        click.echo(f"Not used: {printable(problem.message)}", err=True)


@command.command("set", context_settings={"ignore_unknown_options": True})
@memory_options
@click.argument("name")
@click.argument("value", nargs=-1)
def set_setting(data_dir: str | None, name: str, value: tuple[str, ...]) -> None:
    """Save a setting in the database.

    `-` as VALUE reads it from standard input. The token is asked for, or read from standard input; it is never taken
    as an argument. `NAME=VALUE` adds one entry to a map; JSON, which begins with `{`, replaces the map.
    """
    info = _get_info(name)
    text = _read_value(info, value)
    with made(data_dir) as memory:
        memory.configuration.save(name, _whole_map(info, text, memory) if info.kind == "map" else text)
        click.echo(f"{name} is saved.")
        _tell_what_wins(memory, name)
    if name.startswith(WHAT_LISTINGS_SHOW):
        click.echo("Listings follow when their product is saved, or with `reverb-plugin push --all`.")


@command.command("unset")
@memory_options
@click.argument("name")
def unset_setting(data_dir: str | None, name: str) -> None:
    """Forget a setting that was saved in the database; its default speaks again."""
    _get_info(name)
    with opened(data_dir) as memory:
        memory.configuration.save(name, None)
        click.echo(f"{name} is no longer saved.")
        _tell_what_wins(memory, name)


def _get_info(name: str) -> SettingInfo:
    """What is known of the setting; raises InvalidSettingError with the nearest name for one that is none."""
    nearest = get_close_matches(name, SETTINGS, 1)
    if name not in SETTINGS and nearest:
        raise InvalidSettingError("setting", name, f"there is no setting of this name; do you mean {nearest[0]}?")
    return get_info(name)


def _whole_map(info: SettingInfo, text: str, memory: Memory) -> str:
    """The map as JSON; ``text`` is that, or one entry for the map that is saved already."""
    name, _, value = (part.strip() for part in text.rpartition("="))
    is_entry = bool(name and value) and not text.lstrip().startswith("{")
    whole = memory.store.saved_settings().get(info.name, "") if is_entry else text
    try:
        read = info.parse(whole)
    except InvalidSettingError:
        raise InvalidSettingError(info.name, whole, f"is no map; give {_map_example(info)}") from None
    return show({**read, name: value} if is_entry else read)


def _takes(info: SettingInfo) -> str:
    """Which values the setting takes, in words; empty for free text."""
    if info.kind == "number":
        try:
            info.parse(OUT_OF_RANGE)
        except InvalidSettingError as error:  # the one place that knows the range
            return error.problem.removeprefix("must be ")
    return _map_example(info) if info.kind == "map" else ", ".join(info.choices)


def _map_example(info: SettingInfo) -> str:
    name, value = MAP_ENTRIES[info.name]
    return f"""one entry, '{name}={value}', or all as JSON, '{{"{name}": "{value}"}}'"""


def _read_value(info: SettingInfo, value: tuple[str, ...]) -> str:
    if value == ("-",) or (info.secret and not value and not sys.stdin.isatty()):
        return _read_input(info.name)
    if info.secret and value:
        raise click.UsageError(WHY_NOT_AS_ARGUMENT)
    if info.secret:
        entered: str = click.prompt(info.name.capitalize(), hide_input=True, err=True)
        return entered
    if not value:
        raise click.UsageError(f"the value of {info.name} is missing")
    return " ".join(value)


def _read_input(name: str) -> str:
    text = sys.stdin.read(LONGEST_INPUT).strip()
    if not text:
        raise click.UsageError(f"standard input is empty; `reverb-plugin settings unset {name}` forgets the setting")
    return text


def _tell_what_wins(memory: Memory, name: str) -> None:
    loaded = memory.configuration.load()
    if loaded.sources[name] == "environment":
        click.echo(f"In force is the environment variable {get_info(name).variable}, not what is saved.", err=True)
    elif not get_info(name).secret:
        click.echo(f"In force: {printable(show(getattr(loaded.values, name))) or '(empty)'}")


def _facts(info: SettingInfo, loaded: LoadedSettings) -> dict[str, object]:
    return {
        "name": info.name,
        "value": show(getattr(loaded.values, info.name)),
        "source": loaded.sources[info.name],
        "default": show(info.default),
        "kind": info.kind,
        "choices": list(info.choices),
        "takes": _takes(info),
        "variable": info.variable,
        "help": info.help,
    }


def _print_table(loaded: LoadedSettings) -> None:
    table = make_table()
    table.add_column("Setting", no_wrap=True)
    table.add_column("Value", overflow="fold")
    table.add_column("From", no_wrap=True)
    table.add_column("What it is for", ratio=1)
    for info in SETTINGS.values():
        source = loaded.sources[info.name]
        value = plain(show(getattr(loaded.values, info.name)), "" if source == "default" else "bold")
        table.add_row(plain(info.name), value, plain(source, "dim"), _purpose(info))
    print_table(make_console(), table)


def _purpose(info: SettingInfo) -> Text:
    takes = _takes(info)
    return plain(info.help).append(f"\nTakes: {takes}", "dim") if takes else plain(info.help)
