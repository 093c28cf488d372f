"""What the preview shows is what is sent; what moved since is left alone, and the rest goes on."""

import json

import pytest

from reverb_plugin.errors import RunError
from reverb_plugin.hooks import on_product_saved
from tests.mass.desk import guitars
from tests.sync.market import PHOTO_1, PHOTO_2, PHOTO_3, guitar, used_guitar


@pytest.fixture
def differing(desk):
    """Ten new products, ten with another price, five without stock, one with other words, twenty as they are."""
    desk.market.set(policy_title="always", policy_photos="always", brake_percent="100")
    same, dearer, gone = guitars(20, "SAME"), guitars(10, "DEARER"), guitars(5, "GONE")
    desk.list_all([*same, *dearer, *gone, guitar("WORDS", description="old", title='Söme "öld" title ☃')])
    desk.fill_shop(
        *same,
        *(guitar(each.sku, price="899.95") for each in dearer),
        *(guitar(each.sku, quantity=0) for each in gone),
        guitar("WORDS", title="Ünïcode \u2014 <b>ti\ttle</b>", photos=(PHOTO_1, PHOTO_2)),
        *guitars(10, "NEW", photos=(PHOTO_1, PHOTO_2, PHOTO_3)),
        used_guitar("NEW-USED"),
    )
    return desk


class TestPreviewIsWhatIsSent:
    def test_byte_for_byte(self, differing):
        """Each request that changes something is one of the stored plan: method, path and JSON; and none is left."""
        run = differing.preview()
        planned = differing.planned(run)
        differing.forget_requests()
        assert differing.apply(run).state == "done"
        assert sorted(differing.writes()) == sorted(planned)
        assert len(planned) == 11 + 10 + 5 + 1
        lengths = {
            int(each.headers["Content-Length"]) for each in differing.door.requests() if each.method in {"POST", "PUT"}
        }
        assert lengths == {len(body) for _, _, body in planned}

    def test_every_row_is_told_as_done(self, differing):
        """Every row that was sent says so, and the progress adds up."""
        run = differing.apply(differing.preview())
        progress = differing.progress(run)
        assert set(differing.states(run).values()) == {"done"}
        assert (progress.done, progress.failed, progress.left, progress.left_seconds) == (27, 0, 0, 0.0)

    def test_afterwards_nothing_differs(self, differing):
        """A second plan has nothing to send."""
        differing.apply(differing.preview())
        differing.door.publish_now()
        again = differing.preview()
        assert differing.planned(again) == []
        assert again.unchanged == len(differing.host._skus)

    def test_photos_that_are_taken_away_are_in_the_plan(self, desk):
        """A photo that the shop no longer shows: the plan shows the list, counts its requests, and those are sent."""
        desk.market.set(policy_photos="always")
        desk.market.save(guitar(photos=(PHOTO_1, PHOTO_2, PHOTO_3)))
        desk.door.fetch_photos_now()
        desk.host.change("STRAT", photos=(PHOTO_1, PHOTO_3))
        run = desk.preview()
        row = desk.row(run, "STRAT")
        assert row.differences == (
            {"field": "photos", "old": f"{PHOTO_1}\n{PHOTO_2}\n{PHOTO_3}", "new": f"{PHOTO_1}\n{PHOTO_3}"},
        )
        desk.forget_requests()
        desk.apply(run)
        assert len(desk.door.requests()) == desk.progress(run).requests == 2 + 1  # the listing is looked at again
        assert row.requests == 2
        assert [photo["source_url"] for photo in desk.door.listing("STRAT")["photos"]] == [PHOTO_1, PHOTO_3]
        assert desk.preview().unchanged == 1

    def test_settings_that_change_meanwhile_do_not_change_the_plan(self, desk):
        """Another surcharge since the preview: what was shown is sent all the same."""
        desk.fill_shop(guitar())
        run = desk.preview()
        desk.market.set(price_percent="50")
        desk.apply(run)
        assert desk.door.listing("STRAT")["price"] == "799.00"

    def test_yes_plans_and_applies_in_one_go(self, desk):
        """For cron: one start, and the listings are there; the plan can be read afterwards."""
        desk.fill_shop(*guitars(5))
        run = desk.sync()
        assert (run.state, len(desk.door.listings())) == ("done", 5)
        assert [row.state for row in desk.rows(run)] == ["done"] * 5

    def test_a_plan_is_applied_once(self, desk):
        """A plan that was applied, or is none, cannot be applied."""
        desk.fill_shop(guitar())
        run = desk.apply(desk.preview())
        with pytest.raises(RunError):
            desk.mass_sync.apply(run.id)
        with pytest.raises(RunError):
            desk.mass_sync.apply(4711)
        with pytest.raises(RunError):
            desk.mass_sync.apply(desk.check_drift().id)

    def test_a_plan_stays_with_its_reverb(self, desk):
        """A plan for the sandbox is none for production."""
        desk.fill_shop(guitar())
        run = desk.preview()
        desk.market.set(environment="production")
        with pytest.raises(RunError):
            desk.mass_sync.apply(run.id)


