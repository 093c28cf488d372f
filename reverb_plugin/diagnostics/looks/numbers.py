"""Numbers that are somebody's: telephones, cards, accounts. Ids, prices, dates and barcodes are none."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from reverb_plugin.diagnostics.folding import compact
from reverb_plugin.diagnostics.looks.pattern import NOT_KEY, ONLY_FREE, Family, pattern
from reverb_plugin.diagnostics.spans import Span

PHONE_DIGITS = range(8, 16)
NATIONAL_DIGITS = range(9, 13)
"""Dates have eight digits."""


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())


def _is_phone(text: str) -> bool:
    return len(_digits(text)) in PHONE_DIGITS


def _is_national_phone(text: str) -> bool:
    return len(_digits(text)) in NATIONAL_DIGITS


def _is_card(text: str) -> bool:
    digits = _digits(text)
    lengths = {"3": (14, 15, 16), "4": (16, 19), "5": (16,), "6": (16, 19), "2": (16,)}
    if len(digits) not in lengths.get(digits[0], ()):
        return False
    return len(digits) < len(text.strip()) or _luhn(digits)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


FAMILIES = (
    Family(
        (),
        pattern("card", r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])", check=_is_card),
        pattern("card", r"(?<![\w.-])\d{4}(?:([ \t-]{1,3})\d{4})(?:\1\d{4}){2}(?![\w-])"),
        pattern("phone", r"(?:(?<!\d)\+|(?<![\w.])00)[1-9][\d \t().\-/]{5,19}\d(?!\d)", check=_is_phone),
        pattern("phone", r"(?<!\d)(?<!\d[-.])(?:1[-. ])?\(?\d{3}(?:\)[-. ]?|[-. ])\d{3}[-. ]\d{4}(?!\d)"),
        pattern(
            "phone",
            r"(?<![\d.:])(?<!\d[-/ ])\(?0\d{1,4}\)?(?:[ /.-]| / | - )\d{2,6}(?:[ /.-]?\d{2,5}){1,4}(?![\d:])",
            check=_is_national_phone,
            styles=NOT_KEY,
        ),
        pattern("phone", r"(?<![\w.-])0(?:\d(?:[ .-]\d{2}){4}|\d{1,2}-\d{4}-\d{4})(?![\w-]|\.\d)"),
        pattern("phone", r"(?<!\d)\(?0\d{1,4}\)?[ /]\d{3,4}(?:[ ]?\d{2,5}){1,3}(?!\d)", check=_is_national_phone),
        pattern(
            "phone",
            r"(?i)\b(?:phone|tel|telephone|telefon|mobile|mobil|cell|handy|fax|call|whatsapp|sms|text)\w*\W{0,4}(?:\w{2,6}\s)?"
            r"(\+?\(?\d[\d \t().\-/]{4,18}\d)",
            group=1,
            styles=ONLY_FREE,
        ),
        pattern("iban", r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"),
        pattern(
            "phone",
            r"(?<![\w.-])(?:[2-9]\d{2}[2-9]\d{6}|0[1-9]\d{8,9}|1[3-9]\d{9}|[67]\d{2}(?: \d{2}){3}|"
            r"[5-9]\d{2}(?: \d{3}){2}|3\d{2} \d{7}|[6-9]\d{4} \d{5}|"
            r"(?:8 )?\(\d{2,3}\) ?9?\d{3,4}(?:-\d{2}-\d{2}|-\d{4}))(?![\w-]|\.\d)",
            styles=ONLY_FREE,
        ),
        pattern("phone", r"(?<![\w.-])[2-9]\d{2}-\d{4}(?![\w-])", styles=ONLY_FREE),
        when=r"(?:\d[^\d\n]{0,3}){7}",
    ),
)

_IBAN = re.compile(r"(?i)(?<![a-z0-9])[a-z]{2}\d{2}(?=[ -]?[a-z0-9]{4})")
_IBAN_LENGTHS: Mapping[str, int] = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24,
    "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "TR": 26, "UA": 29,
}  # fmt: skip


_OTHER_IBAN = re.compile(
    r"[a-zA-Z]{2}\d{2}(?:[a-zA-Z0-9]{11,30}|(?: [a-zA-Z0-9]{4}){2,7}(?: [a-zA-Z0-9]{1,3})?)(?![a-zA-Z0-9])"
)


def find_ibans(text: str) -> Iterator[Span]:
    """As long as its country has them, in one piece or in groups; of another country, when its own check agrees."""
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(match[0][:2].upper())
        regex = _OTHER_IBAN if length is None else _iban_of(length)
        whole = regex.match(text, match.start())
        if whole is not None and (_checks(whole[0]) if length is None else len(_digits(whole[0])) > length // 2):
            yield Span(whole.start(), whole.end(), "iban", compact(whole[0]))


@cache
def _iban_of(length: int) -> re.Pattern[str]:
    return re.compile(rf"[a-zA-Z]{{2}}\d{{2}}(?:[ -]?[a-zA-Z0-9]){{{length - 4}}}(?![a-zA-Z0-9])")


def _checks(iban: str) -> bool:
    """Whether its two digits are the remainder that they have to be; so are those of one text in 97."""
    letters = compact(iban)
    return int("".join(str(int(letter, 36)) for letter in letters[4:] + letters[:4])) % 97 == 1
