"""Reverb may stop giving pages although its total says that there is more."""

from tests.mass.desk import guitars
from tests.sync.market import guitar


def test_the_gap_is_named_and_the_missing_are_looked_up(desk):
    """A list that ends after two pages: the plan says how many are missing, and finds each of them by its SKU."""
    products = guitars(130)
    desk.list_all(products)
    desk.fill_shop(*products, *guitars(5, "NEW"))
    desk.door.set(most_pages=2)
    desk.forget_requests()
    run = desk.preview()
    assert run.message == "Reverb says it has 130 listings but gave 100; the missing ones are looked up by SKU."
    assert (run.unchanged, desk.actions(run)) == (130, {"create": 5})
    lookups = [request.query["sku"] for request in desk.door.requests() if "sku" in request.query]
    assert set(lookups) >= {f"G-{number:04}" for number in range(30)}
    assert len(lookups) == len(set(lookups)) < 50


def test_what_is_found_is_kept_in_step(desk):
    """A missing listing is no new one: it is updated, never made a second time."""
    products = guitars(60)
    ids = desk.list_all(products)
    desk.fill_shop(*products)
    desk.host.change("G-0000", price="1.00")  # the oldest is on the page that is not given
    desk.door.set(most_pages=1)
    run = desk.sync()
    assert desk.row(run, "G-0000").listing_id == str(ids[0])
    assert desk.door.listing("G-0000")["price"] == "1.00"
    assert len(desk.door.listings()) == 60


def test_listings_that_belong_to_no_product_leave_the_gap_open(desk):
    """What cannot be found by a SKU of the shop stays a gap: each product is asked about, and the plan is made."""
    desk.list_all(guitars(60, "OTHER"))
    desk.fill_shop(*guitars(45))
    desk.door.set(most_pages=1)
    run = desk.preview()
    assert (run.state, desk.actions(run)) == ("planned", {"create": 45, "not in shop": 50})
    assert "has 60 listings but gave 50" in run.message


def test_a_slow_pace_gets_through(desk):
    """At one request a minute no step outlasts its lease: it does not begin anew for ever."""
    products = guitars(56)
    desk.list_all(products)
    desk.fill_shop(*products)
    desk.door.set(most_pages=1)
    desk.market.set(requests_per_minute="1")
    run_id = desk.mass_sync.preview()
    desk.forget_requests()
    desk.market.live_through(1200, step=5)
    run = desk.runs.find(run_id)
    assert (run.state, run.unchanged) == ("planned", 56)
    assert len(desk.door.requests()) == 7


def test_a_drift_check_looks_them_up_too(desk):
    """A listing that the pages do not hold is not missing."""
    products = guitars(60)
    desk.list_all(products)
    desk.fill_shop(*products)
    desk.door.set(most_pages=1)
    assert desk.kinds(desk.check_drift()) == {}


def test_a_listing_that_moves_while_paging_counts_once(desk):
    """A new listing pushes the others down by one, so that one comes twice: it is one listing, and no gap."""
    products = guitars(100)
    desk.list_all(products)
    desk.fill_shop(*products)
    desk.mass_sync.preview()
    desk.market.drain(0.05)
    assert desk.runs.count_listings(1) == 50
    desk.list_all([guitar("LATE")])
    desk.market.drain()
    run = desk.runs.find(1)
    assert (run.unchanged, run.live_listings, desk.actions(run)) == (100, 100, {})
