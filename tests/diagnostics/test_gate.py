"""What the gate takes out of a text, by key, by looks and because it is known, and what it leaves."""

import base64
import json
import random
import re
import secrets
import time

import pytest

from reverb_plugin.diagnostics.gate import Gate
from reverb_plugin.diagnostics.known import Known
from reverb_plugin.diagnostics.looks import Style
from reverb_plugin.diagnostics.pseudonyms import PATTERN
from tests.diagnostics.canaries import spellings

TOKEN = "tok-3f9c0d61b7e24a58"

SECRETS = [
    *(
        "Authorization: Basic bWFyaWdvbGQ6aHVudGVyMg==",
        "Cookie: sid=s3cr; b=2",
        "{'Authorization': 'Bearer abcDEF12345'}",
    ),
    *(
        "curl -H 'X-Auth-Token: zzz9'",
        "X-Api-Key: abc",
        "mysql://shop:hunter2@localhost/shop",
        "redis://:p4ss@host:6379/0",
    ),
    *("https://abc123def@sentry.example/42", "Server=db;User Id=sa;Password=hunter2;", "password: hunter2"),
    *("api_key=abcdefgh", "SECRET_KEY = 'django-insecure-abc'", "secret is hunter2", "AKIAIOSFODNN7EXAMPLE"),
    *(
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "a8f5f167f44f4964e6c998dee827110c",
    ),
    *(
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpA\nabcd\n-----END RSA",
    ),
    *('"password": "a \\" hunter2"', "<password>hunter2</password>", "Passwort: hunter2", '("X-Auth", "zzz9")'),
    *("define('DB_PASSWORD', 'hunter2');", "curl -u marigold:hunter2 https://x", "https://x.example/?key=hunter2"),
    *("postgres://shop:hunt\ner2@localhost/shop", "x=Authorization: Token abc9"),
]
PEOPLE = [
    *("marigold.f+x@sub.example.co.uk", "MARIGOLD@EXAMPLE.COM", "marigold (at) example.com", "marigold%40example.com"),
    *("marigold&#64;example.com", "marigold\\u0040example.com", "mari@exam\nple.com", "jürgen@müller.de"),
    *("+1 (555) 867-5309", "555-867-5309", "call 867-5309", "0049 30 1234567", "+44 7911 123456", "06 12 34 56 78"),
    *(
        "221B Baker Street",
        "742 evergreen terrace",
        "Musterstraße 12, 10115 Berlin",
        "12 rue de la Paix",
        "Calle Mayor 5",
    ),
    *(
        "P.O. Box 1234",
        "1600 Pennsylvania Ave NW, Washington, DC 20500",
        "GB33 BUKB 2020 1555 5555 55",
        "4242424242424242",
    ),
    *("/home/marigold/shop", "C:\\Users\\marigold\\x", "/Users/Marigold Smith/x", "%2Fhome%2Fmarigold", "~marigold/x"),
    *("Buyer Marigold Featherstone paid", "Dear Marigold,", "María José García", "buyer_name=Marigold", "8.8.8.8"),
    *(
        "mari\u200bgold@exam\u00adple.com",
        "customer: marigold featherstone",
        "00:1B:44:11:3A:B7",
        "1Z999AA10123456784",
        "123-45-6789",
    ),
    *('"mari gold"@example.com', "marigold @ example.com", "Željko Marigold", "Марина Петрова", "M. Featherstone"),
    *("first_name=marigold last_name=smith", "Featherstone, Mary", "+44 79\u201111 123456", "4111\t1111\t1111\t1111"),
    *("/home2/marigold/x", "the buyer's name is marigold featherstone", "1016 GV Amsterdam", "4500 Highway 290"),
    *("0612345678", "030 / 901820-77", "612 34 56 78", "(11) 91234-5678", "8 (912) 345-67-89", "13800138000"),
    *("BR1800360305000010009795493C1", "Nowy Świat 15, 00-029 Warszawa", "203.0.113.9", "2001:db8::8a2e:370:7334"),
]
USEFUL = [
    *("FEN-PLST-3TS", "SKU-000123", "ABC-123-4567", "12345678", "1234567890123", "2026-11-23T23:12:01.123456Z"),
    *("Sent price 1,234.50 and quantity 3.", "PUT /api/listings/12345678?x=1", "https://reverb.com/item/1234-fender"),
    *(
        "Reverb refused the listing as it is.",
        "HTTP 422 Unprocessable Entity",
        "Enter a new token",
        "the token was refused",
    ),
    *("TypeError: unsupported operand type(s) for +: 'int' and 'str'", "database is locked", "EAN 4006381333931"),
    *("Fender American Professional Stratocaster 2021", "Les Paul Standard '59", "1965 Fender Super Reverb"),
    *("Roland Juno-106", "Electric Guitars / Solid Body", "photo https://cdn.example/a/img_2023-01-02@2x.jpg"),
    *('File "/srv/shop/adapter.py", line 12, in find_product', "10.0.0.3", "Shipping profile 123456 is unknown"),
    *("https://shop.example/products/vox-ac15c1-custom-15w-1x12-combo", "The shop raised Http ValueError"),
    *("condition Non Functioning", "Dell R740, 128 GB", "0.1.2+g1a2b3c4", "500 Internal Server Error"),
]


