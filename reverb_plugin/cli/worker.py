"""``reverb-plugin worker``: send what waits, for as long as it runs."""

import logging
import signal
import threading
from contextlib import closing, suppress
from types import FrameType

import click
from rich.text import Text

from reverb_plugin.cli.options import is_verbose, shop_options, show_log
from reverb_plugin.cli.shop import connect
from reverb_plugin.cli.terminal import environment_badge, make_console
from reverb_plugin.errors import PluginError, StoreError
from reverb_plugin.plugin import Plugin
from reverb_plugin.version import __version__

LOOK_SECONDS = 1.0


@click.command()
@shop_options
@click.pass_context
def command(ctx: click.Context, host_name: str | None, data_dir: str | None, api_url: str | None) -> None:
    """Send what waits, until SIGTERM or SIGINT.

    The first signal ends it within two seconds, with exit code 0; what is under way is finished or taken up again
    later. The second ends it at once. Without a token it waits for one. Its log goes to standard error.
    """
    if not is_verbose(ctx):
        show_log(ctx, logging.INFO)
    with closing(connect(host_name, data_dir=data_dir, api_url=api_url)) as plugin:
        plugin.configuration.load()
        stopping = until_signal()
        _introduce(plugin)
        plugin.start_worker()
        turn = _Turn(plugin)
        while not stopping.wait(LOOK_SECONDS):
            turn.tell()
            if not plugin.has_live_worker:
                raise PluginError("The worker's thread has ended by itself.")
        click.echo("Stopping.")


class _Turn:
    """Says when this worker has to wait for another process that sends, and when its own turn comes."""

    def __init__(self, plugin: Plugin) -> None:
        self._plugin = plugin
        self._waits = False

    def tell(self) -> None:
        """Says it when it has changed since the last time."""
        with suppress(StoreError):  # the worker's own log tells that
            sender = self._plugin.store.find_sender()
            if sender is None or (sender.owner != self._plugin.owner) is self._waits:
                return
            self._waits = not self._waits
            if self._waits:
                machine_and_process = sender.owner.rpartition(":")[0]
                click.echo(f"{machine_and_process} sends now; this one waits and takes over when it ends.")
            else:
                click.echo("This one sends now.")


def until_signal() -> threading.Event:
    """What the first SIGTERM or SIGINT sets; the second one ends the process at once."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopping


def _introduce(plugin: Plugin) -> None:
    console = make_console()
    line = Text.assemble(
        f"reverb-plugin {__version__} sends to Reverb's ",
        environment_badge(plugin.settings.environment, console),
        f" as {plugin.owner}; database {plugin.store.path}",
    )
    console.print(line, soft_wrap=True)
    if plugin.settings.token is None:
        click.echo("It waits for a token: `reverb-plugin settings set token`.")
