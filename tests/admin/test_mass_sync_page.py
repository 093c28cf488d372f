"""Sync all listings on the page: looked at, held by the brake, sent, watched, ended; drift found and settled."""

import pytest

from reverb_plugin.admin.run_sheet import ROWS
from reverb_plugin.store import runs as states
from tests.admin.visitor import Visitor, find_form, rows_of, text_of
from tests.mass.desk import Desk, guitars
from tests.queries import recorded_queries
from tests.sync.market import guitar


@pytest.fixture
def desk(market):
    market.set(mass_sync_pause_hours="0", drift_check_hours="0", brake_percent="100")
    return Desk(market)


@pytest.fixture
def visitor(desk):
    return Visitor(desk.plugin)


@pytest.fixture
def differing(desk):
    """Ten guitars; of three the shop has another price, and two are new."""
    products = guitars(10)
    desk.list_all(products)
    desk.fill_shop(*products, *guitars(2, "NEW"))
    for sku in ("G-0001", "G-0003", "G-0005"):
        desk.host.change(sku, price="650.00")
    return desk


def start_page(visitor):
    return visitor.open("/mass-sync")


def has_button(page, words):
    try:
        find_form(page, words)
    except AssertionError:
        return False
    return True


def preview(visitor, desk):
    """A preview is made and opened."""
    visitor.press(start_page(visitor), "Make a preview")
    desk.market.drain()
    return visitor.open(f"/mass-sync/{desk.runs.newest(limit=1)[0].id}")


def latest(desk):
    return desk.runs.newest(limit=1)[0]


