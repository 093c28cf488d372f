"""What an answer that is no success means: every shape and status of Reverb's errors becomes one of our exceptions."""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from reverb_plugin.errors import (
    AmbiguousError,
    DuplicateSkuError,
    FieldError,
    NotAllowedError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    ReverbError,
    TokenRefusedError,
    UnavailableError,
)
from reverb_plugin.reverb_api.answer import Answer

MAX_MESSAGE = 300
MAX_ERRORS = 50
MAX_DEPTH = 5

# One class, because Reverb's documentation and its live answers differ about which of them it uses for what.
VALIDATION_STATUSES = frozenset({400, 406, 409, 412, 422})
# Of the 5xx only these are said by Reverb itself, which has then not done what was asked. All others come from a
# gateway in front of it (502, 504, Cloudflare's 520 to 526) that did not hear the end: the write may have taken effect.
REVERBS_OWN_5XX = frozenset({500, 501, 503})

_BY_STATUS: dict[int, type[ReverbError]] = {
    401: TokenRefusedError,
    404: NotFoundError,
    408: UnavailableError,  # Reverb did not get the whole request, and says nothing about the listing
    410: NotFoundError,
}

_ACCOUNT = r"\b(?:account|identity|seller|shop|e-?mail|phone)\b"
# What the message speaks of -> the page of Reverb where the seller finishes it. Patterns are narrow because they also
# decide whether a validation error is about the account and not about the product.
_TOKEN_TOPIC = (re.compile(r"(?i)\b(?:scopes?|access token|oauth)\b"), "/my/account/api")
_ACCOUNT_TOPICS = (
    (re.compile(r"(?i)\b(?:billing|credit card|card on file|payment method)\b"), "/my/billing"),
    (
        re.compile(
            rf"(?i)verif.*{_ACCOUNT}|{_ACCOUNT}.*\bverif|\b(?:multi|two)[- ]factor\b|\bMFA\b|\b2FA\b|\byour identity\b"
        ),
        "/my/account/settings",
    ),
    (re.compile(r"(?i)\b(?:first|manual) listing\b|\blist(?:ing)? (?:an? |one )?item manually\b"), "/sell"),
)
_FIELD_KEYS = ("field", "attribute")
_TEXT_KEYS = ("messages", "message", "error", "detail")
_WHOLE = frozenset({"base", ""})  # Rails' name for a complaint about the whole


def problem_from(answer: Answer, *, site_url: str, now: datetime) -> ReverbError:
    """The exception for an answer outside 2xx.

    ``site_url`` is the web site that belongs to the API in use. A 401 is reported as a dead token; whether it really
    is one, only a second question shows (:meth:`client.ReverbClient`).
    """
    status = answer.status
    message, errors, request_id = message_of(answer), field_errors(answer.json), answer.request_id
    if kind := _BY_STATUS.get(status):
        return kind(message, status=status, errors=errors, request_id=request_id)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = retry_after_seconds(answer.headers, now)
        return RateLimitedError(message, retry_after_seconds=wait, status=status, errors=errors, request_id=request_id)
    if status == HTTPStatus.FORBIDDEN or (status in VALIDATION_STATUSES and _account_page(answer)):
        return not_allowed(answer, site_url=site_url)
    if 400 <= status < 500:  # noqa: PLR2004 - the class of the client's errors
        return refused(answer)
    return _trouble(answer, message)


def not_allowed(answer: Answer, *, site_url: str) -> NotAllowedError:
    """The exception for an answer that asks the seller to change something about the account."""
    return NotAllowedError(
        message_of(answer),
        page_url=site_url + (_account_page(answer) or _TOKEN_TOPIC[1]),
        status=answer.status,
        errors=field_errors(answer.json),
        request_id=answer.request_id,
    )


def refused(answer: Answer) -> RefusedError:
    """The exception for a product that has to change; also for a 2xx that lists errors."""
    errors = field_errors(answer.json)
    kind = DuplicateSkuError if any(map(_says_duplicate_sku, errors)) else RefusedError
    return kind(message_of(answer), status=answer.status, errors=errors, request_id=answer.request_id)


def unreadable(method: str, message: str, *, status: int | None = None, request_id: str | None = None) -> ReverbError:
    """The exception for a request whose answer was lost or makes no sense: a write may have taken effect."""
    kind = UnavailableError if method == "GET" else AmbiguousError
    return kind(message, status=status, request_id=request_id)


def check_written(answer: Answer) -> tuple[str, ...]:
    """The warnings of a write that Reverb accepted.

    Raises :class:`RefusedError` when the 2xx lists errors all the same (Reverb's own plugin counts that as failure).
    """
    if not isinstance(answer.json, Mapping):
        return ()
    if field_errors(answer.json):
        raise refused(answer)
    return tuple(str(warning) for warning in _flatten(answer.json.get("warnings"), None))


