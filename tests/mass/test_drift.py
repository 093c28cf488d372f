"""The drift check: every difference is found and named by its kind, nothing else is, and each can be settled."""

from dataclasses import replace

import pytest

from reverb_plugin.errors import HostError, RunActiveError, RunError, UnavailableError
from reverb_plugin.sync.drift import DriftKind
from tests.mass.desk import guitars, listing_fields, used_guitars
from tests.sync.market import PHOTO_1, PHOTO_2, guitar, used_guitar


class Seed:
    """Makes one kind of drift at one product that was in step."""

    def __init__(self, desk):
        self.desk = desk
        self.door = desk.door

    def quantity(self, sku):
        self.desk.host.change(sku, quantity=2)

    def price(self, sku):
        self.update(sku, price={"amount": "650.00", "currency": "USD"})

    def text(self, sku):
        self.update(sku, description="Changed on Reverb.")

    def condition(self, sku):
        self.desk.host.change(sku, condition="B-Stock")

    def state(self, sku):
        self.desk.plugin.client.end_listing(self.number(sku))

    def missing(self, sku):
        self.desk.host.add(guitar(f"{sku}-NEW"))
        return f"{sku}-NEW"

    def extra(self, sku):
        self.door.add_listing(**listing_fields(guitar(f"{sku}-OTHER")))
        return f"{sku}-OTHER"

    def duplicate_sku(self, sku):
        self.door.add_listing(**listing_fields(self.desk.host.find_product(sku)) | {"state": "draft"})

    def stale_link(self, sku):
        """A draft that the plugin made, and the seller removed."""
        sku = f"{sku}-DRAFT"
        self.desk.market.save(self.desk.host.add(guitar(sku)) or self.desk.host.find_product(sku))
        self.desk.plugin.client.delete_listing(self.number(sku))
        return sku

    def photos(self, sku):
        self.desk.host.change(sku, photos=(PHOTO_2,))

    def locked(self, sku):
        """Somebody bought the only one, and the shop says it has one all the same."""
        sku = f"{sku}-USED"
        self.desk.host.add(used_guitar(sku))
        self.door.add_listing(**listing_fields(used_guitar(sku)) | {"state": "ordered"})
        return sku

    def number(self, sku):
        return self.desk.market.link(sku).listing_id

    def update(self, sku, **fields):
        self.desk.plugin.client.update_listing(self.number(sku), fields)


