"""Reading a bundle that anybody may have made: nothing in it is run, unpacked by its name, or believed.

Only parts that are asked for by name are read, into memory, up to a size: so a path that leads elsewhere leads nowhere,
a link is a few bytes, and a bomb is refused when it has grown too large. The directory at the end of the file is
bounded before :mod:`zipfile` reads it, which would take memory for each entry.
"""

import io
import json
import math
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Self

from reverb_plugin.errors import UnreadableBundleError

MOST_FILE_BYTES = 64_000_000
MOST_PART_BYTES = 64_000_000
MOST_BYTES = 200_000_000
MOST_JSON_BYTES = 4_000_000
"""Read into memory, JSON may take forty times its size."""

MOST_LINE_BYTES = 1_000_000
MOST_LINES = 10_000
MOST_PARTS = 200
MOST_DIRECTORY_BYTES = 100_000
DEEPEST = 60
"""So deep may lists and objects lie in each other; no part of a bundle comes near it."""

MOST_LETTERS = 300
YEARS = range(2000, 2200)

MANIFEST = "manifest.json"
FORMAT = 1

_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_TROUBLE = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, RuntimeError, OverflowError)
"""What :mod:`zipfile` raises at files that are broken on purpose."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself; each text may be anything, and is empty when nothing is said.

    ``created_at`` is None when that cannot be understood. ``troubles`` are the parts that could not be made, or not
    wholly, each with why.
    """

    plugin: str
    schema: str
    created_at: datetime | None
    environment: str
    api_url: str
    shop: str
    sku: str
    since: str
    troubles: Mapping[str, str]


class BundleFile:
    """A bundle on the disk, from ``with`` to its end; ``manifest`` says what it is.

    Raises:
        UnreadableBundleError: it is no bundle, or none that is read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._left = MOST_BYTES
        _check_file(path)
        self._zip = _open(path)
        try:
            self._infos = _check_entries(self._zip)
            self.manifest = self._read_manifest()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @property
    def names(self) -> frozenset[str]:
        """The parts that are in it; whoever made the bundle chose these words."""
        return frozenset(self._infos)

    def find_bytes(self, name: str, most: int = MOST_PART_BYTES) -> bytes | None:
        """A part as it is; None when there is none. Raises UnreadableBundleError when it is too large or damaged."""
        info = self._infos.get(name)
        if info is None:
            return None
        most = min(most, self._left)
        try:
            with self._zip.open(info) as part:
                content = part.read(most + 1)
        except _TROUBLE as error:
            raise UnreadableBundleError(f"{name} in {self.path} is damaged: {error}") from error
        if len(content) > most:
            raise UnreadableBundleError(f"{name} in {self.path} is larger than any part of a bundle")
        self._left -= len(content)
        return content

    def find_json(self, name: str) -> Any:
        """What a part says; None when there is none. Raises UnreadableBundleError when it says nothing."""
        content = self.find_bytes(name, MOST_JSON_BYTES)
        try:
            return None if content is None else read_json(content)
        except ValueError as error:
            raise UnreadableBundleError(f"{name} in {self.path} cannot be understood: {error}") from error

    def iter_lines(self, name: str) -> Iterator[Mapping[str, Any]]:
        """The objects of a part that has one in each line, none when there is no such part; other lines are left out.

        Raises UnreadableBundleError when the part cannot be read.
        """
        for line in islice(io.BytesIO(self.find_bytes(name, MOST_JSON_BYTES) or b""), MOST_LINES):
            try:
                row = read_json(line) if len(line) <= MOST_LINE_BYTES else None
            except ValueError:
                continue
            if isinstance(row, dict):
                yield row

    def _read_manifest(self) -> "Manifest":
        manifest = self.find_json(MANIFEST)
        if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
            raise UnreadableBundleError(f"{self.path} is no bundle of this plugin: it has no {MANIFEST}")
        if manifest["format"] > FORMAT:
            raise UnreadableBundleError(
                f"{self.path} is of format {manifest['format']}, made by a newer version of the plugin; "
                f"this one reads format {FORMAT}"
            )
        return _manifest(manifest)


def read_json(content: bytes | str) -> Any:
    """What JSON says; its texts can be written and shown, its numbers are finite, and it is not too deep.

    Raises:
        ValueError: it is no such JSON.
    """
    try:
        value = json.loads(content, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("it is too deep") from None
    return _plain(value, DEEPEST)


def plain_text(text: str) -> str:
    """The text without halves of letters, which could not be written or shown."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _manifest(said: Mapping[str, Any]) -> Manifest:
    entries = said.get("entries")
    parts = [each for each in entries[:MOST_PARTS] if isinstance(each, dict)] if isinstance(entries, list) else []
    return Manifest(
        created_at=read_moment(said.get("created_at")),
        troubles={_short(part.get("name")): told for part in parts if (told := _trouble(part))},
        **{
            name: _short(said.get(name))
            for name in ("plugin", "schema", "environment", "api_url", "shop", "sku", "since")
        },
    )


