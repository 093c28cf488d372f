"""Sync all listings in a real browser, with a worker that sends meanwhile."""

import pytest
from playwright.sync_api import expect

from reverb_plugin.testing import FakeHost
from tests.browser.shop import open_shop
from tests.mass.desk import guitars


@pytest.fixture
def shop(tmp_path):
    """A shop of six guitars, none on Reverb; the worker is at work."""
    with open_shop(tmp_path, FakeHost(guitars(6)), worker="thread") as shop:
        shop.set(mass_sync_pause_hours="0")
        yield shop


def runs(shop):
    return shop.plugin.store.runs.newest("mass sync")


PRESS_TWICE = """words => {
    const button = [...document.querySelectorAll("button")].find(each => each.textContent == words);
    setTimeout(() => { button.click(); button.click(); });
}"""


def test_two_windows_start_one(shop, open_page):
    """Pressed in two windows at once, and twice in each, one run starts, and both windows see it."""
    pages = [open_page(), open_page()]
    shop.door.set(latency_seconds=0.3)  # it must still run when the second one asks
    for page in pages:
        page.goto(f"{shop.site}/mass-sync")
    for page in pages:  # before any answer is there
        page.evaluate(PRESS_TWICE, "Sync all listings")

    for page in pages:
        expect(page.locator("main")).to_contain_text("Mass sync 1")
    assert len(runs(shop)) == 1
    shop.door.set(latency_seconds=0)


def test_from_preview_to_the_end(shop, open_page):
    """The preview writes nothing; what is approved is sent, paused and resumed while the page follows by itself."""
    page = open_page()
    page.goto(f"{shop.site}/mass-sync")
    page.get_by_role("button", name="Make a preview").click()
    page.get_by_role("button", name="Send 6 rows").wait_for()
    assert shop.door.listings() == []

    shop.door.set(latency_seconds=0.2)
    page.get_by_role("button", name="Send 6 rows").click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").wait_for()
    assert runs(shop)[0].state == "paused"
    assert len(shop.door.listings()) < 6

    shop.door.set(latency_seconds=0)
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#run [data-announce]").first).to_have_text("Done")
    assert len(shop.door.listings()) == 6


def test_cancelled_for_good(shop, open_page):
    """What is cancelled ends, what was sent stays, and another one can begin."""
    page = open_page()
    shop.door.set(latency_seconds=0.2)
    page.goto(f"{shop.site}/mass-sync")
    page.get_by_role("button", name="Sync all listings").click()
    page.get_by_role("button", name="Cancel").first.click()

    expect(page.locator("main")).to_contain_text("Cancelled")
    assert runs(shop)[0].state == "cancelled"
    shop.door.set(latency_seconds=0)
    page.goto(f"{shop.site}/mass-sync")
    page.get_by_role("button", name="Make a preview").click()
    expect(page.locator("main")).to_contain_text("Mass sync 2")