@pytest.fixture
def linked(desk):
    """A shop of new, used, published and drafted products that are all in step, and linked."""

    def make(count):
        live, drafts, used = guitars(count, photos=(PHOTO_1,)), guitars(count // 10, "D"), used_guitars(count // 10)
        desk.list_all([*live, *used])
        desk.list_all(drafts, state="draft")
        desk.fill_shop(*live, *drafts, *used)
        desk.preview()
        return desk

    return make


def test_all_kinds_are_found_and_nothing_else(linked):
    """Eleven kinds on 200 of 1,000 listings: each is found under its own kind, and the 800 others are left in peace."""
    desk = linked(834)
    seed = Seed(desk)
    expected = {}
    for number in range(200):
        kind = list(DriftKind)[number % len(DriftKind)]
        sku = f"G-{number * 4:04}"
        sku = getattr(seed, kind.name.lower())(sku) or sku
        expected[sku] = {kind}
    assert len(desk.host._skus) >= 1000
    desk.door.publish_now()
    desk.forget_requests()
    run = desk.check_drift()
    assert desk.kinds(run) == expected
    assert desk.writes() == []


def test_a_draft_that_was_published_on_reverb_is_live_here_too(linked):
    """The next check or plan notices it, and what it plans is still what is sent."""
    desk = linked(10)
    assert desk.market.link("D-0000").state == "draft"
    desk.door.publish(int(desk.market.link("D-0000").listing_id))
    desk.door.publish_now()
    desk.door.index_now()
    desk.host.change("D-0000", price="650.00")
    run = desk.preview()
    assert desk.market.link("D-0000").state == "live"
    desk.apply(run)
    assert desk.states(run) == {"D-0000": "done"}


@pytest.mark.parametrize("kind", DriftKind)
class TestEachKind:
    def test_one_is_found_as_what_it_is(self, linked, kind):
        """One seeded difference gives one row of its kind, with a word or the fields that say what it is."""
        desk = linked(10)
        sku = getattr(Seed(desk), kind.name.lower())("G-0003") or "G-0003"
        desk.door.index_now()
        (row,) = desk.rows(desk.check_drift())
        assert (row.sku, row.action) == (sku, kind)
        assert row.message or row.differences

    def test_what_can_be_sent_is_settled_by_kind(self, linked, kind):
        """All of the kind are sent, exactly as shown, and the next check finds nothing; or it is said that none can."""
        desk = linked(10)
        desk.market.set(brake_percent="100")
        seed = getattr(Seed(desk), kind.name.lower())
        for sku in ("G-0002", "G-0005"):
            seed(sku)
        desk.market.set(auto_publish="on", policy_photos="always")
        desk.door.index_now()
        planned = desk.planned(desk.check_drift())
        desk.forget_requests()
        if kind in {DriftKind.EXTRA, DriftKind.DUPLICATE_SKU, DriftKind.LOCKED}:
            assert planned == []
            with pytest.raises(RunError):
                desk.plugin.drift.send(kind=kind)
            return
        assert len(planned) == 2
        assert desk.settle(kind=kind).state == "done"
        assert sorted(desk.writes())[-2:] == sorted(planned)
        desk.door.publish_now()
        desk.door.fetch_photos_now()
        assert desk.kinds(desk.check_drift()) == {}


class TestSettling:
    def test_one_row(self, linked):
        """One SKU is settled, the others stay as they are."""
        desk = linked(10)
        for sku in ("G-0002", "G-0005"):
            Seed(desk).quantity(sku)
        desk.check_drift()
        desk.settle(sku="G-0005")
        assert (desk.door.listing("G-0002")["inventory"], desk.door.listing("G-0005")["inventory"]) == (3, 2)
        assert [row.sku for row in desk.plugin.drift.rows()] == ["G-0002"]

    def test_one_kind_of_several(self, linked):
        """A listing that differs in price, text and photos: settling the price sends the price and nothing else."""
        desk = linked(10)
        for kind in ("price", "text", "photos"):
            getattr(Seed(desk), kind)("G-0002")
        desk.check_drift()
        desk.forget_requests()
        desk.settle(kind="price")
        ((_, _, body),) = desk.writes()
        assert body == '{"price": {"amount": "799.00", "currency": "USD"}}'
        assert {row.action for row in desk.plugin.drift.rows()} == {"text", "photos"}

    def test_all_of_a_sku_is_one_request(self, linked):
        """Price, text and quantity of one listing are sent together."""
        desk = linked(10)
        for kind in ("price", "text", "quantity"):
            getattr(Seed(desk), kind)("G-0002")
        desk.check_drift()
        desk.forget_requests()
        run = desk.settle(sku="G-0002")
        assert len(desk.writes()) == 1
        assert len(desk.door.requests()) == desk.progress(run).requests == 2  # the listing is looked at before
        assert desk.kinds(desk.check_drift()) == {}

    def test_what_moved_since_is_left(self, linked):
        """A product that was saved after the check is not settled by what the check saw."""
        desk = linked(10)
        Seed(desk).quantity("G-0002")
        desk.check_drift()
        desk.market.change("G-0002", quantity=7)
        run = desk.settle(kind="quantity")
        assert desk.states(run) == {"G-0002": "moved"}
        assert desk.door.listing("G-0002")["inventory"] == 7

    @pytest.mark.parametrize(
        "fields",
        [{"price": {"amount": "640.00", "currency": "USD"}}, {"description": "Edited"}, {"state": "ended"}],
        ids=str,
    )
    def test_what_moved_on_reverb_since_is_left(self, linked, fields):
        """A listing that was edited by hand after the check is not settled, whichever kind its row was joined from."""
        desk = linked(10)
        for kind in ("price", "text"):
            getattr(Seed(desk), kind)("G-0002")
        desk.check_drift()
        listing_id = desk.market.link("G-0002").listing_id
        if "state" in fields:
            desk.plugin.client.end_listing(listing_id, "not_sold")
        else:
            desk.plugin.client.update_listing(listing_id, fields)
        before = desk.door.listing("G-0002")
        run = desk.settle(sku="G-0002")
        assert desk.states(run) == {"G-0002": "moved"}
        assert desk.door.listing("G-0002") == before

    def test_nothing_to_settle(self, linked):
        """Without a check, or without anything found, that is said."""
        desk = linked(10)
        with pytest.raises(RunError):
            desk.plugin.drift.send()
        desk.check_drift()
        with pytest.raises(RunError):
            desk.plugin.drift.send(kind="price")

    def test_one_at_a_time(self, linked):
        """While another run is under way nothing is settled, and nothing is marked so."""
        desk = linked(10)
        Seed(desk).quantity("G-0002")
        desk.check_drift()
        desk.mass_sync.preview()
        with pytest.raises(RunActiveError):
            desk.plugin.drift.send()
        assert [row.sku for row in desk.plugin.drift.rows()] == ["G-0002"]


class TestTaking:
    def test_the_shop_takes_over_the_quantity(self, linked):
        """The other direction: the shop's number becomes Reverb's, nothing is sent, the next check finds nothing."""
        desk = linked(10)
        for sku in ("G-0002", "G-0005"):
            Seed(desk).update(sku, inventory=9, has_inventory=True)
        desk.check_drift()
        desk.forget_requests()
        assert desk.plugin.drift.take(sku="G-0002") == 1
        assert desk.plugin.drift.take() == 1
        desk.market.drain()
        assert desk.writes() == []
        assert [desk.host.find_product(sku).quantity for sku in ("G-0002", "G-0005")] == [9, 9]
        assert desk.host.reasons == [("G-0002", "drift check"), ("G-0005", "drift check")]
        assert desk.kinds(desk.check_drift()) == {}

    def test_what_is_held_back_is_added(self, linked):
        """With a buffer of two, nine on Reverb are eleven in the shop."""
        desk = linked(10)
        desk.market.set(stock_buffer="2")
        Seed(desk).update("G-0002", inventory=9, has_inventory=True)
        desk.check_drift()
        desk.plugin.drift.take(sku="G-0002")
        assert desk.host.find_product("G-0002").quantity == 11

    def test_a_number_that_says_nothing_is_not_taken(self, linked):
        """Shown is the most that the setting allows: how many the shop has does not follow from that."""
        desk = linked(10)
        desk.market.set(stock_maximum="5")
        Seed(desk).update("G-0002", inventory=5, has_inventory=True)
        desk.check_drift()
        assert desk.plugin.drift.take(sku="G-0002") == 0
        assert desk.host.find_product("G-0002").quantity == 3

    def test_what_moved_since_is_not_taken(self, linked):
        """A sale in the shop or on Reverb after the check: the old number must not undo it."""
        desk = linked(10)
        ids = {}
        for sku in ("G-0002", "G-0005"):
            Seed(desk).update(sku, inventory=9, has_inventory=True)
            ids[sku] = desk.door.listing(sku)["id"]
        desk.check_drift()
        desk.host.sell("G-0002")
        desk.door.buy(ids["G-0005"])
        assert desk.plugin.drift.take() == 0
        assert [desk.host.find_product(sku).quantity for sku in ("G-0002", "G-0005")] == [2, 3]
        assert list(desk.plugin.drift.rows()) == []

    def test_while_reverb_may_not_be_asked(self, linked):
        """Reverb is down, or told us to slow down: that is said as an error of its own, and the row stays."""
        desk = linked(10)
        Seed(desk).update("G-0002", inventory=9, has_inventory=True)
        desk.check_drift()
        desk.door.go_down()
        for _ in range(20):
            with pytest.raises(UnavailableError) as error:
                desk.plugin.drift.take()
            if "was not asked" in error.value.message:
                break
        assert "Reverb was not asked: Reverb cannot be reached" in error.value.message
        assert [row.sku for row in desk.plugin.drift.rows()] == ["G-0002"]

    def test_a_shop_that_cannot(self, linked):
        """An adapter without set_quantity: that is said."""
        desk = linked(10)

        class Reading:
            find_product, iter_products = desk.host.find_product, desk.host.iter_products

        desk.plugin.host = Reading()
        with pytest.raises(RunError, match="set_quantity"):
            desk.plugin.drift.take()

    def test_a_shop_that_fails(self, linked):
        """The adapter raises: its error is told with the SKU, and the row stays."""
        desk = linked(10)
        Seed(desk).update("G-0002", inventory=9, has_inventory=True)
        desk.check_drift()
        desk.host.set_quantity = lambda *_: 1 / 0
        with pytest.raises(HostError, match="G-0002"):
            desk.plugin.drift.take()
        assert [row.sku for row in desk.plugin.drift.rows()] == ["G-0002"]


class TestNoFalseAlarm:
    @pytest.mark.parametrize(
        "differing",
        [
            {"policy_price": "never", "_listing": {"price": "1.00"}},
            {"stock_buffer": "1", "_listing": {"inventory": 2}},
            {"price_percent": "10", "_listing": {"price": "878.90"}},
            {"condition_map": '{"Brand New": "B-Stock"}', "_listing": {"condition": "B-Stock"}},
            {"policy_quantity": "never", "_listing": {"inventory": 77}},
        ],
        ids=lambda differing: next(iter(differing)),
    )
    def test_what_the_settings_make_is_no_drift(self, desk, differing):
        """A difference that the seller asked for is none."""
        fields = differing.pop("_listing") if "_listing" in differing else {}
        desk.market.set(**differing)
        desk.list_all(guitars(3), **fields)
        desk.fill_shop(*guitars(3))
        assert desk.kinds(desk.check_drift()) == {}

    def test_another_condition_is_no_other_number(self, desk):
        """A new guitar that is listed as a used one: the condition is told; the number 1 follows from it."""
        desk.list_all([guitar("A")], condition="Excellent", inventory=1)
        desk.fill_shop(guitar("A"))
        assert desk.kinds(desk.check_drift()) == {"A": {"condition"}}

    def test_sold_out_is_a_matter_of_quantity(self, desk):
        """A listing that ended because it was sold out: the number differs, and that is why it is not on sale."""
        desk.list_all([guitar("A")], inventory=0, state="ended", has_inventory=True)
        desk.fill_shop(guitar("A"))
        assert desk.kinds(desk.check_drift()) == {"A": {"quantity"}}

    def test_an_unknown_quantity_is_none(self, desk):
        """Unknown is never compared."""
        desk.list_all(guitars(3))
        desk.fill_shop(*guitars(3, quantity=None))
        assert desk.kinds(desk.check_drift()) == {}

    def test_a_listing_that_the_seller_ended(self, linked):
        """Ended by hand on Reverb while the shop has it: told as a state, not sent again and again by mass syncs."""
        desk = linked(10)
        for sku in ("G-0002", "U-0000"):
            Seed(desk).state(sku)
        desk.forget_requests()
        desk.sync()
        assert desk.writes() == []
        assert desk.kinds(desk.check_drift()) == {"G-0002": {"state"}, "U-0000": {"state"}}


def test_what_cannot_be_listed_is_missing_too(linked):
    """No listing, and no price to make one with: it is missing, with the reason, and cannot be settled."""
    desk = linked(10)
    desk.host.add(guitar("NO-PRICE", price=None))
    row = desk.row(desk.check_drift(), "NO-PRICE")
    assert (row.action, row.body) == ("missing", None)
    assert "the shop gives no price" in row.message


def test_a_check_writes_nothing(linked):
    """It reads both sides, and neither is changed."""
    desk = linked(20)
    for kind in DriftKind:
        getattr(Seed(desk), kind.name.lower())("G-0004")
    products, listings = list(desk.host.iter_products()), desk.door.listings()
    desk.check_drift()
    assert (list(desk.host.iter_products()), desk.door.listings()) == (products, listings)


def test_a_renamed_product(linked):
    """Its SKU was changed past the hooks: the new one is missing, and the listing of the old one is extra."""
    desk = linked(10)
    desk.host.add(replace(desk.host.remove("G-0002"), sku="RENAMED"))
    assert desk.kinds(desk.check_drift()) == {"RENAMED": {"missing"}, "G-0002": {"extra"}}