def message_of(answer: Answer) -> str:
    """Reverb's text as it is. It can mislead where there are field errors as well: show those first."""
    if isinstance(answer.json, Mapping):
        for key in ("message", "error", "details"):
            if texts := [str(text) for text in _flatten(answer.json.get(key), None)]:
                return shorten("; ".join(texts))
    if errors := field_errors(answer.json):
        return shorten("; ".join(map(str, errors)))
    text = "" if isinstance(answer.json, Mapping | list) else _plain(answer.text)
    return f"HTTP {answer.status}: {text}" if text else f"HTTP {answer.status} without a {_missing(answer)}"


def field_errors(body: object) -> tuple[FieldError, ...]:
    """The complaints of an error body in every shape: field to list, field to text, list, list of objects, nested."""
    found = body.get("errors") if isinstance(body, Mapping) else body
    return tuple(dict.fromkeys(_flatten(found, None)))[:MAX_ERRORS]


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long Reverb asks us to wait, from seconds or from an HTTP date; None when it does not say."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # of a year or an offset of many digits
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def shorten(text: str, length: int = MAX_MESSAGE) -> str:
    """``text`` in one line of at most ``length`` characters, without what no database takes."""
    line = " ".join(text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ").split())
    return line if len(line) <= length else line[: length - 3] + "..."


def _trouble(answer: Answer, message: str) -> ReverbError:
    if answer.status < 400:  # noqa: PLR2004 - a redirect, or a status that means nothing here
        message = f"HTTP {answer.status}: redirected to {_target_host(answer)}; redirects are not followed"
    elif answer.status not in REVERBS_OWN_5XX:
        return unreadable(answer.method, message, status=answer.status, request_id=answer.request_id)
    return UnavailableError(message, status=answer.status, request_id=answer.request_id)


def _target_host(answer: Answer) -> str:
    try:
        return urlsplit(answer.headers.get("location", "")).hostname or "nowhere"
    except ValueError:
        return "nowhere"


def _says_duplicate_sku(error: FieldError) -> bool:
    """Reverb has no code for this; the recorded text is "You already have a listing with the SKU ..."

    We ask for no other language than Reverb's default, so that the word is English.
    """
    return error.field == "sku" and "already" in error.message.lower()


def _account_page(answer: Answer) -> str | None:
    """The page for what the message asks of the account; None when a field of the product is to blame."""
    errors = field_errors(answer.json)
    if any(error.field for error in errors):
        return None
    text = " ".join([message_of(answer), *map(str, errors)])
    is_about_token = answer.status in {401, 403} and _TOKEN_TOPIC[0].search(text)
    if is_about_token:
        return _TOKEN_TOPIC[1]
    return next((page for pattern, page in _ACCOUNT_TOPICS if pattern.search(text)), None)


def _flatten(found: object, field: str | None, depth: int = 0) -> Iterator[FieldError]:
    if depth > MAX_DEPTH or found is None or isinstance(found, bool):
        return
    if isinstance(found, Mapping):
        yield from _flatten_object(found, field, depth)
    elif isinstance(found, list):
        for item in found[:MAX_ERRORS]:
            yield from _flatten(item, field, depth + 1)
    elif text := shorten(str(found)):
        yield FieldError(field, text)


def _flatten_object(found: Mapping[object, object], field: str | None, depth: int) -> Iterator[FieldError]:
    """``{"field": "price", "message": "..."}`` is one complaint; any other object maps fields to complaints."""
    text = next((found[key] for key in _TEXT_KEYS if key in found), None)
    if text is None:
        for name, complaint in found.items():
            yield from _flatten(complaint, _join(field, str(name)), depth + 1)
    else:
        about = next((str(found[key]) for key in _FIELD_KEYS if found.get(key)), None)
        yield from _flatten(text, _join(field, about), depth + 1)


def _join(field: str | None, name: str | None) -> str | None:
    if name is None or name in _WHOLE:
        return field
    return f"{field}.{name}" if field else name


def _plain(text: str) -> str:
    """The title of an HTML page, else its text; other text as it is."""
    title = re.search(r"(?is)<title[^>]*>(.*?)</title>", text)
    if title and title[1].strip():
        return shorten(html.unescape(title[1]))
    if "<" in text:
        text = re.sub(r"(?is)<(script|style)\b.*?(</\1>|$)|<!--.*?-->|<[^>]*>", " ", text)
    return shorten(html.unescape(text))


def _missing(answer: Answer) -> str:
    return "message" if answer.text.strip() else "body"
