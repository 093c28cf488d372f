"""The page alone on this machine, and the demo's shop beside it, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from reverb_plugin.admin.local_server import LocalServer
from reverb_plugin.demo.counter import Counter
from reverb_plugin.demo.shop_page import ADMIN_PREFIX, ShopPage
from reverb_plugin.demo.story import MICROPHONE
from tests.browser.shop import open_sample_shop, serve


@pytest.fixture
def shop(tmp_path):
    """The demo's shop with a live listing, and a worker that sends."""
    with open_sample_shop(tmp_path, worker="thread") as shop:
        product = shop.sample.product(MICROPHONE)
        shop.door.add_listing(
            sku=MICROPHONE, title=product.title, make=product.make, model=product.model, price=str(product.price),
            has_inventory=True, inventory=product.quantity, condition="Brand New",
        )  # fmt: skip
        yield shop


@pytest.fixture
def server(shop):
    pages = ShopPage(Counter(shop.sample, shop.door), shop.plugin, shop.simulator.site)
    admin = shop.plugin.admin_app(authorize=lambda _environ: True)
    with LocalServer(DispatcherMiddleware(pages, {ADMIN_PREFIX: admin}), 0) as server:
        yield server


def test_link_opens_from_anywhere_once(server, open_page):
    """The link may also be clicked on another site's page (a terminal in the browser); a second browser is kept out."""

    def elsewhere(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html")])
        return [f'<!doctype html><title>Terminal</title><a href="{server.link}">link</a>'.encode()]

    page, other = open_page(), open_page()
    with serve(elsewhere) as site:
        page.goto(site.replace("127.0.0.1", "localhost"))
        page.get_by_role("link", name="link").click()
        page.wait_for_url(f"{server.site}/")
    expect(page.locator("h1")).to_have_text("Products")
    page.reload()
    expect(page.locator("h1")).to_have_text("Products")

    assert other.goto(server.link).status == 403
    expect(other.locator("body")).to_contain_text("Open the link that the terminal shows")
    assert page.evaluate("document.cookie") == ""


def test_both_sides_and_the_log_move(shop, server, open_page):
    """An edit, a purchase on either side and a refund: the open window shows what became of them by itself."""
    before = shop.sample.product(MICROPHONE).quantity
    page = open_page()
    page.goto(server.link)
    page.wait_for_url(f"{server.site}/")
    watching = page.context.new_page()
    for each in (page, watching):
        each.goto(f"{server.site}/product?sku={MICROPHONE}")
    sides = watching.locator("#sides")

    page.get_by_label("Price").fill("88.00")
    page.get_by_role("button", name="Save the product").click()
    expect(sides.get_by_text("88.00", exact=True)).to_have_count(2)
    page.get_by_role("button", name="Buy in the shop").click()
    expect(sides.get_by_text(str(before - 1), exact=True)).to_have_count(2)
    page.get_by_role("button", name="Refund order 3001").click()
    expect(sides.get_by_text(str(before), exact=True)).to_have_count(2)
    page.get_by_role("button", name="Buy on Reverb").click()
    expect(sides.get_by_text("different")).to_be_visible()
    expect(sides.get_by_role("row")).to_have_count(4)
    page.get_by_role("link", name="Reverb, in the shop's admin").click()
    expect(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Sync log")).to_be_visible()


@pytest.mark.parametrize("path", ["/", f"/product?sku={MICROPHONE}", "/nowhere"])
def test_everyone_can_use_the_demo(path, server, open_page):
    """The demo's pages are for everyone too: axe finds nothing, and nothing sticks out of a small screen."""
    page = open_page(viewport={"width": 360, "height": 740}, color_scheme="dark", reduced_motion="reduce")
    page.goto(server.link)
    page.wait_for_url(f"{server.site}/")
    page.goto(server.site + path)
    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