class TestMoved:
    def test_products_and_listings_that_moved_are_left_alone(self, differing):
        """Changed, removed or pushed since the preview: those rows are left and named, and all the others are sent."""
        run = differing.preview()
        differing.host.change("NEW-0001", title="Changed since")
        differing.host.change("DEARER-0001", price="1.00")
        differing.host.remove("NEW-0002")
        differing.market.save(differing.host.find_product("DEARER-0002"))  # sent by itself in the meantime
        differing.market.save(differing.host.find_product("NEW-0003"))
        planned = {
            (row.method, row.path, json.dumps(dict(row.body))): row.sku for row in differing.rows(run) if row.method
        }
        differing.forget_requests()
        differing.apply(run)
        moved = {"NEW-0001", "NEW-0002", "NEW-0003", "DEARER-0001", "DEARER-0002"}
        states = differing.states(run)
        assert {sku for sku, state in states.items() if state == "moved"} == moved
        assert {state for sku, state in states.items() if sku not in moved} == {"done"}
        assert {planned[each] for each in differing.writes()} == states.keys() - moved
        assert differing.progress(run).moved == 5
        assert all("changed since the preview" in differing.row(run, sku).message for sku in moved)

    def test_a_listing_that_is_gone(self, desk):
        """Removed on Reverb since the preview: the row is left, nothing is made in its place, the rest goes on."""
        ids = desk.list_all(guitars(3), state="draft")
        desk.fill_shop(*guitars(3, price="1.00"))
        run = desk.preview()
        desk.plugin.client.delete_listing(str(ids[1]))
        desk.apply(run)
        assert desk.states(run) == {"G-0000": "done", "G-0001": "moved", "G-0002": "done"}
        assert len(desk.door.listings()) == 2

    def test_a_listing_that_somebody_made(self, desk):
        """Listed by hand on Reverb since the preview: there is no second one, and it is linked as it is."""
        desk.fill_shop(guitar())
        run = desk.preview()
        desk.list_all([guitar(price="650.00")])
        desk.apply(run)
        assert desk.door.listing("STRAT")["price"] == "650.00"
        assert desk.market.link("STRAT").listing_id == str(desk.door.listing("STRAT")["id"])

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"price": {"amount": "640.00", "currency": "USD"}}, "price is 640.00 USD now"),
            ({"description": "x" * 250 + "edited on Reverb"}, "description is xxx"),
            ({"sku": "OTHER"}, "its SKU is 'OTHER' now"),
            ({"state": "ended"}, "it is ended now"),
        ],
        ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
    )
    @pytest.mark.parametrize("held", [False, True], ids=["previewed", "held by the brake"])
    def test_a_listing_that_was_edited_on_reverb(self, desk, fields, told, held):
        """What the row shows was edited by hand since the preview: it is left and named, and the rest goes on."""
        desk.market.set(policy_description="always", brake_percent="20" if held else "100")
        ids = desk.list_all(guitars(6), description="x" * 250)
        desk.fill_shop(*guitars(6, price="1.00"))
        run = desk.sync() if held else desk.preview()
        assert run.state == "planned"
        if "state" in fields:
            desk.plugin.client.end_listing(str(ids[1]), "not_sold")
        else:
            desk.plugin.client.update_listing(str(ids[1]), fields)
        before = desk.door.listings()[1]
        desk.apply(run, confirmed=held)
        assert desk.states(run) == dict.fromkeys([f"G-{number:04}" for number in range(6)], "done") | {
            "G-0001": "moved"
        }
        message = desk.row(run, "G-0001").message
        assert "changed since the preview" in message
        assert told in message
        assert desk.door.listings()[1] == before

    def test_what_the_row_does_not_show_may_change(self, desk):
        """Better words on Reverb since the preview, of a field not kept in step: the price is sent all the same."""
        ids = desk.list_all([guitar(price="650.00")])
        desk.fill_shop(guitar())
        run = desk.preview()
        desk.plugin.client.update_listing(str(ids[0]), {"title": "Better words"})
        desk.apply(run)
        assert (desk.door.listing("STRAT")["price"], desk.door.listing("STRAT")["title"]) == ("799.00", "Better words")

    def test_looking_again_is_one_request_for_each_listing(self, desk):
        """A plan that somebody saw reads each listing before its write, and says so; one that nobody saw does not."""
        desk.market.set(brake_percent="100")
        desk.list_all(guitars(10, price="1.00"))
        desk.fill_shop(*guitars(10), *guitars(5, "NEW"))
        run = desk.preview()
        desk.forget_requests()
        assert desk.progress(run).requests == 10 * 2 + 5
        desk.apply(run)
        assert len(desk.door.requests()) == 10 * 2 + 5
        for product in list(desk.host.iter_products()):
            desk.host.change(product.sku, price="5.00")
        desk.door.index_now()
        desk.forget_requests()
        run = desk.sync()
        assert len(desk.door.requests()) == 1 + 15
        assert desk.progress(run).requests == 15

    def test_a_rule_that_was_made_since(self, desk):
        """The preview made the seller exclude something: it is left alone although the plan has it."""
        desk.fill_shop(*guitars(3))
        run = desk.preview()
        desk.market.set(exclude_skus="*-0001")
        desk.apply(run)
        assert desk.states(run) == {"G-0000": "done", "G-0001": "moved", "G-0002": "done"}


