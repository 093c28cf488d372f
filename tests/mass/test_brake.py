"""The brake: a run that would do much harm, or that meets a shop which lost its products, stops and asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_plugin.errors import RunNeedsConfirmationError
from reverb_plugin.sync.plan import decide_brake
from tests.mass.desk import guitars


def reprice(desk, count):
    for number in range(count):
        desk.host.change(f"G-{number:04}", price="1.00")


def zero(desk, count):
    for number in range(count):
        desk.host.change(f"G-{number:04}", quantity=0)


def both(desk, count):
    reprice(desk, count // 2)
    for number in range(count // 2, count):
        desk.host.change(f"G-{number:04}", quantity=0)


@pytest.fixture
def shop(desk):
    """Forty live listings that are in step with the shop."""
    desk.fill_shop(*guitars(40))
    desk.list_all(guitars(40))
    return desk


@pytest.mark.parametrize("harm", [reprice, zero, both])
class TestShare:
    def test_more_than_a_fifth_stops(self, shop, harm):
        """9 of 40 live listings would end, go to zero or be repriced: nothing is sent, and the figures are told."""
        harm(shop, 9)
        shop.forget_requests()
        run = shop.sync()
        assert (run.state, run.brake) == (
            "planned",
            "9 of 40 live listings would end, go to zero or change their price.",
        )
        assert shop.writes() == []
        with pytest.raises(RunNeedsConfirmationError, match="9 of 40"):
            shop.mass_sync.apply(run.id)
        assert shop.mass_sync.find_active() is None

    def test_a_fifth_goes_through(self, shop, harm):
        """8 of 40 are no more than the share that is allowed."""
        harm(shop, 8)
        run = shop.sync()
        assert (run.state, run.brake, shop.progress(run).done) == ("done", None, 8)

    def test_confirmed_it_goes_on(self, shop, harm):
        """A person has looked at it: exactly that plan is sent."""
        harm(shop, 9)
        run = shop.sync()
        planned = shop.planned(run)
        shop.forget_requests()
        assert shop.apply(run, confirmed=True).state == "done"
        assert sorted(shop.writes()) == sorted(planned)

    def test_confirmed_beforehand_it_does_not_stop(self, shop, harm):
        """For a person who knows what comes."""
        harm(shop, 40)
        assert shop.sync(confirmed=True).state == "done"


def test_fewer_than_five_never_stop(desk):
    """In a small shop four of four may change their price; the fifth stops."""
    desk.list_all(guitars(5))
    desk.fill_shop(*guitars(5))
    reprice(desk, 4)
    assert desk.sync().state == "done"
    for number in range(5):
        desk.host.change(f"G-{number:04}", price="2.00")
    assert desk.sync().state == "planned"


def test_drafts_do_not_count(desk):
    """What nobody can buy may change its price."""
    desk.list_all(guitars(10), state="draft")
    desk.fill_shop(*guitars(10, price="1.00"))
    assert desk.sync().state == "done"


def test_the_share_is_a_setting(shop):
    """With 50 percent 20 of 40 go through, and 21 stop."""
    shop.market.set(brake_percent="50")
    reprice(shop, 20)
    assert shop.sync().state == "done"
    for number in range(21):
        shop.host.change(f"G-{number:04}", price="2.00")
    assert shop.sync().state == "planned"


class TestCatalogue:
    def test_an_empty_one_stops(self, shop):
        """The shop gives no products at all: something is wrong with the shop, and nothing is sent."""
        shop.preview()
        for sku in list(shop.host._skus):
            shop.host.remove(sku)
        run = shop.sync()
        assert (run.state, run.brake) == ("planned", "The shop gave no products at all.")

    def test_a_halved_one_stops(self, shop):
        """Fewer than half of what it was before: the numbers are told, and nothing is sent."""
        shop.preview()
        for number in range(21):
            shop.host.remove(f"G-{number:04}")
        shop.host.change("G-0039", price="1.00")
        run = shop.sync()
        assert (run.state, run.brake) == ("planned", "The shop gave 19 products; it gave 40 before.")
        assert shop.door.listing("G-0039")["price"] == "799.00"

    def test_it_stops_the_second_time_too(self, shop):
        """What was held and not confirmed is no measure: the night after, cron is held again."""
        shop.preview()
        for number in range(21):
            shop.host.remove(f"G-{number:04}")
        for _ in range(3):
            run = shop.sync()
            assert run.brake == "The shop gave 19 products; it gave 40 before."

    def test_confirmed_it_is_the_new_measure(self, shop):
        """The seller did clear out: after one confirmation it is no news any more."""
        shop.preview()
        for number in range(21):
            shop.host.remove(f"G-{number:04}")
        assert shop.apply(shop.sync(), confirmed=True).state == "done"
        assert shop.sync().state == "done"

    def test_half_of_it_goes_through(self, shop):
        """20 of 40 left is not less than half."""
        shop.preview()
        for number in range(20):
            shop.host.remove(f"G-{number:04}")
        assert shop.sync().state == "done"

    def test_the_first_run_is_measured_by_the_links(self, shop):
        """Before there was any run, the listings that are linked tell how many products there should be."""
        for sku in list(shop.host._skus):
            shop.market.save_again(sku)
            if sku < "G-0030":
                shop.host.remove(sku)
        assert shop.sync().brake == "The shop gave 10 products; it gave 40 before."


@given(*[st.integers(0, 1000)] * 4, st.integers(1, 100))
def test_the_brake_as_a_rule(grave, live, products, before, percent):
    """It holds exactly what exceeds the share (and is at least five), an empty catalogue, and a halved one."""
    held = decide_brake(grave, live, products, before, percent) is not None
    harmful = grave >= 5 and grave / max(live, 1) > percent / 100 and grave * 100 > live * percent
    assert held == (harmful or (before > 0 and products < before / 2))


class TestDrift:
    def test_settling_is_held_as_well(self, shop):
        """All prices that a drift check found are to be sent: too many at once need a person's word too."""
        reprice(shop, 9)
        shop.check_drift()
        with pytest.raises(RunNeedsConfirmationError, match="9 of 40"):
            shop.plugin.drift.send(kind="price")
        shop.forget_requests()
        assert shop.settle(kind="price", confirmed=True).state == "done"
        assert len(shop.writes()) == 9

    def test_a_few_are_settled_at_once(self, shop):
        """One row, or no more than the share, needs no confirmation."""
        reprice(shop, 9)
        shop.check_drift()
        assert shop.settle(sku="G-0001").state == "done"
        assert shop.door.listing("G-0001")["price"] == "1.00"
