"""The HTTP server under the simulator: threads, connections that stay open, and ones that break on demand."""

import logging
import secrets
import signal
import socket
import struct
import sys
import threading
from email.utils import formatdate
from types import FrameType, TracebackType
from typing import Any, Self

from werkzeug import Request
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from reverb_plugin.clock import Clock
from reverb_plugin.simulator.behaviour import ALL_SCOPES, Behaviour
from reverb_plugin.simulator.door import SimulatorDoor
from reverb_plugin.simulator.faults import Reply
from reverb_plugin.simulator.reverb import Reverb

LOG = logging.getLogger(__name__)
TICK_SECONDS = 0.05
POLL_SECONDS = 0.01  # how long `stop` may have to wait: tests start and stop hundreds of simulators
NO_BODY = frozenset({204, 304})
HARD_CLOSE = struct.pack("ii", 1, 0)


class _Connection(WSGIRequestHandler):
    """One connection. Werkzeug's own handler closes it after each answer; this one keeps it open, as Reverb does.

    It needs no WSGI application between itself and the simulator, so it can also break an answer halfway.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def run_wsgi(self) -> None:
        """Answer one request."""
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request = Request(self.make_environ())
        request.get_data()
        try:
            reply = self.server.reverb.reply(request)
        except Exception:
            LOG.exception("the simulator failed at %s %s", self.command, self.path)
            reply = Reply(500, {"Content-Type": "text/plain"}, b"the simulator itself failed; see its log")
        self._send(reply)

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:  # noqa: ARG002
        """The client went away: nothing to do but to stop."""
        self.close_connection = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        """What an answer is dated with: the time on the simulator's clock."""
        moment = self.server.reverb.clock.now().timestamp() if timestamp is None else timestamp
        return formatdate(moment, usegmt=True)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - Werkzeug's name
        """Keep quiet, but for those who listen."""
        LOG.debug("%s: %s", type, message % args if args else message)

    def _send(self, reply: Reply) -> None:
        if reply.status is None:
            self._hang_up()
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status not in NO_BODY:
            self.send_header("Content-Length", str(len(reply.payload)))
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(reply)

    def _send_body(self, reply: Reply) -> None:
        payload = reply.payload if reply.cut_at is None else reply.payload[: reply.cut_at]
        size = -(-len(payload) // reply.pieces) or 1
        for start in range(0, len(payload), size):
            if start:
                self.server.reverb.clock.sleep(reply.pause_seconds)
            self.wfile.write(payload[start : start + size])
        if reply.cut_at is not None:
            self.close_connection = True

    def _hang_up(self) -> None:
        """Close with a reset instead of a farewell."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HARD_CLOSE)
        self.server.hung_up.add(self.connection)
        self.close_connection = True


class _Server(ThreadedWSGIServer):
    """Listens, and knows its open connections so that they can be closed at the end."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, host: str, port: int, reverb: Reverb) -> None:
        self.reverb = reverb
        self.hung_up: set[Any] = set()
        self._open: set[Any] = set()
        super().__init__(host, port, _no_application, _Connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a new connection."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Let a connection go; one that hung up gets no farewell."""
        self._open.discard(request)
        if request in self.hung_up:
            self.hung_up.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def close_connections(self) -> None:
        """End the connections that clients keep open."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                LOG.debug("a connection was closed already")


def _no_application(_environ: Any, _start_response: Any) -> list[bytes]:
    raise AssertionError("requests are answered by the connection")


class Simulator:
    """A local Reverb: a real HTTP server on this machine.

    ``port`` 0 takes any free one. Without a ``token`` one is made up; both are to be read from the attributes
    ``url`` (ending in /api) and ``token``. ``door`` is a ready client for the test-only door at ``door_url``.
    The delays are those of Reverb's background work; ``clock`` decides when they are over.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        token: str | None = None,
        scopes: tuple[str, ...] = ALL_SCOPES,
        latency_seconds: float = 0.0,
        index_lag_seconds: float = 1.0,
        publish_delay_seconds: float = 1.0,
        photo_delay_seconds: float = 2.0,
        requests_per_minute: int | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.token = token or secrets.token_hex(32)
        behaviour = Behaviour(
            token=self.token,
            scopes=scopes,
            latency_seconds=latency_seconds,
            index_lag_seconds=index_lag_seconds,
            publish_delay_seconds=publish_delay_seconds,
            photo_delay_seconds=photo_delay_seconds,
            requests_per_minute=requests_per_minute,
        )
        self.reverb = Reverb(clock or Clock(), behaviour)
        self._address = (host, port)
        self._server: _Server | None = None
        self._threads: list[threading.Thread] = []
        self._stopped = threading.Event()

    @property
    def site(self) -> str:
        """Scheme, host and port."""
        host, port = self._address
        return f"http://{host}:{port}"

    @property
    def url(self) -> str:
        """The root of the API."""
        return f"{self.site}/api"

    @property
    def door_url(self) -> str:
        """The root of the test-only door."""
        return f"{self.site}/_simulator"

    @property
    def door(self) -> SimulatorDoor:
        """A client for the test-only door."""
        return SimulatorDoor(self.door_url)

    def start(self) -> Self:
        """Listen and answer in threads of its own until ``stop``."""
        self._server = _Server(*self._address, self.reverb)
        self._address = (self._address[0], self._server.port)
        self.reverb.site = self.site
        self._stopped.clear()
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), name="simulator", daemon=True),
            threading.Thread(target=self._tick, name="simulator-clock", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and close every connection. What it remembers stays, so it can be started again."""
        if self._server is None:
            return
        self._stopped.set()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        for thread in self._threads:
            thread.join()
        self.reverb.webhooks.stop()
        self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _tick(self) -> None:
        """Things fall due also while nobody asks."""
        while not self._stopped.wait(TICK_SECONDS):
            self.reverb.settle()


def serve(port: int = 0, **options: Any) -> None:
    """Run a simulator in this process until SIGTERM or SIGINT; ``options`` are those of `Simulator`.

    Prints one line as soon as it listens: the API's URL and the token.
    """
    done = threading.Event()

    def finish(_signal: int, _frame: FrameType | None) -> None:
        done.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, finish)
    with Simulator(port, **options) as simulator:
        sys.stdout.write(f"Reverb simulator at {simulator.url} with the token {simulator.token}\n")
        sys.stdout.flush()
        done.wait()
