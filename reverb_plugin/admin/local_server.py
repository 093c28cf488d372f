"""A small HTTP server for this machine alone, for shops that are no Python program and for the demo."""

import logging
import socket
import threading
from typing import TYPE_CHECKING, Any, Self

from werkzeug.serving import WSGIRequestHandler, make_server

from reverb_plugin.admin.local_door import LocalDoor

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
POLL_SECONDS = 0.05

logger = logging.getLogger(__name__)


class _Handler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - Werkzeug's name and signature
        """Into the log: the terminal is for the link. Never the address that was asked for, which may hold the key."""
        if type == "error":
            logger.error("The page's server: %s", message % args)


class LocalServer:
    """Serves ``app`` in threads, behind a :class:`LocalDoor`, from ``with`` to its end.

    ``site`` is scheme, host and port, ``link`` what lets one browser in.

    Raises OSError when the port cannot be had; ``port`` 0 takes any.
    """

    def __init__(self, app: "WSGIApplication", port: int) -> None:
        door = LocalDoor(app)
        # Werkzeug would end the process when the port is in use.
        with socket.create_server((HOST, port)) as listening:
            self._server = make_server(HOST, port, door, threaded=True, request_handler=_Handler, fd=listening.fileno())
        self.site = f"http://{HOST}:{self._server.port}"
        self.link = f"{self.site}{door.link_path}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="reverb-plugin-page", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
