"""Reverb's calls over real HTTP on loopback."""

import json

import pytest

from reverb_plugin.errors import (
    AmbiguousError,
    NotAllowedError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    TokenRefusedError,
    UnavailableError,
    UnexpectedLinkError,
)
from reverb_plugin.reverb_api.client import ReverbClient
from tests.reverb_api.loopback import reply


def row(listing_id, sku="A+1", **fields):
    return {"id": listing_id, "sku": sku, "state": {"slug": "live"}, **fields}


def page(*rows, next_link=None):
    links = {"next": {"href": next_link}} if next_link else {}
    return reply(200, {"total": len(rows), "listings": list(rows), "_links": links})


@pytest.fixture
def ask(serve, connect):
    """A client of a server with these answers, and the server."""

    def make(*replies):
        server = serve(*replies)
        return ReverbClient(connect(server)), server

    return make


def asked(server):
    return [(request.method, request.target) for request in server.requests]


class TestFindListings:
    def test_asks_for_every_state_and_compares_exactly(self, ask):
        """A SKU that only resembles ours is not ours."""
        client, server = ask(page(row(1), row(2, sku="a+1"), row(3, sku="A+1 "), row(4, sku=None)))
        assert [listing.id for listing in client.find_listings("A+1")] == ["1"]
        assert asked(server) == [("GET", "/api/my/listings?sku=A%2B1&state=all")]

    def test_follows_next_links_on_the_host_in_use(self, ask):
        """All pages are read, each listing once, and production's links stay on this host."""
        client, server = ask(
            page(row(1), next_link="https://api.reverb.com/api/my/listings?sku=A%2B1&state=all&page=2"),
            page(row(1), row(2)),
        )
        assert [listing.id for listing in client.find_listings("A+1")] == ["1", "2"]
        assert asked(server)[1] == ("GET", "/api/my/listings?sku=A%2B1&state=all&page=2")

    def test_nothing_found(self, ask):
        """No listing is an answer, not an error."""
        assert ask(page())[0].find_listings("A+1") == ()

    def test_a_link_to_elsewhere_is_not_followed(self, ask):
        """The token goes to the API in use only."""
        with pytest.raises(UnexpectedLinkError):
            ask(page(next_link="https://evil.example/api/x"))[0].find_listings("A+1")

    def test_an_endless_lookup_ends_without_a_verdict(self, ask):
        """Pages that lead in a circle are an outage, not "not found"."""
        with pytest.raises(UnavailableError):
            ask(page(next_link="/api/my/listings?page=1"))[0].find_listings("A+1")

    @pytest.mark.parametrize("body", [{}, {"listings": None}, [], {"listings": [{}]}])
    def test_an_odd_answer_is_not_an_empty_one(self, ask, body):
        """Else the product would be listed a second time."""
        with pytest.raises(UnavailableError):
            ask(reply(200, body))[0].find_listings("A+1")


