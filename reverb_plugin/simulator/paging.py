"""Cutting a list into pages the way Reverb does: 24 rows unless asked, 50 at most, links to the neighbours."""

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

from reverb_plugin.simulator.problems import bad_parameter

DEFAULT_PER_PAGE = 24
MOST_PER_PAGE = 50

Row = TypeVar("Row")


class Page(NamedTuple, Generic[Row]):
    """One page of rows with what its envelope says."""

    rows: Sequence[Row]
    total: int
    number: int
    total_pages: int
    per_page: int
    links: dict[str, Any]

    def cut_off(self, most_pages: int | None) -> "Page[Row]":
        """The page as a list shows it that ends after so many; its counts still tell of the others."""
        if most_pages is None or self.number < most_pages:
            return self
        links = {name: link for name, link in self.links.items() if name != "next"}
        return self._replace(links=links, rows=self.rows if self.number == most_pages else ())

    def envelope(self, *, per_page: bool) -> dict[str, Any]:
        """The counts around the rows; only listings say ``per_page``."""
        counts = {"total": self.total, "current_page": self.number, "total_pages": self.total_pages}
        return counts | {"per_page": self.per_page} if per_page else counts


def cut_page(rows: Sequence[Row], query: dict[str, str], path: str) -> Page[Row]:
    """The page that ``query`` asks for; ``path`` is what the links to other pages start with."""
    per_page = min(_number(query, "per_page", DEFAULT_PER_PAGE), MOST_PER_PAGE)
    number = _number(query, "page", 1)
    offset = _number(query, "offset", 0, least=0)
    start = offset + (number - 1) * per_page
    total_pages = -(-max(len(rows) - offset, 0) // per_page)
    links: dict[str, Any] = {}
    if number < total_pages:
        links["next"] = _link(path, query, number + 1, per_page)
    if 1 < number <= total_pages:
        links["prev"] = _link(path, query, number - 1, per_page)
    return Page(rows[start : start + per_page], len(rows), number, total_pages, per_page, links)


def _link(path: str, query: dict[str, str], number: int, per_page: int) -> dict[str, str]:
    others = {name: value for name, value in query.items() if name not in ("page", "per_page")}
    return {"href": f"{path}?{urlencode({**others, 'page': number, 'per_page': per_page})}"}


def _number(query: dict[str, str], name: str, default: int, least: int = 1) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < least:
        raise bad_parameter(name)
    return int(text)
