"""``reverb-plugin simulator``: ``python -m reverb_plugin.simulator``, with a look at the port before."""

import errno
import socket

import click

from reverb_plugin.simulator.__main__ import main


class _Command(click.Command):
    def invoke(self, ctx: click.Context) -> object:
        """Runs the simulator; a port that is in use ends it with one line."""
        try:
            socket.create_server((ctx.params["host"], ctx.params["port"])).close()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise click.ClickException(f"port {ctx.params['port']} is in use") from None
        return super().invoke(ctx)


command = _Command(main.name, callback=main.callback, params=main.params, help=main.help)
