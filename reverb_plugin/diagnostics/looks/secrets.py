"""Secrets by their looks: keys and tokens, and what stands beside a label or in an address."""

import re

from reverb_plugin.diagnostics.folding import fold
from reverb_plugin.diagnostics.looks.pattern import NOT_JOINED, NOT_KEY, ONLY_FREE, Family, Style, pattern
from reverb_plugin.diagnostics.looks.tokens import is_tokenish, is_tokenish_base64
from reverb_plugin.diagnostics.vocabulary import WORDS


def is_no_word(text: str) -> bool:
    """Of a value beside a label: words of ours are none, nor what stands in for a value already."""
    return fold(text.strip("'\".,")) not in WORDS and not text.startswith(("<", "[redacted", "***"))


def _is_credential(text: str) -> bool:
    return is_no_word(text) and not (text.isalpha() and text.islower())


_HIDING_LABEL = (
    r"(?:[\w-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|"
    r"credential|connection[_-]?string)[\w-]{0,20}|pwd|pass|dsn|session(?:[_-]?id|[_-]?key)?|phpsessid|jsessionid|sid|"
    r"csrf[\w-]*|auth|signature|sig|otp|pin|cvv|cvc|"
    r"passwort|kennwort|mot de passe|contraseña|senha|wachtwoord|lösenord|hasło)"
)
_SET = r"(?:[\"']?\s*(?:[:=]>?|:=)\s*|[\"']\s*,\s*|>)"
"""Between a label and its value: in a program, a header, an address, the arguments of a call, XML."""

QUOTED = r"(?P<quote>[\"'])(?P<quoted>(?:\\.|(?!(?P=quote))[^\\\n])*)"
"""What stands in quotes, of whatever kind; they may be escaped within."""

FAMILIES = (
    Family(
        (
            "pass",
            "secret",
            "token",
            "key",
            "credential",
            "sess",
            "sid",
            "csrf",
            "auth",
            "sig",
            "otp",
            "pin",
            "cvv",
            "cvc",
            "cookie",
            "bearer",
            "basic",
            "digest",
            "negotiate",
            "pwd",
            "dsn",
            "connection",
            "kennwort",
            "contraseña",
            "senha",
            "wachtwoord",
            "lösenord",
            "hasło",
        ),
        pattern("secret", r"(?s)-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)"),
        pattern(
            "secret",
            r"(?im)(?<![a-z0-9-])(?:proxy-)?(?:authorization|authenticate|cookie|set-cookie|"
            r"x-[\w-]*(?:token|key|auth|secret)"
            r"[\w-]*)[\"']?[ \t]*(?:[:=]|(?<=[\"']),)[ \t]*[\"']?([^\r\n\"'}]+)",
            group=1,
            check=is_no_word,
            styles=NOT_JOINED,
        ),
        pattern(
            "secret",
            r"(?i)\b(?:bearer|basic|digest|negotiate)\s+([A-Za-z0-9._~+/=-]{6,})",
            group=1,
            check=_is_credential,
            styles=NOT_JOINED,
        ),
        pattern(
            "secret",
            rf"(?i)(?<![a-z0-9]){_HIDING_LABEL}{_SET}{QUOTED}",
            group="quoted",
            check=is_no_word,
            styles=NOT_JOINED,
        ),
        pattern(
            "secret",
            rf"(?i)(?<![a-z0-9]){_HIDING_LABEL}{_SET}([^\s\"',;&<>(){{}}\[\]\\]{{3,}})",
            group=1,
            check=is_no_word,
            styles=NOT_JOINED,
        ),
        pattern(
            "secret",
            r"(?i)\b(?:password|passphrase|passcode|secret|token|key|pin)(?:\s+(?:is|was|"
            r"=))?\s+[\"'`]?((?=[^\s\"'`]*[\d!@#$%^&*_])"
            r"[^\s\"'`,;<>]{6,})",
            group=1,
            check=lambda text: is_no_word(text) and not text.startswith(("/", "http")) and not text.isdecimal(),
            styles=ONLY_FREE,
        ),
    ),
    Family(
        ("?", "&", "-u", "--user"),
        pattern(
            "secret",
            r"(?i)[?&](?:key|code|hash|hmac)=([^\s\"'&#<>]{6,})",
            group=1,
            check=_is_credential,
            styles=NOT_JOINED,
        ),
        pattern("secret", r"(?<=\s)(?:-u|--user)[ =]?[\"']?([^\s\"':]+:[^\s\"']+)", group=1, styles=ONLY_FREE),
    ),
    Family(
        ("://",),
        pattern("secret", r"://([^\s/\"'<>@]+(?::[^\s/\"'<>]*)?)@", group=1),
        pattern("secret", r"(?i)\b(?!https?|file)[a-z][a-z0-9+]+://([^\s:/\"'<>]*:[^\s\"'<>]+)@(?=[\w.\[-]+)", group=1),
    ),
    Family(
        (),
        pattern("secret", r"eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?"),
        pattern(
            "secret",
            r"\b(?:(?:[spr]k_(?:live|test)|whsec|shp(?:at|ss|ca|pa)|gh[pousr]|github_pat|hf|npm|pypi|dop_v1)_\w{10,}|"
            r"(?:xox[abeprs]|glpat)-[\w-]{10,}|(?:AKIA|ASIA)[0-9A-Z]{12,}|AIza[\w-]{20,}|SG\.[\w-]{10,}\.[\w-]+)",
        ),
        pattern(
            "secret",
            r"(?i)\b(?:sk|pk|tok|key|rvb|reverb)[_-](?=[\w-]*\d)[\w-]{12,}",
            check=lambda text: is_tokenish(re.split("[_-]", text, maxsplit=1)[1]),
        ),
        pattern(  # a secret key of Amazon's has this length, and often no other sign
            "secret",
            r"(?<![A-Za-z0-9/+=._-])(?=[^/+]*[/+])(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=[^0-9]*[0-9])"
            r"[A-Za-z0-9][A-Za-z0-9/+]{39}(?![A-Za-z0-9/+=._-])",
            styles=NOT_JOINED,
        ),
        pattern("secret", r"[A-Za-z0-9_-]{16,}", check=is_tokenish, styles=NOT_KEY),
        pattern("secret", r"[A-Za-z0-9_-]{24,}", check=is_tokenish, styles=frozenset({Style.KEY})),
        pattern(
            "secret",
            r"[A-Za-z0-9_+/-]{20,}",
            check=is_tokenish_base64,
            styles=NOT_JOINED,
        ),
        when=r"[A-Za-z0-9_+/=.-]{14,}",
    ),
)
