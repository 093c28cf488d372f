"""What is a secret or somebody's own by its looks: addresses, numbers, names, and tokens that nobody knows."""

import re
from collections.abc import Iterator
from ipaddress import ip_address

from reverb_plugin.diagnostics.folding import fold
from reverb_plugin.diagnostics.looks import NOT_KEY, ONLY_FREE, Style, pattern
from reverb_plugin.diagnostics.numbers import find_numbers
from reverb_plugin.diagnostics.spans import Span
from reverb_plugin.diagnostics.tokens import is_tokenish
from reverb_plugin.diagnostics.vocabulary import GIVEN_NAMES, WORDS


def find_all(text: str, style: Style) -> Iterator[Span]:
    """Everything in ``text`` that has the looks."""
    for each in _BY_STYLE[style]:
        yield from each.find(text)
    yield from find_numbers(text, style)


# What a check looks at more closely


def _is_public_ip(text: str) -> bool:
    try:
        return ip_address(text).is_global
    except ValueError:
        return False


def _is_no_word(text: str) -> bool:
    """Of a value beside a label: words of ours are none, nor what stands in for a value already."""
    return fold(text.strip("'\".,")) not in WORDS and not text.startswith(("<", "[redacted", "***"))


def _is_credential(text: str) -> bool:
    return _is_no_word(text) and not (text.isalpha() and text.islower())


def _is_name(text: str) -> bool:
    words = [word for word in re.findall(r"[^\W\d_]+", fold(text)) if len(word) > 1]
    return not WORDS.intersection(words) or words[0] in GIVEN_NAMES


def _is_labelled_name(text: str) -> bool:
    return not all(word in WORDS for word in re.findall(r"[^\W\d_]+", fold(text)))


def _is_city(text: str) -> bool:
    return not WORDS.intersection(re.findall(r"[^\W\d_]+", fold(text)))


def _is_picture(text: str) -> bool:
    return not text.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"))


_CAPITAL = "A-ZÀ-ÖØ-Þ"
_SMALL = "a-zß-öø-ÿāăąćčďđēėęěğģīįıķļłńņňőœřśşšţťūůűųźżž"
_NAME_WORD = rf"[{_CAPITAL}][{_SMALL}]+(?:['’-][{_CAPITAL}]?[{_SMALL}]+|[{_CAPITAL}][{_SMALL}]+)*"
_NAME = (
    rf"\b{_NAME_WORD}(?:[ \t]+(?:(?:[DO]['’])?{_NAME_WORD}|(?:[{_CAPITAL}]\.?|van|von|de|da|del|della|di|"
    rf"der|den|la|le|du|"
    rf"dos|bin|al)(?![\w])(?=[ \t]))){{1,4}}"
)
_CITY = rf"(?:,?[ \t]+(?:[{_CAPITAL}][\w'’.-]+[ \t]?){{1,3}},?[ \t]+[A-Z]{{2}}[ \t]+\d{{5}}(?:-\d{{4}})?)?"
_UNIT = r"(?:,?[ \t]+(?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|#)\.?[ \t]*[\w-]+)?"
_LONG_STREETS = "Street|Avenue|Road|Boulevard|Lane|Parkway|Highway|Crescent|Terrace"
_SURE_STREETS = "St|Ave|Rd|Blvd|Ln|Pkwy|Hwy"
_STREETS = (
    r"Drive|Dr|Court|Ct|Circle|Cir|Way|Place|Pl|Square|Sq|Ter|Trail|Trl|Close|Cres|Grove|Mews|Row|Walk|Loop|"
    r"Alley|Plaza"
)
_HIDING_LABEL = (
    r"(?:[\w-]*(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|"
    r"signing[_-]?key|token)|pwd|"
    r"pass|credentials?|session(?:[_-]?id|[_-]?key)?|phpsessid|jsessionid|sid|csrf[\w-]*|auth|signature|sig|"
    r"otp|pin|cvv|cvc)"
)
_LABEL_PERSON = (
    r"(?:buyer|customer|recipient|first|last|middle|given|family|sur|user|contact|cardholder|ship[_ -]?to|"
    r"bill[_ -]?to)"
    r"[_ -]?(?:name)?|attn|attention|login"
)
_QUOTED = r"\\?[\"'](?P<quoted>(?:[^\"'\\\n]|\\(?![\"']).)*)\\?[\"']?"


