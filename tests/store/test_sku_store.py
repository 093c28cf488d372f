"""What is remembered of many SKUs is read at once: their links, last outcomes and what waits for a person."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reverb_plugin.changes import Change, Kind, Reason, product_changed
from reverb_plugin.store import links, sync_log
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import Park, Settlement
from tests.queries import recorded_queries
from tests.store.entries import make_entry as entry


@pytest.fixture
def remember(store):
    """Writes links and log rows as a worker would."""

    def write(*values):
        with store._database.write() as connection:
            for value in values:
                if isinstance(value, Link):
                    links.save(connection, store.environment, value)
                else:
                    sync_log.append(connection, value)

    return write


def park(store, sku, message="Reverb refused it."):
    store.record([product_changed(sku, Reason.PRODUCT_SAVED)])
    job = store.lease(f"one:{sku}", 60.0)
    store.settle(job, Settlement(Park(), entry(store._clock.now(), sku=sku, message=message, outcome="refused")))


class TestStates:
    def test_each_sku_has_its_link_and_its_newest_outcome(self, store, clock, remember):
        """Of many rows the newest of each SKU is told, and of this environment only."""
        now = clock.now()
        for minutes, outcome in enumerate(["created", "updated", "refused"]):
            at = now + timedelta(minutes=minutes)
            remember(entry(at, sku="A", outcome=outcome), entry(at, sku="B", outcome="unchanged"))
        remember(replace(entry(now + timedelta(days=1), sku="A"), environment="production"), Link("A", listing_id="7"))
        states = store.skus.states(["A", "B", "C"])
        assert states["A"].link == Link("A", listing_id="7")
        assert (states["A"].last.outcome, states["A"].last.created_at) == ("refused", now + timedelta(minutes=2))
        assert states["B"].last.outcome == "unchanged"
        assert (states["C"].link, states["C"].last, states["C"].job) == (None, None, None)

    def test_hostile_skus_are_found_as_they_are(self, store, clock, remember):
        """Quotes, brackets, emoji and control letters of SQL and JSON in a SKU are only letters."""
        skus = ['the "one"', "it's", "a,b", "[1]", "100%", "back\\slash", "😀", "A'; DROP TABLE links; --"]
        remember(
            *(entry(clock.now(), sku=sku, message=sku) for sku in skus), *(Link(sku, listing_id=sku) for sku in skus)
        )
        states = store.skus.states(skus)
        assert {sku: (state.link.listing_id, state.last.message) for sku, state in states.items()} == {
            sku: (sku, sku) for sku in skus
        }

    def test_what_waits_is_told(self, store):
        """A parked job comes before one that is only pending, and the number of a run is no SKU."""
        park(store, "A", "No price.")
        store.record([Change(Kind.CHECK_PUBLISH, "A", Reason.LISTING_PUBLISHED), product_changed("B", Reason.BY_HAND)])
        store.record([Change(Kind.RUN_STEP, "7", Reason.MASS_SYNC)])
        states = store.skus.states(["A", "B", "7"])
        assert (states["A"].job.is_parked, states["A"].job.message) == (True, "No price.")
        assert (states["B"].job.is_parked, states["B"].job.kind) == (False, "push_product")
        assert states["7"].job is None

    def test_many_skus_cost_as_many_queries_as_one(self, store):
        """Three queries, however many SKUs there are."""
        store.skus.states([])
        with recorded_queries() as few:
            store.skus.states(["A"])
        with recorded_queries() as many:
            store.skus.states([f"SKU-{number}" for number in range(200)])
        assert len(few) == len(many) == 3


class TestListed:
    def test_those_with_a_listing(self, store, clock, remember):
        """A tombstone without a listing and a SKU that nobody knows are not among them."""
        remember(Link("A", listing_id="7"), Link("B", deleted_at=clock.now()))
        assert store.skus.find_listed(["A", "B", "C"]) == {"A"}
        assert store.skus.find_listed([]) == set()


class TestPages:
    def test_tombstones_come_page_by_page(self, store, clock, remember):
        """Every deleted product once, in the order of SKUs, and none that is still there."""
        skus = [f"D-{number:03}" for number in range(25)]
        remember(*(Link(sku, deleted_at=clock.now()) for sku in skus), Link("ALIVE", listing_id="1"))
        seen, after = [], ""
        while page := store.skus.deleted(after, 10):
            seen += [link.sku for link in page]
            after = page[-1].sku
        assert seen == skus

    def test_a_search_takes_signs_as_they_are(self, store, clock, remember):
        """% and _ stand for themselves, and capitals do not count."""
        remember(*(Link(sku, deleted_at=clock.now()) for sku in ("100%", "1000", "a_b", "acb")))
        assert [link.sku for link in store.skus.deleted(contains="0%")] == ["100%"]
        assert [link.sku for link in store.skus.deleted(contains="A_")] == ["a_b"]

    def test_what_is_parked_comes_page_by_page(self, store):
        """Every SKU that waits for a person once, in order; what merely waits is not among them."""
        for number in range(5):
            park(store, f"P-{number}")
        store.record([product_changed("PENDING", Reason.BY_HAND)])
        assert store.skus.parked("", 3) == ["P-0", "P-1", "P-2"]
        assert store.skus.parked("P-2", 3) == ["P-3", "P-4"]
        assert store.skus.parked(contains="-4") == ["P-4"]


class TestAdopt:
    def test_a_listing_belongs_to_one_sku(self, store, clock):
        """The second SKU that adopts a listing is refused, and leaves no trace."""
        assert store.skus.adopt(Link("A", listing_id="7"), entry(clock.now(), sku="A"))
        assert not store.skus.adopt(Link("B", listing_id="7"), entry(clock.now(), sku="B"))
        assert store.find_link("B") is None
        assert [row.sku for row in store.log_page()] == ["A"]
