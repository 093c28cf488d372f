"""The style, script and icon of the page: served under names that hold a hash of what is in them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
HASH_LENGTH = 12


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file: what is in it, and the name it is served under, which is another as soon as the content is."""

    name: str
    kind: str
    content: bytes


@cache
def static_files() -> Mapping[str, StaticFile]:
    """All files by their plain names, such as ``page.css``."""
    folder = files("reverb_plugin.admin") / "static"
    found = {}
    for entry in folder.iterdir():
        stem, dot, suffix = entry.name.rpartition(".")
        if dot + suffix in KINDS:
            content = entry.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:HASH_LENGTH]
            found[entry.name] = StaticFile(f"{stem}.{digest}.{suffix}", KINDS[dot + suffix], content)
    return found


def serve(name: str) -> Response:
    """The file of this hashed name, to be kept for as long as a browser likes.

    Raises:
        NotFound: there is none, or its content is another by now.
    """
    file = next((file for file in static_files().values() if file.name == name), None)
    if file is None:
        raise NotFound
    headers = {"Content-Type": file.kind, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(file.content, headers=headers)
