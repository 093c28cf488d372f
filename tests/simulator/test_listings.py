"""Reverb's rules about listings, over real HTTP."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.simulator.caller import B_STOCK, BRAND_NEW, EXCELLENT, MINT_WITH_INVENTORY, item, new_item


def create(api, body):
    """Create a listing and return its id."""
    got = api.post("/listings", body)
    assert got.status in (201, 202), got.body
    return got.body["listing"]["id"]


def state_of(api, listing_id):
    return api.listing(listing_id)["state"]["slug"]


class TestCreating:
    def test_a_listing_is_a_draft_unless_published(self, api):
        """POST without ``publish`` answers 201 with a draft that has no published_at."""
        got = api.post("/listings", item())
        assert got.status == 201
        assert got.body["message"] == "Your draft listing has been created."
        assert got.body["listing"]["state"] == {"slug": "draft", "description": "Draft"}
        assert "published_at" not in api.listing(got.body["listing"]["id"])

    def test_photos_make_it_202(self, api):
        """POST with photos answers 202, because they are fetched later."""
        assert api.post("/listings", item(photos=["https://shop.example/1.jpg"])).status == 202

    def test_links_lead_to_this_host(self, api, simulator):
        """Links of listings are absolute, and those of the API stay on the host that was asked."""
        links = api.post("/listings", item()).body["listing"]["_links"]
        assert links["self"]["href"].startswith(f"{simulator.url}/listings/9740")
        assert links["update"]["method"] == "PUT"
        assert api.get(links["self"]["href"]).body["sku"] == "STRAT-1"

    def test_a_draft_of_a_used_item_reads_back_without_stock(self, api):
        """has_inventory true and 1 of a used item read back as false and 0 while it is a draft."""
        listing = api.listing(create(api, item(has_inventory=True, inventory=1)))
        assert (listing["has_inventory"], listing["inventory"]) == (False, 0)

    @pytest.mark.parametrize("condition", [BRAND_NEW, B_STOCK, MINT_WITH_INVENTORY])
    def test_three_conditions_hold_stock(self, api, condition):
        """Brand New, B-Stock and Mint (with inventory) keep the number they were given."""
        listing = api.listing(create(api, new_item(condition={"uuid": condition})))
        assert (listing["has_inventory"], listing["inventory"]) == (True, 5)

    def test_a_used_item_is_one_of_a_kind(self, api):
        """A used item is never more than one, whatever was sent."""
        listing = api.listing(create(api, item(has_inventory=True, inventory=3, publish=True)))
        assert (listing["state"]["slug"], listing["has_inventory"], listing["inventory"]) == ("live", False, 1)

    def test_a_sku_is_taken_once(self, api):
        """A second listing of the same SKU is a 412 that names the SKU."""
        create(api, item())
        got = api.post("/listings", item())
        assert got.status == 412
        assert got.body["errors"] == {
            "sku": ["You already have a listing with the SKU STRAT-1. Please use a unique SKU."]
        }
        assert "id" not in got.body["listing"]

    def test_a_listing_cannot_take_the_sku_of_another(self, api):
        """The same rule holds for PUT, and nothing of that PUT is kept."""
        create(api, item())
        other = create(api, item(sku="STRAT-2"))
        got = api.put(f"/listings/{other}", {"sku": "STRAT-1", "title": "Changed"})
        assert (got.status, list(got.body["errors"])) == (412, ["sku"])
        assert api.listing(other)["title"] == "Fender Stratocaster 1965"

    def test_two_of_one_sku_can_still_be_changed(self, api, door):
        """Where two listings share a SKU already, changing something else is no fault."""
        first, second = door.add_listings([{"sku": "TWICE"}, {"sku": "TWICE"}])
        assert api.put(f"/listings/{first}", {"title": "Changed"}).status == 200
        assert api.put(f"/listings/{second}", {"sku": "TWICE", "title": "Changed"}).status == 200

    def test_the_sku_of_a_deleted_draft_is_free_again(self, api):
        """After deleting the draft its SKU can be used."""
        api.delete(f"/listings/{create(api, item())}")
        assert api.post("/listings", item()).status == 201

    def test_make_and_model_are_guessed_from_the_title(self, api):
        """Where make and model are absent, Reverb guesses."""
        listing = api.listing(create(api, {"title": "Gibson SG Standard"}))
        assert (listing["make"], listing["model"]) == ("Gibson", "SG Standard")

    @pytest.mark.parametrize("name", ["make", "model"])
    def test_an_empty_make_or_model_is_refused(self, api, name):
        """Empty is not absent: 412."""
        got = api.post("/listings", item(**{name: ""}))
        assert (got.status, got.body["errors"]) == (412, {name: ["can't be blank"]})

    def test_a_middle_category_is_refused(self, api):
        """A category with a parent and children is listable by its flag, and refused all the same."""
        rows = api.get("/categories/flat").body["categories"]
        middle = next(row for row in rows if row["full_name"] == "Amps / Guitar Amps")
        got = api.post("/listings", item(categories=[{"uuid": middle["uuid"]}]))
        assert middle["listable"]
        assert (got.status, got.body) == (400, {"message": "Category cannot be used for listings"})

    @pytest.mark.parametrize(
        ("field", "value", "error"),
        [
            ("condition", {"uuid": "made-up"}, "condition[uuid] does not have a valid value"),
            ("condition", {}, "condition[uuid] is missing"),
            ("price", {"amount": "12", "currency": "XXX"}, "price[currency] does not have a valid value"),
            ("price", {"amount": "much", "currency": "USD"}, "price[amount] is invalid"),
            ("price", "12.00", "price is invalid"),
            ("inventory", "many", "inventory is invalid"),
            ("inventory", -1, "inventory is invalid"),
            ("title", ["a"], "title is invalid"),
            ("photos", "https://shop.example/1.jpg", "photos is invalid"),
            ("exclusive_channel", "everywhere", "exclusive_channel does not have a valid value"),
        ],
    )
    def test_a_wrong_type_is_a_400_with_error(self, api, field, value, error):
        """The parameter check says ``error`` where other refusals say ``message``."""
        got = api.post("/listings", item(**{field: value}))
        assert (got.status, got.body) == (400, {"error": error})

    @pytest.mark.parametrize("field", ["title", "make", "model", "finish", "sku"])
    def test_long_texts_are_refused(self, api, field):
        """Five texts hold 255 characters."""
        assert api.post("/listings", item(**{field: "x" * 256})).body["errors"].keys() == {field}
        assert api.post("/listings", item(**{field: "x" * 255})).status == 201

    def test_a_price_of_nothing_is_refused(self, api):
        """A price has to be above 0."""
        got = api.post("/listings", item(price={"amount": "0.00", "currency": "USD"}))
        assert (got.status, list(got.body["errors"])) == (412, ["price"])

    def test_stock_conditions_need_approval(self, api, door):
        """A shop without approval is offered neither B-Stock nor Mint (with inventory), and cannot use them."""
        door.set(stock_conditions_approved=False)
        names = {row["display_name"] for row in api.get("/shop/listing_conditions").body["conditions"]}
        assert names.isdisjoint({"B-Stock", "Mint (with inventory)"})
        assert api.post("/listings", new_item(condition={"uuid": B_STOCK})).status == 412

    def test_a_form_is_read_as_a_form(self, api):
        """A url-encoded body with brackets makes the same listing, also with no content type at all."""
        form = (
            b"title=Fender+Jazzmaster&make=Fender&model=Jazzmaster&price[amount]=900&price[currency]=USD"
            b"&condition[uuid]=%s&categories[][uuid]=%s" % (EXCELLENT.encode(), b"e57deb7a-382b-4e18-a008-67d4fbcb2879")
        )
        got = api.post("/listings", form, {"Content-Type": "application/x-www-form-urlencoded"})
        listing = got.body["listing"]
        assert (listing["title"], listing["price"]["amount"]) == ("Fender Jazzmaster", "900.00")
        assert listing["categories"][0]["full_name"] == "Electric Guitars / Solid Body"

    def test_json_that_is_none_is_a_400(self, api):
        """A body that cannot be parsed is refused."""
        assert api.post("/listings", b"{title").status == 400

    def test_many_at_once_make_one_of_a_sku(self, api, door):
        """Twenty simultaneous POSTs of one SKU make one listing."""
        with ThreadPoolExecutor(20) as pool:
            statuses = [got.status for got in pool.map(lambda _: api.post("/listings", item()), range(20))]
        assert sorted(statuses) == [201] + [412] * 19
        assert len(door.listings_of("STRAT-1")) == 1


class TestPublishing:
    def test_it_goes_live_a_little_later(self, slow_api, slow, clock):
        """The answer still shows a draft; a second later the listing is live."""
        got = slow_api.post("/listings", item(publish=True))
        assert got.body["message"] == "We are processing your request"
        assert got.body["listing"]["state"]["slug"] == "draft"
        clock.advance(1.0)
        listing = slow_api.listing(got.body["listing"]["id"])
        assert (listing["state"]["slug"], listing["live"], listing["inventory"]) == ("live", True, 1)
        assert "published_at" in listing

    @pytest.mark.parametrize("upc", [None, "123", "885978110804"])
    def test_a_brand_new_item_without_upc_stays_a_draft(self, api, upc):
        """The reason is a warning beside a 201, and nowhere else."""
        got = api.post("/listings", new_item(upc=upc, upc_does_not_apply=False, publish=True))
        assert (got.status, got.body["errors"]) == (201, {})
        assert got.body["warnings"] == ["UPC is required for Brand New items unless it does not apply"]
        assert state_of(api, got.body["listing"]["id"]) == "draft"

    @pytest.mark.parametrize("fields", [{"upc": "885978110803"}, {"upc_does_not_apply": "true"}])
    def test_a_upc_or_the_flag_lets_it_go_live(self, api, fields):
        """A valid UPC or the flag (also as text) is enough."""
        body = {**new_item(publish=True), "upc_does_not_apply": False, **fields}
        assert state_of(api, create(api, body)) == "live"

    def test_nothing_in_stock_is_not_published(self, api):
        """An item with stock 0 stays a draft and says so in a warning."""
        got = api.post("/listings", new_item(inventory=0, publish=True))
        assert got.body["warnings"]
        assert state_of(api, got.body["listing"]["id"]) == "draft"

    def test_an_unverified_account_may_not_publish(self, api, door):
        """403 on publishing; drafts can be made all the same."""
        door.set(account_ready=False)
        listing_id = create(api, item())
        got = api.put(f"/listings/{listing_id}", {"publish": True})
        assert (got.status, got.body) == (403, {"message": "Please verify your account before publishing."})

    def test_an_unfinished_draft_cannot_be_published(self, api):
        """PUT publish on a draft without a price is a 422 with errors by field."""
        got = api.put(f"/listings/{create(api, item(price=None))}", {"publish": True})
        assert (got.status, got.body["errors"]) == (422, {"price": ["can't be blank"]})

    def test_it_may_silently_stay_a_draft(self, api, door):
        """Reverb can accept a publication and never carry it out."""
        door.set(publish_succeeds=False)
        got = api.post("/listings", item(publish=True))
        assert (got.body["message"], got.body["warnings"]) == ("We are processing your request", [])
        assert state_of(api, got.body["listing"]["id"]) == "draft"

    def test_publish_also_works_in_the_query_and_as_text(self, api):
        """The documentation shows a query parameter and clients send "true"."""
        assert api.post("/listings?publish=true", item()).body["listing"]["id"]
        assert state_of(api, create(api, item(sku="STRAT-2", publish="true"))) == "live"
        assert state_of(api, 97400001) == "live"


class TestUpdating:
    def test_only_the_fields_sent_are_changed(self, api):
        """PUT answers 200 with the envelope and leaves everything else alone."""
        listing_id = create(api, item())
        got = api.put(f"/listings/{listing_id}", {"price": {"amount": "999.90", "currency": "USD"}})
        assert (got.status, got.body["message"]) == (200, "Your listing has been updated.")
        listing = api.listing(listing_id)
        assert (listing["price"]["amount"], listing["price"]["amount_cents"]) == ("999.90", 99990)
        assert (listing["title"], listing["sku"]) == ("Fender Stratocaster 1965", "STRAT-1")

    def test_the_slug_follows_the_title_and_the_id_stays(self, api):
        """Any slug behind the id leads to the listing."""
        listing_id = create(api, item())
        got = api.put(f"/listings/{listing_id}", {"title": "New Título!"})
        assert got.body["listing"]["_links"]["self"]["href"].endswith(f"/listings/{listing_id}-new-titulo")
        assert api.get(f"/listings/{listing_id}-anything-else").status == 200

    def test_a_listing_that_is_not_there_is_a_404(self, api):
        """An unknown id and a word that is no id are both not found."""
        assert api.put("/listings/1", {}).status == 404
        assert api.get("/listings/guitar").body == {"message": "Not found"}

    def test_inventory_0_sells_out_what_holds_stock(self, api):
        """A listing with stock becomes ``sold``, and raising the number relists it by itself."""
        listing_id = create(api, new_item(publish=True))
        api.put(f"/listings/{listing_id}", {"inventory": 0})
        listing = api.listing(listing_id)
        assert (listing["state"]["slug"], listing["inventory"], listing["has_inventory"]) == ("sold", 0, True)
        api.put(f"/listings/{listing_id}", {"inventory": 2})
        assert state_of(api, listing_id) == "live"

    def test_inventory_0_ends_a_used_item(self, api):
        """A used item becomes ``ended``; raising the number does not bring it back, publishing does."""
        listing_id = create(api, item(publish=True))
        api.put(f"/listings/{listing_id}", {"inventory": 0})
        assert state_of(api, listing_id) == "ended"
        api.put(f"/listings/{listing_id}", {"inventory": 1})
        assert state_of(api, listing_id) == "ended"
        api.put(f"/listings/{listing_id}", {"publish": True})
        assert state_of(api, listing_id) == "live"

    def test_a_sold_one_of_a_kind_is_locked(self, api, door):
        """After an order a used item is ``ordered``: no change is accepted any more."""
        listing_id = create(api, item(publish=True))
        door.buy(listing_id)
        assert state_of(api, listing_id) == "ordered"
        assert api.put(f"/listings/{listing_id}", {"publish": True}).status == 422
        assert api.put(f"/listings/{listing_id}", {"inventory": 1}).status == 422

    def test_an_unknown_shipping_profile_is_refused(self, api):
        """Profiles are those of the shop, as text or as number."""
        assert api.post("/listings", item(shipping_profile_id="1")).status == 412
        assert api.post("/listings", item(shipping_profile_id=61257)).body["listing"]["shipping_profile_id"] == 61257

    def test_inline_rates_are_read_back(self, api):
        """Rates by region are kept; without a profile there is no shipping_profile_id."""
        rate = {"region_code": "US_CON", "rate": {"amount": "10.00", "currency": "USD"}}
        listing = api.listing(create(api, item(shipping={"local": True, "rates": [rate]})))
        assert listing["shipping"]["rates"][0]["rate"]["amount"] == "10.00"
        assert "shipping_profile_id" not in listing


class TestEndingAndDeleting:
    def test_end_answers_with_an_empty_body(self, api):
        """200 and nothing in it; the listing is ended."""
        listing_id = create(api, item(publish=True))
        got = api.put(f"/my/listings/{listing_id}/state/end", {"reason": "not_sold"})
        assert (got.status, got.body) == (200, None)
        assert state_of(api, listing_id) == "ended"

    @pytest.mark.parametrize(
        ("body", "status", "answer"),
        [
            ({}, 412, {"message": "Missing parameter: reason"}),
            ({"reason": "bored"}, 400, {"error": "reason does not have a valid value"}),
        ],
    )
    def test_end_wants_a_reason(self, api, body, status, answer):
        """The reason is required and one of two."""
        got = api.put(f"/my/listings/{create(api, item(publish=True))}/state/end", body)
        assert (got.status, got.body) == (status, answer)

    def test_a_draft_cannot_be_ended(self, api):
        """422."""
        got = api.put(f"/my/listings/{create(api, item())}/state/end", {"reason": "not_sold"})
        assert (got.status, got.body) == (422, {"message": "This listing cannot be ended."})

    def test_a_draft_is_deleted_for_good(self, api):
        """DELETE answers 200, then the listing is not found."""
        listing_id = create(api, item())
        assert api.delete(f"/listings/{listing_id}").status == 200
        assert api.get(f"/listings/{listing_id}").status == 404

    @pytest.mark.parametrize("state", ["live", "ended", "sold"])
    def test_what_was_published_is_never_deleted(self, api, door, state):
        """400, and the listing stays."""
        listing_id = door.add_listing(state=state)
        got = api.delete(f"/listings/{listing_id}")
        assert (got.status, got.body) == (400, {"message": "Only drafts can be deleted"})
        assert state_of(api, listing_id) == state

    def test_a_listing_sold_outside_of_reverb_is_locked(self, api):
        """reverb_sale says that the one piece is gone."""
        listing_id = create(api, item(publish=True))
        api.put(f"/my/listings/{listing_id}/state/end", {"reason": "reverb_sale"})
        assert api.put(f"/listings/{listing_id}", {"publish": True}).status == 422
