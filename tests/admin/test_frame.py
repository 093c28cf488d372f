"""What every page has in common: headers, static files, prefixes, errors that are pages, hostile text."""

import re
from dataclasses import dataclass

import pytest
from markupsafe import escape
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client
from werkzeug.wrappers import Response

from reverb_plugin.admin.notices import NOTICES, Notice
from reverb_plugin.admin.static_files import static_files
from reverb_plugin.admin.visit import Page, Redirect
from reverb_plugin.connection import Connection, keep
from reverb_plugin.errors import HostError, StoreError, StoreLockedError
from reverb_plugin.redact import Secret
from tests.admin.offline import SAME_ORIGIN, add_page, browser, open_offline
from tests.sync.market import guitar

HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}",
    "</title></style><b>",
    "\u202egnp.exe",
    "🎸🧷" * 20,
    "x" * 10_000,
    "&amp;lt;",
]  # fmt: skip


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    with open_offline(tmp_path_factory.mktemp("data")) as plugin:
        yield plugin


@pytest.fixture
def client(plugin):
    return browser(plugin)


def policy(page):
    directives = page.headers["Content-Security-Policy"].split("; ")
    return {name: value for name, _, value in (directive.partition(" ") for directive in directives)}


class TestHeaders:
    @pytest.mark.parametrize("address", ["/", "/log", "/settings", "/nowhere", "/static/none.css"])
    def test_every_answer_has_them(self, client, address):
        """Nothing from elsewhere, nothing inline, nothing kept, no guessing of types, no referrer for strangers."""
        page = client.get(address)
        rules = policy(page)
        assert rules.pop("default-src") == "'none'"
        assert rules.pop("base-uri") == "'none'"
        assert rules.pop("frame-ancestors") == "'self'"
        assert set(rules) == {"script-src", "style-src", "img-src", "connect-src", "form-action"}
        assert set(rules.values()) == {"'self'"}
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Referrer-Policy"] == "same-origin"

    def test_who_may_frame_it_is_a_setting(self, tmp_path):
        """The setting frame_ancestors decides who may frame the page, from the next answer on."""
        with open_offline(tmp_path) as plugin:
            plugin.configuration.save("frame_ancestors", "https://admin.example https://*.shop.example")
            page = browser(plugin).get("/")
        assert policy(page)["frame-ancestors"] == "https://admin.example https://*.shop.example"

    @pytest.mark.parametrize("address", ["/", "/log", "/products", "/mass-sync", "/settings", "/start"])
    def test_nothing_is_inline(self, client, address):
        """No page has a script or a style of its own, nor a handler in an attribute."""
        html = client.get(address).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


class TestStaticFiles:
    def test_names_hold_what_is_inside(self, client):
        """A page names each file with a hash of its content, and the browser may keep it forever."""
        addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text)
        assert len(addresses) == 3
        for address in addresses:
            assert re.search(r"\.[0-9a-f]{12}\.(css|js|svg)$", address)
            answer = client.get(address)
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers["Content-Type"].split(";")[0] in {"text/css", "text/javascript", "image/svg+xml"}
            assert answer.data == static_files()[re.sub(r"\.[0-9a-f]{12}", "", address.rpartition("/")[2])].content

    @pytest.mark.parametrize(
        "name", ["page.css", "page.000000000000.css", "..%2Fapp.py", "%2e%2e/app.py", "../app.py", "", "a/b.css"]
    )
    def test_nothing_else_is_served(self, client, name):
        """Neither an old name nor one that leads out of the folder."""
        assert client.get(f"/static/{name}").status_code == 404

    def test_nothing_comes_from_elsewhere(self):
        """Style and script name no other site, and import nothing."""
        for file in static_files().values():
            text = file.content.decode().replace('xmlns="http://www.w3.org/2000/svg"', "")
            assert not re.search(r"https?://|@import|url\(|\beval\(|innerHTML", text), file.name


def addresses_in(html):
    return re.findall(r'(?:href|src|action)="([^"]*)"', html)


