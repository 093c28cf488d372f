"""Pictures of each page, light and dark, narrow and wide: `make screenshots` puts them into docs/screenshots."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.browser.chromium import find_chromium, launch
from tests.browser.pages import all_pages
from tests.browser.shop import open_worked_shop

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
HEIGHTS = {360: 1000, 1600: 1000}
"""By width; what is further down is not in the picture."""
THEMES = ("light", "dark")


def main():
    if find_chromium() is None:
        sys.exit("There is no Chromium: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, open_worked_shop(folder) as shop, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(reduced_motion="reduce")
        for name, path in all_pages(shop).items():
            page.goto(shop.site + path)
            _take(page, name.replace("/", "-"))
        browser.close()


def _take(page, name):
    for width, height in HEIGHTS.items():
        page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            page.screenshot(path=FOLDER / f"{name}-{theme}-{width}.png")


if __name__ == "__main__":
    main()
