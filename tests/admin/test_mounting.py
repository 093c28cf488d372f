"""The recipes of docs/page.md, each in a small host of its kind: the page is there for those who may enter."""

import asyncio
import itertools
import re
from types import ModuleType, SimpleNamespace
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask import session as flask_session
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, AuthenticationBackend, SimpleUser
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from werkzeug.test import Client

import tests.django_project  # noqa: F401 - Django, set up
from tests.admin.offline import SAME_ORIGIN, open_offline
from tests.docs.pages import blocks

RECIPES = dict(
    zip(["Django", "Flask", "Starlette and FastAPI", "Behind a proxy"], blocks("docs/page.md", "py"), strict=True)
)
PREFIX = "/admin/reverb"
FORM = {"log_retention_days": "91"}


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    with open_offline(tmp_path_factory.mktemp("data")) as plugin:
        yield plugin


def follow(recipe, **names):
    """Runs the recipe as it stands in the documentation; the names it leaves behind."""
    exec(RECIPES[recipe], names)
    return names


def check(plugin, get, post):
    """The page is there under its prefix, with its style; a form is guarded by the page and by nothing else."""
    page = get(f"{PREFIX}/")
    assert page[0] == 200
    addresses = re.findall(r'(?:href|src)="([^"#]+)"', page[2])
    assert addresses
    assert all(address.startswith(f"{PREFIX}/") for address in addresses)
    assert page[1]["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    assert page[1]["Cache-Control"] == "no-store"
    style = next(address for address in addresses if address.endswith(".css"))
    assert get(style)[1]["Content-Type"].startswith("text/css")
    assert get(PREFIX + "/log")[0] == 200
    assert get(PREFIX + "/nowhere")[0] == 404
    assert get(f"{PREFIX}/product?sku=%C3%9C%2F%2F1&x=1")[0] in {200, 404}
    assert post(PREFIX + "/log", SAME_ORIGIN)[0] == 405
    assert post(PREFIX + "/settings/keeping", {"Sec-Fetch-Site": "cross-site"})[0] == 403
    assert plugin.settings.log_retention_days == 90
    saved = post(PREFIX + "/settings/keeping", SAME_ORIGIN)
    assert saved[0] == 303
    assert saved[1]["Location"].startswith(f"{PREFIX}/settings/keeping")
    assert plugin.settings.log_retention_days == 91
    plugin.configuration.save("log_retention_days", None)


def wsgi_calls(app, **sent):
    client = Client(app, use_cookies=False)

    def get(address):
        answer = client.get(address, **sent)
        return answer.status_code, answer.headers, answer.text

    def post(address, headers):
        answer = client.post(address, **{**sent, "headers": {**sent.get("headers", {}), **headers}}, data=FORM)
        return answer.status_code, answer.headers, answer.text

    return get, post


# Django


class SignIn:
    """What a test says of the person; in a shop, Django's sessions do."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        from django.contrib.auth.models import AnonymousUser, User

        role = request.headers.get("X-Role")
        request.user = User(is_staff=role == "staff", is_active=True) if role else AnonymousUser()
        return self.get_response(request)


@pytest.fixture(scope="module")
def django_urls(plugin):
    from django.test import override_settings
    from django.urls import include, path
    from django.views import View

    urls = ModuleType("shop_urls")
    admin = ([path("login/", View.as_view(), name="login")], "admin")
    urls.urlpatterns = [*follow("Django", plugin=plugin)["urlpatterns"], path("admin/", include(admin))]
    with override_settings(
        ALLOWED_HOSTS=["localhost", "shop.example"],
        ROOT_URLCONF=urls,
        LOGIN_URL="/login",
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            f"{__name__}.SignIn",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
    ):
        yield urls


def test_django(plugin, django_urls):
    """The Django recipe works under WSGI, past Django's own CSRF and frame rules."""
    from django.core.wsgi import get_wsgi_application

    get, post = wsgi_calls(get_wsgi_application(), headers={"X-Role": "staff"})
    check(plugin, get, post)
    assert "X-Frame-Options" not in get(f"{PREFIX}/")[1]
    assert get(PREFIX)[0] == 200


def test_django_staff_only(django_urls):
    """A customer of a Django shop, and a stranger, are sent to the login; the page says no as well."""
    from django.core.wsgi import get_wsgi_application

    for headers in ({}, {"X-Role": "customer"}):
        get, _ = wsgi_calls(get_wsgi_application(), headers=headers)
        status, answer, _ = get(f"{PREFIX}/")
        assert status == 302
        assert answer["Location"].startswith("/admin/login/")


def test_django_permission(plugin):
    """What the recipe gives to authorize is the staff permission of somebody who is still active."""
    may_enter = follow("Django", plugin=plugin)["may_enter"]
    for is_active, is_staff in itertools.product((True, False), repeat=2):
        user = SimpleNamespace(is_active=is_active, is_staff=is_staff)
        assert may_enter({"django.request": SimpleNamespace(user=user)}) is (is_active and is_staff)


def test_django_asks_the_page_too(plugin, django_urls):
    """Without the decorator it is authorize that refuses."""
    from django.test import RequestFactory

    from reverb_plugin.admin.mounting import django_view

    view = django_view(plugin.admin_app(lambda environ: environ["django.request"].user == "boss"))
    request = RequestFactory().get(f"{PREFIX}/", SERVER_NAME="localhost")
    for user, status in (("boss", 200), ("customer", 403)):
        request.user = user
        assert view(request, "/").status_code == status


def test_django_asgi(plugin, django_urls):
    """The Django recipe works under ASGI."""
    from django.core.asgi import get_asgi_application

    check(plugin, *asgi_calls(get_asgi_application(), {"X-Role": "staff"}))


# Flask


def test_flask(plugin):
    """The Flask recipe lets in whom the session says is an admin, and leaves the shop's own pages alone."""
    shop = Flask("shop")
    shop.secret_key = "only for tests"

    @shop.get("/")
    def front():
        return "the shop"

    @shop.get("/sign-in/<role>")
    def sign_in(role):
        flask_session["role"] = role
        return "hello"

    follow("Flask", plugin=plugin, shop=shop)
    client = Client(shop.wsgi_app)
    assert client.get("/").text == "the shop"
    assert client.get(f"{PREFIX}/").status_code == 403
    client.get("/sign-in/customer")
    assert client.get(f"{PREFIX}/").status_code == 403
    cookie = client.get("/sign-in/admin").headers["Set-Cookie"].split(";")[0]
    check(plugin, *wsgi_calls(shop.wsgi_app, headers={"Cookie": cookie}))


# ASGI


class ShopUsers(AuthenticationBackend):
    async def authenticate(self, conn):
        role = conn.headers.get("X-Role")
        return (AuthCredentials([role]), SimpleUser(role)) if role else None


def test_starlette(plugin):
    """The Starlette recipe lets in whom the shop's authentication says is an admin."""
    shop = Starlette(middleware=[Middleware(AuthenticationMiddleware, backend=ShopUsers())])
    follow("Starlette and FastAPI", plugin=plugin, shop=shop)
    check(plugin, *asgi_calls(shop, {"X-Role": "admin"}))
    for headers in ({}, {"X-Role": "customer"}):
        get, _ = asgi_calls(shop, headers)
        assert get(f"{PREFIX}/")[0] == 403


def asgi_calls(app, headers):
    def get(address):
        return asyncio.run(call(app, "GET", address, headers, b""))

    def post(address, more):
        body = urlencode(FORM).encode()
        form = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
        return asyncio.run(call(app, "POST", address, {**headers, **form, **more}, body))

    return get, post


async def call(app, method, address, headers, body):
    """One request to an ASGI application: status, headers, text."""
    path, _, query = address.partition("?")
    sent = [{"type": "http.request", "body": body, "more_body": False}]
    told = []

    async def receive():
        if sent:
            return sent.pop()
        return await asyncio.Event().wait()

    async def send(message):
        told.append(message)

    given = {"Host": "localhost", **headers}
    await app(
        {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
            "server": ("localhost", 80),
            "client": ("127.0.0.1", 1),
        },
        receive,
        send,
    )
    answered = {name.decode().title(): value.decode() for name, value in told[0]["headers"]}
    return told[0]["status"], answered, b"".join(message.get("body", b"") for message in told[1:]).decode()


# Proxies


def test_behind_a_proxy(plugin):
    """The recipe for a proxy that takes the prefix off believes what the proxy says."""
    page = follow("Behind a proxy", plugin=plugin, may_enter=lambda environ: True)["page"]
    told = {"X-Forwarded-Prefix": "/dashboard/reverb", "X-Forwarded-Host": "shop.example", "X-Forwarded-Proto": "https"}
    client = Client(page)
    assert 'href="/dashboard/reverb/log"' in client.get("/", headers=told).text
    answer = client.post("/settings/sync", headers={**told, "Origin": "https://shop.example"})
    assert answer.status_code != 403
