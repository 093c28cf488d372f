"""Lists and searches: states, SKUs, pages, and an index that lags."""

import pytest

from tests.simulator.caller import Caller, item


def skus(got):
    return [row["sku"] for row in got.body["listings"]]


@pytest.fixture
def _one_of_each(door):
    for state in ("draft", "live", "ended", "sold", "ordered", "suspended"):
        door.add_listing(sku=state, state=state)


@pytest.mark.usefixtures("_one_of_each")
class TestStates:
    def test_only_live_listings_are_listed_by_default(self, api):
        """Without ``state`` a seller sees the live ones."""
        assert skus(api.get("/my/listings")) == ["live"]

    def test_state_all_lists_everything(self, api):
        """state=all has them all, the newest first."""
        assert skus(api.get("/my/listings", state="all")) == ["suspended", "ordered", "sold", "ended", "live", "draft"]

    @pytest.mark.parametrize(("word", "sku"), [("sold_out", "sold"), ("sold", "sold"), ("ordered", "ordered")])
    def test_the_filters_word_is_not_always_the_slug(self, api, word, sku):
        """The filter says sold_out where the object says sold."""
        assert skus(api.get("/my/listings", state=word)) == [sku]

    def test_a_state_nobody_knows_is_a_400(self, api):
        """The parameter check refuses it."""
        assert api.get("/my/listings", state="lost").body == {"error": "state does not have a valid value"}

    def test_drafts_have_a_list_of_their_own(self, api):
        """GET /my/listings/drafts."""
        assert skus(api.get("/my/listings/drafts")) == ["draft"]

    def test_a_lookup_by_sku_obeys_the_state(self, api):
        """An ended listing is not found by its SKU unless state=all."""
        assert skus(api.get("/my/listings", sku="ended")) == []
        assert skus(api.get("/my/listings", sku="ended", state="all")) == ["ended"]

    def test_on_vacation_live_listings_are_unavailable(self, api):
        """They come back when the vacation is over."""
        api.post("/shop/vacation")
        assert skus(api.get("/my/listings")) == []
        assert skus(api.get("/my/listings", state="seller_unavailable")) == ["live"]
        api.delete("/shop/vacation")
        assert skus(api.get("/my/listings")) == ["live"]


class TestSku:
    @pytest.mark.parametrize("sku", ["THE+SKU", "a b/c", "Größe & 100%", "x?y=z#1"])
    def test_a_sku_is_found_exactly_whatever_is_in_it(self, api, door, sku):
        """Percent-encoded, every SKU is found, and only itself."""
        door.add_listing(sku=sku)
        door.add_listing(sku=sku + "2")
        assert skus(api.get("/my/listings", sku=sku)) == [sku]

    def test_a_raw_plus_is_a_blank(self, api, door):
        """THE+SKU written without encoding looks for "THE SKU"."""
        door.add_listing(sku="THE+SKU")
        assert api.get("/my/listings?sku=THE+SKU").body["total"] == 0
        assert api.get("/my/listings?sku=THE%2BSKU").body["total"] == 1

    def test_a_sku_twice_is_found_twice(self, api, door):
        """Listings made on the web can share a SKU."""
        door.add_listings([{"sku": "TWICE"}, {"sku": "TWICE", "state": "ended"}, {"sku": None}])
        assert skus(api.get("/my/listings", sku="TWICE", state="all")) == ["TWICE", "TWICE"]

    def test_a_listing_without_sku_has_no_such_key(self, api, door):
        """Absent, not null."""
        assert "sku" not in api.listing(door.add_listing())


class TestLag:
    def test_a_new_listing_is_found_later_and_read_at_once(self, slow_api, clock):
        """The lookup misses a fresh listing until the index has caught up; GET by id does not."""
        listing_id = slow_api.post("/listings", item()).body["listing"]["id"]
        assert slow_api.listing(listing_id)["sku"] == "STRAT-1"
        assert slow_api.get("/my/listings", sku="STRAT-1", state="all").body["total"] == 0
        clock.advance(1.0)
        assert slow_api.get("/my/listings", sku="STRAT-1", state="all").body["total"] == 1

    def test_a_change_is_seen_later(self, slow, slow_api, clock):
        """The list shows the old price and the old state for a while."""
        listing_id = slow.door.add_listing(sku="A", price="10.00")
        slow_api.put(f"/listings/{listing_id}", {"price": {"amount": "20.00", "currency": "USD"}, "inventory": 0})
        assert slow_api.get("/my/listings").body["listings"][0]["price"]["amount"] == "10.00"
        clock.advance(1.0)
        assert slow_api.get("/my/listings").body["total"] == 0
        assert slow_api.get("/my/listings", state="ended").body["listings"][0]["price"]["amount"] == "20.00"

    def test_a_deleted_draft_is_listed_for_a_while(self, slow, slow_api, clock):
        """The index forgets as late as it learns."""
        listing_id = slow.door.add_listing(sku="A", state="draft")
        slow_api.delete(f"/listings/{listing_id}")
        assert slow_api.get("/my/listings/drafts").body["total"] == 1
        clock.advance(1.0)
        assert slow_api.get("/my/listings/drafts").body["total"] == 0

    def test_the_door_can_hurry_it(self, slow, slow_api):
        """index_now makes the index catch up."""
        slow_api.post("/listings", item())
        slow.door.index_now()
        assert slow_api.get("/my/listings", state="all").body["total"] == 1


