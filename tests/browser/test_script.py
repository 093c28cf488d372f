"""What page.js adds: parts of a page change in place, focus and history stay right; without it all works the same."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from jinja2 import ChoiceLoader, DictLoader
from playwright.sync_api import expect
from werkzeug.wrappers import Response

from reverb_plugin.admin.rendering import environment
from reverb_plugin.admin.visit import Page
from tests.admin.offline import add_page, open_offline
from tests.browser.shop import serve

expect.set_options(timeout=15_000)

MOMENT = datetime(2026, 11, 23, 20, 41, tzinfo=UTC)
TEMPLATE = """
{% extends "layout.html" %}
{% block title %}Number {{ number }}{% endblock %}
{% block content %}
<h1>Numbers</h1>
<form method="get" action="{{ url("more") }}" data-swap="rows">
<label for="wanted">Number</label> <input id="wanted" name="number"> <input name="empty" aria-label="Empty">
<button>Go</button></form>
<div id="rows"><p data-announce>This is number {{ number }}.</p>
<a data-swap="rows" href="{{ url("more", number=number + 1) }}">Next</a>
{% if number < 3 %}<button id="kept">Kept</button>{% endif %}</div>
<div id="progress"{% if step < 3 %} data-refresh-seconds="0.1"{% endif %}>
<p data-announce>Step {{ [step, 3]|min }}</p><details id="more"><summary>More</summary>of it</details></div>
<form method="post" action="{{ url("more", number=9) }}" data-once>
<button name="which" value="this">Send</button></form>
<p>{{ moment|when }}</p>
{% endblock %}
"""


@dataclass
class Numbers:
    number: int
    step: int
    moment: datetime = MOMENT


class Site:
    """A page with a number in its address, and a part of it that is refreshed until the third look."""

    def __init__(self):
        self.step = 3
        self.asked = []
        self.down = False

    def view(self, visit):
        self.asked.append(visit.request.full_path)
        if self.down:
            return Response("broken", 500, content_type="text/plain")
        self.step += 1
        return Page("numbers.html", Numbers(visit.request.args.get("number", 1, int), self.step))


@pytest.fixture
def site(monkeypatch, tmp_path):
    made = Site()
    loader = ChoiceLoader([environment().loader, DictLoader({"numbers.html": TEMPLATE})])
    monkeypatch.setattr(environment(), "loader", loader)
    with open_offline(tmp_path) as plugin:
        add_page(monkeypatch, made.view)
        with serve(plugin.admin_app(lambda environ: True)) as address:
            made.address = f"{address}/more"
            yield made


def mark(page):
    """Leaves a trace that a reload would wipe out."""
    page.evaluate("window.sameDocument = true")


def is_same_document(page):
    return page.evaluate("window.sameDocument === true")


def test_a_link_swaps(site, open_page):
    """A link that swaps changes its part in place: address, title, what is announced; Back brings the old part back."""
    page = open_page()
    page.goto(site.address)
    mark(page)
    page.click("text=Next")
    expect(page).to_have_title("Number 2 · Reverb")
    assert page.url.endswith("/more?number=2")
    expect(page.locator("#announcer")).to_have_text("This is number 2.")
    page.click("text=Next")
    expect(page).to_have_title("Number 3 · Reverb")
    page.go_back()
    expect(page).to_have_title("Number 2 · Reverb")
    page.go_back()
    expect(page.locator("#rows p")).to_have_text("This is number 1.")
    assert is_same_document(page)


def test_focus_stays(site, open_page):
    """Somebody at the keyboard stays where they were, or at the part that has changed when their place is gone."""
    page = open_page()
    page.goto(site.address)
    page.focus("text=Next")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Number 2 · Reverb")
    assert page.evaluate("document.activeElement.textContent") == "Next"
    page.focus("#kept")
    page.evaluate("document.querySelector('#rows a').click()")
    expect(page).to_have_title("Number 3 · Reverb")
    assert page.evaluate("document.activeElement.id") == "rows"


def test_a_form_swaps(site, open_page):
    """A form that swaps asks with what was entered, leaves out what was not, and keeps what stands in it."""
    page = open_page()
    page.goto(site.address)
    mark(page)
    page.fill("#wanted", "7")
    page.keyboard.press("Enter")
    expect(page).to_have_title("Number 7 · Reverb")
    assert page.url.endswith("/more?number=7")
    assert page.input_value("#wanted") == "7"
    assert is_same_document(page)


def test_without_script(site, open_page):
    """Without JavaScript the same links and forms lead to the same pages."""
    page = open_page(java_script_enabled=False)
    page.goto(site.address)
    page.click("text=Next")
    assert page.url.endswith("/more?number=2")
    page.fill("#wanted", "7")
    page.click("text=Go")
    assert "number=7" in page.url
    assert page.inner_text("#rows p") == "This is number 7."


def test_a_failing_swap_is_an_ordinary_link(site, open_page):
    """When the part cannot be fetched, the link leads where it says, so that the person sees why."""
    page = open_page()
    page.goto(site.address)
    site.down = True
    page.click("text=Next")
    page.wait_for_url("**/more?number=2")
    assert page.inner_text("body") == "broken"


def test_a_part_refreshes_itself(site, open_page):
    """A part is fetched again for as long as it says so, keeps what was opened in it, and is announced."""
    site.step = 0
    page = open_page()
    page.goto(site.address)
    mark(page)
    page.click("text=More")
    expect(page.locator("#progress p")).to_have_text("Step 3")
    assert page.evaluate("document.getElementById('more').open")
    expect(page.locator("#announcer")).to_have_text("Step 3")
    assert is_same_document(page)
    looks = len(site.asked)
    page.wait_for_timeout(300)
    assert len(site.asked) == looks == 3


def test_a_part_is_refreshed_after_an_outage(site, open_page):
    """A part whose page cannot be had for a while stays as it is, and goes on when it can."""
    site.step = 0
    page = open_page()
    page.goto(site.address)
    site.down = True
    with page.expect_response(lambda response: response.status == 500):
        pass
    assert page.inner_text("#progress p") == "Step 1"
    site.down = False
    expect(page.locator("#progress p")).to_have_text("Step 3")


def test_a_form_is_sent_once(site, open_page):
    """Pressing twice sends once, with the value of the button that was pressed."""
    page = open_page()
    page.goto(site.address)
    sent = []
    page.route("**/more?number=9", lambda route: sent.append(route.request.post_data) or route.fulfill(status=204))
    page.evaluate("b = document.querySelector('form[data-once] button'); b.click(); setTimeout(() => b.click(), 20)")
    expect(page.locator("form[data-once] button")).to_be_disabled()
    page.wait_for_timeout(100)
    assert sent == ["which=this"]


def test_times_are_the_readers(site, open_page):
    """A moment is shown in the time zone of the reader, who can still see it in UTC; without script it is UTC."""
    page = open_page(timezone_id="America/Los_Angeles")
    page.goto(site.address)
    assert page.inner_text("time") == "23 Nov 2026, 12:41 GMT-8"
    assert page.get_attribute("time", "title") == "23 Nov 2026, 20:41 UTC"
    plain = open_page(java_script_enabled=False, timezone_id="America/Los_Angeles")
    plain.goto(site.address)
    assert plain.inner_text("time") == "23 Nov 2026, 20:41 UTC"
