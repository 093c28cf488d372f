"""Reverb's categories: kept for a day, searched by words."""

import pytest

from reverb_plugin.categories import Categories, find_kept, load_categories
from reverb_plugin.errors import ReverbError
from reverb_plugin.reverb_api.models import Category
from reverb_plugin.testing import NOON

DAY = 24 * 3600


@pytest.fixture
def load(market):
    market.door.clear_requests()
    return lambda: load_categories(market.plugin.store, lambda: market.plugin.client, market.clock)


class TestKeeping:
    def test_asked_once_a_day(self, load, market):
        """Within a day they come out of the database; after it Reverb is asked again."""
        first = load()
        market.clock.advance(DAY - 1)
        assert load() == first
        assert market.asked() == ["GET categories/flat"]
        market.clock.advance(2)
        assert load().rows == first.rows
        assert market.asked() == ["GET categories/flat"]

    def test_old_ones_while_reverb_is_down(self, load, market):
        """Old categories are better than none."""
        first = load()
        market.clock.advance(3 * DAY)
        market.door.go_down()
        assert load() == first

    def test_none_while_reverb_is_down(self, load, market):
        """Without any, the reason is told."""
        market.door.go_down()
        with pytest.raises(ReverbError):
            load()
        assert find_kept(market.plugin.store) is None

    def test_each_environment_has_its_own(self, load, market):
        """Those of the sandbox may differ from those of production."""
        load()
        assert find_kept(market.plugin.store.of("production")) is None


class TestSearching:
    NAMES = (
        "Amps",
        "Amps / Guitar Amps",
        "Amps / Guitar Amps / Guitar Combos",
        "Electric Guitars",
        "Electric Guitars / Solid Body",
    )
    CATEGORIES = Categories(tuple(Category(name.lower(), name) for name in NAMES), NOON)

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("solid", ["Electric Guitars / Solid Body"]),
            ("GUITAR combo", ["Amps / Guitar Amps / Guitar Combos"]),
            ("electric", ["Electric Guitars", "Electric Guitars / Solid Body"]),
            ("zither", []),
            ("", list(NAMES)),
        ],
    )
    def test_words(self, text, found):
        """Each word has to be somewhere in the full name, and a category that is itself called so comes first."""
        assert [row.full_name for row in self.CATEGORIES.search(text, 10).categories] == found

    def test_limit(self):
        """No more than asked for, and how many there are."""
        found = self.CATEGORIES.search("guitar", 2)
        assert (len(found.categories), found.total) == (2, 4)

    def test_narrower_ones(self):
        """A category that has others below it is known."""
        wide = [row.full_name for row in self.CATEGORIES.rows if self.CATEGORIES.has_narrower(row)]
        assert wide == ["Amps", "Amps / Guitar Amps", "Electric Guitars"]
        assert self.CATEGORIES.find("amps").full_name == "Amps"
        assert self.CATEGORIES.find("gone") is None