_PATTERNS = (
    pattern("secret", r"(?s)-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)", "-----BEGIN"),
    pattern(
        "secret",
        r"(?im)(?:^|[\s\"'{(,\[]|\\n)(?:proxy-)?(?:authorization|authenticate|cookie|set-cookie|"
        r"x-[\w-]*(?:token|key|auth|secret)"
        r"[\w-]*)\\?[\"']?[ \t]*[:=][ \t]*\\?[\"']?([^\r\n\"'}]+)",
        group=1,
        check=_is_no_word,
    ),
    pattern(
        "secret", r"(?i)\b(?:bearer|basic|digest|negotiate)\s+([A-Za-z0-9._~+/=-]{6,})", group=1, check=_is_credential
    ),
    pattern("secret", r"eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?", "eyJ"),
    pattern(
        "secret",
        r"(?i)\b(?:(?:sk|pk|rk|tok|key|shp(?:at|ss|ca|pa)|whsec|gh[pousr]|glpat|dop_v1|npm|pypi|xox[abprs]|"
        r"hf|rvb|reverb)"
        r"[_-](?:live_|test_)?(?=[\w-]*\d)[\w-]{12,}|github_pat_\w{20,}|AKIA[0-9A-Z]{12,}|AIza[\w-]{20,}|"
        r"SG\.[\w-]{10,}\.[\w-]+)",
        check=lambda text: (
            is_tokenish(text.rpartition("_")[2]) or is_tokenish(text.partition("-")[2]) or "_live" in text
        ),
    ),
    pattern("secret", r"://([^\s/\"'<>@]+(?::[^\s/\"'<>]*)?)@", "://", group=1),
    pattern(
        "secret", r"(?i)\b(?!https?|file)[a-z][a-z0-9+]+://([^\s:/\"'<>]*:[^\s\"'<>]+)@(?=[\w.\[-]+)", "://", group=1
    ),
    pattern(
        "secret",
        rf"(?i)(?<![a-z0-9]){_HIDING_LABEL}\\?[\"']?\s*(?:[:=]>?|:=)\s*{_QUOTED}",
        group=1,
        check=_is_no_word,
    ),
    pattern(
        "secret",
        rf"(?i)(?<![a-z0-9]){_HIDING_LABEL}\\?[\"']?\s*(?:[:=]>?|:=)\s*([^\s\"',;&<>(){{}}\[\]\\]{{3,}})",
        "=",
        ":",
        group=1,
        check=_is_no_word,
    ),
    pattern(
        "secret",
        r"(?i)\b(?:password|passphrase|passcode|secret|token|key|pin)(?:\s+(?:is|was|"
        r"=))?\s+[\"'`]?((?=[^\s\"'`]*[\d!@#$%^&*_])"
        r"[^\s\"'`,;<>]{6,})",
        group=1,
        check=lambda text: _is_no_word(text) and not text.startswith(("/", "http")) and not text.isdecimal(),
        styles=ONLY_FREE,
    ),
    pattern("email", r"[\w.+%'’-]+@(?:[\w-]+\.)+[^\W\d_][\w-]+", "@", check=_is_picture),
    pattern("email", r"(?<![\w/])[a-zA-Z][\w.+-]*@[a-zA-Z][a-zA-Z0-9-]{3,}(?![\w.])", "@"),
    pattern(
        "email",
        r"(?i)[\w.+-]+\s*(?:\(at\)|\[at\]|\{at\}|<at>)\s*[\w-]+(?:\s*(?:\.|\(dot\)|\[dot\]|\{dot\}|"
        r"\sdot\s)\s*[\w-]+)+"
        r"|[\w.+-]+\s+at\s+[\w-]+(?:\s+dot\s+[\w-]+)+",
    ),
    pattern(
        "user",
        r"(?i)[\\/](?:home|homes|users|usuarios|benutzer|utilisateurs|documents and settings)[\\/]+"
        r"([^\\/\s\"'<>:|*?,;]+(?:[ ][^\\/\s\"'<>:|*?,;]+){0,2}(?=[\\/])|[^\\/\s\"'<>:|*?,;)\]]+)",
        group=1,
        check=lambda text: text.lower() not in {"shared", "public", "default"} and not text.startswith("<"),
    ),
    pattern("user", r"(?<![\w/])~([A-Za-z_][\w.-]*)(?=/)", "~", group=1),
    pattern("ip", r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)", check=_is_public_ip, styles=ONLY_FREE),
    pattern("ip", r"(?<![\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])", ":", check=_is_public_ip),
    pattern("mac", r"(?<![\w:-])[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2}){4}(?![\w:-])", ":", "-"),
    pattern(
        "address",
        rf"(?<!\d)\d{{1,6}}[A-Za-z]?,?(?:[ \t]+[{_CAPITAL}0-9][\w.'’-]*){{1,4}}[ \t]+(?:{_LONG_STREETS}|"
        rf"{_LONG_STREETS.upper()}|"
        rf"(?:{_SURE_STREETS}|{_SURE_STREETS.upper()})\b)"
        rf"\.?{_UNIT}{_CITY}",
    ),
    pattern(
        "address",
        rf"\b\d{{1,6}}[A-Za-z]?,?(?:[ \t]+[{_CAPITAL}0-9][\w.'’-]*){{1,4}}[ \t]+(?:{_STREETS}|{_STREETS.upper()})\b"
        rf"\.?{_UNIT}{_CITY}",
        styles=frozenset({Style.FREE, Style.KEY}),
    ),
    pattern(
        "address",
        r"(?<!\d)\d{1,5}[a-z]?,?(?:\s+[a-z'-]+){1,2}\s+(?:street|avenue|boulevard|road|lane|terrace|ave|blvd|rd)\b",
    ),
    pattern(
        "address",
        rf"(?:\b(?:[{_CAPITAL}][\w’'.-]*[ -])?[{_CAPITAL}]?[\w’'-]*(?i:straße|strasse|str\.|weg|platz|allee|"
        rf"gasse|ring|damm|ufer|"
        r"straat|laan|plein|gracht|gatan|vägen|vej|gade|katu)[ \t]+\d{1,4}[ \t]?[a-zA-Z]?)\b"
        rf"(?:,?[ \t]+(?:[A-Z]{{1,2}}-)?\d{{4,5}}[ \t]+[{_CAPITAL}][\w-]+)?",
    ),
    pattern(
        "address",
        rf"(?i:\b\d{{1,4}}(?:[ \t]?(?:bis|ter))?,?[ \t]+(?:rue|avenue|boulevard|place|chemin|allée|impasse|"
        rf"quai|cours|route))"
        rf"(?:[ \t]+(?:de|du|des|la|le|les|l['’]|d['’]))*[ \t]*[{_CAPITAL}][\w'’-]+(?:[ -][{_CAPITAL}][\w'’-]+)*",
    ),
    pattern(
        "address",
        rf"\b(?i:calle|avenida|avda\.?|paseo|plaza|via|viale|piazza|corso|rua|praça|travessa|ulica|ul\.)"
        rf"(?:[ \t]+(?:de|del|della|la|las|los|do|da|dos))*(?:[ \t]+[{_CAPITAL}][\w'’-]+){{1,4}},?[ \t]+\d{{1,4}}",
    ),
    pattern("address", r"(?i)\b(?:p\.?[ ]?o\.?[ ]?box|postfach|apartado)[ ]+\d+"),
    pattern(
        "address",
        rf"\b[{_CAPITAL}][\w'’.-]+(?:[ ][{_CAPITAL}][\w'’.-]+){{0,2}},?[ ]+[A-Z]{{2}},?[ ]+\d{{5}}(?:-\d{{4}})?\b",
    ),
    pattern("address", r"\b[A-Z]{1,2}\d[A-Z\d]?[ ]\d[A-Z]{2}\b|\b[A-Z]\d[A-Z][ ]\d[A-Z]\d\b", styles=ONLY_FREE),
    pattern(
        "address",
        rf"\b(?:[A-Z]{{1,2}}-)?\d{{5}}[ ][{_CAPITAL}][{_SMALL}]{{2,}}(?:[ -][{_CAPITAL}][{_SMALL}]+)?\b",
        check=_is_city,
        styles=ONLY_FREE,
    ),
    pattern(
        "name",
        rf"(?i:\b(?:{_LABEL_PERSON})[\"']?[ \t]*(?:[:=]|is|"
        rf"was)?[ \t]*[\"']?)((?:[{_CAPITAL}][\w'’.-]*)(?:[ \t]+[{_CAPITAL}][\w'’.-]*)"
        r"{0,3})",
        group=1,
        check=_is_labelled_name,
        styles=ONLY_FREE,
    ),
    pattern(
        "name",
        rf"(?i:\b(?:{_LABEL_PERSON})\\?[\"']?[ \t]*[:=][ \t]*){_QUOTED}",
        group=1,
        check=_is_no_word,
    ),
    pattern(
        "name",
        rf"\b(?:[Dd]ear|DEAR|Mrs?|Ms|Dr|Herrn?|Frau|Mme|Señora?|Signora?|Hi|Hello|Hallo|Thanks|Regards|"
        rf"Sincerely|Love)[,.]?[ \t\n]+"
        rf"({_NAME_WORD}(?:[ \t]+{_NAME_WORD}){{0,3}})",
        group=1,
        check=_is_labelled_name,
        styles=ONLY_FREE,
    ),
    pattern("name", _NAME, check=_is_name, styles=ONLY_FREE),
    pattern("name", r"(?i)(?:\buser(?:name)?|\blogin|\buid)=([^\s\"',;&]+)", "=", group=1, check=_is_no_word),
    pattern("tracking", r"\b1Z[0-9A-Z]{16}\b", "1Z"),
    pattern("secret", r"[A-Za-z0-9_\-+/=]{16,}", check=is_tokenish, styles=NOT_KEY),
    pattern("secret", r"[A-Za-z0-9_\-+/=]{24,}", check=is_tokenish, styles=frozenset({Style.KEY})),
)
_BY_STYLE = {style: tuple(each for each in _PATTERNS if style in each.styles) for style in Style}
