"""Templates become pages: the Jinja2 environment, and what every template may use besides its context."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.wrappers import Response

from reverb_plugin.admin.notices import Notice
from reverb_plugin.admin.static_files import static_files
from reverb_plugin.admin.visit import Page
from reverb_plugin.texts import commands

COMMON = frozenset({"url", "static", "frame"})
"""The names that every template may use; the rest is the page's context."""

UNITS = (("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A page in the navigation."""

    name: str
    title: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Banner:
    """Stands above every page that shows a copy: whose it is and from when, and what of it could not be read.

    ``text`` may say anything: what a copy says of itself is not to be believed.
    """

    text: str
    made_at: datetime | None
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page.

    ``environment`` is empty while the database cannot be read. ``shop`` is the name of the account on Reverb, empty
    while it is not known. ``home_url`` leads back to the shop's own admin, when the shop has said where that is. With a
    ``banner`` the page is a copy, in which nothing can be changed.
    """

    environment: str
    shop: str
    navigation: tuple[NavigationItem, ...]
    notice: Notice | None
    version: str
    home_url: str = ""
    banner: Banner | None = None


def render(page: Page, frame: Frame, url: Callable[..., str]) -> Response:
    """The page as HTML."""
    values = {field.name: getattr(page.context, field.name) for field in dataclasses.fields(page.context)}
    text = (
        environment()
        .get_template(page.template)
        .render(
            values,
            url=url,
            static=lambda name: url("static", name=static_files()[name].name),
            frame=frame,
        )
    )
    return Response(text, page.status, content_type="text/html; charset=utf-8")


def render_alone(title: str, text: str, status: HTTPStatus) -> Response:
    """A page for somebody who may see nothing else, not even the style."""
    html = environment().get_template("alone.html").render(title=title, text=text)
    return Response(html, status, content_type="text/html; charset=utf-8")


@cache
def environment() -> Environment:
    """Everything is escaped, and a name that a template mistypes is an error instead of nothing."""
    made = Environment(
        loader=PackageLoader("reverb_plugin.templates", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS)
    made.tests["web_address"] = is_web_address
    return made


def is_web_address(address: str | None) -> bool:
    """Whether a link may lead there: the shop and Reverb give addresses, and one may be a script."""
    return address is not None and address.lower().startswith(("https://", "http://"))


def when(moment: datetime | None) -> str:
    """The moment as a ``<time>``, in UTC; the script turns it into the reader's own time."""
    if moment is None:
        return Markup('<span class="quiet">never</span>')
    utc = moment.astimezone(UTC)
    shown = f"{utc.day} {utc:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}">{}</time>').format(f"{utc:%Y-%m-%dT%H:%M:%SZ}", shown)


def duration(seconds: float | None) -> str:
    """A duration in its two largest units, such as ``2 h 5 min``."""
    if seconds is None:
        return "unknown"
    left = max(round(seconds), 0)
    parts: list[tuple[int, str]] = []
    for unit, size in UNITS:
        number, left = divmod(left, size)
        if number or parts:
            parts.append((number, unit))
    shown = [f"{number} {_plural(number, unit)}" for number, unit in parts[:2] if number]
    return " ".join(shown) or "0 s"


def count(number: int, one: str, many: str) -> str:
    """The number with the word that fits it, such as ``1,204 products``."""
    return f"{number:,} {one if number == 1 else many}"


def figure(number: int) -> str:
    """The number with its thousands apart."""
    return f"{number:,}"


def _plural(number: int, unit: str) -> str:
    return "days" if unit == "day" and number != 1 else unit


FILTERS: Mapping[str, Callable[..., str]] = {
    "when": when,
    "duration": duration,
    "count": count,
    "figure": figure,
    "commands": commands,
}
