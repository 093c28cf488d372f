"""What the demo ends with: the sample shop's pages, and the plugin's own page in the shop's admin, for a browser."""

import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from reverb_plugin.admin.local_server import LocalServer
from reverb_plugin.demo.counter import Counter
from reverb_plugin.demo.shop_page import ADMIN_PREFIX, ShopPage
from reverb_plugin.demo.stage import Stage
from reverb_plugin.demo.telling import Fact

TIMEOUT_SECONDS = 10
OK = 200


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages at ``site``; ``link`` lets one browser in."""

    site: str
    link: str

    def prove(self) -> Sequence[Fact]:
        """Uses the link up and asks for the pages, as a browser does."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        statuses = []
        for address in (self.link, f"{self.site}/", f"{self.site}{ADMIN_PREFIX}/"):
            with opener.open(address, timeout=TIMEOUT_SECONDS) as answer:
                statuses.append(answer.status)
        return (
            Fact("the link is answered with {}", statuses[0], OK),
            Fact("the shop's page with {}", statuses[1], OK),
            Fact("the page in its admin with {}", statuses[2], OK),
        )


@contextmanager
def open_pages(stage: Stage) -> Iterator[Pages]:
    """Serves both until the end. From now on the shop takes Reverb's orders."""
    stage.plugin.configuration.save("orders", "orders-and-shipments")
    stage.plugin.configuration.save("orders_poll_minutes", "1")
    shop = ShopPage(Counter(stage.shop, stage.door), stage.plugin, stage.site)
    # Whoever has come through the door of the local server may see and do everything; nobody else gets this far.
    admin = stage.plugin.admin_app(authorize=lambda _environ: True)
    with LocalServer(DispatcherMiddleware(shop, {ADMIN_PREFIX: admin}), 0) as server:
        yield Pages(server.site, server.link)
