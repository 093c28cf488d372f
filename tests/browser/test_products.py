"""Products in a real browser: found without a reload, explained in place, settled with the keyboard alone."""

import pytest
from playwright.sync_api import expect

from reverb_plugin.testing import FakeHost
from tests.browser.shop import open_shop
from tests.mass.desk import guitars, listing_fields
from tests.sync.market import guitar


@pytest.fixture
def shop(tmp_path):
    """Sixty guitars and an odd one; one of the guitars is on Reverb with another price."""
    host = FakeHost([*guitars(60), guitar("../odd//1", title="Odd one")])
    with open_shop(tmp_path, host) as shop:
        shop.door.add_listings([listing_fields(guitar("G-0003", price="650.00")) | {"state": "live"}])
        yield shop


def test_found_without_a_reload(shop, open_page):
    """Paging, choosing and searching replace the list alone, and Back leads to what was shown before."""
    page = open_page()
    page.goto(f"{shop.site}/products")
    page.evaluate("window.stays = true")
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#products")).to_contain_text("G-0059")
    page.go_back()
    expect(page.locator("#products")).to_contain_text("G-0001")
    page.get_by_role("searchbox").fill("odd")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert page.evaluate("window.stays") is True

    page.get_by_role("link", name="../odd//1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("../odd//1")


def test_explained_and_adopted_in_place(shop, open_page):
    """Asking Reverb fills in the answers where one is; adopting and excluding need nothing but keys."""
    page = open_page()
    page.goto(f"{shop.site}/product?sku=G-0003")
    page.get_by_role("link", name="Ask Reverb and explain").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#answers")).to_contain_text("650.00 USD")
    page.get_by_role("button", name="Adopt", exact=True).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The listing is linked")
    assert shop.plugin.store.find_link("G-0003").listing_id

    page.get_by_role("button", name="Exclude").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Take up again")).to_be_visible()
    assert shop.plugin.settings.exclude_skus == ("G-0003",)
