"""Whether a run of letters and digits was drawn by lot: no word, no number, no SKU looks like that."""

import re
from itertools import pairwise

LEAST_LETTERS = 16
LONG = 20
LONG_HEX = 32
LONG_NUMBER = 12
"""In a slug, a model's number is shorter."""

SOME_DIGITS = 3
CHANGES_PER_LETTER = 0.29
CHANGES_PER_LETTER_OF_HEX = 0.2
MANY_CHANGES_PER_LETTER = 0.42
"""Between small letters, capitals and digits; words that are written together have fewer."""

_SIGNS = re.compile(r"[-_/+]")
_WORDS = re.compile(r"[-_]+")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_tokenish(text: str) -> bool:
    """Whether ``text`` is a token by its looks. A uuid is for others to judge, and a slug is made of words."""
    return _UUID.fullmatch(text.strip("-_")) is None and not _is_slug(text) and _is_drawn(text)


def is_tokenish_base64(text: str) -> bool:
    """Whether ``text`` is a token in base64 with its signs: unlike a path it mixes letters of all kinds."""
    if "+" not in text and "/" not in text:
        return False
    letters = _SIGNS.sub("", text)
    kinds = {_class(letter) for letter in letters}
    return len(letters) >= LONG and len(kinds) == 3 and _is_drawn(letters)  # noqa: PLR2004 - small, capital, digit


def _is_slug(text: str) -> bool:
    words = _WORDS.split(text)
    plain = sum(word.isalpha() and len(word) > 2 for word in words)  # noqa: PLR2004 - two letters are no word
    longest = max((len(word) for word in words if not word.isalpha()), default=0)
    return text.islower() and plain > 1 and plain * 3 >= len(words) and longest < LONG_NUMBER


def _is_drawn(part: str) -> bool:
    letters = part.replace("-", "").replace("_", "")
    digits = sum(letter.isdecimal() for letter in letters)
    if len(letters) < LEAST_LETTERS or digits == len(letters):
        return False
    is_hex = _HEX.fullmatch(letters) is not None
    if is_hex and len(letters) >= LONG_HEX:
        return True
    changes = sum(_class(one) != _class(other) for one, other in pairwise(letters)) / (len(letters) - 1)
    if digits >= SOME_DIGITS:
        return changes >= (CHANGES_PER_LETTER_OF_HEX if is_hex else CHANGES_PER_LETTER)
    return changes >= MANY_CHANGES_PER_LETTER and (digits > 0 or len(letters) >= LONG)


def _class(letter: str) -> int:
    return 0 if letter.isdecimal() else 1 if letter.islower() else 2
