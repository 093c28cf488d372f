"""Where a request may go: the API host in use, whatever host a link in an answer names.

The token travels with every request, so a link only ever gives a path; and a link from a production answer cannot
move a sandbox client to production.
"""

from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from reverb_plugin.addresses import is_loopback
from reverb_plugin.errors import InvalidSettingError, UnexpectedLinkError

# Answers name any of these, or none at all (relative links).
REVERB_HOSTS = frozenset({"api.reverb.com", "reverb.com", "www.reverb.com", "sandbox.reverb.com"})
PRODUCTION_HOSTS = REVERB_HOSTS - {"sandbox.reverb.com"}
API_PATH = "/api/"
SITES = {"production": "https://reverb.com", "sandbox": "https://sandbox.reverb.com"}
"""Reverb's web sites, for people."""


def check_base_url(base_url: str) -> str:
    """``base_url`` without a slash at its end and with the path ``/api``.

    Raises :class:`InvalidSettingError` for anything but https, save http to this machine itself.
    """
    try:
        parts = urlsplit(base_url.strip())
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidSettingError("api_url", base_url, "is not a URL") from None
    if parts.username is not None or parts.query or parts.fragment:
        raise InvalidSettingError("api_url", "(not shown)", "must hold neither user, password, query nor fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise InvalidSettingError("api_url", base_url, "must begin with https:// (http:// only to this machine itself)")
    if not host or parts.path.rstrip("/") not in {"", API_PATH.rstrip("/")}:
        raise InvalidSettingError("api_url", base_url, "must be a host with the path /api")
    return urlunsplit((parts.scheme, parts.netloc, API_PATH.rstrip("/"), "", ""))


def resolve(base_url: str, link: str) -> str:
    """The absolute URL of ``link`` on the host of ``base_url``.

    ``link`` is an href out of an answer, absolute or relative, or one of our own paths without a leading slash
    (``my/listings``). Raises :class:`UnexpectedLinkError` for another host or scheme and for a path outside the API.
    """
    base = urlsplit(base_url)
    try:
        target = urlsplit(urljoin(f"{base_url}/", link))
        is_known = _is_same_place(target, base) or (
            target.scheme == "https" and target.hostname in REVERB_HOSTS and target.port in {None, 443}
        )
    except ValueError:
        is_known = False
    if not is_known or not _is_in_api(target.path):
        raise UnexpectedLinkError(f"Reverb's answer links to {link[:200]!r}, which is not Reverb's API")
    return urlunsplit((base.scheme, base.netloc, target.path, target.query, ""))


def site_url(base_url: str) -> str:
    """Reverb's web site that belongs to the API in use; the sandbox's for a simulator."""
    host = urlsplit(base_url).hostname
    return SITES["production" if host in PRODUCTION_HOSTS else "sandbox"]


def _is_same_place(target: SplitResult, base: SplitResult) -> bool:
    return (target.scheme, target.hostname, target.port) == (base.scheme, base.hostname, base.port)


def _is_in_api(path: str) -> bool:
    """Dots that climb are refused in their encoded form too; ``urljoin`` has resolved the plain ones."""
    return path.startswith(API_PATH) and not {".", ".."} & set(unquote(path).replace("\\", "/").split("/"))