def read_moment(text: object) -> datetime | None:
    """The moment that a text names, aware and of our time; None for anything else."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or moment.year not in YEARS:
        return None
    return moment.astimezone(UTC)


def _trouble(part: Mapping[str, Any]) -> str:
    return _short(part.get("error")) or _short(part.get("note"))


def _short(text: object) -> str:
    return text[:MOST_LETTERS] if isinstance(text, str) else ""


def _plain(value: Any, deepest: int) -> Any:
    if deepest < 0:
        raise ValueError("it is too deep")
    match value:
        case str():
            return plain_text(value)
        case dict():
            return {plain_text(name): _plain(each, deepest - 1) for name, each in value.items()}
        case list():
            return [_plain(each, deepest - 1) for each in value]
        case float() if not math.isfinite(value):
            raise ValueError("a number is too large")
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _check_file(path: Path) -> None:
    """Nothing that is no plain file is opened: a pipe would wait, and a device never end."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        problem = error.strerror if isinstance(error, OSError) else error
        raise UnreadableBundleError(f"{path} cannot be read: {problem}") from error
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableBundleError(f"{path} is no file")
    if status.st_size > MOST_FILE_BYTES:
        raise UnreadableBundleError(f"{path} is larger than any bundle: {status.st_size:,} bytes")


def _open(path: Path) -> zipfile.ZipFile:
    try:
        _check_directory(path)
        return zipfile.ZipFile(path)
    except (*_TROUBLE, NotImplementedError) as error:
        raise UnreadableBundleError(f"{path} is no bundle: {error}") from error


def _check_directory(path: Path) -> None:
    """The end of the file names a directory of bounded size, and is the one that :mod:`zipfile` will find."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        # A second end record in a comment, or one for huge files in front of it, would be believed instead of ours.
        file.seek(max(size - _END.size - 20, 0))
        tail = file.read()
    signature, _, _, _, entries, directory_bytes, _, comment_bytes = _END.unpack(tail[-_END.size :])
    if signature != _END_SIGNATURE or comment_bytes or tail[:4] == b"PK\x06\x07":
        raise zipfile.BadZipFile("it does not end as one does")
    if entries > MOST_PARTS or directory_bytes > MOST_DIRECTORY_BYTES:
        raise zipfile.BadZipFile(f"it has {entries} parts")


def _check_entries(opened: zipfile.ZipFile) -> Mapping[str, zipfile.ZipInfo]:
    infos = {info.filename: info for info in opened.infolist()}
    if len(infos) != len(opened.infolist()) or len(infos) > MOST_PARTS:
        raise UnreadableBundleError(f"{opened.filename} is no bundle: it has two parts of one name")
    for info in infos.values():
        if info.compress_type not in _METHODS or info.flag_bits & _ENCRYPTED:
            raise UnreadableBundleError(f"{opened.filename} is no bundle: a part is packed in another way")
    return infos
