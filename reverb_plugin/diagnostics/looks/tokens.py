"""Whether a run of letters and digits was drawn by lot: no word, no number, no SKU looks like that."""

import re
from itertools import pairwise

LEAST_LETTERS = 16
LONG = 20
LONG_HEX = 32
SOME_DIGITS = 3
CHANGES_PER_LETTER = 0.29
CHANGES_PER_LETTER_OF_HEX = 0.2
MANY_CHANGES_PER_LETTER = 0.42
"""Between small letters, capitals and digits; words that are written together have fewer."""

_PARTS = re.compile(r"[/+=]")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_tokenish(text: str) -> bool:
    """Whether ``text``, or a part of it between slashes, is a token by its looks. A uuid is for others to judge."""
    if _UUID.fullmatch(text.strip("-_=+/")):
        return False
    if any(_is_drawn(part) for part in _PARTS.split(text) if len(part) >= LEAST_LETTERS):
        return True
    return len(text) >= LONG and any(sign in text for sign in "+=/") and _is_drawn(_PARTS.sub("", text))


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
