"""The sync log in a real browser: page by page in place, or by plain links."""

import re
from itertools import chain

import pytest
from playwright.sync_api import expect

from reverb_plugin.admin.pages.log import ROWS
from reverb_plugin.store.store import Done
from reverb_plugin.testing import FakeHost
from tests.browser.shop import open_shop
from tests.cli.attempts import attempt

COUNT = 2 * ROWS + 7


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with open_shop(tmp_path_factory.mktemp("shop"), FakeHost()) as shop:
        for number in range(COUNT):
            outcome = "refused" if number % 10 == 0 else "updated"
            attempt(shop.plugin.store, f"SKU-{number:04}", Done(), outcome, message=f"Attempt {number}.")
        yield shop


def numbers(page):
    """The numbers of the attempts that are shown, in the order of the page."""
    return [int(text) for text in re.findall(r"Attempt (\d+)\.", page.inner_text("#attempts"))]


def newest_first(first, last):
    return list(range(first, last - 1, -1))


@pytest.mark.parametrize("has_script", [True, False])
def test_pages(has_script, shop, open_page):
    """Older and Newer lead through all rows, each once; with JavaScript nothing is loaded anew, and Back goes back."""
    page = open_page(java_script_enabled=has_script)
    page.goto(f"{shop.site}/log")
    documents = []
    page.on("request", lambda request: documents.append(request.is_navigation_request()))
    pages = [numbers(page)]
    for _ in range(2):
        page.get_by_role("link", name="Older").click()
        expect(page.locator("#attempts")).to_contain_text(f"Attempt {pages[-1][-1] - 1}.")
        pages.append(numbers(page))

    assert list(chain(*pages)) == newest_first(COUNT - 1, 0)
    assert page.get_by_role("link", name="Older").count() == 0
    page.get_by_role("link", name="Newer").click()
    expect(page.locator("#attempts")).to_contain_text(f"Attempt {pages[1][0]}.")
    assert numbers(page) == pages[1]
    page.go_back()
    expect(page.locator("#attempts")).to_contain_text("Attempt 0.")
    assert numbers(page) == pages[2]
    assert any(documents) is not has_script


@pytest.mark.parametrize("has_script", [True, False])
def test_filter(has_script, shop, open_page):
    """A filter shows what matches, in an address that can be sent to somebody else."""
    page, other = open_page(java_script_enabled=has_script), open_page()
    page.goto(f"{shop.site}/log")
    page.get_by_label("Status").select_option("refused")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile("outcome=refused"))
    expect(page.locator("#attempts")).not_to_contain_text("Attempt 101.")
    other.goto(page.url)

    assert numbers(page) == numbers(other) == newest_first(COUNT, 0)[COUNT % 10 or 10 :: 10][: len(numbers(page))]


def test_row_opens_and_leads_back(shop, open_page):
    """A row opens with the keyboard alone, and its way back leads to the page of the log that it came from."""
    page = open_page()
    page.goto(f"{shop.site}/log")
    page.get_by_role("link", name="open the attempt for SKU-0100").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/log/\d+"))

    expect(page.locator("main")).to_contain_text("Attempt 100.")
    page.go_back()
    expect(page.locator("#attempts")).to_contain_text("Attempt 100.")
