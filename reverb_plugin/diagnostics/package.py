"""The zip while it is made: nothing gets into it but through the gate, and each part is told of in the manifest."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import IO, Any

from reverb_plugin.diagnostics.courtesy import Courtesy
from reverb_plugin.diagnostics.gate import Gate

MOST_PACKED_BYTES = 9_500_000
MOST_PART_BYTES = 30_000_000
AT_ONCE = 256_000


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a bundle.

    ``rows`` is how many, where it has some. ``error`` says why there is nothing, ``note`` what is not complete.
    """

    name: str
    about: str
    collector: str = ""
    rows: int | None = None
    size: int = 0
    sha256: str = ""
    error: str | None = None
    note: str | None = None


class Package:
    """A zip that is written to ``target``, which need not be seekable.

    Args:
        target: where it goes.
        gate: what everything passes.
        courtesy: lets others have their turn.
        now: the time of every part.
    """

    def __init__(self, target: IO[bytes], gate: Gate, courtesy: Courtesy, now: datetime) -> None:
        self._counted = _Counted(target)
        self._zip = zipfile.ZipFile(self._counted, "w", zipfile.ZIP_DEFLATED, allowZip64=False)
        self._gate = gate
        self._courtesy = courtesy
        self._date = (max(now.year, 1980), *now.timetuple()[1:6])
        self.parts: list[Part] = []

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._counted.size

    @property
    def is_broken(self) -> bool:
        """The target could not be written."""
        return self._counted.is_broken

    def close(self) -> None:
        """Ends the zip."""
        self._zip.close()

    def add_json(self, part: Part, value: Any) -> Any:
        """A value as readable JSON; gives what of it has passed."""
        passed = self._gate.value(value, part.name)
        self._write(part, [json.dumps(passed, indent=2, ensure_ascii=False).encode("utf-8", "replace")])
        return passed

    def add_lines(self, part: Part, rows: Iterable[Any]) -> Sequence[Any]:
        """Values, each as JSON on a line; gives what of them has passed."""
        passed = [self._gate.value(row, part.name) for row in rows]
        self.add_rows(part, passed)
        return passed

    def add_rows(self, part: Part, rows: Iterable[Any]) -> None:
        """Rows that have passed the gate before, each as JSON on a line."""
        counted = _CountedRows(rows)
        self._write(part, _lines(counted), counted)

    def add_passed(self, part: Part, content: bytes) -> None:
        """What was put together of things that have passed the gate."""
        self._write(part, (content[first : first + AT_ONCE] for first in range(0, len(content), AT_ONCE)))

    def note(self, part: Part) -> None:
        """Tells of a part, also of one that there is not; why not may be somebody else's words."""
        self.parts.append(replace(part, error=self._passed(part.error, part), note=self._passed(part.note, part)))

    def _passed(self, words: str | None, part: Part) -> str | None:
        return None if words is None else self._gate.text(words, part.name)

    def _write(self, part: Part, chunks: Iterable[bytes], rows: "_CountedRows | None" = None) -> None:
        digest, size, note = hashlib.sha256(), 0, part.note
        info = zipfile.ZipInfo(part.name, self._date)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        with self._zip.open(info, "w") as file:
            for chunk in chunks:
                self._courtesy.pause()
                if self.size > MOST_PACKED_BYTES or size + len(chunk) > MOST_PART_BYTES:
                    note = "cut short: the bundle would be too large"
                    break
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
        number = part.rows if rows is None else rows.number
        self.note(replace(part, rows=number, size=size, sha256=digest.hexdigest(), note=note))


class _Counted:
    """A target that is only written to; knows how much."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.size = 0
        self.is_broken = False

    def write(self, content: bytes) -> int:
        self.size += len(content)
        if self.is_broken:
            return len(content)  # the zip is ended anyhow
        try:
            return self._target.write(content)
        except OSError:
            self.is_broken = True
            raise

    def flush(self) -> None:
        self._target.flush()

    def close(self) -> None:
        """The target is closed by who opened it."""


class _CountedRows:
    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[Any]:
        for row in self._rows:
            self.number += 1
            yield row


def _lines(rows: Iterable[Any]) -> Iterator[bytes]:
    """A few at a time."""
    pieces: list[bytes] = []
    size = 0
    for row in rows:
        pieces.append(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        size += len(pieces[-1])
        if size >= AT_ONCE:
            yield b"".join(pieces)
            pieces, size = [], 0
    yield b"".join(pieces)