class TestTrouble:
    def test_what_is_left_out_is_told(self, desk):
        """Made and changed without a category that nobody mapped: log and row say so, as they do of a push."""
        desk.market.set(policy_categories="always", brake_percent="100")
        desk.list_all([guitar("OLD")])
        desk.fill_shop(*(guitar(sku, price="5.00", categories=("Gear/Odd",)) for sku in ("NEW", "OLD")))
        run = desk.sync()
        assert desk.states(run) == {"NEW": "done", "OLD": "done"}
        for sku in ("NEW", "OLD"):
            assert "'Gear/Odd' is no category of Reverb" in desk.row(run, sku).message
            (entry, *_) = desk.market.rows(sku)
            assert entry.code == "left-out"
            assert [error.field for error in entry.errors] == ["categories"]

    def test_a_row_that_reverb_refuses_fails_alone(self, desk):
        """One is refused: its row has the reason, nothing waits for a person, the run ends."""
        ids = desk.list_all(guitars(3))
        desk.fill_shop(*guitars(3, price="1.00"))
        body = {"message": "Please fill in", "errors": {"price": ["is too low"]}}
        desk.door.add_fault("answer", "PUT", f"listings/{ids[1]}", status=412, body=body)
        desk.market.set(brake_percent="100")
        run = desk.sync()
        assert desk.states(run) == {"G-0000": "done", "G-0001": "failed", "G-0002": "done"}
        assert (run.state, desk.market.parked(), desk.progress(run).failed) == ("done", [], 1)
        assert [(entry.outcome, str(entry.errors[0])) for entry in desk.market.rows("G-0001")] == [
            ("refused", "price: is too low")
        ]

    @pytest.mark.parametrize("method", ["PUT", "POST"])
    @pytest.mark.parametrize(
        "fault",
        [
            ("server_error", {"status": 500, "applied": True}),
            ("server_error", {"status": 500}),
            ("server_error", {"status": 503}),
            ("reset_after", {}),
            ("reset_before", {}),
            ("rate_limit", {}),
            ("html", {"status": 200, "applied": True}),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("looked_at", [False, True], ids=["at once", "previewed"])
    def test_a_try_that_fails_is_repeated(self, desk, looked_at, method, fault):
        """A write that fails or whose answer is lost: the same is sent again, once it is known whether it has to be."""
        kind, options = fault
        if method == "PUT":
            desk.list_all([guitar(price="650.00")])
        desk.fill_shop(guitar())
        run = desk.preview() if looked_at else None
        desk.door.add_fault(kind, method, times=2, **options)
        run = desk.apply(run, seconds=3600.0) if run else desk.sync(seconds=3600.0)
        assert desk.states(run) == {"STRAT": "done"}
        assert (run.state, desk.door.listing("STRAT")["price"]) == ("done", "799.00")

    def test_photos_half_taken_away(self, desk):
        """One photo is removed and then Reverb stumbles: the next try removes the others and no more."""
        desk.market.set(policy_photos="always")
        desk.market.save(guitar(photos=(PHOTO_1, PHOTO_2, PHOTO_3)))
        desk.door.fetch_photos_now()
        desk.host.change("STRAT", photos=(PHOTO_3,))
        run = desk.preview()
        numbers = [photo["id"] for photo in desk.door.listing("STRAT")["photos"]]
        desk.door.add_fault("server_error", "DELETE", numbers[1], status=503)
        desk.apply(run, seconds=3600.0)
        assert desk.states(run) == {"STRAT": "done"}
        assert [photo["source_url"] for photo in desk.door.listing("STRAT")["photos"]] == [PHOTO_3]

    def test_an_outage_holds_the_run_and_ends_it_not(self, desk):
        """Reverb goes down in the middle: nothing fails, and when it is back the run ends complete."""
        desk.fill_shop(*guitars(60))
        run_id = desk.mass_sync.start()
        desk.market.drain(3.0)
        assert 0 < len(desk.door.listings()) < 60
        desk.door.go_down()
        desk.market.live_through(4 * 3600)
        desk.door.come_up()
        desk.market.drain(900.0)
        run = desk.runs.find(run_id)
        assert (run.state, set(desk.states(run).values())) == ("done", {"done"})
        assert len(desk.door.listings()) == 60

    def test_it_is_the_hook_that_sends_what_is_saved_meanwhile(self, desk):
        """A product saved after its row was sent goes the usual way, and is not overwritten by the run."""
        desk.fill_shop(guitar())
        run = desk.apply(desk.preview())
        on_product_saved(desk.host.change("STRAT", price="1.00"), plugin=desk.plugin)
        desk.market.drain()
        assert (run.state, desk.door.listing("STRAT")["price"]) == ("done", "1.00")


class TestAdoption:
    def test_a_listing_is_linked_without_being_changed(self, desk):
        """The listings of the SKUs are known from then on; that they differ changes nothing before it is approved."""
        desk.list_all([guitar("A"), guitar("B", price="650.00")])
        desk.fill_shop(guitar("A"), guitar("B"))
        before = desk.door.listings()
        desk.preview()
        assert desk.door.listings() == before
        assert {sku: desk.market.link(sku).listing_id for sku in "AB"} == {row["sku"]: str(row["id"]) for row in before}

    def test_what_is_linked_and_equal_is_not_sent_again(self, desk):
        """A save after the adoption costs no lookup and no write."""
        desk.list_all([guitar("A")])
        desk.fill_shop(guitar("A"))
        desk.preview()
        desk.forget_requests()
        desk.market.save_again("A")
        assert desk.door.requests() == []

    def test_duplicates_are_reported(self, desk):
        """Several listings of one SKU: the live one is kept in step, the others are named and left alone."""
        (draft, live, ended) = (
            desk.list_all([guitar(price="1.00")], state=each)[0] for each in ("draft", "live", "ended")
        )
        desk.fill_shop(guitar())
        run = desk.sync()
        rows = {row.listing_id: row for row in desk.rows(run)}
        assert {number: row.action for number, row in rows.items()} == {
            str(live): "update",
            str(draft): "duplicate",
            str(ended): "duplicate",
        }
        assert str(live) in rows[str(draft)].message
        assert sorted(row["price"] for row in desk.door.listings_of("STRAT")) == ["1.00", "1.00", "799.00"]

    @pytest.mark.parametrize("sku", ["strat", "STR AT", "s t r a t"])
    def test_near_misses_are_reported_and_never_created(self, desk, sku):
        """A listing whose SKU differs in case or blanks: the likely pair is named, and no second listing is made."""
        (number,) = desk.list_all([guitar()], sku=sku)
        desk.fill_shop(guitar())
        run = desk.sync()
        row = desk.row(run, "STRAT")
        assert (row.action, row.body) == ("near miss", None)
        assert repr(sku) in row.message
        assert str(number) in row.message
        assert desk.actions(run) == {"near miss": 1}  # and not once more as a listing that the shop knows nothing of
        assert len(desk.door.listings()) == 1
        assert desk.market.link("STRAT") is None

    def test_two_products_may_differ_in_case_only(self, desk):
        """A listing that another product has is no near miss: both products get their own."""
        desk.list_all([guitar("strat")])
        desk.fill_shop(guitar("STRAT"), guitar("strat"))
        run = desk.sync()
        assert desk.row(run, "STRAT").action == "create"
        assert sorted(row["sku"] for row in desk.door.listings()) == ["STRAT", "strat"]

    def test_a_listing_that_the_lists_do_not_show_yet(self, desk):
        """Made a moment ago: it is asked for by its id, and not made a second time."""
        desk.door.set(index_lag_seconds=3600)
        desk.market.save(guitar())
        run = desk.preview()
        assert (run.unchanged, desk.rows(run)) == (1, [])
        assert desk.actions(desk.check_drift()) == {}

    def test_many_listings_that_the_lists_do_not_show(self, desk):
        """Asked for by their ids in small steps, however slow it goes: no step outlasts its lease."""
        desk.door.set(index_lag_seconds=10**6)
        desk.fill_shop(*guitars(50))
        desk.sync()
        desk.market.set(requests_per_minute="5")
        run_id = desk.mass_sync.preview()
        desk.forget_requests()
        desk.market.drain(1200.0)
        run = desk.runs.find(run_id)
        assert (run.state, run.unchanged, len(desk.door.requests())) == ("planned", 50, 51)

    def test_a_listing_that_was_made_anew_by_hand(self, desk):
        """The seller deleted the draft and listed the item again: the link follows, and nothing is made."""
        desk.market.save(guitar())
        desk.plugin.client.delete_listing(desk.market.link("STRAT").listing_id)
        (number,) = desk.list_all([guitar()])
        run = desk.preview()
        assert (run.unchanged, desk.market.link("STRAT").listing_id) == (1, str(number))

    def test_a_sku_that_was_changed_on_reverb(self, desk):
        """The linked listing has another SKU now: that is named, and no second listing is made."""
        desk.market.save(guitar())
        number = desk.market.link("STRAT").listing_id
        desk.plugin.client.update_listing(number, {"sku": "OTHER"})
        run = desk.sync()
        row = desk.row(run, "STRAT")
        assert (row.action, row.body, len(desk.door.listings())) == ("near miss", None, 1)
        assert "'OTHER'" in row.message

    def test_a_product_that_was_deleted_is_not_listed_again(self, desk):
        """Only a save brings a deleted product back, also when the shop shows it again."""
        desk.market.save(guitar())
        desk.market.delete("STRAT")
        desk.fill_shop(guitar())
        run = desk.sync()
        assert (desk.row(run, "STRAT").action, desk.door.listings()) == ("skipped", [])
