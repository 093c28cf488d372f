"""Photos: which ones Reverb can fetch, which ones it has already, and what must change.

Reverb knows a photo by the URL it first fetched it from. Sending the same photo under another URL doubles it, so the
first URL is remembered and sent again for as long as the shop shows the same photo.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from reverb_plugin.errors import FieldError
from reverb_plugin.sync.fields import fingerprint

_IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".tif", ".tiff")
_CACHE_WORDS = frozenset(
    {
        "_",
        "cache",
        "cb",
        "hash",
        "m",
        "mtime",
        "modified",
        "rev",
        "t",
        "time",
        "timestamp",
        "ts",
        "updated",
        "v",
        "ver",
        "version",
    }
)
_SIZE_WORDS = frozenset(
    {"auto", "crop", "dpr", "fit", "fm", "format", "h", "height", "q", "quality", "size", "w", "width"}
)
_PRIVATE_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test", ".invalid")


@dataclass(frozen=True, slots=True)
class PhotoChange:
    """What must happen to a listing's photos.

    ``sources`` is the wanted list by the URLs Reverb knows; ``send`` says whether the list itself has to be sent;
    ``removed`` are the sources of the photos that the shop no longer shows.
    """

    sources: tuple[str, ...]
    send: bool
    removed: tuple[str, ...]


def usable_photos(urls: Iterable[str]) -> tuple[tuple[str, ...], tuple[FieldError, ...]]:
    """The photos that Reverb's servers can fetch, each once, and a complaint for each of the others."""
    usable: dict[str, str] = {}
    problems = []
    for url in urls:
        problem = _problem_with(url)
        if problem is None:
            usable.setdefault(identity(url), url)
        else:
            problems.append(FieldError("photos", f"{_without_password(url)} was left out: {problem}"))
    return tuple(usable.values()), tuple(problems)


def _without_password(url: str) -> str:
    return re.sub(r"//[^/]*@", "//", url)


def decide_photos(wanted: Sequence[str], remembered: Sequence[str]) -> PhotoChange:
    """What must happen so that a listing with the ``remembered`` sources shows the ``wanted`` URLs.

    Asked only when the list is not known to have arrived: where nothing differs it is sent again.
    """
    known = {identity(url): url for url in remembered}
    sources = tuple(known.get(identity(url), url) for url in wanted)
    kept = tuple(url for url in remembered if url in sources)
    removed = tuple(url for url in remembered if url not in sources)
    return PhotoChange(sources, send=sources != kept or not removed, removed=removed)


def photos_fingerprint(urls: Iterable[str]) -> str:
    """What is remembered of a list of photos; the same for URLs that differ only in what defeats caches."""
    return fingerprint([identity(url) for url in urls])


def identity(url: str) -> str:
    """The URL without what only defeats caches.

    Of an image file's query, words for its size go as well: they do not choose another picture.
    """
    parts = urlsplit(url)
    is_image = parts.path.lower().endswith(_IMAGE_ENDINGS)
    pairs = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _is_for_caches(name, value) and not (is_image and name.lower() in _SIZE_WORDS)
    ]
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path, urlencode(pairs), ""))


def _is_for_caches(name: str, value: str) -> bool:
    """A cache word, or a bare number such as the time of the last change."""
    return name.lower() in _CACHE_WORDS or (name.isdecimal() and not value)


def _problem_with(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return "it is not a URL"
    if parts.scheme not in {"http", "https"} or not host:
        return "Reverb fetches photos by http or https URLs only"
    if parts.username is not None:
        return "Reverb cannot fetch a photo that asks for a password"
    if _is_private(host):
        return f"{host} is a private address that Reverb's servers cannot reach"
    return None


@lru_cache(maxsize=256)  # a shop's photos come from a few hosts, thousands of times
def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_ENDINGS)
