"""Texts without what does not count: case, accents, and everything that is neither letter nor digit.

A value is found in such a *compact* text however it is split, spaced or spelled; offsets lead back to the text itself.
"""

import string
import unicodedata
from collections.abc import Sequence

_ASCII = str.maketrans(
    {letter: letter.lower() for letter in string.ascii_letters}
    | {chr(code): None for code in range(128) if not chr(code).isalnum()}
)


_BARE = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters with an accent that Unicode counts as letters of their own."""


def fold(text: str) -> str:
    """``text`` without case and accents."""
    if text.isascii():
        return text.lower()
    return "".join(letter for letter in _apart(text) if not _is_mark(letter))


def compact(text: str) -> str:
    """The letters and digits of ``text``, without case and accents."""
    if text.isascii():
        return text.translate(_ASCII)
    return "".join(letter for letter in _apart(text) if letter.isalnum())


def offsets(text: str) -> Sequence[int]:
    """For each letter of the compact text, where in ``text`` it comes from."""
    if text.isascii():
        return [place for place, letter in enumerate(text) if letter.isalnum()]
    return [place for place, letter in enumerate(text) for _ in compact(letter)]


def _apart(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold().translate(_BARE))


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) == "Mn"
