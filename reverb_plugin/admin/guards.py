"""Who a request that changes something comes from: only the page itself may send one.

There is no session and no secret that several processes would have to share: the browser says where a request comes
from, in headers that no page can set. Source: Fetch Metadata Request Headers (W3C), and RFC 6454 for ``Origin``.
"""

from urllib.parse import urlsplit

from werkzeug.wrappers import Request

OWN_SITES = frozenset({"same-origin", "none"})
"""``none`` is the person alone, who sends a form again from the history."""

PORTS = {"http": 80, "https": 443}


def is_from_us(request: Request) -> bool:
    """Whether the browser vouches that our own page sent the request; without its word it is refused."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OWN_SITES
    ours = _parts(f"{request.scheme}://{request.host}")  # None when the request names no host that can be meant
    return ours is not None and _parts(request.headers.get("Origin", "")) == ours


def _parts(address: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:  # the port is no number
        return None
    if parts.hostname is None or port is None:
        return None
    return parts.scheme, parts.hostname, port
