"""One request to the API and the answer to it, as the handlers see them."""

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from werkzeug import Request

from reverb_plugin.simulator.problems import RefusalError, bad_parameter

if TYPE_CHECKING:
    from reverb_plugin.simulator.reverb import Reverb


@dataclass
class Answer:
    """What goes back: ``body`` None means an empty body."""

    body: dict[str, Any] | None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """What a handler may know about a request.

    ``query`` holds the last value of each parameter (``query_lists`` all of them), ``arguments`` the named parts
    of the path, ``site`` scheme and host as the caller wrote them; ``with_token`` says whether a good token came along.
    """

    reverb: "Reverb"
    query: dict[str, str]
    query_lists: dict[str, list[str]]
    body: dict[str, Any]
    arguments: dict[str, str]
    path: str
    site: str
    with_token: bool
    old_version: bool

    @property
    def own_url(self) -> str:
        """The absolute address of what was asked for, without its query."""
        return self.site + self.path


def read_body(request: Request) -> dict[str, Any]:
    """The parameters in the body: JSON when the content type says so, else url-encoded as Reverb documents.

    Raises RefusalError (400) for JSON that cannot be read or is no object.
    """
    raw = request.get_data()
    if not raw.strip():
        return {}
    if not request.mimetype.endswith("json"):
        return read_form(raw.decode("utf-8", "replace"))
    try:
        body = json.loads(raw)
    except ValueError:
        raise RefusalError(400, {"error": "The request body could not be parsed"}) from None
    if not isinstance(body, dict):
        raise bad_parameter("body")
    return body


def read_form(text: str) -> dict[str, Any]:
    """Url-encoded parameters with the bracket notation: ``price[amount]=5``, ``photos[]=a``, ``c[][uuid]=x``."""
    body: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, *keys = re.findall(r"[^\[\]]+|\[\]|(?<=\[)[^\]]+(?=\])", name) or [name]
        _put(body, head, keys, value)
    return body


def _put(holder: dict[str, Any], name: str, keys: list[str], value: str) -> None:
    if not keys:
        holder[name] = value
    elif keys[0] != "[]":
        inner = holder.setdefault(name, {})
        if isinstance(inner, dict):
            _put(inner, keys[0], keys[1:], value)
    else:
        rows = holder.setdefault(name, [])
        if not isinstance(rows, list):
            return
        if len(keys) == 1:
            rows.append(value)
            return
        if not rows or not isinstance(rows[-1], dict) or keys[1] in rows[-1]:
            rows.append({})
        _put(rows[-1], keys[1], keys[2:], value)