class TestPrefixes:
    @pytest.mark.parametrize("prefix", ["", "/reverb", "/dashboard/reverb"])
    def test_mounted(self, plugin, prefix):
        """Under any prefix every address on the page begins with it, and leads somewhere."""
        inner = plugin.admin_app(lambda environ: True)
        client = Client(DispatcherMiddleware(Response("the shop"), {prefix: inner}) if prefix else inner)
        page = client.get(f"{prefix}/")
        found = [address for address in addresses_in(page.text) if not address.startswith("#")]
        assert found
        for address in found:
            assert address.startswith(f"{prefix}/")
            assert client.get(address).status_code == 200, address

    @pytest.mark.parametrize("script_name", ["/dashboard/reverb/", "/dashboard/reverb"])
    @pytest.mark.parametrize("path", ["", "/", "/log", "/log/"])
    def test_slashes_do_not_matter(self, client, script_name, path):
        """With or without a slash at the end of prefix or path: a page, never a redirect that could lead elsewhere."""
        page = client.get("/", environ_overrides={"SCRIPT_NAME": script_name, "PATH_INFO": path})
        assert page.status_code == 200
        assert 'href="/dashboard/reverb/log"' in page.text
        assert not any("//" in address for address in addresses_in(page.text))

    def test_odd_prefix(self, client):
        """A prefix that needs escaping is escaped, and one that begins like another host's name stays a path."""
        odd = '/böse "x"'.encode().decode("latin1")
        page = client.get("/", environ_overrides={"SCRIPT_NAME": odd})
        assert 'href="/b%C3%B6se%20%22x%22/log"' in page.text
        page = client.get("/", environ_overrides={"SCRIPT_NAME": "//evil.example"})
        assert 'href="/evil.example/log"' in page.text

    def test_behind_a_proxy_that_strips(self, plugin):
        """A proxy that takes the prefix off has to say so, and the host has to believe it: ProxyFix does."""
        app = plugin.admin_app(lambda environ: True)
        told = {"X-Forwarded-Prefix": "/dashboard/reverb"}
        assert 'href="/log"' in Client(app).get("/", headers=told).text  # anybody can send this header
        believing = Client(ProxyFix(app, x_for=1, x_proto=1, x_host=1, x_prefix=1))
        assert 'href="/dashboard/reverb/log"' in believing.get("/", headers=told).text

    def test_behind_a_proxy_that_adds(self, plugin):
        """A proxy that puts a prefix before the path reaches the page mounted there."""
        client = Client(DispatcherMiddleware(Response("the shop"), {"/inner": plugin.admin_app(lambda environ: True)}))
        assert 'href="/inner/log"' in client.get("/inner/").text

    def test_origin_behind_a_proxy(self, plugin, monkeypatch):
        """Behind a proxy an older browser's form passes once the host believes what the proxy says of itself."""
        add_page(monkeypatch, lambda visit: Response("done"), "POST")
        app = plugin.admin_app(lambda environ: True)
        headers = {
            "Origin": "https://shop.example", "X-Forwarded-Host": "shop.example", "X-Forwarded-Proto": "https",
        }  # fmt: skip
        believing = ProxyFix(app, x_proto=1, x_host=1, x_prefix=1)
        assert Client(app).post("/more", headers=headers, base_url="http://127.0.0.1:8000").status_code == 403
        assert Client(believing).post("/more", headers=headers, base_url="http://127.0.0.1:8000").status_code == 200


