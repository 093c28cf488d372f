"""Pseudonyms: what stands in a bundle in place of a secret or a person's data."""

import hashlib
import hmac
import secrets

PATTERN = r"<[a-z]+-[0-9a-f]{8}>"
"""The shape of every pseudonym, as a regular expression."""


class Pseudonyms:
    """Gives the same value the same pseudonym, and tells nothing of the value without the key.

    Args:
        key: made anew when none is given; nobody keeps it, so that pseudonyms of two bundles have nothing in common.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def of(self, kind: str, value: str) -> str:
        """The pseudonym of ``value``; ``kind`` says in one word what it was."""
        digest = hmac.new(self._key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f"<{kind}-{digest[:8]}>"
