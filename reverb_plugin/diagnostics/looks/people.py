"""People by their looks: e-mail addresses, names, users in paths, public IP addresses, parcels."""

import re
from ipaddress import ip_address, ip_network

from reverb_plugin.diagnostics.folding import fold
from reverb_plugin.diagnostics.looks.pattern import CAPITAL, NOT_JOINED, ONLY_FREE, SMALL, Family, pattern
from reverb_plugin.diagnostics.looks.secrets import QUOTED, is_no_word
from reverb_plugin.diagnostics.vocabulary import GIVEN_NAMES, WORDS

_INNER = """
0.0.0.0/8 10.0.0.0/8 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/3
::/127 fc00::/7 fe80::/10 ff00::/8
"""
_INNER_NETWORKS = tuple(map(ip_network, _INNER.split()))
"""That every machine or network has within; that a photo lies there tells why Reverb cannot fetch it."""


def _is_outer_ip(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return not any(address in network for network in _INNER_NETWORKS)


def _is_name(text: str) -> bool:
    words = [word for word in re.findall(r"[^\W\d_]+", fold(text)) if len(word) > 1]
    is_error = any(word.endswith(("error", "exception", "warning")) for word in words)
    return (not WORDS.intersection(words) and not is_error) or words[0] in GIVEN_NAMES


def _is_initial_and_name(text: str) -> bool:
    return not WORDS.intersection(re.findall(r"[^\W\d_]+", fold(text[2:])))


def _ends_with_given_name(text: str) -> bool:
    return fold(text).split()[-1] in GIVEN_NAMES


def _has_given_name(text: str) -> bool:
    return fold(text).split()[0] in GIVEN_NAMES


def _is_labelled_name(text: str) -> bool:
    return not all(word in WORDS for word in re.findall(r"[^\W\d_]+", fold(text)))


def _is_no_word_of_ours(text: str) -> bool:
    return not WORDS.intersection(fold(text).split())


def _is_picture(text: str) -> bool:
    return not text.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"))


_NAME_WORD = rf"[{CAPITAL}][{SMALL}]+(?:['’-][{CAPITAL}]?[{SMALL}]+|[{CAPITAL}][{SMALL}]+)*"
_NAME = (
    rf"\b{_NAME_WORD}(?:[ \t]+(?:(?:[DO]['’])?{_NAME_WORD}|(?:[{CAPITAL}]\.?|van|von|de|da|del|della|di|"
    rf"der|den|la|le|du|"
    rf"dos|bin|al)(?![\w])(?=[ \t]))){{1,4}}"
)
_LABEL_PERSON = (
    r"(?:buyer|customer|recipient|first|last|middle|given|family|sur|user|contact|cardholder|ship[_ -]?to|"
    r"bill[_ -]?to)"
    r"[_ -]?(?:name)?|attn|attention|login"
)

FAMILIES = (
    Family(
        ("@", "(at)", "[at]", "{at}", "dot"),
        pattern("email", r"[\w.+%'’-]+ ?@ ?(?:[\w-]+\.)+[^\W\d_][\w-]+", check=_is_picture),
        pattern("email", r"\"[^\"\n@]{1,64}\"@(?:[\w-]+\.)+[^\W\d_][\w-]+"),
        pattern("email", r"(?<![\w/])[a-zA-Z][\w.+-]*@[a-zA-Z][a-zA-Z0-9-]{3,}(?![\w.])"),
        pattern(
            "email",
            r"(?i)[\w.+-]+\s*(?:\(at\)|\[at\]|\{at\}|<at>)\s*[\w-]+(?:\s*(?:\.|\(dot\)|\[dot\]|\{dot\}|"
            r"\sdot\s)\s*[\w-]+)+"
            r"|[\w.+-]+\s+at\s+[\w-]+(?:\s+dot\s+[\w-]+)+",
        ),
    ),
    Family(
        ("home", "user", "usuarios", "benutzer", "utilisateurs", "documents", "~"),
        pattern(
            "user",
            r"(?i)[\\/](?:homes?\d*|users|usuarios|benutzer|utilisateurs|documents and settings)[\\/]+"
            r"([^\\/\s\"'<>:|*?,;]+(?:[ ][^\\/\s\"'<>:|*?,;]+){0,2}(?=[\\/])|[^\\/\s\"'<>:|*?,;)\]]+)",
            group=1,
            check=lambda text: text.lower() not in {"shared", "public", "default"} and not text.startswith("<"),
        ),
        pattern("user", r"(?<![\w/])~([A-Za-z_][\w.-]*)(?=/)", group=1),
    ),
    Family(
        (),
        pattern("ip", r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)", check=_is_outer_ip, styles=ONLY_FREE),
        pattern("ip", r"(?<=//)\d{1,3}(?:\.\d{1,3}){3}(?=[:/?#]|$)", check=_is_outer_ip),
        pattern(
            "ip",
            r"(?<![\w:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])",
            check=_is_outer_ip,
            styles=NOT_JOINED,
        ),
        pattern(
            "mac",
            r"(?<![\w:-])[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2}){4}(?![\w:-])",
            styles=NOT_JOINED,
        ),
        when=r"\d\.\d+\.\d|[0-9a-fA-F]{2}[:-][0-9a-fA-F]{2}|::",
    ),
    Family(
        (
            "buyer",
            "customer",
            "recipient",
            "name",
            "first",
            "last",
            "user",
            "contact",
            "cardholder",
            "ship",
            "bill",
            "attn",
            "attention",
            "login",
            "uid",
        ),
        pattern(
            "name",
            rf"(?i:\b(?:{_LABEL_PERSON})[\"']?[ \t]*(?:[:=]|is|"
            rf"was)?[ \t]*[\"']?)((?:[{CAPITAL}][\w'’.-]*)(?:[ \t]+[{CAPITAL}][\w'’.-]*)"
            r"{0,3})",
            group=1,
            check=_is_labelled_name,
            styles=ONLY_FREE,
        ),
        pattern(
            "name",
            rf"(?i:\b(?:{_LABEL_PERSON})[\"']?[ \t]*[:=][ \t]*){QUOTED}",
            group="quoted",
            check=is_no_word,
            styles=NOT_JOINED,
        ),
        *(
            pattern(
                "name",
                r"(?i)\b(?:(?:buyer|customer|recipient|contact|attn|(?:first|last|sur|full|buyer|customer)[_ ]?name)"
                r"[ \t]*[:=]"
                rf"|(?:buyer|customer|recipient)(?:['’]s)? name (?:is|was))[ \t]*({words})(?![\w=:])",
                group=1,
                check=_is_no_word_of_ours,
                styles=NOT_JOINED,
            )
            for words in (r"[^\W\d_]{3,}", r"[^\W\d_]{3,}[ \t]+[^\W\d_]{3,}")
        ),
        pattern(
            "name",
            r"(?i)(?:\buser(?:name)?|\blogin|\buid)=([^\s\"',;&]+)",
            group=1,
            check=is_no_word,
            styles=NOT_JOINED,
        ),
    ),
    Family(
        (),
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
        pattern("name", rf"\b[{CAPITAL}]\.[ \t]?{_NAME_WORD}", check=_is_initial_and_name, styles=ONLY_FREE),
        pattern("name", rf"\b{_NAME_WORD},[ \t]{_NAME_WORD}", check=_ends_with_given_name, styles=ONLY_FREE),
        pattern("name", r"\b[A-Z]{2,}[ \t]+[A-Z]{3,}\b", check=_has_given_name, styles=ONLY_FREE),
        pattern("tracking", r"\b1Z[0-9A-Z]{16}\b"),
        when=rf"[{CAPITAL}][{SMALL}]|1Z|[A-Z] +[A-Z]{{3}}",
    ),
)
