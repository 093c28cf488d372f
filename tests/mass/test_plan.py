"""The preview: both sides are read completely, and every product and listing is accounted for."""

from decimal import Decimal

import pytest

from reverb_plugin.reverb_api.models import Listing, Money
from reverb_plugin.sync.plan import readable, shown_fields
from tests.mass.desk import guitars, used_guitars
from tests.sync.market import guitar, used_guitar

COUNTS = {
    "create": 3,
    "update": 2,
    "end": 1,
    "refused": 3,
    "excluded": 1,
    "skipped": 1,
    "duplicate": 1,
    "near miss": 1,
    "not in shop": 2,
    "without sku": 1,
}


@pytest.fixture
def varied(desk):
    """A shop and a Reverb that hold one or more of everything that a plan tells apart."""
    same, cheap, gone = guitars(60, "SAME"), guitars(2, "CHEAP"), guitar("GONE")
    desk.list_all([*same, *cheap, gone, guitar("DOUBLE"), guitar("EXCLUDED")])
    desk.list_all([guitar("DOUBLE")], state="ended")
    desk.list_all([guitar("near-1"), guitar("OTHER-1"), guitar("OTHER-2")])
    desk.list_all([guitar("X")], sku="")
    desk.list_all([used_guitar("SOLD")], state="ordered")
    desk.fill_shop(
        *same,
        *(guitar(each.sku, price="700.00") for each in cheap),
        guitar("GONE", quantity=0),
        guitar("DOUBLE"),
        guitar("EXCLUDED", sync=False),
        guitar("NEAR-1"),
        *guitars(3, "NEW"),
        guitar("NO-PRICE", price=None),
        used_guitar("SOLD", quantity=1),
        used_guitar("UNUSUAL", condition="as seen"),
        used_guitar("WAS-SOLD", quantity=0),
    )
    desk.list_all([used_guitar("WAS-SOLD")], state="ordered")
    return desk


def test_every_product_and_listing_is_counted_once(varied):
    """To create, to update, to end, unchanged, refused, excluded, and on Reverb but not in the shop: all are told."""
    run = varied.preview()
    actions = varied.actions(run)
    assert run.state == "planned"
    assert run.products == len(varied.host._skus)
    assert run.unchanged == 61  # the 60, and the chosen one of the two
    refused = {row.sku: row.message for row in varied.rows(run, action="refused")}
    assert refused.keys() == {"NO-PRICE", "SOLD", "UNUSUAL"}
    assert actions == COUNTS
    assert run.unchanged + sum(actions[each] for each in ("create", "update", "end", "refused", "excluded")) + (
        actions["skipped"] + actions["near miss"]
    ) == len(varied.host._skus)


def test_a_preview_writes_nothing(varied):
    """Reading is all it does: Reverb is asked for its listings, and nothing on it changes."""
    before = varied.door.listings()
    varied.forget_requests()
    varied.preview()
    assert {request.method for request in varied.door.requests()} == {"GET"}
    assert varied.door.listings() == before


def test_an_update_is_told_field_by_field(desk):
    """Each field that would change stands there with what Reverb shows and what would be sent, and no other does."""
    desk.market.set(policy_title="always", policy_make_model="always", policy_condition="always")
    desk.list_all([guitar("A", title="Old title", price="650.00", quantity=2, model="Jazzmaster")])
    desk.fill_shop(guitar("A"))
    row = desk.row(desk.preview(), "A")
    assert row.action == "update"
    assert {each["field"]: (each["old"], each["new"]) for each in row.differences} == {
        "title": ("Old title", "Fender Player Stratocaster"),
        "model": ("Jazzmaster", "Stratocaster"),
        "price": ("650.00 USD", "799.00 USD"),
        "inventory": ("2", "3"),
    }
    assert (row.method, row.path) == ("PUT", f"/listings/{row.listing_id}")


def test_what_cannot_be_sent_and_need_not_be_is_unchanged(desk):
    """Listed without its category, which nobody mapped: the second plan says unchanged, with what is left out."""
    desk.market.set(mass_sync_pause_hours="0")
    desk.fill_shop(*guitars(2), guitar("OTHER", categories=("Gear/Odd",)))
    desk.sync()
    run = desk.preview()
    assert (run.unchanged, desk.actions(run)) == (3, {"unchanged": 1})
    assert "'Gear/Odd' is no category of Reverb" in desk.row(run, "OTHER").message
    assert desk.apply(run).state == "done"
    desk.host.change("OTHER", price=None)
    assert desk.row(desk.preview(), "OTHER").action == "refused"


@pytest.mark.parametrize(
    ("amount", "currency", "told"),
    [
        ("28.0", "USD", "28.00 USD"),
        ("28", "EUR", "28.00 EUR"),
        ("2800", "JPY", "2800 JPY"),
        ("2.805", "USD", "2.805 USD"),
    ],
)
def test_prices_are_told_as_people_write_them(amount, currency, told):
    """However many decimals Reverb or the shop gives, both sides of a difference look the same."""
    listing = Listing("1", price=Money(Decimal(amount), currency))
    assert shown_fields(listing)["price"] == readable("price", {"amount": amount, "currency": currency}) == told


def test_a_note_is_about_what_will_be(desk):
    """Nothing has been sent yet when a plan is looked at."""
    desk.fill_shop(guitar(quantity=None))
    assert desk.row(desk.preview(), "STRAT").message == "The quantity is not known, so it is not sent."


