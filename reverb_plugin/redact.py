"""Secrets never leave the process in a text: not in a log, an exception, a repr or a row."""

import re

MASK = "[redacted]"

_BEARER = re.compile(r"(?i)\b(bearer|x-auth-token:?|token=)(\s*)[^\s\"'&,;]+")


class Secret:
    """A text that shows itself to nobody who does not ask for it by name.

    ``repr``, ``str`` and formatting give the mask; :meth:`reveal` gives the text.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself; for the one place that must send it."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))


def redact(text: str, *secrets: Secret | None) -> str:
    """``text`` without the given secrets and without anything that stands where a bearer token stands."""
    for secret in secrets:
        if secret is not None and secret.reveal():
            text = text.replace(secret.reveal(), MASK)
    return _BEARER.sub(rf"\1\2{MASK}", text)