class TestPages:
    @pytest.mark.parametrize(("asked", "given"), [({}, 24), ({"per_page": 10}, 10), ({"per_page": 100}, 50)])
    def test_a_page_holds_24_unless_asked_and_never_more_than_50(self, api, door, asked, given):
        """per_page is 24 by default and cut to 50."""
        door.add_listings([{"sku": f"S{number}"} for number in range(60)])
        body = api.get("/my/listings", **asked).body
        assert (len(body["listings"]), body["per_page"], body["total"]) == (given, given, 60)

    def test_following_next_sees_everything_once(self, api, door):
        """The next links keep the filters and lead through all rows."""
        door.add_listings([{"sku": f"S{number}", "state": "draft"} for number in range(120)])
        seen, address = [], api.simulator.url + "/my/listings?state=draft&per_page=50"
        while address:
            got = api.get(address)
            seen += skus(got)
            address = got.body["_links"].get("next", {}).get("href")
        assert seen == [f"S{number}" for number in reversed(range(120))]

    def test_beyond_the_last_page_is_nothing(self, api, door):
        """An empty page without links."""
        door.add_listing()
        body = api.get("/my/listings", page=9).body
        assert (body["listings"], body["_links"], body["current_page"]) == ([], {}, 9)

    def test_offset_skips_rows(self, api, door):
        """The first rows can be skipped."""
        door.add_listings([{"sku": f"S{number}"} for number in range(3)])
        assert skus(api.get("/my/listings", offset=2)) == ["S0"]

    @pytest.mark.parametrize("name", ["page", "per_page", "offset"])
    def test_a_page_that_is_no_number_is_a_400(self, api, name):
        """The parameter check refuses it."""
        assert api.get("/my/listings", **{name: "x"}).body == {"error": f"{name} is invalid"}


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"query": "vox ac30"}, ["AMP"]),
            ({"make": "Fender"}, ["STRAT"]),
            ({"conditions": "new"}, ["AMP"]),
            ({"conditions": "used"}, ["STRAT"]),
            ({"price_min": "500"}, ["STRAT"]),
            ({"price_max": "500"}, ["AMP"]),
        ],
    )
    def test_a_seller_can_filter(self, api, door, query, found):
        """The filters of the public search work on a seller's own listings."""
        door.add_listing(sku="STRAT", title="Fender Stratocaster", price="900")
        door.add_listing(sku="AMP", title="Vox AC30", condition="Brand New", inventory=2, price="400")
        assert skus(api.get("/my/listings", **query)) == found


def test_a_visitor_sees_live_listings_without_what_is_private(simulator, door):
    """Without a token there are no drafts, no seller's price and no profile."""
    visitor = Caller(simulator)
    visitor.headers.pop("Authorization")
    live, draft = door.add_listing(sku="A", seller_cost="5.00"), door.add_listing(state="draft")
    (row,) = visitor.get("/listings").body["listings"]
    assert (row["id"], "seller_price" in row) == (live, False)
    detail = visitor.get(f"/listings/{live}").body
    assert (detail["is_my_listing"], "seller_cost" in detail) == (False, False)
    assert visitor.get(f"/listings/{draft}").status == 404


def test_a_list_may_end_before_its_total(api, door):
    """After so many pages there is no next one, and what comes behind is empty, although the total tells of more."""
    door.add_listings([{"sku": f"A-{number}"} for number in range(120)])
    door.set(most_pages=2)
    first, last, behind = (api.get("/my/listings", state="all", per_page="50", page=page).body for page in "123")
    assert ("next" in first["_links"], "next" in last["_links"]) == (True, False)
    assert [len(page["listings"]) for page in (first, last, behind)] == [50, 50, 0]
    assert {page["total"] for page in (first, last, behind)} == {120}
