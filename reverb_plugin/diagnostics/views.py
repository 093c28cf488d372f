"""Other ways to read a text: without its escapes, and with its lines joined; offsets lead back to the text itself."""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

_ESCAPE = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+|(?:%u[0-9A-Fa-f]{4})+|&#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,8});?|&[A-Za-z]{2,10};"
    r"|(?<!\\)(?:(?:\\+x[0-9A-Fa-f]{2})+|(?:\\+[0-3][0-7]{2})+|(?:\\+u[0-9A-Fa-f]{4})+"
    r"|\\+u\{[0-9A-Fa-f]{1,6}\}|\\+U[0-9A-Fa-f]{8}|\\+[nrt/\"'])"
)
_QUOTED_PRINTABLE = re.compile(r"(?:=[0-9A-Fa-f]{2})+|=\r?\n")
_FORM = re.compile(r"(?<=[\w.,])\+(?=\w)")
"""A blank in a form that was sent."""

_MISREAD = re.compile("(?:[\u00c2-\u00f4][\u0080-\u00bf]+)+")
"""UTF-8 that somebody took for Latin 1."""

_ODD = re.compile(
    "[\0\u00ad\u200b-\u200f\u2060\ufeff]+"
    "|[\u00a0\u2000-\u200a\u2010-\u2015\u202f\u2212\u3000\ufb00-\ufb06\uff01-\uff5e]"
)
"""Signs that nobody sees, and rare ways to write a blank, a hyphen or a letter."""

_LINE = re.compile(r"[^\r\n]+")
_QUOTES = "\"'\\="
_INDENT = " \t>|+\"'"


class View(NamedTuple):
    """The text in another way. Letter n of it comes from ``starts[n]`` to ``ends[n]`` of the text itself."""

    text: str
    starts: list[int]
    ends: list[int]


def unescaped(text: str) -> Iterator[View]:
    """The text without its escapes, as often as it can be read in another way."""
    if any(sign in text for sign in "%\\&") and _ESCAPE.search(text) is not None:
        yield _replaced(text, _ESCAPE, _escaped)
    if "=" in text and _QUOTED_PRINTABLE.search(text) is not None:
        yield _replaced(text, _QUOTED_PRINTABLE, lambda found: _from_hex(re.sub(r"=(?:\r?\n)?", "", found)))
    if "+" in text and _FORM.search(text) is not None:
        yield _replaced(text, _FORM, lambda _: " ")
    if text.isascii() and "\0" not in text:
        return
    if _ODD.search(text) is not None:
        yield _replaced(text, _ODD, _usual)
    if _MISREAD.search(text) is not None:
        yield _replaced(text, _MISREAD, lambda found: _from_bytes(found.encode("latin-1")))


def joined(text: str) -> Iterator[View]:
    """The text as if its lines were one, with and without a blank between them; nothing when it has only one.

    Quotes and signs that a program puts at the end or the beginning of a line are left out.
    """
    if "\n" not in text:
        return
    for blank in ("", " "):
        pieces: list[str] = []
        places: list[int] = []
        for line in _LINE.finditer(text):
            letters = line[0].rstrip(_QUOTES) if line.end() < len(text) else line[0]
            indent = len(letters) - len(letters.lstrip(_INDENT)) if pieces else 0
            start = line.start() + indent
            if pieces and blank:
                pieces.append(blank)
                places.append(start)
            pieces.append(letters[indent:])
            places.extend(range(start, line.start() + len(letters)))
        yield View("".join(pieces), places, [place + 1 for place in places])


def _replaced(text: str, regex: re.Pattern[str], meaning: Callable[[str], str]) -> View:
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for match in regex.finditer(text):
        pieces.append(text[done : match.start()])
        starts.extend(range(done, match.start()))
        ends.extend(range(done + 1, match.start() + 1))
        meant = meaning(match[0])
        width = len(match[0]) / max(len(meant), 1)
        pieces.append(meant)
        starts.extend(match.start() + int(n * width) for n in range(len(meant)))
        ends.extend(match.start() + int((n + 1) * width) for n in range(len(meant)))
        done = match.end()
    pieces.append(text[done:])
    starts.extend(range(done, len(text)))
    ends.extend(range(done + 1, len(text) + 1))
    return View("".join(pieces), starts, ends)


def _escaped(escape: str) -> str:
    if escape.startswith("&"):
        return html.unescape(escape)
    if escape.startswith("%") and escape[1] != "u":
        return _from_hex(escape.replace("%", ""))
    plain = re.sub(r"\\+|%", r"\\", escape)
    if plain.startswith("\\u{"):
        return _letter(plain[3:-1])
    if plain.startswith("\\u"):
        units = bytes.fromhex(plain.replace("\\u", ""))
        return units.decode("utf-16-be", "replace")
    if plain[1] == "U":
        return _letter(plain[2:])
    if plain[1] == "x":
        return _from_hex(plain.replace("\\x", ""))
    if plain[1].isdecimal():
        return _from_bytes(bytes(int(digits, 8) for digits in plain.split("\\")[1:]))
    return {"n": "\n", "r": "\n", "t": " "}.get(plain[1], plain[1])


def _usual(odd: str) -> str:
    if unicodedata.category(odd[0]) == "Pd" or odd == "\u2212":
        return "-"
    return unicodedata.normalize("NFKC", odd) if odd[0].isspace() or odd.isprintable() else ""


def _letter(digits: str) -> str:
    number = int(digits, 16)
    return chr(number) if number <= 0x10FFFF else "\ufffd"  # noqa: PLR2004 - the last letter there is


def _from_hex(digits: str) -> str:
    return _from_bytes(bytes.fromhex(digits))


def _from_bytes(raw: bytes) -> str:
    """Bytes that are UTF-8, or letters of their own each."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
