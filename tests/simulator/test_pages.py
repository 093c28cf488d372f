"""The pages for people."""

from urllib.parse import urlencode

import pytest


def test_the_web_link_leads_to_a_page_for_people(api, door):
    """State, price, stock and texts of a listing are on its page."""
    listing_id = door.add_listing(title="Meinl Cajon", condition="Brand New", inventory=5, price="1169.99")
    got = api.get(api.listing(listing_id)["_links"]["web"]["href"])
    assert (got.status, got.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for text in ("Meinl Cajon", "$1,169.99", "Brand New", ">live<", "<dd>5</dd>", "<button>Buy</button>"):
        assert text in got.body


def test_the_button_buys(api, door, simulator):
    """A click makes an order and leads back to the listing, which is sold then."""
    listing_id = door.add_listing(title="Old Guitar")
    form = urlencode({"listing_id": listing_id}).encode()
    got = api.ask(
        "POST", f"{simulator.site}/_simulator/buy", form, {"Content-Type": "application/x-www-form-urlencoded"}
    )
    (order,) = door.orders()
    assert (order["listing_id"], order["status"]) == (listing_id, "paid")
    assert order["order_number"] in got.body
    assert "<button>" not in got.body


def test_the_sellers_button_publishes(api, door, simulator):
    """A draft has no button for buyers but one for its seller; a click leads back to it, and it goes live."""
    listing_id = door.add_listing(title="New Guitar", state="draft", price="1", condition="Excellent")
    draft = api.get(f"{simulator.site}/item/{listing_id}").body
    assert "<button>Publish</button>" in draft
    assert "<button>Buy</button>" not in draft
    form = urlencode({"listing_id": listing_id}).encode()
    got = api.ask(
        "POST", f"{simulator.site}/_simulator/publish", form, {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert (got.status, "New Guitar" in got.body) == (200, True)
    door.publish_now()
    assert "<button>Buy</button>" in api.get(f"{simulator.site}/item/{listing_id}").body


@pytest.mark.parametrize("path", ["/", "/item/{id}", "/my/selling/orders/{order}"])
def test_what_a_seller_wrote_cannot_do_anything(api, door, simulator, path):
    """Text of listings is escaped on every page, and no script could run."""
    listing_id = door.add_listing(title="<script>x</script>", description="<b>bold</b><script>x</script>", sku="<i>")
    number = door.buy(listing_id)
    got = api.get(simulator.site + path.format(id=listing_id, order=number))
    assert got.status == 200
    assert "<script" not in got.body
    assert "default-src 'none'" in got.headers["Content-Security-Policy"]


def test_the_start_page_has_the_newest_first_and_pages(api, door, simulator):
    """24 listings and a link to the older ones."""
    door.add_listings([{"title": f"Number {number} of 30"} for number in range(30)])
    body = api.get(simulator.site + "/").body
    assert "Number 29 of 30" in body
    assert "Number 5 of 30" not in body
    assert "Number 5 of 30" in api.get(simulator.site + "/?page=2&per_page=24").body


@pytest.mark.parametrize("path", ["/item/1-nothing", "/anything", "/my/selling/orders/1"])
def test_an_address_that_is_none_is_a_page_too(api, simulator, path):
    """404 in words."""
    got = api.get(simulator.site + path)
    assert got.status == 404
    assert "There is nothing here" in got.body


def test_an_empty_shop_says_so(api, simulator):
    """And pages are not recorded."""
    assert "Nothing is listed yet." in api.get(simulator.site + "/").body
    assert simulator.door.requests() == []