class TestAnswers:
    def test_redirect(self, plugin, monkeypatch):
        """After a form the browser is sent on with a path alone; what is said there travels as a code."""
        monkeypatch.setitem(NOTICES, "tried", Notice("It was tried."))
        add_page(monkeypatch, lambda visit: Redirect("log", {"x": "A B/ü", "page": None}, "tried"), "POST")
        answer = browser(plugin).post("/more", headers=SAME_ORIGIN)
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/log?x=A+B/%C3%BC&notice=tried"
        assert "It was tried." in browser(plugin).get(answer.headers["Location"]).text

    @pytest.mark.parametrize("code", ["<b>x</b>", "unknown", ""])
    def test_unknown_notice(self, client, code):
        """An address that somebody else wrote cannot make the page say anything."""
        page = client.get("/", query_string={"notice": code})
        assert page.status_code == 200
        assert 'id="notice"' not in page.text

    def test_not_found_is_a_page(self, client):
        """What does not exist is told in the frame, with the way back."""
        page = client.get("/nowhere")
        assert page.status_code == 404
        assert "Not Found" in page.text
        assert 'aria-label="Pages"' in page.text

    def test_no_database_is_a_page(self, plugin, monkeypatch):
        """A database that cannot be used is told with what to do, and no traceback."""

        def view(visit):
            raise StoreLockedError

        add_page(monkeypatch, view)
        page = browser(plugin).get("/more")
        assert page.status_code == 503
        assert StoreLockedError.hint in page.text

    def test_an_error_of_ours_is_a_page(self, plugin, monkeypatch):
        """Any error of the plugin is told with its message, as text, and its hint."""

        def view(visit):
            raise HostError("find_product said <b>no</b>")

        add_page(monkeypatch, view)
        page = browser(plugin).get("/more")
        assert page.status_code == 500
        assert "find_product said &lt;b&gt;no&lt;/b&gt;" in page.text

    @pytest.mark.swallows
    def test_a_mistake_of_ours_is_a_page(self, plugin, monkeypatch, caplog):
        """An error nobody foresaw stays ours: a page that tells nothing of it, and the log has it."""

        def view(visit):
            raise RuntimeError("the secret detail")

        add_page(monkeypatch, view)
        page = browser(plugin).get("/more")
        assert page.status_code == 500
        assert "the secret detail" not in page.text
        assert "the secret detail" in caplog.text

    @pytest.mark.swallows
    def test_a_mistyped_name_is_noticed(self, plugin, monkeypatch, caplog):
        """A template that uses a name its context lacks fails instead of showing nothing."""

        @dataclass
        class Empty:
            title: str = "x"

        add_page(monkeypatch, lambda visit: Page("error.html", Empty()))
        assert browser(plugin).get("/more").status_code == 500
        assert "'message' is undefined" in caplog.text

    @pytest.mark.parametrize("environment", ["sandbox", "production"])
    def test_the_environment_is_unmistakable(self, tmp_path, environment):
        """Each page says in a word, and by its own colour, which Reverb it is about."""
        with open_offline(tmp_path, environment=environment) as plugin:
            page = browser(plugin).get("/log").text
        assert f'<body class="environment-{environment}">' in page
        assert f"</span>{environment.capitalize()}</span>" in page

    def test_the_shop_is_named(self, tmp_path):
        """Once the connection was tried with the token in use, each page says whose account it is, as text."""
        with open_offline(tmp_path, token="first") as plugin:
            found = Connection("sandbox", plugin.clock.now(), "Bob's <b>Guitars</b>", "USD", ())
            keep(plugin.store, found, Secret("another"))
            assert "Guitars" not in browser(plugin).get("/nowhere").text
            keep(plugin.store, found, Secret("first"))
            assert "Bob&#39;s &lt;b&gt;Guitars&lt;/b&gt;" in browser(plugin).get("/nowhere").text

    @pytest.mark.parametrize("address", ["/", "/log", "/products", "/mass-sync", "/settings", "/start", "/nowhere"])
    def test_without_a_database(self, tmp_path, address):
        """When the database cannot be opened, each page still comes, in the frame, and says what to do.

        Which environment was saved is not known then, so none is named.
        """
        (tmp_path / "file").touch()
        with open_offline(tmp_path / "file" / "folder") as plugin:
            plugin.host.add(guitar())
            page = browser(plugin).get(address)
        assert page.status_code in ({404} if address == "/nowhere" else {200, 503})
        assert 'aria-label="Pages"' in page.text
        assert address == "/nowhere" or escape(StoreError.hint) in page.text
        assert "environment-sandbox" not in page.text
        assert "Environment: " not in page.text

    def test_head(self, client):
        """A check whether the page is there gets headers and no body."""
        answer = client.head("/")
        assert answer.status_code == 200
        assert answer.data == b""


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_text(plugin, monkeypatch, text):
    """Whatever an error holds is shown as text; whatever stands in an address changes nothing."""

    def view(visit):
        raise HostError(text)

    add_page(monkeypatch, view)
    client = browser(plugin)
    page = client.get("/more", query_string={"notice": text, "sku": text})
    assert page.status_code == 500
    shown = re.sub(r".*<main[^>]*>(.*)</main>.*", r"\1", page.text, flags=re.DOTALL)
    assert "<script" not in shown
    assert "<img" not in shown
    assert "<b>" not in shown
    assert re.search(r"on\w+=['\"]?alert", re.sub(r"&#39;|&#34;", "", re.sub(r">[^<]*<", "><", shown))) is None
    assert client.get("/nowhere/" + text[:200]).status_code == 404
    assert client.post("/log", headers=SAME_ORIGIN, query_string={"x": text}).status_code == 405
