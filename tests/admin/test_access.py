"""Who may enter is the host's word, and nothing but its True lets anybody in."""

import logging

import pytest

from reverb_plugin.admin.pages import PAGES
from reverb_plugin.admin.static_files import static_files
from tests.admin.offline import SAME_ORIGIN, browser, open_offline


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    with open_offline(tmp_path_factory.mktemp("data")) as plugin:
        yield plugin


ADDRESSES = ["/", "/log", "/settings", "/nowhere", f"/static/{static_files()['page.css'].name}"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_authorize_nobody_enters(plugin, address):
    """Without authorize every request is refused, and the developer reads what to add."""
    page = browser(plugin, None).get(address)
    assert page.status_code == 403
    assert "plugin.admin_app(authorize=...)" in page.text
    assert "Overview" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_who_may_enter_enters(plugin):
    """A request that authorize says True of gets its page; authorize is asked each time, of that request."""
    client = browser(plugin, lambda environ: environ.get("HTTP_X_STAFF") == "yes")
    assert client.get("/", headers={"X-Staff": "yes"}).status_code == 200
    assert client.get("/").status_code == 403
    assert client.get("/", headers={"X-Staff": "no"}).status_code == 403


async def forgotten_await(environ):
    return False


@pytest.mark.filterwarnings("ignore:coroutine 'forgotten_await' was never awaited:RuntimeWarning")
@pytest.mark.parametrize("verdict", [1, "yes", None, object(), forgotten_await], ids=range(5))
def test_only_true_lets_in(plugin, caplog, verdict):
    """Anything but True refuses, such as a user, nothing, or the coroutine of an async authorize; the log says so."""
    page = browser(plugin, verdict if callable(verdict) else lambda environ: verdict).get("/")
    assert page.status_code == 403
    assert "authorize has to return True or False" in caplog.text


def test_false_refuses_quietly(plugin, caplog):
    """False is an answer: refused, without a complaint in the log."""
    assert browser(plugin, lambda environ: False).get("/").status_code == 403
    assert caplog.records == []


@pytest.mark.swallows
def test_failing_refuses(plugin, caplog):
    """When authorize raises, nobody enters, the host's process goes on, and its log has the error."""

    def authorize(environ):
        raise KeyError("session")

    with caplog.at_level(logging.ERROR):
        page = browser(plugin, authorize).get("/settings")
    assert page.status_code == 500
    assert "session" not in page.text
    assert "KeyError" in caplog.text


def test_changing_is_refused_too(plugin):
    """A form that was sent by somebody who may not enter changes nothing."""
    client = browser(plugin, lambda environ: False)
    changing = [route for page in PAGES for route in page.ROUTES if route.method == "POST" and "<" not in route.path]
    assert changing
    for route in changing:
        assert client.post(route.path, headers=SAME_ORIGIN).status_code == 403
