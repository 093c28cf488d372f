"""A project's page of a package index, read: which files there are, and what the index says of each.

Both forms are read. Sources: the simple repository API in JSON (PEP 691, PEP 700) and in HTML (PEP 503,
PEP 592).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from packaging.tags import Tag
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from reverb_plugin.errors import IndexRefusedError

PROJECT = canonicalize_name("reverb-plugin")
JSON_TYPE = "application/vnd.pypi.simple.v1+json"
HTML_TYPES = frozenset({"application/vnd.pypi.simple.v1+html", "text/html"})
ACCEPT = f"{JSON_TYPE}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
KNOWN_API = "1"
SHA256_LETTERS = 64


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """One file of a release, as the index describes it.

    ``tags`` is None for a source distribution. ``size`` is in bytes, None when the index does not say it. ``yanked`` is
    the reason why it was withdrawn ("" when none is given), None when it was not. ``flaw`` says why it cannot be used
    at all, "" when nothing speaks against it.
    """

    filename: str
    url: str
    sha256: str
    version: Version
    tags: frozenset[Tag] | None = None
    size: int | None = None
    requires_python: str = ""
    yanked: str | None = None
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """What the index at ``url`` says of this project."""

    url: str
    files: tuple[ReleaseFile, ...]


def parse_page(content: bytes, content_type: str, url: str) -> ProjectPage:
    """The page that ``url`` gave.

    Files whose name is none of this project's are left out; those without a hash, for one, have a flaw.

    Raises:
        IndexRefusedError: it is no page of this project, or names no file of it.
    """
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == JSON_TYPE:
            entries = _read_json(content)
        elif kind in HTML_TYPES:
            entries = _read_html(content)
        else:
            raise IndexRefusedError(f"{url} is {kind or 'of no type'} and no page of a package index")
        files = tuple(file for entry in entries if (file := _find_file(entry, url)) is not None)
    except ValueError as error:
        raise IndexRefusedError(f"{url} cannot be read: {str(error)[:200]}") from None
    except (TypeError, AttributeError, KeyError, RecursionError):
        raise IndexRefusedError(f"{url} cannot be read: it has not the form of PEP 691") from None
    if not files:
        raise IndexRefusedError(f"{url} lists no release of the plugin")
    return ProjectPage(url, files)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file in the words of either form."""

    filename: str
    link: str
    sha256: object
    requires_python: object = None
    size: object = None
    yanked: object = None


def _read_json(content: bytes) -> list[_Entry]:
    page: Any = json.loads(content)
    version = page["meta"]["api-version"]
    if version.partition(".")[0] != KNOWN_API:
        raise ValueError(f"it is of version {version} of the API, known is {KNOWN_API}")
    if canonicalize_name(page["name"]) != PROJECT:
        raise ValueError(f"it is about {page['name']}, asked for was {PROJECT}")
    return [
        _Entry(
            str(file["filename"]),
            str(file["url"]),
            file["hashes"].get("sha256"),
            file.get("requires-python"),
            file.get("size"),
            file.get("yanked"),
        )
        for file in page["files"]
    ]


def _read_html(content: bytes) -> list[_Entry]:
    reader = _Anchors()
    reader.feed(content.decode("utf-8", "replace"))
    if reader.api_version.partition(".")[0] != KNOWN_API:
        raise ValueError(f"it is of version {reader.api_version} of the API, known is {KNOWN_API}")
    return [_from_anchor(each, reader.base) for each in reader.anchors]


class _Anchors(HTMLParser):
    """Collects the links of a page; the file's name is the last part of its address, which PEP 503 demands."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: list[Mapping[str, str | None]] = []
        self.base = ""
        self.api_version = "1.0"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "a" and named.get("href"):
            self.anchors.append(named)
        elif tag == "base":
            self.base = self.base or named.get("href") or ""
        elif tag == "meta" and named.get("name") == "pypi:repository-version":
            self.api_version = named.get("content") or ""


def _from_anchor(attributes: Mapping[str, str | None], base: str) -> _Entry:
    link, fragment = urldefrag(urljoin(base, attributes["href"]))
    algorithm, _, digest = fragment.partition("=")
    return _Entry(
        unquote(urlsplit(link).path.rpartition("/")[2]),
        link,
        digest if algorithm == "sha256" else None,
        attributes.get("data-requires-python"),
        yanked=(attributes["data-yanked"] or True) if "data-yanked" in attributes else None,
    )


def _find_file(entry: _Entry, page_url: str) -> ReleaseFile | None:
    parsed = _parse_filename(entry.filename)
    if parsed is None:
        return None
    version, tags = parsed
    url = urljoin(page_url, entry.link)
    sha256 = entry.sha256.lower() if isinstance(entry.sha256, str) else ""
    return ReleaseFile(
        filename=entry.filename,
        url=url,
        sha256=sha256,
        version=version,
        tags=tags,
        size=entry.size if isinstance(entry.size, int) and entry.size >= 0 else None,
        requires_python=entry.requires_python if isinstance(entry.requires_python, str) else "",
        yanked=_find_yank(entry.yanked),
        flaw=next(_flaws(sha256, url, page_url), ""),
    )


def _parse_filename(filename: str) -> tuple[Version, frozenset[Tag] | None] | None:
    tags: frozenset[Tag] | None = None
    try:
        if filename.endswith(".whl"):
            name, version, _, tags = parse_wheel_filename(filename)
        else:
            name, version = parse_sdist_filename(filename)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    return (version, tags) if name == PROJECT else None


def _flaws(sha256: str, url: str, page_url: str) -> Iterator[str]:
    if len(sha256) != SHA256_LETTERS or not set(sha256) <= set("0123456789abcdef"):
        yield "the index gives no SHA-256 for its file"
    if not is_as_safe(url, page_url):
        yield "its file would not come over https"


def is_as_safe(url: str, index_url: str) -> bool:
    """Whether a file may be fetched from ``url``: over https from anywhere, since its hash is known; else from the
    index itself only.
    """
    try:
        target, index = urlsplit(url), urlsplit(index_url)
        is_same = (target.scheme, target.hostname, target.port) == (index.scheme, index.hostname, index.port)
    except ValueError:
        return False
    return is_same or (target.scheme == "https" and bool(target.hostname))


def _find_yank(said: object) -> str | None:
    """PEP 592 and PEP 691: withdrawn when it is true or a reason."""
    if not said:
        return None
    return said if isinstance(said, str) else ""
