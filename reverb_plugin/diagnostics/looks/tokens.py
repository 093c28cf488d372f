"""Whether a run of letters and digits was drawn by lot: no word, no number, no SKU looks like that."""

import re
from itertools import pairwise

LEAST_LETTERS = 16
LONG = 24
LONG_HEX = 32
CHANGES_PER_LETTER = 0.33

_PARTS = re.compile(r"[/+=]")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_tokenish(text: str) -> bool:
    """Whether ``text``, or a part of it between slashes, is a token by its looks. A uuid is for others to judge."""
    if _UUID.fullmatch(text.strip("-_=+/")):
        return False
    return any(_is_drawn(part) for part in _PARTS.split(text) if len(part) >= LEAST_LETTERS) or (
        any(sign in text for sign in "+=") and len(text) >= LONG and _is_drawn(_PARTS.sub("", text))
    )


def _is_drawn(part: str) -> bool:
    letters = part.replace("-", "").replace("_", "")
    digits = sum(letter.isdecimal() for letter in letters)
    if len(letters) < LEAST_LETTERS or digits < (2 if len(letters) >= LONG else 3) or digits == len(letters):
        return False
    if len(letters) >= LONG_HEX and _HEX.fullmatch(letters):
        return True
    changes = sum(_class(one) != _class(other) for one, other in pairwise(letters))
    return changes / (len(letters) - 1) >= CHANGES_PER_LETTER


def _class(letter: str) -> int:
    return 0 if letter.isdecimal() else 1 if letter.islower() else 2
