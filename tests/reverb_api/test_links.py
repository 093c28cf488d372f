"""Where a link out of an answer may lead."""

import pytest

from reverb_plugin.errors import InvalidSettingError, UnexpectedLinkError
from reverb_plugin.reverb_api.links import check_base_url, resolve, site_url

SANDBOX = "https://sandbox.reverb.com/api"
LOCAL = "http://127.0.0.1:8123/api"


class TestResolve:
    @pytest.mark.parametrize(
        "link",
        [
            "/api/listings/1-a?x=%2B",
            "listings/1-a?x=%2B",
            "https://api.reverb.com/api/listings/1-a?x=%2B",
            "https://api.reverb.com:443/api/listings/1-a?x=%2B",
            "https://API.Reverb.com/api/listings/1-a?x=%2B#part",
            "https://reverb.com/api/listings/1-a?x=%2B",
            "https://www.reverb.com/api/listings/1-a?x=%2B",
            "https://sandbox.reverb.com/api/listings/1-a?x=%2B",
            "//api.reverb.com/api/listings/1-a?x=%2B",
        ],
    )
    def test_stays_on_the_host_in_use(self, link):
        """A link only gives path and query: production's links cannot move a sandbox client."""
        assert resolve(SANDBOX, link) == "https://sandbox.reverb.com/api/listings/1-a?x=%2B"

    @pytest.mark.parametrize("link", ["http://127.0.0.1:8123/api/x", "/api/x", "x", "https://api.reverb.com/api/x"])
    def test_simulator_is_the_host_in_use(self, link):
        """A simulator's links, and recorded ones of Reverb, lead to the simulator."""
        assert resolve(LOCAL, link) == "http://127.0.0.1:8123/api/x"

    @pytest.mark.parametrize(
        "link",
        [
            "https://evil.example/api/listings/1",
            "https://api.reverb.com.evil.example/api/listings/1",
            "https://evil.example\\.reverb.com/api/listings/1",
            "https://api.reverb.com@evil.example/api/listings/1",
            "https://api.reverb.com:8443/api/listings/1",
            "//evil.example/api/x",
            "http://api.reverb.com/api/listings/1",
            "http://127.0.0.1:8123/api/x",
            "ftp://api.reverb.com/api/x",
            "javascript:alert(1)",
            "https://reverb.com/item/1",
            "/item/1",
            "/apix/1",
            "/api",
            "../x",
            "/api/../my",
            "/api/%2e%2e/my",
            "/api/..%2Fmy",
            "/api/..\\my",
            "https://[::1/api/x",
            "https://api.reverb.com:port/api/x",
        ],
    )
    def test_refuses_everything_else(self, link):
        """No other host, port, scheme or path is ever asked with the token."""
        with pytest.raises(UnexpectedLinkError):
            resolve(SANDBOX, link)


@pytest.mark.parametrize(
    "url", ["https://api.reverb.com/api/", " https://api.reverb.com ", "https://api.reverb.com/api"]
)
def test_base_url_has_one_form(url):
    """The API's address may be given with or without its path and slash."""
    assert check_base_url(url) == "https://api.reverb.com/api"


@pytest.mark.parametrize(
    "url",
    ["https://user:s3cret@api.reverb.com/api", "https://x/api?a=1", "https://x/v2", "https:///api", "https://x:y/"],
)
def test_base_url_refuses_what_cannot_be_meant(url):
    """Users, passwords, queries and other paths have no place in it, and are not quoted."""
    with pytest.raises(InvalidSettingError) as caught:
        check_base_url(url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://api.reverb.com/api", "https://reverb.com"),
        ("https://reverb.com/api", "https://reverb.com"),
        (SANDBOX, "https://sandbox.reverb.com"),
        (LOCAL, "https://sandbox.reverb.com"),
    ],
)
def test_site_url(url, site):
    """The seller is sent to the web site of the environment in use."""
    assert site_url(url) == site
