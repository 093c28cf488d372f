"""Street addresses by their looks, as they are written in several countries."""

import re

from reverb_plugin.diagnostics.folding import fold
from reverb_plugin.diagnostics.looks.pattern import CAPITAL, NOT_TITLE, ONLY_FREE, SMALL, Family, pattern
from reverb_plugin.diagnostics.vocabulary import WORDS


def _is_city(text: str) -> bool:
    return not WORDS.intersection(re.findall(r"[^\W\d_]+", fold(text)))


_CITY = rf"(?:,?[ \t]+(?:[{CAPITAL}][\w'’.-]+[ \t]?){{1,3}},?[ \t]+[A-Z]{{2}}[ \t]+\d{{5}}(?:-\d{{4}})?)?"
_UNIT = r"(?:,?[ \t]+(?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|#)\.?[ \t]*[\w-]+)?"
_LONG_STREETS = "Street|Avenue|Road|Boulevard|Lane|Parkway|Highway|Crescent|Terrace"
_SURE_STREETS = "St|Ave|Rd|Blvd|Ln|Pkwy|Hwy"
_STREETS = (
    r"Drive|Dr|Court|Ct|Circle|Cir|Way|Place|Pl|Square|Sq|Ter|Trail|Trl|Close|Cres|Grove|Mews|Row|Walk|Loop|"
    r"Alley|Plaza"
)

_WORDS = """
street avenue road boulevard lane parkway highway crescent terrace drive court circle way place square trail close
grove mews row walk loop alley plaza box postfach apartado straße strasse str. weg platz allee gasse ring damm ufer
straat laan plein gracht gatan vägen vej gade katu rue chemin allée impasse quai cours route calle avenida avda
paseo via viale piazza corso rua praça travessa ulica ul. broadway
"""
_SHORT = tuple(
    f" {word}"
    for word in ["st", "ave", "rd", "blvd", "ln", "pkwy", "hwy", "dr", "ct", "cir", "pl", "sq", "ter", "trl", "cres"]
)

FAMILIES = (
    Family(
        (*_WORDS.split(), *_SHORT),
        pattern(
            "address",
            rf"(?<!\d)\d{{1,6}}[A-Za-z]?,?(?:[ \t]+[{CAPITAL}0-9][\w.'’-]*){{1,4}}[ \t]+(?:{_LONG_STREETS}|"
            rf"{_LONG_STREETS.upper()}|"
            rf"(?:{_SURE_STREETS}|{_SURE_STREETS.upper()})\b)"
            rf"\.?{_UNIT}{_CITY}",
        ),
        pattern(
            "address",
            rf"\b\d{{1,6}}[A-Za-z]?,?(?:[ \t]+[{CAPITAL}0-9][\w.'’-]*){{1,4}}[ \t]+(?:{_STREETS}|{_STREETS.upper()})\b"
            rf"\.?{_UNIT}{_CITY}",
            styles=NOT_TITLE,
        ),
        pattern(
            "address",
            r"(?<!\d)\d{1,5}[a-z]?,?(?:\s+[a-z'-]+){1,2}\s+(?:street|avenue|boulevard|road|lane|terrace|ave|blvd|rd)\b",
        ),
        pattern(
            "address",
            rf"(?:\b(?:[{CAPITAL}][\w’'.-]*[ -])?[{CAPITAL}]?[\w’'-]*(?i:straße|strasse|str\.|weg|platz|allee|"
            rf"gasse|ring|damm|ufer|"
            r"straat|laan|plein|gracht|gatan|vägen|vej|gade|katu)[ \t]+\d{1,4}(?:[-/]\d{1,4})?[ \t]?[a-zA-Z]?)\b"
            rf"(?:,?[ \t]+(?:[A-Z]{{1,2}}-)?\d{{4,5}}[ \t]+[{CAPITAL}][\w-]+)?",
        ),
        pattern(
            "address",
            rf"(?i:\b\d{{1,4}}(?:[ \t]?(?:bis|ter))?,?[ \t]+(?:rue|avenue|boulevard|place|chemin|allée|impasse|"
            rf"quai|cours|route))"
            rf"(?:[ \t]+(?:de|du|des|la|le|les|l['’]|d['’]))*[ \t]*[{CAPITAL}][\w'’-]+(?:[ -][{CAPITAL}][\w'’-]+)*",
        ),
        pattern(
            "address",
            rf"\b(?i:calle|avenida|avda\.?|paseo|plaza|via|viale|piazza|corso|rua|praça|travessa|ulica|ul\.)"
            rf"(?:[ \t]+(?:de|del|della|la|las|los|do|da|dos))*(?:[ \t]+[{CAPITAL}][\w'’-]+){{1,4}},?[ \t]+\d{{1,4}}",
        ),
        pattern(
            "address",
            r"(?i)\b\d{1,5}[ \t]+(?:broadway\b|(?:state |us |county )?(?:highway|hwy\.?|route|road|rd\.?)[ \t]+\d+)|"
            r"\brr[ \t]*\d+[ \t]+box[ \t]+\d+",
        ),
        pattern("address", r"(?i)\b(?:p\.?[ ]?o\.?[ ]?box|postfach|apartado)[ ]+\d+"),
    ),
    Family(
        (),
        pattern(
            "address",
            rf"\b[{CAPITAL}][\w'’.-]+(?:[ ][{CAPITAL}][\w'’.-]+){{0,2}},?[ ]+[A-Z]{{2}},?[ ]+\d{{5}}(?:-\d{{4}})?\b",
        ),
        pattern("address", r"\b[A-Z]{1,2}\d[A-Z\d]?[ ]\d[A-Z]{2}\b|\b[A-Z]\d[A-Z][ ]\d[A-Z]\d\b", styles=NOT_TITLE),
        pattern(
            "address",
            rf"\b(?:(?:[A-Z]{{1,2}}-)?\d{{5}}|\d{{4}}[ ][A-Z]{{2}})[ ]"
            rf"[{CAPITAL}][{SMALL}]{{2,}}(?:[ -][{CAPITAL}][{SMALL}]+)?\b",
            check=_is_city,
            styles=ONLY_FREE,
        ),
        pattern(
            "address",
            rf"\b[{CAPITAL}][\w'’.-]*(?:[ ][{CAPITAL}][\w'’.-]*){{0,2}}[ ]\d{{1,4}}[a-zA-Z]?,?[ ]+(?:[A-Z]{{1,2}}-)?"
            rf"(?:\d{{4,5}}|\d{{2}}-\d{{3}}|\d{{3}}[ ]\d{{2}})[ ][{CAPITAL}][\w'’-]+",
        ),
        when=r"\d{4}|\d-\d{3} |[A-Z]\d[A-Z\d]? \d[A-Z]",
    ),
)
