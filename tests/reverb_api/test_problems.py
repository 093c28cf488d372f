"""What each of Reverb's error answers becomes."""

import json
from datetime import UTC, datetime

import pytest

from reverb_plugin.errors import (
    AmbiguousError,
    DuplicateSkuError,
    FieldError,
    NotAllowedError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    TokenRefusedError,
    UnavailableError,
)
from reverb_plugin.reverb_api.answer import Answer
from reverb_plugin.reverb_api.problems import (
    check_written,
    field_errors,
    message_of,
    problem_from,
    retry_after_seconds,
)

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
MISLEADING = "Please fill in all the fields required for submitting your listing to the marketplace."
SKU_TAKEN = "You already have a listing with the SKU STRAT. Please use a unique SKU."


def answer(status, body=None, method="PUT", **headers):
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    parsed = None if isinstance(body, str) else body
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, method, "/api/listings/1", names, parsed, text)


def problem(status, body=None, method="PUT", site_url="https://reverb.com", **headers):
    return problem_from(answer(status, body, method, **headers), site_url=site_url, now=NOW)


class TestStatuses:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            *((status, RefusedError) for status in (400, 402, 405, 406, 409, 412, 413, 415, 418, 422, 451)),
            (401, TokenRefusedError),
            (403, NotAllowedError),
            (404, NotFoundError),
            (410, NotFoundError),
            (408, UnavailableError),
            (429, RateLimitedError),
            (500, UnavailableError),
            (503, UnavailableError),
            (302, UnavailableError),
            (304, UnavailableError),
        ],
    )
    @pytest.mark.parametrize("body", [{"message": "No"}, {}, [], None, "", "<html><title>No</title></html>", "No"])
    def test_kind_by_status(self, status, kind, body):
        """The status decides, whatever the body looks like, and comes along with the request id."""
        found = problem(status, body, x_request_id="r-1")
        assert type(found) is kind
        assert (found.status, found.request_id) == (status, "r-1")

    @pytest.mark.parametrize("status", [502, 504, 520, 522, 524, 599])
    def test_a_gateway_that_did_not_hear_the_end(self, status):
        """A write may have taken effect behind it; a GET may simply be asked again."""
        assert type(problem(status, None, "POST")) is AmbiguousError
        assert type(problem(status, None, "GET")) is UnavailableError

    def test_redirect_names_the_host(self):
        """A wrong API address shows where Reverb would send us."""
        assert "www.example.com" in problem(301, None, location="https://www.example.com/x").message
        assert "nowhere" in problem(301, None, location="http://[").message


class TestMessages:
    @pytest.mark.parametrize(
        ("body", "message"),
        [
            ({"message": "Only drafts can be deleted"}, "Only drafts can be deleted"),
            ({"error": "topic does not have a valid value"}, "topic does not have a valid value"),
            ({"details": "Invalid token."}, "Invalid token."),
            ({"message": "Please log in.", "details": "Invalid token."}, "Please log in."),
            ({"message": None, "error": ["a", "b"]}, "a; b"),
            ({"message": {"text": ["odd"]}}, "text: odd"),
            ({"errors": {"price": ["can't be blank"]}}, "price: can't be blank"),
            (["Price can't be blank"], "Price can't be blank"),
            ({}, "HTTP 422 without a message"),
            (None, "HTTP 422 without a body"),
            (" \n", "HTTP 422 without a body"),
            ("<html><head><title>\n 502 Bad &amp; Gateway</title></head>x</html>", "HTTP 422: 502 Bad & Gateway"),
            ("<style>b{}</style><h1>Error</h1><p>Sorry<br>folks", "HTTP 422: Error Sorry folks"),
            ("plain text", "HTTP 422: plain text"),
        ],
    )
    def test_text(self, body, message):
        """Reverb's own words are found in JSON, HTML, plain text, or said to be missing."""
        assert message_of(answer(422, body)) == message

    def test_long_texts_are_shortened(self):
        """Nobody gets a page of text."""
        assert len(message_of(answer(500, "x" * 5000))) < 350

    def test_text_can_be_stored(self):
        """Half characters and NUL, which JSON can spell, are gone."""
        message_of(answer(422, {"message": "a\ud800b\0c"})).encode()


class TestFieldErrors:
    @pytest.mark.parametrize(
        ("errors", "flat"),
        [
            ({"price": ["can't be blank", "is low"]}, [("price", "can't be blank"), ("price", "is low")]),
            ({"price": "can't be blank"}, [("price", "can't be blank")]),
            (["Price can't be blank", "Bad"], [(None, "Price can't be blank"), (None, "Bad")]),
            ("Bad", [(None, "Bad")]),
            (
                [{"field": "price", "messages": ["blank"]}, {"field": "condition", "message": "invalid"}],
                [("price", "blank"), ("condition", "invalid")],
            ),
            ([{"attribute": "sku", "error": "taken"}], [("sku", "taken")]),
            ([{"price": ["blank"]}], [("price", "blank")]),
            ({"price": {"amount": ["blank"]}}, [("price.amount", "blank")]),
            ({"shipping": [{"field": "rate", "message": "low"}]}, [("shipping.rate", "low")]),
            ({"base": ["Not now"]}, [(None, "Not now")]),
            ({"a": ["x", "x"]}, [("a", "x")]),
            ({"a": None, "b": [], "c": "", "d": False}, []),
            ({}, []),
            (None, []),
            (7, [(None, "7")]),
        ],
    )
    def test_every_shape_is_flattened(self, errors, flat):
        """Whatever shape Reverb chooses, each complaint is one line with its field."""
        assert field_errors({"message": "m", "errors": errors}) == tuple(FieldError(*pair) for pair in flat)

    def test_hostile_nesting_ends(self):
        """Depth and number of complaints are limited."""
        deep = ["x"]
        for _ in range(500):
            deep = [deep]
        assert field_errors({"errors": deep}) == ()
        assert len(field_errors({"errors": [str(number) for number in range(1000)]})) == 50


