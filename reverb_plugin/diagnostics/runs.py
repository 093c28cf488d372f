"""Runs of base64, hex and numbers within a text, and what they say."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{4,}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]{2,})+={0,2}|[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX = re.compile(
    r"[0-9a-fA-F]{2}(?:(?:[:.,-]|\s{1,8})?[0-9a-fA-F]{2}){5,}|0x[0-9a-fA-F]{2}(?:,?\s?0x[0-9a-fA-F]{2}){5,}"
)
_DECIMAL = re.compile(r"(?<!\d)\d{2,3}(?:(?:,\s?|\s)\d{2,3}){5,}(?!\d)")
_WHITE = str.maketrans("", "", " \t\r\n")
_TEXT = re.compile(r"[\t\n\r -~\u00a1-\u052f]{6,}")
_PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
"""How gzip and zlib begin."""

_SOME = 64
"""Bytes that are unpacked to know that something is packed at all."""


class Run(NamedTuple):
    """What stands from ``start`` to ``end`` of a text says ``text``, and maybe more.

    It is ``whole`` when there is nothing else in it. What is ``packed`` is not read: nobody could without a program.
    """

    start: int
    end: int
    text: str
    whole: bool = False
    packed: bool = False


def runs(text: str) -> Iterator[Run]:
    """Each piece of text that a run decodes to."""
    for match in _HEX.finditer(text):
        digits = re.sub(r"0x|[^0-9a-fA-F]", "", match[0])
        for odd in (0, 1):  # a number may stand right before it
            raw = bytes.fromhex(digits[odd : odd + (len(digits) - odd) // 2 * 2])
            yield from _read(raw, match)
    for match in _DECIMAL.finditer(text):
        numbers = [int(number) for number in re.findall(r"\d+", match[0])]
        if max(numbers) < 256:  # noqa: PLR2004 - bytes
            yield from _read(bytes(numbers), match)
    for match in _BASE64.finditer(text):
        if match[0][1:].islower() or match[0].isupper() or match[0].isdecimal():
            continue  # a word or a number: text in base64 has letters of both kinds
        run = match[0].translate(_WHITE).replace("-", "+").replace("_", "/").rstrip("=")
        for shift in range(4):
            part = run[shift:]
            yield from _read(_from_base64(part[: len(part) - 1] if len(part) % 4 == 1 else part), match)


def _from_base64(run: str) -> bytes:
    try:
        return base64.b64decode(run + "=" * (-len(run) % 4))
    except (binascii.Error, ValueError):
        return b""


def _read(raw: bytes, match: re.Match[str]) -> Iterator[Run]:
    start, end = match.span()
    if _is_packed(raw):
        yield Run(start, end, match[0], packed=True)
        return
    for name in ("utf-8", "utf-16-le", "utf-16-be") if b"\0" in raw[:64] else ("utf-8",):
        decoded = raw.decode(name, "replace")
        for piece in _TEXT.findall(decoded):
            yield Run(start, end, piece, whole=len(piece) == len(decoded))


def _is_packed(raw: bytes) -> bool:
    for header in _PACKED.finditer(raw):
        with suppress(zlib.error):
            if zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(raw[header.start() :], _SOME):
                return True
    return False
