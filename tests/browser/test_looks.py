"""Everyone can use every page: axe finds nothing, in light and dark, narrow and wide, and nothing sticks out."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.news import announce
from tests.browser.pages import all_pages, page_routes
from tests.browser.shop import open_worked_shop

HEIGHTS = {360: 740, 1600: 1000}
RUN = "(rules) => axe.run(document, {resultTypes: ['violations'], ...(rules && {runOnly: rules})})"
UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true })"
"""Axe takes the colour of what lies where folded text would be for its background."""

COLOURS = ["color-contrast"]  # all that a theme can change


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with open_worked_shop(tmp_path_factory.mktemp("shop"), days=1, most=12) as shop:
        announce(shop.plugin, "Orders can be shipped by hand.", "A price is rounded once.")
        yield shop


@pytest.fixture(scope="module")
def paths(shop):
    return all_pages(shop)


def violations(page, rules=None):
    """What axe finds on the page as it is, one line each; by all of its rules, or these."""
    found = page.evaluate(RUN, rules)["violations"]
    return [f"{each['id']}: {node['html'][:200]} {node['failureSummary']}" for each in found for node in each["nodes"]]


def test_no_page_is_forgotten(paths):
    """A page that is new has to be looked at too."""
    assert page_routes() == {name.partition("/")[0] for name in paths}


@pytest.mark.parametrize("width", HEIGHTS)
def test_everyone_can_use_every_page(width, open_page, shop, paths):
    """On no page axe finds anything, in neither theme, narrow or wide; no page is wider than the screen."""
    page, found = open_page(viewport={"width": width, "height": HEIGHTS[width]}, reduced_motion="reduce"), []
    for path in [*paths.values(), "/nowhere"]:
        page.emulate_media(color_scheme="light")
        answer = page.goto(shop.site + path)
        assert answer.status == (404 if path == "/nowhere" else 200), path
        if (reached := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{path}: is {reached} wide")
        page.evaluate(UNFOLD)
        page.evaluate(Axe().axe_script)
        found += [f"{path}: {each}" for each in violations(page)]
        page.emulate_media(color_scheme="dark")
        found += [f"{path} in the dark: {each}" for each in violations(page, COLOURS)]

    assert found == []