class TestPreview:
    def test_what_would_be_sent_is_shown(self, visitor, differing):
        """How many of each, each row with its fields old and new, what it costs; and nothing is written."""
        page = preview(visitor, differing)
        text = text_of(page)
        assert "5 rows in 8 requests" in text
        assert "Update 3 Create 2 Unchanged 7" in text
        assert "price 799.00 USD → becomes 650.00 USD" in text
        created = text_of(visitor.open(f"/mass-sync/{latest(differing).id}", kind="create"))
        assert "NEW-0000 Fender Player Stratocaster price 799.00 USD quantity 3" in created
        assert "listed as a draft" in created
        assert differing.writes() == []

    def test_exactly_that_is_sent(self, visitor, differing):
        """The requests are those of the plan, each once; then each row says what became of it."""
        page = preview(visitor, differing)
        run = latest(differing)
        planned = differing.planned(run)
        visitor.press(page, "Send 5 rows")
        differing.market.drain()
        assert sorted(differing.writes()) == sorted(planned)
        page = visitor.open(f"/mass-sync/{run.id}")
        assert "Done 5 Failed 0" in text_of(page)
        assert all("Done" in row for row in rows_of(page))
        assert "data-refresh-seconds" not in page.text

    def test_pressed_again_it_is_not_sent_again(self, visitor, differing):
        """Back in the old window, the plan was sent already, and the page says so."""
        page = preview(visitor, differing)
        visitor.press(page, "Send 5 rows")
        differing.market.drain()
        differing.forget_requests()
        assert "cannot be sent any more" in text_of(visitor.press(page, "Send 5 rows"))
        differing.market.drain()
        assert differing.writes() == []

    def test_nothing_to_send(self, visitor, desk):
        """Where everything is in step there is no button, and the page says so."""
        products = guitars(2)
        desk.list_all(products)
        desk.fill_shop(*products)
        page = preview(visitor, desk)
        assert "Nothing to send" in text_of(page)
        assert "run-apply" not in page.text

    def test_rows_come_page_by_page(self, visitor, desk):
        """Each row once, forward and back again, over plain links."""
        desk.fill_shop(*guitars(2 * ROWS + 3))
        page = preview(visitor, desk)
        forward = [rows_of(page)]
        while 'rel="next"' in page.text:
            page = visitor.open(page.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&"))
            forward.append(rows_of(page))
        back = [rows_of(page)]
        while 'rel="prev"' in page.text:
            page = visitor.open(page.text.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&"))
            back.append(rows_of(page))
        assert [len(rows) for rows in forward] == [ROWS, ROWS, 3]
        assert len({row for rows in forward for row in rows}) == 2 * ROWS + 3
        assert back == forward[::-1]

    def test_hostile_text(self, visitor, desk):
        """Titles, SKUs and messages with markup are read, never run."""
        bad = "<script>alert(1)</script>"
        desk.door.add_listings([{"sku": bad, "title": bad, "state": "live", "price": "1.00", "inventory": 1}])
        desk.fill_shop(guitar(f"{bad}2", title=bad, price=None), guitar(f"{bad}3", title=bad, description=bad))
        preview(visitor, desk)
        for kind in ("create", "refused", "not in shop"):
            page = visitor.open(f"/mass-sync/{latest(desk).id}", kind=kind)
            assert bad in text_of(page)
            assert bad not in page.text

    def test_what_is_none(self, visitor, desk):
        """A run of no number, or of the other environment, is not found."""
        desk.fill_shop(guitar())
        preview(visitor, desk)
        desk.market.set(environment="production")
        for address in ("/mass-sync/1", "/mass-sync/4711", f"/mass-sync/{2**63}"):
            assert visitor.open(address).status_code == 404
        desk.market.set(environment="sandbox")
        for after in ("nonsense", "-1", 2**63):
            assert "STRAT" in text_of(visitor.open("/mass-sync/1", after=after))


class TestOneAtATime:
    @pytest.mark.parametrize("words", ["Make a preview", "Sync all listings", "Check now"])
    def test_two_windows_start_one(self, visitor, differing, words):
        """Pressed in two windows, or twice, one is started; the second window is told, and shows the first one."""
        window, other = start_page(visitor), start_page(visitor)
        visitor.press(window, words)
        for _ in range(2):
            page = visitor.press(other, words)
            assert "One is under way already" in text_of(page)
            assert "reading listings" in text_of(page)
        assert len(differing.runs.newest()) == 1

    def test_too_soon(self, visitor, differing):
        """Between two that send a time must pass: the button is off, a form sent all the same starts nothing."""
        differing.market.set(mass_sync_pause_hours="12")
        old = start_page(visitor)
        visitor.press(old, "Sync all listings")
        differing.market.drain()
        page = start_page(visitor)
        assert "possible again" in text_of(page)
        assert not has_button(page, "Sync all listings") or "disabled" in page.text
        assert "not long ago" in text_of(visitor.press(old, "Sync all listings"))
        assert len(differing.runs.newest()) == 1
        page = preview(visitor, differing)
        assert not has_button(page, "Send 5 rows")


class TestBrake:
    def test_it_asks(self, visitor, differing):
        """What is held is sent only when a person has ticked that it is meant."""
        differing.market.set(brake_percent="20")
        for number in range(10):
            differing.host.change(f"G-{number:04}", price="1.00")
        visitor.press(start_page(visitor), "Sync all listings")
        differing.market.drain()
        assert "10 of 10 live listings" in text_of(start_page(visitor))
        page = visitor.open("/mass-sync/1")
        assert "The brake holds it" in text_of(page)
        assert "Nothing was sent: tick" in text_of(visitor.press(page, "Send 12 rows"))
        differing.market.drain()
        assert differing.writes() == []
        visitor.press(page, "Send 12 rows", confirmed="on")
        differing.market.drain()
        assert len(differing.writes()) == 12


class TestProgress:
    def test_it_is_followed_while_it_runs(self, visitor, differing):
        """The page refreshes itself for as long as something is under way, with numbers that grow."""
        visitor.press(start_page(visitor), "Sync all listings")
        page = visitor.open("/mass-sync/1")
        assert 'id="run" class="stack" data-refresh-seconds="2"' in page.text
        assert 'id="now" class="stack" data-refresh-seconds="2"' in start_page(visitor).text
        differing.plugin.drain(60.0, is_enough=lambda: differing.runs.find(1).state == states.APPLYING)
        assert "Sending" in text_of(visitor.open("/mass-sync/1"))
        differing.market.drain()
        assert "data-refresh-seconds" not in visitor.open("/mass-sync/1").text
        assert "data-refresh-seconds" not in start_page(visitor).text

    def test_pause_resume_cancel(self, visitor, differing):
        """Held, nothing is sent; resumed, it goes on; cancelled, it is over, and what was sent stays."""
        page = preview(visitor, differing)
        page = visitor.press(page, "Send 5 rows")
        page = visitor.press(page, "Pause")
        assert "Paused" in text_of(page)
        differing.market.drain()
        assert differing.writes() == []
        page = visitor.press(page, "Resume")
        assert "It goes on." in text_of(page)
        page = visitor.press(page, "Cancel")
        assert "It is cancelled." in text_of(page)
        differing.market.drain()
        assert latest(differing).state == states.CANCELLED

    def test_an_old_window_does_not_end_another_run(self, visitor, differing):
        """Cancel and pause are about the run of their window only."""
        visitor.press(start_page(visitor), "Make a preview")
        old = visitor.open("/mass-sync/1")
        visitor.press(old, "Cancel")
        visitor.press(start_page(visitor), "Make a preview")
        for action in ("cancel", "pause", "resume"):
            assert "It has moved on meanwhile" in text_of(visitor.send(f"/mass-sync/1/{action}"))
        assert differing.mass_sync.find_active().run.id == 2

    def test_a_step_that_fails_is_told(self, visitor, desk):
        """Why it does not get on, and that it is tried again; once it is given up, Resume tries again."""
        desk.fill_shop(guitar())
        desk.host.fail(ConnectionError("the shop's database is away"))
        visitor.press(start_page(visitor), "Make a preview")
        desk.market.drain(5.0)
        assert "the shop's database is away" in text_of(visitor.open("/mass-sync/1"))
        desk.market.live_through(24 * 3600)
        assert "Press Resume" in text_of(start_page(visitor))
        desk.host.heal()
        visitor.press(visitor.open("/mass-sync/1"), "Resume")
        desk.market.drain()
        assert latest(desk).state == states.PLANNED

    def test_no_process_sends(self, visitor, desk):
        """What is started needs a process that sends: where none does, the page says what to do."""
        assert "No process sends" in text_of(start_page(visitor))
        visitor.press(start_page(visitor), "Make a preview")
        assert "reverb-plugin worker" in text_of(visitor.open("/mass-sync/1"))
        assert desk.plugin.store.claim_sender("elsewhere:7:x", "0.1.0", 30.0)
        assert "No process sends" not in text_of(start_page(visitor))
        assert "No process sends" not in text_of(visitor.open("/mass-sync/1"))

    def test_no_token(self, open_market):
        """Without a token nothing can be sent: the page says so and leads to the settings."""
        market = open_market(token="")
        page = start_page(Visitor(market.plugin))
        assert "no token has been entered yet" in text_of(page)
        assert 'class="button" href="/settings"' in page.text

    def test_nothing_is_asked_while_a_page_is_made(self, visitor, differing):
        """No page and no button here asks Reverb anything: the worker does."""
        differing.forget_requests()
        page = visitor.press(start_page(visitor), "Make a preview")
        visitor.press(page, "Cancel")
        visitor.press(start_page(visitor), "Check now")
        assert differing.door.requests() == []

    def test_queries(self, visitor, differing):
        """Few, and as many for a long plan as for a short one."""
        visitor.press(start_page(visitor), "Make a preview")
        start_page(visitor)
        with recorded_queries() as under_way:
            start_page(visitor)
        differing.market.drain()
        visitor.open("/mass-sync/1")
        with recorded_queries() as opened:
            visitor.open("/mass-sync/1")
        assert len(under_way) <= 12, "\n\n".join(under_way)
        assert len(opened) <= 10, "\n\n".join(opened)


class TestWhatWentWrong:
    def test_it_stands_first(self, visitor, differing):
        """Rows that failed, and those that moved since the preview, are shown before all others, with the reason."""
        page = preview(visitor, differing)
        differing.host.change("G-0001", price="651.00")
        differing.door.add_fault("answer", method="POST", status=422, body={"message": "The price is too low"})
        visitor.press(page, "Send 5 rows")
        differing.market.drain()
        page = visitor.open("/mass-sync/1")
        assert "Failed 1 Changed since the preview 1 Update 3 Create 2" in text_of(page)
        (failed,) = rows_of(page)
        assert "NEW-000" in failed
        assert "The price is too low" in failed
        (moved,) = rows_of(visitor.open("/mass-sync/1", kind="changed since the preview"))
        assert "G-0001" in moved


class TestLastRuns:
    def test_all_are_listed(self, visitor, differing):
        """Previews, syncs, checks and settlements, newest first, each with how it stands and the way to it."""
        visitor.press(preview(visitor, differing), "Send 5 rows")
        differing.market.drain()
        differing.host.change("G-0002", price="1.00")
        differing.check_drift()
        visitor.press(visitor.open("/mass-sync/2"), "Send")
        differing.market.drain()
        rows = rows_of(start_page(visitor))
        assert [row.split(" Done ")[0].split(" Complete ")[0].strip() for row in rows] == [
            "Settlement 3",
            "Drift check 2",
            "Mass sync 1",
        ]


class TestDrift:
    @pytest.fixture
    def found(self, desk):
        """Of eight guitars the shop has another quantity, of two another price."""
        products = guitars(12)
        desk.list_all(products)
        desk.fill_shop(*products)
        desk.preview()
        for number in range(8):
            desk.host.change(f"G-{number:04}", quantity=9)
        for number in (10, 11):
            desk.host.change(f"G-{number:04}", price="650.00")
        desk.check_drift()
        desk.forget_requests()
        return desk

    def open(self, visitor, kind):
        return visitor.open("/mass-sync/2", kind=kind)

    def test_kinds_are_shown(self, visitor, found):
        """How many of each kind, with what it means and each row's fields; both directions where the shop can."""
        page = self.open(visitor, "quantity")
        assert "Quantity 8 Price 2" in text_of(page)
        assert "Quantity: another number on Reverb." in text_of(page)
        assert "quantity 3 → becomes 9" in rows_of(page)[0]
        assert has_button(page, "Take over 3")
        assert not has_button(self.open(visitor, "price"), "Take over 3")

    def test_all_of_a_kind_are_sent(self, visitor, found):
        """Every price, and nothing but prices."""
        visitor.press(self.open(visitor, "price"), "Send what the shop has, all 2")
        found.market.drain()
        assert [list(row.body) for row in found.door.requests("PUT")] == [["price"], ["price"]]

    def test_one_is_sent(self, visitor, found):
        """The others stay open."""
        visitor.press(self.open(visitor, "price"), "Send")
        found.market.drain()
        assert len(found.door.requests("PUT")) == 1
        rows = rows_of(self.open(visitor, "price"))
        assert ["Done" in row for row in rows] == [True, False]

    def test_all_quantities_are_taken_over(self, visitor, found):
        """The worker asks once for each, and the shop has Reverb's numbers."""
        page = visitor.press(self.open(visitor, "quantity"), "Let the shop take over all of these quantities")
        assert found.door.requests() == []
        assert all("Waits" in row for row in rows_of(page))
        found.market.drain()
        assert {found.host.find_product(f"G-{number:04}").quantity for number in range(8)} == {3}
        assert [each.method for each in found.door.requests()] == ["GET"] * 8

    def test_the_brake_asks(self, visitor, found):
        """Many live listings brought to zero need a person's word, here as well."""
        for number in range(8):
            found.host.change(f"G-{number:04}", quantity=0)
        found.check_drift()
        found.market.set(brake_percent="20")
        found.forget_requests()
        page = visitor.open("/mass-sync/3", kind="quantity")
        page = visitor.press(page, "Send what the shop has, all 8")
        assert page.status_code == 409
        assert "8 of 12 live listings would end" in text_of(page)
        found.market.drain()
        assert found.writes() == []
        visitor.press(page, "Send 8 rows", confirmed="on")
        found.market.drain()
        assert len(found.writes()) == 8

    def test_only_the_newest_is_settled(self, visitor, found):
        """What an older check found is only shown."""
        old = self.open(visitor, "price")
        found.check_drift()
        assert "There is a newer drift check" in text_of(self.open(visitor, "price"))
        assert "There is a newer drift check" in text_of(visitor.press(old, "Send what the shop has, all 2"))
        found.market.drain()
        assert found.writes() == []

    def test_nothing_differs(self, visitor, desk):
        """A check that found nothing says so."""
        desk.check_drift()
        assert "Nothing differs." in text_of(visitor.open("/mass-sync/1"))
