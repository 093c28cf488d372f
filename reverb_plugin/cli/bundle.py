"""``reverb-plugin bundle``: debug bundles, to make and to look at. Each subcommand is a module of its own."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType

import click

from reverb_plugin.cli.options import verbose_option

EXPORT = "export"
SUBCOMMANDS: Mapping[str, str] = MappingProxyType(
    {
        EXPORT: "Make a debug bundle for support.",
        "open": "Show a bundle in the pages of the shop's admin, read-only, until SIGTERM or SIGINT.",
        "diff": "Tell in words what changed between two bundles.",
        "replay": "Run a recorded product against recorded answers, and tell whether it fails again.",
    }
)
"""Each subcommand with the first sentence of its help."""


class _Subcommands(click.Group):
    """``bundle`` and ``bundle FILE`` mean ``bundle export``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not any(arg in {*SUBCOMMANDS, "--help", "-h"} for arg in args):
            args = [EXPORT, *args]
        return super().parse_args(ctx, args)

    @property
    def commands(self) -> dict[str, click.Command]:
        """Loaded when they are called."""
        return {name: _load(name) for name in SUBCOMMANDS}

    @commands.setter
    def commands(self, _none: object) -> None:
        """click begins with an empty one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        return _load(cmd_name) if cmd_name in SUBCOMMANDS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(SUBCOMMANDS.items()))


def _load(name: str) -> click.Command:
    command: click.Command = importlib.import_module(f"reverb_plugin.cli.bundle_{name}").command
    return command


@click.command(cls=_Subcommands)
@verbose_option
def command() -> None:
    """Make a debug bundle for support, or look at one.

    `reverb-plugin bundle` alone makes one, as `reverb-plugin bundle export` does.
    """
