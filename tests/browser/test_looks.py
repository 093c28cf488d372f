"""Everyone can use every page: axe finds nothing, in light and dark, narrow and wide, and nothing sticks out."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.pages import all_pages, page_routes
from tests.browser.shop import open_worked_shop

NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1600, "height": 1000}
RUN = "(rules) => axe.run(document, {resultTypes: ['violations'], ...(rules && {runOnly: rules})})"
COLOURS = ["color-contrast"]  # all that a theme can change


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with open_worked_shop(tmp_path_factory.mktemp("shop"), days=1) as shop:
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


def test_everyone_can_use_every_page(open_page, shop, paths):
    """On no page axe finds anything, in both themes and at both widths; no page is wider than the screen."""
    page, found = open_page(), []
    for path in [*paths.values(), "/nowhere"]:
        answer = page.goto(shop.site + path)
        assert answer.status == (404 if path == "/nowhere" else 200), path
        page.evaluate(Axe().axe_script)
        for size in (NARROW, WIDE):
            page.set_viewport_size(size)
            width = page.evaluate("() => document.documentElement.scrollWidth")
            found += [f"{path} {size['width']}: is {width} wide"] if width > size["width"] else []
            for theme, rules in (("light", None), ("dark", COLOURS)):
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                found += [f"{path} {size['width']} {theme}: {each}" for each in violations(page, rules)]

    assert found == []
