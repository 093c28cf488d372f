"""Texts of other people stay texts: titles, SKUs, messages and errors that try to be more, on every page."""

from decimal import Decimal
from urllib.parse import urlencode

import pytest

from reverb_plugin.hooks import on_product_saved
from reverb_plugin.host import Product
from reverb_plugin.store.sync_log import LogFilter
from reverb_plugin.testing import FakeHost, FrozenClock
from tests.browser.news import announce
from tests.browser.pages import all_pages
from tests.browser.shop import open_shop

MARKUP = "<b id=harm>bold</b><script>window.harmed=1</script><img src=x onerror=window.harmed=1>\"'>{{ 713 * 713 }}"
TURNED = "\u202edrawkcab\u202c \u2066isolated \u200f\u200d"
EMOJI = "🎸👩🏽‍🎤🇩🇪 Ünïcödé ﷽"
LONG = "Long" + "g" * 10_000
SKUS = {
    "markup": f"{MARKUP}/a",
    "turned": "עברית (1) العربية",
    "emoji": "🎸🇩🇪 Ünïcödé ﷽",
    "long": "L" * 255,
    "path": "../a?b=c&d#e",
}
WORDS = {"markup": MARKUP, "turned": TURNED, "emoji": EMOJI, "long": LONG, "path": "javascript:alert(1)"}
REFUSED = {"message": f"Refused {MARKUP}", "errors": {f"title{MARKUP}": [f"{MARKUP} {TURNED} {EMOJI} {LONG}"]}}


def product(name):
    return Product(
        SKUS[name], title=WORDS[name][:255], description=WORDS[name], price=Decimal("10.00"), quantity=2,
        make=WORDS[name][:255], model=MARKUP, finish=EMOJI, categories=(MARKUP, TURNED),
        condition=MARKUP if name == "path" else "Brand New", url="javascript:window.harmed=1",
    )  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A shop with such products, of which Reverb has one otherwise, refused one in such words, and made others."""
    host = FakeHost(map(product, SKUS))
    with open_shop(tmp_path_factory.mktemp("shop"), host, clock=FrozenClock()) as shop:
        shop.door.add_listing(sku=SKUS["turned"], title=MARKUP, make=MARKUP, model=EMOJI, price="9.00")
        shop.door.add_fault("answer", "POST", status=422, body=REFUSED)
        for sku in SKUS.values():  # one after the other, so that the first is the one that is refused
            on_product_saved(sku, plugin=shop.plugin)
            shop.drain()
        host.change(SKUS["turned"], price=Decimal("11.00"))
        shop.plugin.mass_sync.check_drift()
        shop.drain()
        shop.plugin.mass_sync.preview()
        shop.drain()
        announce(shop.plugin, MARKUP, TURNED, EMOJI, LONG, reason=f"{MARKUP} {LONG}")
        yield shop


def paths(shop):
    """Every page, and those of each SKU."""
    entries = shop.plugin.store.log_page(LogFilter(), 20)
    pages = all_pages(shop, SKUS["markup"], SKUS["turned"])
    return [
        *pages.values(),
        *(f"/product?{urlencode({'sku': sku})}" for sku in SKUS.values()),
        *(f"/log?{urlencode({'sku': sku})}" for sku in SKUS.values()),
        *(f"/log/{entry.id}" for entry in entries),
        f"/products?{urlencode({'q': MARKUP})}",
        f"/settings/categories/choose?{urlencode({'word': MARKUP, 'q': MARKUP})}",
        f"/?{urlencode({'notice': MARKUP})}",
        f"/{MARKUP}",
    ]


def test_texts_stay_texts(shop, open_page):
    """On no page anything of it runs, becomes an element or a link, or makes the page wider than a small screen."""
    page, found, said = open_page(viewport={"width": 360, "height": 740}), [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: found.append(dialog.message))
    for path in paths(shop):
        page.goto(shop.site + path)
        if page.evaluate("window.harmed !== undefined || document.getElementById('harm') !== null"):
            found.append(f"{path}: it became part of the page")
        if page.locator("a[href^='javascript' i]").count():
            found.append(f"{path}: a link runs a script")
        if (width := page.evaluate("document.documentElement.scrollWidth")) > 360:
            found.append(f"{path}: is {width} wide")
        if "508369" in page.inner_text("main"):
            found.append(f"{path}: a template computed")

    assert found == []
    assert [line for line in said if "status of 40" not in line] == []


def test_texts_are_shown(shop, open_page):
    """What was said is there to be read, as it was said."""
    page = open_page()
    refused = shop.plugin.store.log_page(LogFilter(outcome="refused", sku=SKUS["markup"]), 1)[0]
    page.goto(f"{shop.site}/log/{refused.id}")
    assert f"Refused {MARKUP}" in page.inner_text("main")
    page.goto(f"{shop.site}/products")
    for sku in SKUS.values():
        assert " ".join(sku.split()) in " ".join(page.inner_text("main").split())
    for name, sku in SKUS.items():
        page.goto(f"{shop.site}/product?{urlencode({'sku': sku})}")
        assert " ".join(WORDS[name][:200].split()) in " ".join(page.inner_text("main").split())