class TestRefused:
    def test_reverbs_text_and_the_complaints_are_both_kept(self):
        """The top message can mislead, so the complaints stand beside it."""
        found = problem(412, {"message": MISLEADING, "errors": {"price": ["can't be blank"]}, "listing": {}})
        assert type(found) is RefusedError
        assert found.message == MISLEADING
        assert found.errors == (FieldError("price", "can't be blank"),)

    @pytest.mark.parametrize("status", [400, 409, 412, 422])
    def test_duplicate_sku(self, status):
        """A SKU that is taken is told from other refusals."""
        assert type(problem(status, {"message": MISLEADING, "errors": {"sku": [SKU_TAKEN]}})) is DuplicateSkuError

    def test_another_fault_of_the_sku(self):
        """Not every complaint about the SKU means that it is taken."""
        assert type(problem(412, {"errors": {"sku": ["is too long"]}})) is RefusedError


class TestNotAllowed:
    @pytest.mark.parametrize(
        ("message", "page"),
        [
            ("The access token does not have the required scope", "/my/account/api"),
            ("Please log in via Oauth to create webhooks", "/my/account/api"),
            ("Forbidden", "/my/account/api"),
            ("Please add billing information", "/my/billing"),
            ("You need a valid credit card on file", "/my/billing"),
            ("Please verify your account before publishing.", "/my/account/settings"),
            ("Seller verification is required", "/my/account/settings"),
            ("Turn on multi-factor authentication first", "/my/account/settings"),
            ("Please create your first listing on the website", "/sell"),
        ],
    )
    def test_page(self, message, page):
        """The seller gets the page on which the named thing is finished."""
        assert problem(403, {"message": message}).page_url == f"https://reverb.com{page}"

    def test_page_of_the_sandbox(self):
        """A sandbox account is finished in the sandbox."""
        found = problem(403, {"message": "billing"}, site_url="https://sandbox.reverb.com")
        assert found.page_url == "https://sandbox.reverb.com/my/billing"

    @pytest.mark.parametrize("status", [400, 412, 422])
    @pytest.mark.parametrize(
        "body",
        [
            {"message": "Please verify your account before publishing."},
            {"message": "No", "errors": ["Please add a payment method"]},
            {"message": "No", "errors": {"base": ["Please add a credit card"]}},
        ],
    )
    def test_validation_about_the_account(self, status, body):
        """Some endpoints report an unfinished account as a validation error; the product is not to blame."""
        assert type(problem(status, body)) is NotAllowedError

    @pytest.mark.parametrize(
        "body",
        [
            {"message": "We could not verify the UPC"},
            {"message": "No", "errors": {"payment_method": ["billing is unknown"]}},
            {"message": "token of the wrong scope"},
            {"message": MISLEADING},
        ],
    )
    def test_validation_about_the_product(self, body):
        """A field error or a word in passing does not turn a product's fault into the account's."""
        assert type(problem(422, body)) is RefusedError


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("7", 7),
            ("0", 0),
            ("1.5", 1.5),
            ("Wed, 20 May 2026 12:01:30 GMT", 90),
            ("Wed, 20 May 2026 12:01:30 -0000", 90),
            ("Wed, 20 May 2026 11:00:00 GMT", 0),
            ("-5", None),
            ("soon", None),
            ("", None),
            ("nan", None),
            ("99999999999999999999", None),
            ("Wed, 20 May 99999999999999999999 12:01:30 GMT", None),
            ("Wed, 20 May 2026 12:01:30 +99999999999999999999", None),
            ("Wed, 20 May 2026 12:01:30 +9999", None),
            ("Sat, 01 Jan 0100 00:00:00 +2359", 0),
        ],
    )
    def test_both_forms(self, value, seconds):
        """Seconds and dates are understood, nonsense counts as not said."""
        assert retry_after_seconds({"retry-after": value}, NOW) == seconds
        assert problem(429, {"message": "slow"}, retry_after=value).retry_after_seconds == seconds

    def test_absent(self):
        """Reverb usually does not say."""
        assert problem(429).retry_after_seconds is None


class TestCheckWritten:
    def test_warnings_are_kept(self):
        """The reason why a listing stays a draft stands in the warnings only."""
        assert check_written(answer(201, {"listing": {}, "errors": {}, "warnings": ["No UPC"]})) == ("No UPC",)

    @pytest.mark.parametrize("body", [None, [], {}, {"errors": {}, "warnings": None}, {"errors": [], "warnings": []}])
    def test_nothing_to_say(self, body):
        """Empty lists and objects are no complaint."""
        assert check_written(answer(200, body)) == ()

    def test_errors_on_a_2xx_are_a_refusal(self):
        """Silence is not success, and neither is a 2xx that complains."""
        with pytest.raises(RefusedError) as caught:
            check_written(answer(200, {"message": "Saved", "errors": {"price": ["is too low"]}}))
        assert caught.value.errors == (FieldError("price", "is too low"),)
        assert caught.value.status == 200
