"""Pictures of each page, light and dark, narrow and wide: `make screenshots` puts them into docs/screenshots."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from reverb_plugin.update import notice
from reverb_plugin.update.manager import Kind, Manager
from tests.browser.chromium import find_chromium, launch
from tests.browser.news import announce
from tests.browser.pages import all_pages
from tests.browser.shop import open_sample_shop, open_worked_shop

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
HEIGHTS = {360: 1000, 1600: 1000}
"""By width; what is further down is not in the picture."""
THEMES = ("light", "dark")
ALL = [(theme, width) for theme in THEMES for width in HEIGHTS]
TWO = [("dark", 360), ("light", 1600)]
"""Of pages that look much like another."""

MANAGER = Manager(Kind.OURS, "", "/srv/shop/venv/bin/reverb-plugin update")
"""Not the checkout that takes the pictures."""

NEWS = ("A form that was sent from another site is refused in old browsers, too.", "Photos keep the order of the shop.")


def main():
    if find_chromium() is None:
        sys.exit("There is no Chromium: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(reduced_motion="reduce")
        with open_worked_shop(_make(folder, "worked")) as shop:
            pages = all_pages(shop)
            del pages["first-run"], pages["update"]
            del pages["support-bundle"]  # in a picture it looks like the page itself
            for name, path in pages.items():
                page.goto(shop.site + path)
                _take(page, name.replace("/", "-"), TWO if "/" in name else ALL)
            announce(shop.plugin, *NEWS)
            notice.find_manager = lambda *_: MANAGER
            page.goto(f"{shop.site}/update")
            _take(page, "update", ALL)
        with open_sample_shop(_make(folder, "new"), connected=False) as shop:
            page.goto(f"{shop.site}/start")
            _take(page, "first-run", ALL)
        browser.close()


def _make(folder, name):
    made = Path(folder, name)
    made.mkdir()
    return made


def _take(page, name, looks):
    for theme, width in looks:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.screenshot(path=FOLDER / f"{name}-{theme}-{width}.png")


if __name__ == "__main__":
    main()
