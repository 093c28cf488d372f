"""A package index on loopback: real HTTP, the simple API in JSON (PEP 691, PEP 700) or HTML, and faults on demand."""

import hashlib
import json
import threading
from dataclasses import dataclass, field, replace
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

JSON_TYPE = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True)
class Shown:
    """A file as the index shows it; what is said may differ from what is so."""

    filename: str
    content: bytes
    sha256: str
    size: int | None = None
    requires_python: str | None = None
    yanked: bool | str = False
    upload_time: str = "2026-12-01T10:00:00Z"
    url: str | None = None


@dataclass
class IndexServer:
    """``url`` is what ``update_index_url`` is set to. ``requests`` are the paths that were asked for, in order.

    ``html`` answers without JSON, ``status`` with this status to every request for a page, ``fault`` is called with the
    handler instead of an answer (for a path that ends with ``fault_at``). ``name`` is the project that the page names.
    """

    files: dict[str, dict[str, Shown]] = field(default_factory=dict)
    html: bool = False
    status: int = 200
    name: str | None = None
    fault: object = None
    fault_at: str = "/"
    requests: list[str] = field(default_factory=list)

    def __post_init__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # who reads no more is no trouble of the server
        self.url = f"http://127.0.0.1:{self._server.server_port}/simple/"
        self.stopping = threading.Event()
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    @classmethod
    def of(cls, *wheels):
        """One that lists these files."""
        server = cls()
        for wheel in wheels:
            server.add(wheel)
        return server

    def close(self):
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def reset(self):
        """An index without files and faults, for the next test."""
        self.files.clear()
        self.requests.clear()
        self.html, self.status, self.name, self.fault, self.fault_at = False, 200, None, None, "/"

    def add(self, path, *, project="reverb-plugin", **said):
        """Lists the file at ``path``; ``said`` overrides what the index says of it (see :class:`Shown`)."""
        path = Path(path)
        content = path.read_bytes()
        file = Shown(path.name, content, hashlib.sha256(content).hexdigest(), len(content))
        self.files.setdefault(project, {})[path.name] = replace(file, **said)
        return path

    def change(self, filename, *, project="reverb-plugin", **said):
        """Says something else of a file that is listed."""
        self.files[project][filename] = replace(self.files[project][filename], **said)

    def remove(self, filename, *, project="reverb-plugin"):
        del self.files[project][filename]

    def _handler(self):
        index = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.partition("?")[0]
                index.requests.append(path)
                if index.fault is not None and path.endswith(index.fault_at):
                    self.close_connection = True
                    index.fault(self)
                    return
                status, kind, content = index.answer(path, self.headers.get("Accept", ""))
                self.reply(status, kind, content)

            def reply(self, status, kind, content, **headers):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments):
                pass

        return Handler

    def answer(self, path, accept):
        """Status, type and content of the answer to a request for this path."""
        match path.strip("/").split("/"):
            case ["simple", project] if self.status != 200 or project not in self.files:
                return (404 if self.status == 200 else self.status), "text/plain", b"no"
            case ["simple", project] if JSON_TYPE in accept and not self.html:
                return 200, JSON_TYPE, self.json_page(project)
            case ["simple", project]:
                return 200, "text/html; charset=utf-8", self.html_page(project)
            case ["files", project, filename] if filename in self.files.get(project, {}):
                return 200, "application/octet-stream", self.files[project][filename].content
        return 404, "text/plain", b"no"

    def json_page(self, project):
        files = [
            {
                "filename": file.filename,
                "url": file.url or f"../../files/{project}/{file.filename}",
                "hashes": {"sha256": file.sha256} if file.sha256 else {},
                "requires-python": file.requires_python,
                "size": file.size,
                "upload-time": file.upload_time,
                "yanked": file.yanked,
            }
            for file in self.files[project].values()
        ]
        page = {"meta": {"api-version": "1.1"}, "name": self.name or project, "files": files}
        return json.dumps(page).encode()

    def html_page(self, project):
        return "".join(
            ["<!doctype html><html><body>", *map(self._anchor, self._shown(project)), "</body></html>"]
        ).encode()

    def _shown(self, project):
        return [(project, file) for file in self.files[project].values()]

    @staticmethod
    def _anchor(shown):
        project, file = shown
        link = file.url or f"../../files/{project}/{file.filename}"
        said = f' data-requires-python="{escape(file.requires_python)}"' if file.requires_python else ""
        if file.yanked is not False:
            said += f' data-yanked="{escape(file.yanked) if isinstance(file.yanked, str) else ""}"'
        fragment = f"#sha256={file.sha256}" if file.sha256 else ""
        return f'<a href="{escape(link)}{fragment}"{said}>{file.filename}</a><br>\n'
