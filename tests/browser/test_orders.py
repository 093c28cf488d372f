"""Orders in a real browser, with a worker at work meanwhile."""

import pytest
from playwright.sync_api import expect

from reverb_plugin.testing import FakeHost
from tests.browser.shop import open_shop
from tests.sync.market import guitar


@pytest.fixture
def shop(tmp_path):
    """A guitar that is live on Reverb; orders are placed in the shop, and its parcels told."""
    with open_shop(tmp_path, FakeHost([guitar(quantity=5)]), worker="thread") as shop:
        shop.set(orders="orders-and-shipments", auto_publish="on")
        shop.plugin.mass_sync.start()
        shop.plugin.wake()
        yield shop


def test_from_the_sale_to_the_parcel(shop, open_page):
    """A sale is found and placed, its parcel is entered and told, and both pages follow by themselves."""
    page = open_page()
    page.goto(f"{shop.site}/orders")
    expect(page.locator("#orders")).to_contain_text("Read last")
    expect(page.locator("#orders")).to_contain_text("No order yet.")
    number = shop.door.buy(live_listing(shop, page))
    page.get_by_role("button", name="Look now").click()
    expect(page.locator("#orders")).to_contain_text("Placed in the shop as")

    page.get_by_role("link", name=number).click()
    page.get_by_label("Carrier").select_option("UPS")
    page.get_by_label("Tracking number").fill("1Z999")
    page.get_by_role("button", name="Tell Reverb").click()
    expect(page.locator("#state")).to_contain_text("Sent to Reverb")
    assert shop.door.orders()[0]["tracking_number"] == "1Z999"

    page.goto(f"{shop.site}/orders")
    page.get_by_role("link", name="Something to do").click()
    expect(page.locator("#orders")).not_to_contain_text(number)


def live_listing(shop, page):
    """The number of the listing, once it is live."""
    for _ in range(200):
        listing = shop.door.find_listing("STRAT")
        if listing is not None and listing["state"] == "live":
            return listing["id"]
        page.wait_for_timeout(50)
    raise AssertionError("it never went live")
