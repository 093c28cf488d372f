"""The settings and the first run in a real browser."""

import re

import pytest

from tests.browser.shop import open_sample_shop


@pytest.fixture
def new_shop(tmp_path):
    """A shop that was never connected."""
    with open_sample_shop(tmp_path, connected=False) as shop:
        yield shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop that is connected."""
    with open_sample_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture
def page(open_page):
    return open_page()


def test_from_nothing_to_the_preview(new_shop, page):
    """Token, test, the defaults as they are, preview: one text to type and two buttons to press."""
    page.goto(f"{new_shop.site}/start")
    page.get_by_label("Token").fill(new_shop.simulator.token)
    page.get_by_role("button", name="Save and test").click()
    page.get_by_text("Example Gear Shop").first.wait_for()
    page.get_by_role("button", name="Show the preview").click()
    page.wait_for_url("**/mass-sync*")

    new_shop.drain()

    (run,) = new_shop.plugin.store.runs.newest("mass sync")
    assert run.state == "planned"
    assert new_shop.door.listings() == []


def test_errors(shop, page):
    """The summary has the focus and leads to the field; what was entered is still there."""
    page.goto(f"{shop.site}/settings/pace")
    page.get_by_label("Requests per minute").fill("many")
    page.get_by_label("Hours between drift checks").fill("7")
    page.get_by_role("button", name="Save").click()

    summary = page.get_by_role("alert")
    assert summary.evaluate("summary => summary === document.activeElement")
    summary.get_by_role("link", name="Requests per minute").click()
    assert page.get_by_label("Requests per minute").input_value() == "many"
    assert page.get_by_label("Hours between drift checks").input_value() == "7"
    assert shop.plugin.settings.drift_check_hours == 24


def test_a_change_of_consequence(shop, page):
    """It is shown with what it does; going back keeps what was entered, saving saves it."""
    page.goto(f"{shop.site}/settings/price-stock")
    page.get_by_label("Percent added").fill("10")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Not saved yet").wait_for()
    page.get_by_role("button", name="Back to the form").click()
    assert page.get_by_label("Percent added").input_value() == "10"
    page.get_by_role("button", name="Save").click()
    page.get_by_text("are listed with another price.").wait_for()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    assert shop.plugin.settings.price_percent == 10


def test_the_worked_example(shop, page):
    """What is entered is worked out on a product without being saved."""
    page.goto(f"{shop.site}/settings/price-stock")
    page.get_by_label("Percent added").fill("25")
    page.get_by_role("button", name="Try what is entered").click()
    page.get_by_text("plus 25 %").wait_for()
    assert page.get_by_label("Percent added").input_value() == "25"
    assert shop.plugin.settings.price_percent != 25


@pytest.mark.parametrize("has_script", [True, False])
def test_choosing_a_category(has_script, shop, open_page):
    """The search finds Reverb's category, with JavaScript in place and without it by a form."""
    word = "Pedals > Delay" if has_script else "Pedals > Wah"
    page = open_page(java_script_enabled=has_script)
    page.goto(f"{shop.site}/settings/categories")
    page.get_by_role("link", name=f"Choose the category for {word}").click()
    if has_script:
        page.evaluate("window.stays = true")
    page.get_by_label("Look for").fill("pedals delay" if has_script else "wahs")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url(re.compile("[?&]q="))
    if has_script:
        assert page.evaluate("window.stays") is True
    page.get_by_role("button", name="Choose").first.click()
    page.get_by_text("The category is saved.").wait_for()
    assert word in shop.plugin.settings.category_map
