"""A visit to a page, the routes that lead there, and what a page may answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from reverb_plugin.admin.desk import Desk

MAX_BYTES = 1_000_000
LARGEST_ID = 2**63 - 1
"""The largest number of a row that the database can be asked for."""


class PageRequest(Request):
    """A request whose body is bounded: the largest form is the one of the settings."""

    max_content_length = MAX_BYTES
    max_form_memory_size = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Visit:
    """What a view is given. ``url(name, **values)`` is the address of a page under the prefix it is mounted at; values
    that the page's path does not name become its query string, and None leaves one out. ``may_update`` is whether the
    host lets the page start an update of the plugin.
    """

    desk: Desk
    request: Request
    url: Callable[..., str]
    may_update: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A template of ``templates/`` and its context: a dataclass whose fields are the names the template may use."""

    template: str
    context: Any
    status: int = 200


@dataclass(frozen=True, slots=True)
class Redirect:
    """On to the page ``name``, which then shows the ``notice`` of that code: the answer to a form that was sent."""

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    notice: str | None = None


Answer = Page | Redirect | Response
View = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """Which ``view`` answers at ``path`` (in Werkzeug's notation); ``name`` is what ``url`` calls it.

    ``view`` is called with the visit and the values that the path names. ``needs_database`` False: it has something to
    say also when the database cannot be read.
    """

    path: str
    name: str
    view: View
    method: str = "GET"
    needs_database: bool = True
