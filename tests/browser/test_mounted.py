"""The page works wherever a shop puts it: at the root, below a prefix, behind proxies that change the path."""

from contextlib import ExitStack

import pytest
from playwright.sync_api import expect
from werkzeug.middleware.proxy_fix import ProxyFix

from reverb_plugin.admin.pages import NAVIGATION
from reverb_plugin.testing import FakeHost
from tests.browser.proxy import Proxy
from tests.browser.shop import mount, open_shop, serve


class Mounting:
    """Puts the page somewhere; each way returns the address where a browser finds it."""

    def __init__(self, plugin, stack):
        self._app = plugin.admin_app(authorize=lambda _environ: True)
        self._stack = stack

    def serve(self, app):
        return self._stack.enter_context(serve(app))

    def below(self, prefix):
        return self.serve(mount(self._app, prefix)) + prefix

    def behind_a_proxy_that_strips(self, prefix):
        """The proxy says which prefix it took off, and the shop believes it."""
        shop = self.serve(ProxyFix(mount(self._app, "/reverb"), x_proto=1, x_host=1, x_prefix=1))
        return self.serve(Proxy(shop, strip=prefix, headers={"X-Forwarded-Prefix": prefix})) + f"{prefix}/reverb"

    def behind_a_proxy_that_adds(self, prefix):
        """Outside nobody sees the prefix that the page is mounted below: the shop takes it out of SCRIPT_NAME."""

        def shop(environ, start_response):
            return mount(without_prefix, prefix)(environ, start_response)

        def without_prefix(environ, start_response):
            return self._app(environ | {"SCRIPT_NAME": ""}, start_response)

        return self.serve(Proxy(self.serve(ProxyFix(shop, x_proto=1, x_host=1)), add=prefix))


PLACES = {
    "root": lambda mounting: mounting.below(""),
    "/reverb": lambda mounting: mounting.below("/reverb"),
    "/dashboard/reverb/": lambda mounting: mounting.below("/dashboard/reverb"),
    "proxy that strips": lambda mounting: mounting.behind_a_proxy_that_strips("/shops/7"),
    "proxy that adds": lambda mounting: mounting.behind_a_proxy_that_adds("/internal/reverb"),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with open_shop(tmp_path_factory.mktemp("shop"), FakeHost()) as shop:
        yield shop


@pytest.mark.parametrize("place", PLACES)
def test_all_of_it_works_there(place, shop, open_page):
    """Every page of the navigation, its style and script, a form and what follows it stay below the prefix."""
    page, answers = open_page(), []
    with ExitStack() as stack:
        site = PLACES[place](Mounting(shop.plugin, stack))
        page.on("response", lambda answer: answers.append((answer.status, answer.url)))
        page.goto(f"{site}/")
        for title in NAVIGATION.values():
            page.get_by_role("navigation", name="Pages").get_by_role("link", name=title, exact=True).click()
            expect(page.locator("h1")).to_be_visible()
        page.get_by_role("link", name="Sync all listings", exact=True).first.click()
        page.get_by_role("button", name="Make a preview").click()
        page.wait_for_url("**/mass-sync/*")
        with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            page.get_by_role("button", name="Cancel").first.click()
        page.wait_for_load_state()

    assert sent.value.status == 303
    assert {status for status, _ in answers} <= {200, 303}, answers
    assert all(url.startswith(f"{site}/") for _, url in answers), answers
    assert any(url.endswith(".css") for _, url in answers)
    assert any(url.endswith(".js") for _, url in answers)