class TestWrites:
    def test_create(self, ask):
        """The new listing comes with Reverb's message, warnings, status and request id."""
        body = {"message": "Created", "listing": row(7, state={"slug": "draft"}), "errors": {}, "warnings": ["No UPC"]}
        client, server = ask(reply(202, body, X_Request_Id="r-1"))
        written = client.create_listing({"sku": "A+1", "title": "Größe"})
        assert asked(server) == [("POST", "/api/listings")]
        assert json.loads(server.requests[0].body) == {"sku": "A+1", "title": "Größe"}
        assert (written.listing.id, written.listing.state) == ("7", "draft")
        assert (written.message, written.warnings) == ("Created", ("No UPC",))
        assert (written.status, written.request_id) == (202, "r-1")

    @pytest.mark.parametrize("body", [{"message": "Created"}, None, {"listing": {"sku": "A+1"}}, {"listing": [1]}, []])
    def test_a_create_without_its_listing_is_ambiguous(self, ask, body):
        """It was most likely made; only a lookup finds its id."""
        with pytest.raises(AmbiguousError):
            ask(reply(201, b"" if body is None else body))[0].create_listing({})

    def test_errors_on_a_2xx_are_a_refusal(self, ask):
        """Silence is not success, and neither is a 2xx that complains."""
        with pytest.raises(RefusedError):
            ask(reply(200, {"listing": row(7), "errors": {"price": ["is low"]}}))[0].update_listing("7", {})

    @pytest.mark.parametrize(
        ("link_or_id", "target"),
        [
            ("7", "/api/listings/7"),
            ("7-old-title", "/api/listings/7-old-title"),
            ("/api/listings/7-slug", "/api/listings/7-slug"),
            ("https://api.reverb.com/api/listings/7-slug", "/api/listings/7-slug"),
        ],
    )
    def test_update_by_link_or_id(self, ask, link_or_id, target):
        """The self link is followed, an id is as good."""
        client, server = ask(reply(200, {"message": "Saved", "listing": row(7)}))
        assert client.update_listing(link_or_id, {"price": {"amount": "1.00"}}).listing.id == "7"
        assert asked(server) == [("PUT", target)]

    def test_end(self, ask):
        """Ending answers 200 with an empty body."""
        client, server = ask(reply(200))
        assert client.end_listing("7").listing is None
        assert asked(server) == [("PUT", "/api/my/listings/7/state/end")]
        assert json.loads(server.requests[0].body) == {"reason": "not_sold"}

    @pytest.mark.parametrize("answer", [reply(200, {}), reply(204), reply(200, {"message": "Deleted"})])
    def test_delete(self, ask, answer):
        """Any 2xx will do."""
        client, server = ask(answer)
        client.delete_listing("7")
        client.delete_image("7", "a/b")
        assert asked(server) == [("DELETE", "/api/listings/7"), ("DELETE", "/api/listings/7/images/a%2Fb")]

    def test_refusal(self, ask):
        """A refusal is an exception with Reverb's complaints."""
        client, _ = ask(reply(400, {"message": "Only drafts can be deleted"}))
        with pytest.raises(RefusedError, match="Only drafts can be deleted"):
            client.delete_listing("7")


class TestReads:
    def test_listing(self, ask):
        """One listing stands alone at the top."""
        client, server = ask(reply(200, row(7)))
        assert client.get_listing("7").sku == "A+1"
        assert asked(server) == [("GET", "/api/listings/7")]

    def test_missing_listing(self, ask):
        """A listing that is gone is said to be gone."""
        with pytest.raises(NotFoundError):
            ask(reply(404, {"message": "Not found"}))[0].get_listing("7")

    def test_the_other_lists(self, ask):
        """Images, account and categories are read from their own addresses."""
        client, server = ask(
            reply(200, {"images": [{"id": 1}]}),
            reply(200, {"user_id": 1, "shop": {"id": 2, "name": "Gear"}}),
            reply(200, {"categories": [{"uuid": "u", "full_name": "Amps"}]}),
        )
        assert [image.id for image in client.get_images("7")] == ["1"]
        assert client.get_account().shop_name == "Gear"
        assert [category.full_name for category in client.get_categories()] == ["Amps"]
        assert [target for _, target in asked(server)] == [
            "/api/listings/7/images",
            "/api/my/account",
            "/api/categories/flat",
        ]


class TestRefusedToken:
    NO = reply(401, {"message": "You must be a preferred seller to do that."})

    def test_dead_when_the_account_says_so_too(self, ask):
        """Two 401 in a row mean a dead token."""
        client, server = ask(self.NO)
        with pytest.raises(TokenRefusedError):
            client.create_listing({})
        assert asked(server) == [("POST", "/api/listings"), ("GET", "/api/my/account")]

    @pytest.mark.parametrize("account", [reply(200, {"user_id": 1}), reply(403, {"message": "no scope"})])
    def test_alive_when_the_account_answers(self, ask, account):
        """A 401 for one thing only means that this seller may not do it."""
        with pytest.raises(NotAllowedError, match="preferred seller"):
            ask(self.NO, account)[0].create_listing({})

    @pytest.mark.parametrize(
        ("account", "kind"), [(reply(429, {}), RateLimitedError), (reply(500, {}), UnavailableError)]
    )
    def test_undecided_while_the_account_gives_no_answer(self, ask, account, kind):
        """Nobody is told that the token is dead on a guess."""
        with pytest.raises(kind):
            ask(self.NO, account)[0].create_listing({})

    def test_the_account_itself_is_asked_once(self, ask):
        """The token check needs no confirmation."""
        client, server = ask(self.NO)
        with pytest.raises(TokenRefusedError):
            client.get_account()
        assert len(server.requests) == 1
