"""Reverb's categories: kept for a day, because they seldom change and weigh 300 KB; and looking for one among them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from reverb_plugin.errors import ReverbError
from reverb_plugin.reverb_api.models import Category

if TYPE_CHECKING:
    from reverb_plugin.clock import Clock
    from reverb_plugin.reverb_api.client import ReverbClient
    from reverb_plugin.store.store import Store

NAME = "categories"
FRESH = timedelta(days=1)
"""Source: Reverb answers GET /categories/flat with max-age=86400."""

SEPARATOR = " / "


@dataclass(frozen=True, slots=True)
class Found:
    """The categories that match, the first ``limit`` of ``total``."""

    categories: Sequence[Category]
    total: int


@dataclass(frozen=True, slots=True)
class Categories:
    """All categories of one environment, as they were at ``read_at``."""

    rows: tuple[Category, ...]
    read_at: datetime

    def find(self, uuid: str) -> Category | None:
        """The category with this uuid."""
        return next((row for row in self.rows if row.uuid == uuid), None)

    def search(self, text: str, limit: int) -> Found:
        """The categories whose full name contains each word; those that end with the words come first.

        A word may be part of a longer one; case does not matter.
        """
        words = text.casefold().split()
        hits = [row for row in self.rows if all(word in row.full_name.casefold() for word in words)]
        hits.sort(key=lambda row: (not _says_leaf(row, words), row.full_name.casefold()))
        return Found(hits[:limit], len(hits))

    def has_narrower(self, category: Category) -> bool:
        """There are categories below it. Reverb may refuse it when it has one above as well."""
        begin = category.full_name + SEPARATOR
        return any(row.full_name.startswith(begin) for row in self.rows)


def _says_leaf(category: Category, words: Sequence[str]) -> bool:
    leaf = category.full_name.rpartition(SEPARATOR)[2].casefold()
    return bool(words) and all(word in leaf for word in words)


def find_kept(store: "Store") -> Categories | None:
    """The categories as they were last read; None when they never were. Asks nobody."""
    kept = store.find_cached(NAME)
    if kept is None:
        return None
    return Categories(tuple(Category(row["uuid"], row["full_name"]) for row in kept.content), kept.saved_at)


def load_categories(store: "Store", client: "Callable[[], ReverbClient]", clock: "Clock") -> Categories:
    """The categories, at most a day old, or older while Reverb cannot be asked.

    Raises:
        ReverbError: they were never read and cannot be had.
        NotNowError: they were never read, and no request may go at this moment.
        StoreError: the database cannot be used.
    """
    from reverb_plugin.sync.remote import NotNowError  # noqa: PLC0415

    kept, now = find_kept(store), clock.now()
    if kept is not None and now - FRESH < kept.read_at <= now:
        return kept
    try:
        rows = tuple(client().get_categories())
    except (ReverbError, NotNowError):
        if kept is None:
            raise
        return kept
    store.save_cached(NAME, [{"uuid": row.uuid, "full_name": row.full_name} for row in rows])
    return Categories(rows, now)