def words_of(text):
    return set(re.findall(r"[^\W_]{4,}", re.sub(PATTERN, "", text)))


@pytest.mark.parametrize("text", SECRETS + PEOPLE)
def test_what_looks_like_it_is_taken_out(text):
    """Each of them goes, alone and in a sentence, and has left a pseudonym."""
    for whole in (text, f"it said {text} again"):
        passed = Gate().text(whole, "x")
        assert re.search(PATTERN, passed)
        left = words_of(passed)
        assert not left & {
            "hunter2",
            "marigold",
            "Marigold",
            "s3cr",
            "p4ss",
            "zzz9",
            "abcd",
            "Musterstraße",
            "evergreen",
        }
        assert len(left) < len(words_of(whole)) or "abc" in text or "sid" in text or not words_of(text)


@pytest.mark.parametrize("text", USEFUL)
def test_what_is_useful_stays(text):
    """SKUs, ids, numbers, times, titles, messages of ours and of Python are as they were."""
    assert Gate().text(text, "x") == text


@pytest.mark.parametrize("value", [TOKEN, "Xavière O'Quillfeather", "s3cr/et+v&l<ue"])
def test_a_known_value_is_found_in_every_spelling(value):
    """Raw, in base64 wherever it begins, hex, escapes of URLs, JSON and HTML, in other cases, over lines."""
    gate = Gate([Known("secret", value, is_secret=True)])
    for name, spelling in spellings(value, random.Random(3)).items():
        passed = gate.text(f"look: {spelling} there", "x")
        assert re.fullmatch(rf"(?s)look: [^\w<]*{PATTERN}[^\w<]* there", passed), (name, passed)


def test_a_piece_of_a_secret_is_found():
    """A text may have been cut in the midst of it."""
    secret = secrets.token_hex(20)
    gate = Gate([Known("secret", secret, is_secret=True)])
    for cut in (secret[:13], secret[-12:], secret[5:20]):
        assert cut not in gate.text(f"... {cut}", "x")


def test_a_buyer_is_found_by_each_name_but_not_in_other_words():
    """The family name alone is enough; a short one within another word is no name, nor is one that is a word."""
    gate = Gate([Known("name", "Al Green", in_parts=True), Known("name", "Olga Zwetsch", in_parts=True)])
    assert "Zwetsch" not in gate.text("ZWETSCH's parcel", "x")
    assert "Al Green" not in gate.text("for Al Green.", "x")
    assert "zwetsch" not in gate.text("user olgazwetsch99", "x")
    inner = base64.b64encode(b"\1Zwetschxy").decode()
    assert inner not in gate.text(f"x={inner}", "x"), "in base64 nothing tells where a word ends"
    assert "xu li" not in Gate([Known("name", "Xu Li", in_parts=True)]).text("sku xu li", "x")
    assert gate.text("a metal green finish", "x") == "a metal green finish"


def test_keys_say_what_stands_beside_them():
    """By its key a value goes whatever it looks like; a name only where it is somebody's; JSON stays of its shape."""
    gate = Gate()
    passed = gate.value(
        {
            "token": "abc", "X-Auth-Token": ["a", 5], "is_set": True, "price": {"amount": "12.50"}, "sku": "A-1",
            "order": {"buyer": {"name": "Jo", "id": 5}, "shipping_address": {"region": "TX", "country_code": "US"}},
            "categories": [{"uuid": "dfd39027-d134-4353-b9e4-57dc6be791b9", "full_name": "Guitars"}],
            "jane@example.com": 1,
        },
        "x",
    )  # fmt: skip
    assert re.fullmatch(PATTERN, passed["token"])
    assert all(re.fullmatch(PATTERN, each) for each in passed["X-Auth-Token"])
    assert re.fullmatch(PATTERN, passed["order"]["buyer"]["name"])
    assert re.fullmatch(PATTERN, passed["order"]["shipping_address"]["region"])
    assert passed["order"]["shipping_address"]["country_code"] == "US"
    assert passed["categories"] == [{"uuid": "dfd39027-d134-4353-b9e4-57dc6be791b9", "full_name": "Guitars"}]
    assert (passed["price"], passed["sku"], passed["is_set"]) == ({"amount": "12.50"}, "A-1", True)
    assert "jane@example.com" not in json.dumps(passed)


def test_headers_are_known_as_pairs_and_as_objects():
    """However a library keeps them, the name of a header says what its value is."""
    passed = Gate().value([["Authorization", "abc"], ["Accept", "json"], {"name": "Cookie", "value": "a=b"}], "x")
    assert re.fullmatch(PATTERN, passed[0][1])
    assert passed[1] == ["Accept", "json"]
    assert re.fullmatch(PATTERN, passed[2]["value"])


