"""The command line ``reverb-plugin``.

Each command is a module of this package and is loaded when it is called, so that ``--help`` need not wait for the
libraries that only some commands use.
"""

import importlib
import traceback
from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import click

from reverb_plugin.cli.exits import MEANINGS, ExitCode, exit_code_of
from reverb_plugin.cli.options import is_verbose, verbose_option
from reverb_plugin.cli.texts import printable
from reverb_plugin.errors import PluginError
from reverb_plugin.version import __version__

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "status": "Show how the plugin is doing, from its database alone.",
        "doctor": "Find out what is wrong: the cause first, with one next step.",
        "bundle": "Make a debug bundle for support, or look at one.",
        "log": "Show the sync log, newest first.",
        "push": "Bring listings in step with the shop, now.",
        "mass-sync": "Bring all listings in step with the shop: preview, then send.",
        "drift": "Compare shop and Reverb without writing, and settle what differs.",
        "explain": "Tell why a product is on Reverb as it is, or is not.",
        "orders": "Show orders on Reverb, and what is left to do for them.",
        "ship": "Tell Reverb of parcels that were shipped by hand.",
        "webhooks": "Show where Reverb may call us, and ask it to.",
        "worker": "Send what waits, until SIGTERM or SIGINT.",
        "drain": "Send what waits until nothing is left, then end; made for cron.",
        "serve": "Serve the page of the shop's admin on this machine, until SIGTERM or SIGINT.",
        "retry": "Try again what is parked.",
        "update": "Look for a newer version of the plugin, and install it.",
        "settings": "Show and change the settings.",
        "categories": "List Reverb's categories.",
        "simulator": "Run a local Reverb until SIGTERM or SIGINT.",
        "demo": "Tell the whole story on a simulator and a sample shop.",
    }
)
"""Each command with the first sentence of its help."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        try:
            command: click.Command = importlib.import_module(f"{__name__}.{cmd_name.replace('-', '_')}").command
        except ImportError as error:
            step = (
                "A package is missing or does not fit: install reverb-plugin again, with the Python that runs the shop."
            )
            raise click.ClickException(f"{cmd_name} cannot be loaded: {error}\n  {step}") from error
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is called; for a name that is almost one, the error tells which."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            nearest = get_close_matches(args[0], COMMANDS, 1)
            if not nearest:
                raise
            raise click.UsageError(f"{error.message} Did you mean '{nearest[0]}'?", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in MEANINGS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; an error of ours becomes a line, a hint and an exit code."""
        try:
            return super().invoke(ctx)
        except PluginError as error:
            _tell(error, with_trace=is_verbose(ctx))
            ctx.exit(exit_code_of(error))
        except (KeyboardInterrupt, click.Abort):
            click.echo("Interrupted.", err=True)
            ctx.exit(ExitCode.INTERRUPTED)


def _tell(error: PluginError, *, with_trace: bool) -> None:
    if with_trace:
        click.echo(traceback.format_exc(), err=True)
    click.echo(f"Error: {printable(error.message)}", err=True)
    click.echo(f"  {error.hint}", err=True)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="reverb-plugin", message="%(prog)s %(version)s")
@verbose_option
def main() -> None:
    """Keep a shop in step with the marketplace Reverb.

    `reverb-plugin COMMAND --help` explains a command and its options.
    """
