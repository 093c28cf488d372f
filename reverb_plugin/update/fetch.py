"""The way to the package index. Whatever it answers, reading ends: in time, and below a size."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from reverb_plugin.clock import Clock
from reverb_plugin.errors import IndexRefusedError, IndexUnreachableError, ReleaseRefusedError
from reverb_plugin.reverb_api.deadline import Deadline, TooSlowError, reading_until
from reverb_plugin.reverb_api.transport import APP, TimedAdapter, innermost_words
from reverb_plugin.update.index import ACCEPT, PROJECT, ProjectPage, ReleaseFile, is_as_safe, parse_page

CHUNK_BYTES = 64 * 1024
ANYTHING = "*/*"
AS_IT_IS = "identity"
"""Nothing that comes is packed to travel: a bomb cannot go off, and the hash of a file is that of what came."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one answer of the index may cost."""

    connect_seconds: float = 5.0
    read_seconds: float = 10.0  # without a single byte
    page_seconds: float = 30.0
    file_seconds: float = 120.0
    page_bytes: int = 5_000_000  # a thousand releases take less than one
    file_bytes: int = 30_000_000
    redirects: int = 3


class Fetcher:
    """Asks the package index.

    Certificates are always checked. Proxies and a password for the index come from where pip has them too: the
    environment and ``~/.netrc``.
    """

    def __init__(self, clock: Clock, limits: Limits = Limits()) -> None:
        self._clock = clock
        self._limits = limits

    def get_page(self, index_url: str) -> ProjectPage:
        """What the index says of this project.

        Raises:
            IndexUnreachableError: it gave no answer, or not in time.
            IndexRefusedError: its answer cannot be used.
        """
        address = f"{index_url}{PROJECT}/"
        content = bytearray()
        with self._answer(address, self._limits.page_seconds, ACCEPT, _is_same_place) as answer:
            for chunk in answer.chunks():
                content += chunk
                if len(content) > self._limits.page_bytes:
                    raise IndexRefusedError(f"{answer.url} is larger than {self._limits.page_bytes:,} bytes")
        return parse_page(bytes(content), answer.response.headers.get("Content-Type", ""), answer.url)

    def get_file(self, file: ReleaseFile) -> bytes:
        """The file, of the size and with the hash that the index gave.

        Raises:
            IndexUnreachableError: it did not come, or not in time.
            ReleaseRefusedError: it is another one.
        """
        content = bytearray()
        self._read_file(file, content.extend)
        return bytes(content)

    def save_file(self, file: ReleaseFile, path: Path) -> None:
        """Writes the file to ``path``, safe on the disk before this returns; raises as :meth:`get_file`, and OSError.

        What is at ``path`` after an error is not to be used.
        """
        with path.open("wb") as target:
            self._read_file(file, target.write)
            target.flush()
            os.fsync(target.fileno())

    def _read_file(self, file: ReleaseFile, keep: Callable[[bytes], object]) -> None:
        if file.flaw:
            raise ReleaseRefusedError(f"{file.filename}: {file.flaw}")
        most = self._limits.file_bytes if file.size is None else min(file.size, self._limits.file_bytes)
        size, digest = 0, hashlib.sha256()
        with self._answer(file.url, self._limits.file_seconds, ANYTHING, is_as_safe) as answer:
            for chunk in answer.chunks():
                size += len(chunk)
                if size > most:
                    raise ReleaseRefusedError(f"{file.filename} is larger than {most:,} bytes")
                digest.update(chunk)
                keep(chunk)
        if file.size not in {None, size}:
            raise ReleaseRefusedError(f"{file.filename} has {size:,} bytes, the index says {file.size:,}")
        if digest.hexdigest() != file.sha256:
            raise ReleaseRefusedError(f"{file.filename} is not the file whose SHA-256 the index gives")

    @contextmanager
    def _answer(self, url: str, seconds: float, accept: str, may_go: Callable[[str, str], bool]) -> Iterator["_Answer"]:
        """The answer; a redirect is followed where ``may_go`` from the first address."""
        deadline, address = Deadline(self._clock, seconds), url
        for _ in range(self._limits.redirects + 1):
            with self._session() as session:  # one for each, because a connection kept open may be closed by then
                with _telling(address, deadline):
                    response = self._ask(session, address, deadline, accept)
                with closing(response):
                    if not response.is_redirect:
                        _check_answer(address, response)
                        yield _Answer(address, response, deadline)
                        return
            with _telling(address, deadline):
                address = urljoin(address, response.headers["Location"])
            if not may_go(address, url):
                raise IndexRefusedError(f"{url} leads to {address[:200]}, where nothing may come from")
        raise IndexRefusedError(f"{url} leads from one address to the next")

    def _ask(self, session: requests.Session, url: str, deadline: Deadline, accept: str) -> requests.Response:
        with reading_until(deadline):
            return session.get(
                url,
                headers={"Accept": accept, "Accept-Encoding": AS_IT_IS},
                timeout=(self._limits.connect_seconds, self._limits.read_seconds),
                allow_redirects=False,
                stream=True,
            )

    def _session(self) -> requests.Session:
        session = requests.Session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, TimedAdapter())
        session.headers["User-Agent"] = APP
        return session


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came from ``url``, still to be read before the deadline."""

    url: str
    response: requests.Response
    deadline: Deadline

    def chunks(self) -> Iterator[bytes]:
        while True:
            with _telling(self.url, self.deadline):
                chunk: bytes = self.response.raw.read1(CHUNK_BYTES, decode_content=False)
            if not chunk:
                return
            yield chunk


@contextmanager
def _telling(url: str, deadline: Deadline) -> Iterator[None]:
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise IndexUnreachableError(f"{url}: {_words(error, deadline)}") from None


def _words(error: Exception, deadline: Deadline) -> str:
    """A read that is under way when the time is over calls it a timeout of its own."""
    try:
        deadline.left_seconds()
    except TooSlowError as too_slow:
        return str(too_slow)
    return innermost_words(error)


def _is_same_place(url: str, index_url: str) -> bool:
    """The page itself has no hash: it comes from the configured index alone."""
    return is_as_safe(url, index_url) and _origin(url) == _origin(index_url)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _check_answer(url: str, response: requests.Response) -> None:
    status, packed = response.status_code, response.headers.get("Content-Encoding", AS_IT_IS)
    match status:
        case HTTPStatus.OK if packed == AS_IT_IS:
            return
        case HTTPStatus.OK:
            raise IndexRefusedError(f"{url} comes packed as {packed[:50]!r}, which was not asked for")
        case HTTPStatus.NOT_FOUND:
            raise IndexRefusedError(f"{url} does not exist: the package index does not know it")
        case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
            raise IndexRefusedError(f"{url} is refused to us with {status}; ~/.netrc can hold a password for it")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise IndexUnreachableError(f"{url} answers {status}")
    raise IndexRefusedError(f"{url} answers {status}")
