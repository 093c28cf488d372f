"""What holds for every plan, whatever the shop, Reverb, the links and the settings are."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reverb_plugin.host import Product
from reverb_plugin.reverb_api.conditions import CONDITIONS
from reverb_plugin.reverb_api.models import Listing, Money
from reverb_plugin.settings import Policy, Settings
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import open_store
from reverb_plugin.sync.exclusion import find_exclusion
from reverb_plugin.sync.fields import Group
from reverb_plugin.sync.plan import near_sku
from reverb_plugin.testing import FrozenClock
from tests.mass.model import bench
from tests.sync.market import PHOTO_1, PHOTO_2, PHOTO_3, SOLID_BODY

SKUS = ("A", "a", "A B", "AB", "B", "C")
NUMBERS = tuple(str(number) for number in range(1, 9))
STATES = ("draft", "live", "ended", "sold", "ordered", "suspended", "seller_unavailable", "")
words = st.sampled_from(["", "Fender", "Gibson"])
prices = st.sampled_from([Decimal("10.00"), Decimal("99.99"), Decimal(5000)])
uuids = st.sampled_from([each.uuid for each in CONDITIONS])
photos = st.lists(st.sampled_from([PHOTO_1, PHOTO_2, PHOTO_3]), unique=True, max_size=3).map(tuple)
policies = st.sampled_from(Policy)

products = st.builds(
    Product,
    sku=st.sampled_from(SKUS),
    title=st.sampled_from(["Strat", "Tele"]),
    price=prices | st.sampled_from([None, Decimal(0)]),
    quantity=st.sampled_from([None, 0, 1, 2, 9]),
    description=words,
    condition=st.sampled_from([*(each.display_name for each in CONDITIONS), "", "as seen"]),
    make=words,
    model=words,
    year=st.sampled_from(["", "1974"]),
    categories=st.sampled_from([(), (SOLID_BODY,), ("Guitars",)]),
    photos=photos,
    upc=st.sampled_from(["", "012345678905"]),
    offers_enabled=st.sampled_from([None, True, False]),
    sync=st.sampled_from([True, True, True, False]),
)
listings = st.builds(
    Listing,
    id=st.sampled_from(NUMBERS),
    sku=st.sampled_from([*SKUS, "", "OTHER"]),
    title=st.sampled_from(["Strat", "Tele"]),
    description=words,
    make=words,
    model=words,
    condition_uuid=uuids,
    price=st.builds(Money, prices, st.just("USD")),
    inventory=st.sampled_from([0, 1, 2, 9]),
    has_inventory=st.booleans(),
    offers_enabled=st.booleans(),
    state=st.sampled_from(STATES),
)
links = st.builds(
    Link,
    sku=st.sampled_from(SKUS),
    listing_id=st.sampled_from([None, *NUMBERS]),
    state=st.sampled_from(STATES),
    condition_uuid=uuids | st.none(),
    sent=st.dictionaries(st.sampled_from(["price", "inventory", "has_inventory", "title", "upc", "photos"]), words),
    photos=st.just(()),
    ended_by_us=st.booleans(),
    publish_withheld=st.booleans(),
    deleted_at=st.sampled_from([None, None, None, datetime(2026, 1, 1, tzinfo=UTC)]),
)
settings_of_any_kind = st.builds(
    Settings,
    auto_publish=st.booleans(),
    create_listings=st.booleans(),
    stock_buffer=st.sampled_from([0, 1]),
    stock_maximum=st.sampled_from([None, 1, 3]),
    exclude_skus=st.sampled_from([(), ("A*",), ("b",)]),
    exclude_makes=st.sampled_from([(), ("gibson",)]),
    exclude_price_above=st.sampled_from([None, Decimal(1000)]),
    exclude_out_of_stock=st.booleans(),
    **{f"policy_{group}": policies for group in Group},
)
worlds = {
    "products": st.lists(products, unique_by=lambda each: each.sku, max_size=5),
    "listings": st.lists(listings, unique_by=lambda each: each.id, max_size=6),
    "remembered": st.lists(links, unique_by=lambda each: each.sku, max_size=4),
    "wanted": settings_of_any_kind,
}
thorough = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@pytest.fixture
def store(tmp_path):
    """A database for all examples of a test; each begins with an empty one."""
    store = open_store(tmp_path, "sandbox", FrozenClock())
    yield store
    store.close()


def writing(rows):
    return [row for row in rows if row.body is not None]


def nearly_meant(rows, listings, remembered):
    """The listings that are told of at a product: its SKU is nearly theirs, or it was linked to them."""
    skus = {row.sku for row in rows if row.action == "near miss"}
    linked = {link.listing_id for link in remembered if link.sku in skus}
    similar = set(map(near_sku, skus))
    return {each.id for each in listings if each.id in linked or near_sku(each.sku) in similar}


@thorough
@given(**worlds)
@pytest.mark.timeout(600)
def test_what_holds_for_every_plan(store, products, listings, remembered, wanted):
    """Each SKU is written by one row at most, and only where a product is meant; unknown and excluded never are."""
    with bench(store, products, listings, remembered, wanted) as at:
        rows = at.rows(at.plan())
        shop = {product.sku: product for product in products}
        written = [row.sku for row in writing(rows)]
        assert len(written) == len(set(written))
        assert set(written) <= shop.keys()
        for row in writing(rows):
            product = shop[row.sku]
            assert find_exclusion(product, wanted) is None
            if row.listing_id is not None:
                assert at.reverb.get_listing(row.listing_id).sku == row.sku
            else:
                assert at.reverb.find_listings(row.sku) == ()
            if product.quantity is None:
                assert "inventory" not in row.body
            if not product.price:
                assert "price" not in row.body
        told = [row.listing_id for row in rows if row.action in {"not in shop", "without sku"}]
        unknown = {each.id for each in listings if each.sku not in shop}
        assert len(told) == len(set(told))
        assert unknown - nearly_meant(rows, listings, remembered) <= set(told) <= unknown
        assert at.reverb.written == []


@thorough
@given(**worlds)
@pytest.mark.timeout(600)
def test_an_applied_plan_leaves_nothing_to_write(store, products, listings, remembered, wanted):
    """What is applied is what was planned; planned again, there is nothing to write but what Reverb refuses."""
    if wanted.policy_condition is Policy.NEVER:  # a new listing would have none, and Reverb shows no number without
        wanted = replace(wanted, create_listings=False)
    with bench(store, products, listings, remembered, wanted) as at:
        run = at.plan()
        planned = [(row.listing_id, row.body) for row in writing(at.rows(run)) if row.body]
        at.apply(run)
        assert sorted(map(repr, at.reverb.written)) == sorted(map(repr, planned))
        refused = {row.sku for row in at.rows(run) if row.state == "failed"}
        states = {row.state for row in writing(at.rows(run))}
        assert states <= {"done", "failed"}, writing(at.rows(run))
        again = [row for row in writing(at.rows(at.plan())) if row.sku not in refused]
        assert again == []


@thorough
@given(**worlds)
@pytest.mark.timeout(600)
def test_a_drift_check_names_each_difference_once(store, products, listings, remembered, wanted):
    """No kind twice for one listing; what can be sent is sent to the listing of the SKU; nothing is written."""
    with bench(store, products, listings, remembered, wanted) as at:
        rows = at.rows(at.plan(kind="drift check"))
        seen = [(row.sku, row.action, row.listing_id) for row in rows]
        assert len(seen) == len(set(seen))
        shop = {product.sku: product for product in products}
        for row in writing(rows):
            assert find_exclusion(shop[row.sku], wanted) is None
            assert shop[row.sku].quantity is not None or "inventory" not in row.body
        assert at.reverb.written == []
