"""The page stands under Oscar's dashboard, for its staff, without a line in the shop's urls.py."""

import pytest
from django.test import Client, override_settings

from tests.oscar import shop

PAGE = "/dashboard/reverb/"


@pytest.fixture
def staff(market):
    client = Client()
    client.force_login(shop.make_staff())
    return client


def test_staff_finds_it_in_the_navigation(staff):
    """The dashboard leads to the page and the page back; all of its own addresses are below the prefix."""
    assert 'href="/dashboard/reverb"' in staff.get("/dashboard/").content.decode()
    answer = staff.get("/dashboard/reverb")
    assert answer.status_code == 200
    assert "frame-ancestors" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert 'href="/dashboard/reverb/log"' in answer.content.decode()
    assert 'href="/dashboard/">Back to the shop</a>' in answer.content.decode()
    assert staff.get(PAGE + "log").status_code == 200
    assert staff.get(PAGE + "nowhere").status_code == 404


def test_a_form_is_guarded_by_the_page(staff, market):
    """A form of the page needs no token of Django's; one from elsewhere is refused."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    form = {"log_retention_days": "91"}
    assert strict.post(PAGE + "settings/keeping", form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert strict.post(PAGE + "settings/keeping", form, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert market.plugin.configuration.reload().values.log_retention_days == 91


@pytest.mark.parametrize("person", ["stranger", "customer", "partner"])
def test_nobody_else_gets_in(market, person):
    """A stranger is sent to the dashboard's login; a customer, and a partner's staff, are refused."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Permission

    client = Client()
    if person != "stranger":
        user = get_user_model().objects.create_user("pat", "pat@shop.example", "pw")
        client.force_login(user)
    if person == "partner":
        user.user_permissions.add(Permission.objects.get(codename="dashboard_access"))
        assert 'href="/dashboard/reverb"' not in client.get("/dashboard/").content.decode()
    answer = client.get(PAGE)
    if person == "stranger":
        assert answer.status_code == 302
        assert answer["Location"].startswith("/dashboard/login/")
    else:
        assert answer.status_code == 403


def test_webhooks_pass_by_the_login(market):
    """Reverb does not sign in: a post to the secret path makes the plugin look, one to another is refused."""
    market.set(orders="stock", webhook_secret="quite-secret")
    post = {"data": {"order_number": "1"}, "content_type": "application/json"}
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(PAGE + "webhooks/guessed", **post).status_code == 404
    assert not market.plugin.store.orders.is_poll_noted()
    assert strict.post(PAGE + "webhooks/quite-secret", **post).status_code == 200
    assert market.plugin.store.orders.is_poll_noted()


def test_without_a_plugin_the_page_says_so(staff, market):
    """A process in which nothing is configured answers, and the rest of the dashboard goes on."""
    market.plugin.close()
    assert staff.get(PAGE).status_code == 503
    assert staff.get("/dashboard/").status_code == 200


def test_a_shop_may_place_the_entry_itself(market):
    """An entry that the shop has made is not made again."""
    from reverb_plugin.hosts.oscar import dashboard

    own = [{"label": "Channels", "children": [{"label": "Reverb", "url_name": dashboard.URL_NAME}]}]
    with override_settings(OSCAR_DASHBOARD_NAVIGATION=own):
        dashboard.extend_navigation()
    assert len(own) == 1