def test_an_end_is_told_as_one(desk):
    """A live listing whose product has none left would end; a draft of it only changes its number."""
    desk.list_all([guitar("LIVE")])
    desk.list_all([guitar("DRAFT")], state="draft")
    desk.fill_shop(guitar("LIVE", quantity=0), guitar("DRAFT", quantity=0))
    run = desk.preview()
    assert (desk.row(run, "LIVE").action, desk.row(run, "DRAFT").action) == ("end", "update")


def test_requests_and_time_are_told(desk):
    """The number of requests that sending costs, and how long that takes at the rate that is allowed."""
    desk.market.set(requests_per_minute="60")
    desk.fill_shop(*guitars(30))
    progress = desk.progress(desk.preview())
    assert (progress.requests, progress.left_seconds) == (30, 30.0)


def test_the_look_at_what_is_published_is_counted(desk):
    """A listing that is published at once costs a second request: whether it went live has to be looked at."""
    desk.market.set(auto_publish="on")
    desk.fill_shop(*guitars(5))
    run = desk.preview()
    assert desk.progress(run).requests == 10
    desk.forget_requests()
    desk.apply(run)
    assert len(desk.door.requests()) == 10


def test_nothing_is_said_of_the_time_while_it_is_planned(desk):
    """While listings are read nobody knows how long it will take."""
    desk.fill_shop(*guitars(5))
    desk.mass_sync.preview()
    progress = desk.mass_sync.find_active()
    assert (progress.run.state, progress.left_seconds) == ("reading", None)


def test_a_plan_can_be_opened_again(desk, open_market):
    """After a restart the plan is there with its rows, and can be applied."""
    desk.fill_shop(*guitars(4))
    run = desk.preview()
    rows = desk.rows(run)
    again = type(desk)(open_market(host=desk.host))
    assert again.runs.find(run.id) == run
    assert again.rows(run) == rows
    assert again.apply(run).state == "done"
    assert len(again.door.listings()) == 4


def test_listings_are_read_by_fifty(desk):
    """The fewest requests there can be: pages of the largest size that Reverb gives, each asked for once."""
    products = guitars(120)
    desk.list_all(products)
    desk.fill_shop(*products)
    desk.forget_requests()
    run = desk.preview()
    asked = desk.door.requests()
    assert [request.query.get("page", "1") for request in asked] == ["1", "2", "3"]
    assert all(request.query["state"] == "all" for request in asked)
    assert all(request.query["per_page"] == "50" for request in asked)
    assert (run.unchanged, len(desk.rows(run))) == (120, 0)


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501])
def test_the_catalogue_is_read_to_its_end(desk, count):
    """However many products there are, each is in the plan, once."""
    desk.fill_shop(*guitars(count))
    run = desk.preview()
    assert run.products == count
    assert sorted(row.sku for row in desk.rows(run)) == list(desk.host._skus)


def test_many_listings_without_a_product_are_all_told(desk):
    """More than are kept at once: each is told once, and none of their products is touched."""
    desk.list_all(guitars(1203, "OTHER"))
    run = desk.preview()
    assert desk.actions(run) == {"not in shop": 1203}
    assert len({row.listing_id for row in desk.rows(run)}) == 1203
    assert desk.progress(run).requests == 0


def test_what_was_read_is_forgotten_when_the_plan_is_made(desk):
    """The listings are kept for as long as they are needed, and no longer."""
    desk.list_all(guitars(120))
    desk.preview()
    desk.mass_sync.preview()
    desk.market.try_once()
    with desk.plugin.store._database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM run_listings").scalar() == 0


def test_a_catalogue_out_of_order_is_refused(desk):
    """A shop that does not go up by SKU would have products left out: that is said, and no plan comes of it."""

    class Backwards(type(desk.host)):
        def iter_products(self, after_sku=None):
            return iter(list(super().iter_products(after_sku))[::-1])

    desk.fill_shop(*guitars(3))
    desk.host.__class__ = Backwards
    desk.mass_sync.preview()
    desk.market.drain(2.0)
    run = desk.mass_sync.find_active().run
    assert (run.state, run.products) == ("comparing", 0)
    assert "must ascend by SKU" in desk.runs.find_trouble(run.id).message


def test_used_ones_that_are_alike_are_unchanged(desk):
    """One-of-a-kind items that read back no number, as drafts, live or bought, are not fought over."""
    live, drafts, bought = used_guitars(3, "L"), used_guitars(3, "D"), used_guitars(3, "B")
    desk.list_all(live)
    desk.list_all(drafts, state="draft")
    desk.list_all(bought, state="ordered")
    desk.fill_shop(*live, *drafts, *(used_guitar(each.sku, quantity=0) for each in bought))
    run = desk.preview()
    assert (run.unchanged, desk.actions(run)) == (6, {"skipped": 3})


def test_a_shop_on_vacation_is_no_difference(desk):
    """While the shop on Reverb is on vacation its live listings count as live."""
    products = [*guitars(3), *used_guitars(3)]
    desk.list_all(products)
    desk.fill_shop(*products)
    desk.door.set(vacation=True)
    assert (desk.preview().unchanged, desk.actions(desk.check_drift())) == (6, {})