def test_pseudonyms_are_the_same_within_a_bundle_and_not_in_the_next():
    """Who reads can follow a value; two bundles cannot be put together."""
    gate = Gate()
    first, second = gate.text("a@example.com", "x"), gate.text("mail from A@Example.com", "y")
    assert second.endswith(first)
    assert Gate().text("a@example.com", "x") != first


def test_what_has_passed_passes_again():
    """Nothing is taken for a secret that the gate has put there itself."""
    gate = Gate([Known("secret", TOKEN, is_secret=True)])
    passed = gate.text(f"token={TOKEN} of a@example.com at /home/marigold/x; Authorization: Bearer {TOKEN}", "x")
    assert gate.text(passed, "x") == passed


def test_what_was_removed_is_counted_by_place_and_kind():
    """The report says how much of what was taken out where."""
    gate = Gate()
    gate.text("a@example.com", "log")
    gate.text("a@example.com and b@example.com", "log")
    gate.text("+49 30 1234567", "queue")
    assert dict(gate.removed) == {("log", "email"): 3, ("queue", "phone"): 1}


def test_encodings_within_encodings_are_looked_through():
    """An address in base64 in a URL in JSON is an address."""
    inner = base64.b64encode(b"write to jane.doe@example.com today").decode()
    text = json.dumps("https://x.example/?q=" + "".join(f"%{ord(letter):02x}" for letter in inner))
    passed = Gate().text(text, "x")
    assert re.search(PATTERN, passed)
    assert inner[:8].encode().hex() not in passed.replace("%", "")


@pytest.mark.parametrize("value", ["jane.doe@example.com", "DE89370400440532013000", "+49 170 5551234"])
def test_what_nobody_knows_is_found_in_every_spelling(value):
    """What gives itself away by its looks does so behind an encoding, too."""
    for name, spelling in spellings(value, random.Random(3)).items():
        passed = Gate().text(f"look: {spelling} there", "x")
        assert re.fullmatch(rf"(?s)look: [^\w<]*{PATTERN}[^\w<]* there", passed), (name, passed)


def test_bytes_as_a_list_of_numbers_are_read():
    """A list of bytes in JSON is a text, too; other numbers stay numbers."""
    gate = Gate()
    assert "106" not in json.dumps(gate.value({"data": list(b"jane@example.com")}, "x"))
    assert gate.value([200, 404, 422, 500, 503, 504, 200], "x") == [200, 404, 422, 500, 503, 504, 200]


def test_large_numbers_that_count_something_stay():
    """Free bytes, ids and sizes may have as many digits as a telephone number."""
    counts = {"free_bytes": 4158675309, "size": 6175551234, "id": 2125551234, "memory_kilobytes": 8005551234}
    assert Gate().value(counts, "x") == counts
    assert Gate().value({"reach": 4158675309}, "x") != {"reach": 4158675309}


def test_versions_of_packages_stay():
    """Whatever a package is called, and though a version of four numbers looks like an address."""
    packages = {"packages": {"jwt": "1.3.1", "opencv-python": "4.9.0.80"}}
    assert Gate().value(packages, "x") == packages


def test_of_a_path_only_the_token_goes():
    """What else an address says stays readable."""
    token = secrets.token_hex(16)
    passed = Gate().text(f"https://cdn.example/media/{token}/front.jpg", "x")
    assert re.fullmatch(rf"https://cdn\.example/media/{PATTERN}/front\.jpg", passed)


def test_tokens_drawn_by_lot_are_recognised():
    """Whatever makes them: hardly one in a hundred is taken for something else."""
    makers = (lambda: secrets.token_hex(16), lambda: secrets.token_urlsafe(24), lambda: secrets.token_urlsafe(32))
    missed = sum("<secret" not in Gate().text(f"got {make()} there", "x") for make in makers for _ in range(100))
    assert missed <= 6


def test_a_title_is_not_taken_for_a_name():
    """Titles are full of capitals and years; a telephone number goes from them, too."""
    gate = Gate()
    assert gate.text("Zephyrine Quillotron Deluxe", "x", Style.TITLE) == "Zephyrine Quillotron Deluxe"
    assert "867" not in gate.text("Zephyrine, call +1 555 867 5309", "x", Style.TITLE)


@pytest.mark.parametrize(
    "text", ["Aa-" * 20_000, "a-" * 20_000 + "password", "12 Aa " * 10_000, "\\" * 40_000, "00 " * 20_000]
)
def test_no_text_takes_long(text):
    """A text that was made to keep the patterns busy is looked at in the time of a few others, and cut."""
    began_at = time.process_time()
    assert len(Gate().text(text, "x")) < 70_000
    assert time.process_time() - began_at < 10
