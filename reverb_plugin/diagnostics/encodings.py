"""Looking through encodings: what a text would say without its escapes, in its base64 and in its hex."""

import base64
import binascii
import codecs
import html
import re
from collections.abc import Iterator
from typing import NamedTuple

_ESCAPE = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+|(?:\\+u[0-9A-Fa-f]{4})+|\\+U[0-9A-Fa-f]{8}|(?:\\+x[0-9A-Fa-f]{2})+|&#\d{1,7};|&#[xX][0-9A-Fa-f]{1,6};"
    r"|&(?:commat|amp|quot|lt|gt|apos|period|plus|sol|colon|num|lowbar);|(?:\\[0-7]{3})+|\\+[nrt/\"']"
)
_QUOTED_PRINTABLE = re.compile(r"(?:=[0-9A-F]{2})+")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]+")
"""Hyphens and blanks that nobody sees."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{4,}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]{2,})+={0,2}|[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[:.,-]?){6,}|(?:[0-9a-fA-F]{2} ){6,}|(?:0x[0-9a-fA-F]{2},?[ ]?){6,}")
_WHITE = str.maketrans("", "", " \t\r\n")
_TEXT = re.compile(r"[\t\n\r -~\u00a1-\u024f]{6,}")


class View(NamedTuple):
    """A text behind an encoding. Letter n of it comes from ``starts[n]`` to ``ends[n]`` of the outer text."""

    text: str
    starts: list[int]
    ends: list[int]


def unescaped(text: str) -> Iterator[View]:
    """The text without its escapes, as often as it can be read in another way."""
    if any(sign in text for sign in "%\\&") and _ESCAPE.search(text) is not None:
        yield _replaced(text, _ESCAPE)
    if "=" in text and _QUOTED_PRINTABLE.search(text) is not None:
        yield _replaced(text, _QUOTED_PRINTABLE)
    if not text.isascii() and _UNSEEN.search(text) is not None:
        yield _replaced(text, _UNSEEN)


def joined(text: str) -> Iterator[View]:
    """The text as if its lines were one, with and without a blank between them; nothing when it has only one."""
    if "\n" not in text:
        return
    for blank in ("", " "):
        pieces: list[str] = []
        places: list[int] = []
        for line in re.finditer(r"[^\r\n]+", text):
            start = line.start() + (_indent(line[0]) if pieces else 0)
            if pieces and blank:
                pieces.append(blank)
                places.append(start)
            pieces.append(text[start : line.end()])
            places.extend(range(start, line.end()))
        yield View("".join(pieces), places, [place + 1 for place in places])


def _replaced(text: str, regex: re.Pattern[str]) -> View:
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for match in regex.finditer(text):
        pieces.append(text[done : match.start()])
        starts.extend(range(done, match.start()))
        ends.extend(range(done + 1, match.start() + 1))
        meant = _meant(match[0])
        width = len(match[0]) / max(len(meant), 1)
        pieces.append(meant)
        starts.extend(match.start() + int(n * width) for n in range(len(meant)))
        ends.extend(match.start() + int((n + 1) * width) for n in range(len(meant)))
        done = match.end()
    pieces.append(text[done:])
    starts.extend(range(done, len(text)))
    ends.extend(range(done + 1, len(text) + 1))
    return View("".join(pieces), starts, ends)


def decoded_runs(text: str) -> Iterator[tuple[int, int, str]]:
    """Runs of base64 and hex that decode to something readable: where they are, and what they say."""
    for match in _HEX.finditer(text):
        digits = re.sub(r"0x|[^0-9a-fA-F]", "", match[0])
        for readable in _readable(bytes.fromhex(digits[: len(digits) // 2 * 2])):
            yield match.start(), match.end(), readable
    for match in _BASE64.finditer(text):
        if match[0][1:].islower() or match[0].isupper() or match[0].isdecimal():
            continue  # a word or a number: text in base64 has letters of both kinds
        run = match[0].translate(_WHITE).replace("-", "+").replace("_", "/").rstrip("=")
        for shift in range(4):
            part = run[shift:]
            part = part[: len(part) - 1] if len(part) % 4 == 1 else part
            for readable in _readable(_from_base64(part)):
                yield match.start(), match.end(), readable


def _from_base64(run: str) -> bytes:
    try:
        return base64.b64decode(run + "=" * (-len(run) % 4))
    except (binascii.Error, ValueError):
        return b""


def _readable(raw: bytes) -> Iterator[str]:
    """The pieces of text that bytes mean, when they mean some."""
    names = ("utf-8", "utf-16-le", "utf-16-be") if b"\0" in raw[:64] else ("utf-8",)
    for name in names:
        yield from _TEXT.findall(raw.decode(name, "replace"))


def _meant(escape: str) -> str:
    if _UNSEEN.fullmatch(escape):
        return ""
    if escape.startswith("%"):
        return _from_bytes(bytes.fromhex(escape.replace("%", "")))
    if escape.startswith("="):
        return _from_bytes(bytes.fromhex(escape.replace("=", "")))
    if escape.startswith("&"):
        return html.unescape(escape)
    plain = re.sub(r"\\+", r"\\", escape)
    if plain.startswith("\\u"):
        return (
            plain.encode("ascii").decode("unicode_escape").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        )
    if plain[1] == "x":
        return _from_bytes(bytes.fromhex(plain.replace("\\x", "")))
    if plain[1] in "U01234567":
        return codecs.decode(plain, "unicode_escape")
    return {"n": "\n", "r": "\n", "t": " "}.get(plain[1], plain[1])


def _from_bytes(raw: bytes) -> str:
    """Bytes that are UTF-8, or letters of their own each."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t>|"))
