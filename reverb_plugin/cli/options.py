"""The options that commands share."""

import logging
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

LOG_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"

_VERBOSE = "reverb_plugin.verbose"
_HANDLER = "reverb_plugin.log_handler"


def is_verbose(context: click.Context) -> bool:
    """Whether the person asked for the plugin's log and for tracebacks."""
    return bool(context.meta.get(_VERBOSE))


def show_log(context: click.Context, level: int) -> None:
    """Writes the plugin's own log, from ``level`` on, to standard error while the command runs.

    Nothing but the logger ``reverb_plugin`` is touched: the shop that a command loads may have a logging of its own.
    """
    logger = logging.getLogger("reverb_plugin")
    if _HANDLER not in context.meta:
        handler = context.meta[_HANDLER] = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter(LOG_FORMAT))
        logger.addHandler(handler)
        root, before = context.find_root(), logger.level
        root.call_on_close(lambda: logger.removeHandler(handler))
        root.call_on_close(lambda: logger.setLevel(before))
    logger.setLevel(level)


def _be_verbose(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.meta[_VERBOSE] = True
        show_log(context, logging.DEBUG)


def verbose_option(command: Decorated) -> Decorated:
    """``--verbose``, before or behind the name of a command."""
    return click.option(
        "--verbose",
        is_flag=True,
        expose_value=False,
        callback=_be_verbose,
        help="Show the plugin's log on standard error, and tracebacks.",
    )(command)


def memory_options(command: Decorated) -> Decorated:
    """The options of every command that opens the plugin's database."""
    data_dir = click.option(
        "--data-dir",
        envvar="REVERB_DATA_DIR",
        show_envvar=True,
        help="The folder of the plugin's database; by default the per-user data folder.",
    )
    return data_dir(verbose_option(command))


def shop_options(command: Decorated) -> Decorated:
    """The options of every command that needs the shop."""
    host = click.option(
        "--host",
        "host_name",
        metavar="MODULE:ATTRIBUTE",
        envvar="REVERB_HOST",
        show_envvar=True,
        help="The shop: a Host, a Plugin, or a function or class that makes one. The current folder is importable.",
    )
    return host(memory_options(api_option(command)))


def api_option(command: Decorated) -> Decorated:
    """``--api-url``, for what asks Reverb."""
    return click.option(
        "--api-url",
        envvar="REVERB_API_URL",
        show_envvar=True,
        help="Another address of the API, for the simulator.",
    )(command)


def json_option(what: str) -> Callable[[Decorated], Decorated]:
    """``--json``, for a script that reads."""
    return click.option("--json", "as_json", is_flag=True, help=what)
