"""A small server on loopback that answers as it is told, down to single bytes, and remembers what it was asked."""

import json
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class Request:
    """One request as it arrived, and the number of the connection it came on."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


def reply(status=200, body=b"", content_type="application/hal+json", **headers):
    """The bytes of a whole, well-formed answer."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode() if isinstance(body, dict | list) else body.encode()
    lines = [f"HTTP/1.1 {status} Reason", f"Content-Length: {len(body)}"]
    if body and content_type:
        lines.append(f"Content-Type: {content_type}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def hang_up(_sock):
    """Close the connection without a word."""
    return False


def then_hang_up(content):
    """Send these bytes and close."""

    def answer(sock):
        sock.sendall(content)
        return False

    return answer


@dataclass
class LoopbackServer:
    """Gives the ``replies`` in their order, the last one for ever: bytes, or a callable that gets the socket.

    A callable says whether the connection stays open. ``certificate`` (a file with key and certificate) makes it https.
    """

    replies: list
    certificate: str | None = None
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets, self._threads, self._given = [], [], 0
        self._lock = threading.Lock()
        self._run(self._accept)

    @property
    def url(self):
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}/api"

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop_connections()
        for thread in self._threads:
            thread.join(10)

    def drop_connections(self):
        """Close every open connection, as a server does with idle ones."""
        for sock in self._sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _run(self, work, *args):
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        number = 0
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            number += 1
            self._sockets.append(sock)
            self._run(self._serve, sock, number)

    def _serve(self, sock, number):
        with suppress(OSError, ssl.SSLError):
            if self.certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.certificate)
                sock = context.wrap_socket(sock, server_side=True)
            with sock, sock.makefile("rb") as stream:
                while (request := _read(stream, number)) and self._answer(sock, request):
                    pass
        sock.close()

    def _answer(self, sock, request):
        with self._lock:
            self.requests.append(request)
            answer = self.replies[min(self._given, len(self.replies) - 1)]
            self._given += 1
        if callable(answer):
            return answer(sock)
        sock.sendall(answer)
        return True


def _read(stream, number):
    method, _, rest = stream.readline().decode().partition(" ")
    if not method:
        return None
    headers = {}
    while line := stream.readline().decode().strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))
    return Request(method, rest.split(" ")[0], headers, body, number)
