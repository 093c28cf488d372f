"""What other sites can do to somebody who is signed in to the shop's admin: nothing."""

import queue
from html import escape

import pytest
from playwright.sync_api import expect

from reverb_plugin.testing import FakeHost
from tests.browser.shop import open_shop, serve

WATCH = "addEventListener('securitypolicyviolation', event => (window.refused ||= []).push(event.effectiveDirective))"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with open_shop(tmp_path_factory.mktemp("shop"), FakeHost()) as shop:
        yield shop


class Elsewhere:
    """Another site, with one page; ``at(name)`` is its address under a name of this machine."""

    html = ""

    def __call__(self, _environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [f"<!doctype html><title>Elsewhere</title>{self.html}".encode()]

    def at(self, name):
        return self.site.replace("127.0.0.1", name)


@pytest.fixture
def elsewhere():
    site = Elsewhere()
    with serve(site) as site.site:
        yield site


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_forms_of_other_sites_are_refused(name, shop, elsewhere, open_page):
    """A form that another site sends, from this machine's other ports or from elsewhere, changes nothing."""
    page = open_page()
    elsewhere.html = f'<form method="post" action="{shop.site}/mass-sync/start"><button>Win</button></form>'
    page.goto(elsewhere.at(name))
    with page.expect_navigation() as there:
        page.get_by_role("button", name="Win").click()

    assert there.value.status == 403
    expect(page.locator("main")).to_contain_text("nothing was changed")
    assert shop.plugin.store.runs.newest() == []


def test_form_of_a_frame_without_origin_is_refused(shop, elsewhere, open_page):
    """A sandboxed frame, whose origin is nobody's, is refused as well."""
    app, answers = shop.plugin.admin_app(authorize=lambda _environ: True), queue.Queue()

    def watched(environ, start_response):
        return app(environ, lambda status, *rest: [start_response(status, *rest), answers.put(status)][0])

    with serve(watched) as site:
        form = f'<form method="post" action="{site}/mass-sync/start"></form>'
        inner = f"{form}<script>document.forms[0].submit()</script>"
        elsewhere.html = f'<iframe sandbox="allow-scripts allow-forms" srcdoc="{escape(inner)}"></iframe>'
        open_page().goto(elsewhere.site)
        assert answers.get(timeout=20) == "403 FORBIDDEN"

    assert shop.plugin.store.runs.newest() == []


def test_own_forms_pass(shop, open_page):
    """The page's own form is let through."""
    page = open_page()
    page.goto(f"{shop.site}/settings/pace")
    with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        page.get_by_role("button", name="Save").click()

    assert sent.value.status == 303


@pytest.mark.parametrize(
    ("directive", "html"),
    [
        ("script-src-elem", "<script>window.harmed = true</script>"),
        ("script-src-elem", '<script src="ELSEWHERE/x.js"></script>'),
        ("script-src-attr", '<img src="data:," onerror="window.harmed = true">'),
        ("style-src-attr", '<p style="position: fixed">styled</p>'),
        ("style-src-elem", "<style>body { display: none }</style>"),
        ("img-src", '<img src="ELSEWHERE/x.png">'),
        ("frame-src", '<iframe src="ELSEWHERE/"></iframe>'),
        ("object-src", '<object data="ELSEWHERE/"></object>'),
        ("base-uri", '<base href="ELSEWHERE/">'),
        ("form-action", '<form action="ELSEWHERE/"></form>'),
    ],
)
def test_what_is_smuggled_in_does_not_run(directive, html, shop, elsewhere, open_page):
    """Were markup of somebody else ever to get onto the page, the browser would refuse to run, style or load it."""
    page = open_page()
    page.goto(f"{shop.site}/")
    page.evaluate(WATCH)
    page.evaluate(
        "html => document.body.append(document.createRange().createContextualFragment(html))",
        html.replace("ELSEWHERE", elsewhere.at("localhost")),
    )
    if directive == "form-action":
        page.evaluate("() => [...document.forms].at(-1).submit()")
    page.wait_for_function("directive => window.refused?.includes(directive)", arg=directive)

    assert page.evaluate("window.harmed") is None
    assert page.url == f"{shop.site}/"


def test_script_may_ask_no_other_site(shop, elsewhere, open_page):
    """Not even the page's own script could carry something away."""
    page = open_page()
    page.goto(f"{shop.site}/")
    page.evaluate(WATCH)
    asked = page.evaluate("site => fetch(site, {mode: 'no-cors'}).then(() => 'told', () => 'refused')", elsewhere.site)

    assert (asked, page.evaluate("window.refused")) == ("refused", ["connect-src"])


def test_only_named_sites_may_frame_it(shop, elsewhere, open_page):
    """A site that is not named cannot put the page into a frame; one that the setting names can."""
    page = open_page()
    elsewhere.html = f'<iframe src="{shop.site}/"></iframe>'
    page.goto(elsewhere.at("localhost"))
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("refused to connect")

    shop.set(frame_ancestors=elsewhere.at("localhost"))
    page.goto(elsewhere.at("localhost"))
    expect(page.frame_locator("iframe").get_by_role("navigation", name="Pages")).to_be_visible()
    shop.set(frame_ancestors="'self'")


def test_nothing_is_kept(shop, open_page):
    """After going away nothing of the page comes from the browser's memory: Back asks again."""
    page = open_page()
    page.goto(f"{shop.site}/settings")
    page.goto(f"{shop.site}/log")
    with page.expect_response(f"{shop.site}/settings") as answer:
        page.go_back()

    assert not answer.value.from_service_worker
    assert answer.value.headers["cache-control"] == "no-store"
