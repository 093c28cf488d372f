"""One real Chromium for each worker of the test run; a new profile for each test."""

import asyncio

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.chromium import find_chromium, launch

PATIENCE_MILLISECONDS = 15_000
expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.fixture(scope="session")
def session_browser():
    if find_chromium() is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        asyncio._set_running_loop(browser._loop)
        browser.close()


@pytest.fixture
def browser(session_browser):
    """The browser. Playwright leaves its event loop marked as running; other tests want one of their own."""
    asyncio._set_running_loop(session_browser._loop)
    yield session_browser
    asyncio._set_running_loop(None)


@pytest.fixture
def open_page(browser):
    """Opens pages, each in a profile of its own; options are those of Playwright's ``new_context``."""
    contexts = []

    def open_page(**options):
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
