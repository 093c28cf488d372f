"""Token, scopes, headers, and what can be read about the shop and the world."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from reverb_plugin.simulator import Simulator
from tests.simulator.caller import BRAND_NEW, Caller


class TestToken:
    @pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic abc", "Bearer "])
    def test_without_the_right_token_it_is_401(self, api, header):
        """The body has message and details."""
        got = api.get("/my/account", {"Authorization": header})
        assert got.status == 401
        assert got.body == {"message": "Please log in to view your listings.", "details": "Invalid token."}

    def test_the_older_header_works_too(self, api, simulator):
        """X-Auth-Token."""
        assert api.get("/my/account", {"Authorization": None, "X-Auth-Token": simulator.token}).status == 200

    def test_a_revoked_token_is_dead(self, api, door):
        """The door revokes it, and gives it back."""
        door.set(token_revoked=True)
        assert api.get("/my/account").status == 401
        door.set(token_revoked=False)
        assert api.get("/my/account").status == 200

    def test_a_missing_scope_is_403(self):
        """Reading listings does not allow to write them."""
        with Simulator(scopes=("public", "read_listings")) as simulator:
            api = Caller(simulator)
            assert api.get("/my/listings").status == 200
            got = api.post("/listings", {})
            assert (got.status, got.body) == (403, {"message": "The access token does not have the required scope"})

    def test_reference_data_needs_no_token(self, api):
        """Categories are public."""
        assert api.get("/categories/flat", {"Authorization": None}).status == 200


class TestAnswers:
    def test_every_answer_has_a_request_id_of_its_own(self, api):
        """Also refusals."""
        ids = {api.get(path).headers["X-Request-Id"] for path in ("/shop", "/shop", "/nowhere")}
        assert len(ids) == 3

    def test_answers_say_what_they_are(self, api):
        """hal+json, the version, and that it varies with the version asked for."""
        headers = api.get("/shop").headers
        assert headers["Content-Type"] == "application/hal+json"
        assert (headers["X-Reverb-Version"], headers["Vary"]) == ("3.0", "Accept-Version")
        assert api.get("/shop", {"Accept-Version": None}).headers["X-Reverb-Version"] == "1.0"

    def test_an_address_that_is_none_is_404(self, api):
        """With a message."""
        got = api.get("/nowhere")
        assert (got.status, got.body) == (404, {"message": "Not found"})

    def test_a_verb_that_is_not_supported_is_405(self, api):
        """With a message."""
        got = api.delete("/categories/flat")
        assert (got.status, got.body) == (405, {"message": "Method not allowed"})


class TestRateLimit:
    def test_beyond_the_limit_it_is_429_until_the_window_is_over(self, slow, slow_api, clock):
        """Three in a minute, then none, then again three; no header unless asked for."""
        slow.door.set(requests_per_minute=3)
        assert [slow_api.get("/shop").status for _ in range(4)] == [200, 200, 200, 429]
        got = slow_api.get("/shop")
        assert got.body == {"message": "Too many requests. Please try again later."}
        assert got.headers["Retry-After"] is None
        clock.advance(60)
        assert slow_api.get("/shop").status == 200

    @pytest.mark.parametrize("form", ["seconds", "date", 7])
    def test_retry_after_comes_in_both_forms(self, slow, slow_api, clock, form):
        """In seconds, as a date, or whatever a test wants."""
        slow.door.set(requests_per_minute=1, retry_after=form)
        slow_api.get("/shop")
        clock.advance(15)
        value = slow_api.get("/shop").headers["Retry-After"]
        if form == "date":
            assert parsedate_to_datetime(value) == (clock.now() + timedelta(seconds=45)).replace(microsecond=0)
        else:
            assert value == {"seconds": "45", 7: "7"}[form]


class TestShop:
    def test_an_account_without_a_shop_says_so_by_silence(self, api, door):
        """No ``shop`` in the account, and no shop to read."""
        door.set(has_shop=False)
        assert "shop" not in api.get("/my/account").body
        assert api.get("/shop").status == 404

    def test_the_shop_can_be_changed(self, api):
        """PUT /shop and PUT /my/account change what is named."""
        assert api.put("/shop", {"name": "Other Gear"}).body["name"] == "Other Gear"
        assert api.put("/my/account", {"locale_code": "de"}).body["locale"] == "de"
        assert api.put("/shop", {"currency": "XXX"}).status == 400

    def test_vacation_is_switched_by_post_and_delete(self, api):
        """And read by GET."""
        assert api.post("/shop/vacation").body == {"enabled": True}
        assert api.get("/shop").body["on_vacation"]
        assert api.delete("/shop/vacation").body == {"enabled": False}
        assert api.get("/shop/vacation").body == {"enabled": False}

    def test_counts_say_what_there_is_to_do(self, api, door):
        """Orders that wait for shipment."""
        door.buy(door.add_listing())
        assert api.get("/my/counts").body["orders_awaiting_shipment"] == 1


class TestNothingThere:
    """What a shop may ask for and this one has none of."""

    @pytest.mark.parametrize(
        ("path", "name"), [("/my/listings/negotiations", "listings"), ("/my/orders/buying/all", "orders")]
    )
    def test_an_empty_list_is_an_empty_page(self, api, door, path, name):
        """Total 0 and no rows, although there are listings and orders."""
        door.buy(door.add_listing())
        body = api.get(path).body
        assert (body["total"], body[name]) == (0, [])

    @pytest.mark.parametrize("name", ["bump", "sales"])
    def test_what_hangs_on_a_listing_needs_the_listing(self, api, door, name):
        """200 for a listing that is there, 404 for one that is not."""
        assert api.get(f"/listings/{door.add_listing()}/{name}").status == 200
        assert api.get(f"/listings/1/{name}").status == 404


class TestReference:
    def test_eight_conditions_are_public_and_ten_the_shops(self, api):
        """The two that need approval show with a token only."""
        assert len(api.get("/listing_conditions", {"Authorization": None}).body["conditions"]) == 8
        own = api.get("/shop/listing_conditions").body["conditions"]
        assert (len(own), own[-1]["uuid"]) == (10, BRAND_NEW)
        assert api.get("/listing_conditions").body["conditions"] == own

    def test_flat_categories_are_kept_for_a_day(self, api):
        """They have an ETag, and asking with it is a 304."""
        got = api.get("/categories/flat")
        assert got.headers["Cache-Control"] == "max-age=86400, public"
        again = api.get("/categories/flat", {"If-None-Match": got.headers["ETag"]})
        assert (again.status, again.body) == (304, None)

    def test_the_tree_has_fourteen_roots(self, api):
        """And every flat category is somewhere in it."""

        def walk(row):
            yield row["uuid"]
            for child in row["subcategories"]:
                yield from walk(child)

        roots = api.get("/categories").body["categories"]
        flat = api.get("/categories/flat").body["categories"]
        assert len(roots) == 14
        assert [uuid for row in roots for uuid in walk(row)] == [row["uuid"] for row in flat]
        assert api.get(f"/categories/{flat[0]['uuid']}").body == flat[0]

    def test_known_categories_have_their_own_uuids(self, api):
        """Those that are publicly known."""
        rows = {row["full_name"]: row["uuid"] for row in api.get("/categories/flat").body["categories"]}
        assert rows["Electric Guitars / Solid Body"] == "e57deb7a-382b-4e18-a008-67d4fbcb2879"
        assert rows["Acoustic Guitars / 12-String"] == "14d6cc96-ed7b-4521-bc21-7713c61e9dc5"

    @pytest.mark.parametrize(
        ("path", "name"),
        [
            ("/shipping/regions", "shipping_regions"),
            ("/countries", "countries"),
            ("/currencies/listing", "currencies"),
            ("/currencies/display", "currencies"),
            ("/payment_methods", "payment_methods"),
        ],
    )
    def test_other_lists_are_there(self, api, path, name):
        """Under the key of their name."""
        assert api.get(path).body[name]
