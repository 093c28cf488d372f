"""What the shop said of a SKU travels in a bundle and can be asked again."""

import json
from decimal import Decimal

import pytest

from reverb_plugin.diagnostics.recorded_product import RecordedError, read_product, record_product
from reverb_plugin.errors import InvalidValueError
from reverb_plugin.host import Product
from reverb_plugin.testing import FakeHost

FULL = Product(
    "STRAT",
    "Fender Stratocaster",
    Decimal("1E+3"),
    quantity=2,
    id="7",
    description="<b>Alder</b>",
    condition="Brand New",
    categories=("Guitars", "Solid"),
    photos=("https://shop.example/1.jpg",),
    url="https://shop.example/strat",
    offers_enabled=False,
)


class Raising(FakeHost):
    """A shop that raises whatever it was given."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def find_product(self, sku):
        raise self.error


def travelled(host, sku="STRAT"):
    return read_product(json.loads(json.dumps(record_product(host, sku))))


def test_a_product_comes_back_as_it_was():
    """Every field, the price exactly."""
    assert travelled(FakeHost([FULL])) == FULL


def test_that_there_is_none_comes_back():
    """A SKU that the shop does not have."""
    assert travelled(FakeHost()) is None


def test_an_error_of_the_shop_is_raised_again():
    """By the name and with the words that it had."""
    with pytest.raises(RecordedError, match="no such table") as raised:
        travelled(Raising(KeyError("no such table")))
    assert type(raised.value).__name__ == "KeyError"


def test_a_value_that_cannot_be_meant_is_raised_again():
    """The same error with the same message."""
    error = InvalidValueError("quantity", -1, "must be a whole number from 0")
    with pytest.raises(InvalidValueError) as raised:
        travelled(Raising(error))
    assert raised.value.message == error.message


def test_a_shop_that_gives_something_else():
    """It is recorded as the error that it is."""
    host = FakeHost()
    host.find_product = lambda sku: {"sku": sku}
    assert record_product(host, "A")["error"]["type"] == "TypeError"


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"product": 5},
        {"product": {"title": "without a SKU"}},
        {"product": {"sku": "A", "title": "A", "price": "1E+999999999999"}},
        {"product": {"sku": "A", "title": "A", "price": {"x": 1}}},
        {"product": {"sku": "A", "title": "A", "photos": 5}},
        {"product": {"sku": "A", "title": ["A"]}},
    ],
)
def test_a_record_that_means_nothing_is_refused(record):
    """Whoever wrote it: an error that says so, and no endless work."""
    with pytest.raises(InvalidValueError):
        read_product(record)


@pytest.mark.parametrize("kind", ["a\0b", "not a name", "\ud800", None, ["x"]])
def test_the_name_of_an_error_cannot_do_harm(kind):
    """A name that cannot be one is replaced."""
    with pytest.raises(RecordedError):
        read_product({"error": {"type": kind, "message": "x"}})
