"""A wheel of this project, looked into before anything of it is used.

Only its list of files and its metadata are read. It may bring the package and its metadata, nothing else: no other
package, no file that Python runs at each start, no path that leads out of its place.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from reverb_plugin.errors import ReleaseRefusedError
from reverb_plugin.update.index import PROJECT, ReleaseFile

PACKAGE = "reverb_plugin"
MOST_FILES = 5_000
MOST_UNPACKED_BYTES = 100_000_000
MOST_METADATA_BYTES = 2_000_000

UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    KeyError,
    RuntimeError,
    EOFError,
    ExceptionGroup,
)
"""What reading a broken zip, header, version or requirement can end with."""

_MIGRATION = re.compile(rf"{PACKAGE}/store/migrations/versions/v(\d+)_\w+\.py")


@dataclass(frozen=True, slots=True)
class WheelFacts:
    """What a release is and needs.

    ``requires`` are its dependencies without those of its extras. ``schema_head`` is the newest version of the database
    that it knows, "" when that cannot be told.
    """

    version: str
    requires_python: str
    requires: tuple[Requirement, ...]
    description: str
    schema_head: str
    unpacked_bytes: int


def read_wheel(content: bytes | BinaryIO, file: ReleaseFile) -> WheelFacts:
    """What is in the wheel that the index offers as ``file``.

    Raises:
        ReleaseRefusedError: it is no wheel, or not the one its name says, or brings what it must not.
    """
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    try:
        with zipfile.ZipFile(stream) as wheel:
            return _read(wheel, file)
    except UNREADABLE as error:
        raise ReleaseRefusedError(f"{file.filename} cannot be read: {str(error)[:200]}") from None


def _read(wheel: zipfile.ZipFile, file: ReleaseFile) -> WheelFacts:
    entries = wheel.infolist()
    names = [entry.filename for entry in entries]
    metadata_folder = f"{PACKAGE}-{file.version}.dist-info"
    size = sum(entry.file_size for entry in entries)
    for objection in _objections(names, metadata_folder, size):
        raise ReleaseRefusedError(f"{file.filename}: {objection}")
    metadata = _read_metadata(wheel, f"{metadata_folder}/METADATA")
    if canonicalize_name(metadata.name) != PROJECT or metadata.version != file.version:
        raise ReleaseRefusedError(f"{file.filename} holds {metadata.name} {metadata.version}")
    return WheelFacts(
        version=str(metadata.version),
        requires_python=str(metadata.requires_python or ""),
        requires=tuple(each for each in metadata.requires_dist or () if not _is_of_an_extra(each)),
        description=metadata.description or "",
        schema_head=max((match[1] for name in names if (match := _MIGRATION.fullmatch(name))), default=""),
        unpacked_bytes=size,
    )


def _objections(names: Sequence[str], metadata_folder: str, size: int) -> Iterator[str]:
    if len(names) > MOST_FILES or size > MOST_UNPACKED_BYTES:
        yield f"it unpacks to {len(names):,} files with {size:,} bytes"
    if len(names) != len(set(names)):
        yield "it holds a file twice"
    for name in names:
        if not _is_ours(name, metadata_folder):
            yield f"it brings {name[:200]!r}, which does not belong to the plugin"


def _is_ours(name: str, metadata_folder: str) -> bool:
    folder, *inside = PurePosixPath(name).parts or ("",)
    return folder in {PACKAGE, metadata_folder} and bool(inside) and ".." not in inside and "\\" not in name


def _read_metadata(wheel: zipfile.ZipFile, name: str) -> Metadata:
    if wheel.getinfo(name).file_size > MOST_METADATA_BYTES:
        raise ValueError("its metadata is too large")
    return Metadata.from_email(wheel.read(name), validate=False)


def _is_of_an_extra(requirement: Requirement) -> bool:
    """Whether it is needed only when an extra is asked for."""
    marker = requirement.marker
    return marker is not None and "extra" in str(marker) and not marker.evaluate({"extra": ""})
