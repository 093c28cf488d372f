"""Reading Reverb's objects, tidy and untidy ones."""

from decimal import Decimal

import pytest

from reverb_plugin.reverb_api.answer import UnreadableError
from reverb_plugin.reverb_api.models import (
    Account,
    Category,
    Image,
    Listing,
    Money,
    Page,
    read_rows,
    read_written_listing,
)

LIVE = {
    "id": 97305232,
    "sku": "STRAT-65-001",
    "title": "Stratocaster",
    "make": "Fender",
    "model": "Stratocaster",
    "year": 1965,
    "finish": None,
    "description": "<p>All original.</p>",
    "condition": {"uuid": "ae4d9114-1bd7-4ec5-a4ba-6653af5ac84d", "display_name": "Very Good"},
    "price": {"amount": "14999.00", "amount_cents": 1499900, "currency": "USD", "display": "$14,999"},
    "inventory": 1,
    "has_inventory": False,
    "offers_enabled": True,
    "categories": [{"uuid": "e57deb7a-382b-4e18-a008-67d4fbcb2879", "full_name": "Electric Guitars / Solid Body"}],
    "state": {"slug": "live", "description": "Live"},
    "shipping_profile_id": 61256,
    "_links": {
        "self": {"href": "https://api.reverb.com/api/listings/97305232-stratocaster"},
        "web": {"href": "https://reverb.com/item/97305232-stratocaster"},
    },
}


class TestListing:
    def test_whole(self):
        """Everything the push needs is there, ids as text, money as Decimal."""
        assert Listing.read(LIVE) == Listing(
            id="97305232",
            sku="STRAT-65-001",
            title="Stratocaster",
            description="<p>All original.</p>",
            make="Fender",
            model="Stratocaster",
            year="1965",
            condition_uuid="ae4d9114-1bd7-4ec5-a4ba-6653af5ac84d",
            price=Money(Decimal("14999.00"), "USD"),
            inventory=1,
            offers_enabled=True,
            category_uuids=("e57deb7a-382b-4e18-a008-67d4fbcb2879",),
            state="live",
            shipping_profile_id="61256",
            self_link="https://api.reverb.com/api/listings/97305232-stratocaster",
            web_url="https://reverb.com/item/97305232-stratocaster",
        )

    def test_only_the_id_is_needed(self):
        """Reverb leaves out what has no value; an inventory it does not name is unknown, not zero."""
        listing = Listing.read({"id": "5"})
        assert listing == Listing(id="5")
        assert listing.inventory is None
        assert Listing.read({"id": 5, "categories": None, "price": None, "_links": None}) == listing

    @pytest.mark.parametrize(
        ("body", "state"),
        [
            ({"state": {"slug": "live"}}, "live"),
            ({"state": "sold_out"}, "sold_out"),
            ({"state": {"slug": "never_heard_of"}}, "never_heard_of"),
            ({"state": {}}, ""),
            ({"draft": True, "live": False}, "draft"),
            ({"draft": False, "live": True}, "live"),
            ({}, ""),
        ],
    )
    def test_state_in_all_its_forms(self, body, state):
        """An object, a word, or two booleans; unknown words are kept."""
        assert Listing.read({"id": 1, **body}).state == state

    @pytest.mark.parametrize(
        ("field", "value", "read"),
        [
            ("inventory", "3", 3),
            ("inventory", 3.0, 3),
            ("inventory", "", None),
            ("has_inventory", "true", True),
            ("offers_enabled", "False", False),
            ("price", {"amount": 12.5, "currency": "usd"}, Money(Decimal("12.5"), "USD")),
            ("price", {}, None),
            ("title", "half \ud800 character", "half ? character"),
        ],
    )
    def test_untidy_values(self, field, value, read):
        """Numbers and booleans as text do no harm."""
        assert getattr(Listing.read({"id": 1, field: value}), field) == read

    @pytest.mark.parametrize("href", ["javascript:alert(1)", "/item/1", "ftp://x/1"])
    def test_web_url_is_a_web_address(self, href):
        """The page can show it as a link without a second look."""
        assert Listing.read({"id": 1, "_links": {"web": {"href": href}}}).web_url is None

    @pytest.mark.parametrize(
        "body",
        [
            [],
            "text",
            7,
            {},
            {"id": None},
            {"id": ""},
            {"id": {}},
            {"id": True},
            *(
                {"id": 1, **wrong}
                for wrong in (
                    {"title": ["a"]},
                    {"price": "12.00"},
                    {"price": {"amount": "a lot"}},
                    {"price": {"amount": "NaN"}},
                    {"price": {"amount": []}},
                    {"inventory": "many"},
                    {"inventory": 1.5},
                    {"inventory": True},
                    {"inventory": 1e400},
                    {"inventory": "1e300000"},
                    {"inventory": "0e300000"},
                    {"inventory": "9" * 19},
                    {"price": {"amount": "1e300000"}},
                    {"price": {"amount": "1e-300000"}},
                    {"has_inventory": 3},
                    {"condition": "Mint"},
                    {"categories": {"uuid": 1}},
                    {"state": 4},
                    {"_links": []},
                    {"_links": {"self": "/api/listings/1"}},
                )
            ),
        ],
    )
    def test_what_cannot_be_meant_is_unreadable(self, body):
        """A wrong type is reported as such and is never taken for zero or empty."""
        with pytest.raises(UnreadableError):
            Listing.read(body)


class TestPage:
    def test_next_link_and_total(self):
        """Paging goes by the link."""
        page = Page.read({"total": "3", "listings": [LIVE], "_links": {"next": {"href": "/api/my/listings?page=2"}}})
        assert ([listing.id for listing in page.listings], page.total) == (["97305232"], 3)
        assert page.next_link == "/api/my/listings?page=2"

    def test_nothing_found(self):
        """An empty page may lack every other key."""
        assert Page.read({"listings": []}) == Page((), None, None)

    @pytest.mark.parametrize("body", [None, {}, [], {"listings": None}, {"listings": {}}, {"listings": [1]}])
    def test_a_page_without_listings_is_not_an_empty_page(self, body):
        """Else an odd answer would look like "not found", and a second listing would be made."""
        with pytest.raises(UnreadableError):
            Page.read(body)


class TestOthers:
    def test_written_listing(self):
        """The listing stands in an envelope, or alone, or not at all."""
        assert read_written_listing({"message": "Saved", "listing": LIVE}).id == "97305232"
        assert read_written_listing(LIVE).id == "97305232"
        assert read_written_listing(None) is read_written_listing({"message": "Ended"}) is None

    def test_account(self):
        """An account without a shop is told from one that has it."""
        body = {"user_id": 12, "shop": {"id": 1, "name": "Gear"}, "currency": "EUR"}
        assert Account.read(body) == Account("Gear", "EUR")
        assert Account.read({"user_id": 12}).shop_name == ""

    def test_image_and_category(self):
        """Only the ids are sure."""
        assert Image.read({"id": 7}) == Image("7")
        assert Category.read({"uuid": "u", "full_name": "Amps"}) == Category("u", "Amps")

    @pytest.mark.parametrize("body", [[1], {"images": [1]}])
    def test_rows(self, body):
        """Lists come under their name or bare."""
        assert read_rows(body, "images") == [1]

    @pytest.mark.parametrize("body", [{}, None, "x", {"images": None}, {"images": "x"}])
    def test_rows_that_are_missing(self, body):
        """An answer without its list is unreadable, not empty."""
        with pytest.raises(UnreadableError):
            read_rows(body, "images")
