"""What the cells of a product CSV mean."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverb_plugin.errors import InvalidValueError
from reverb_plugin.hosts.csv_cells import read_list, read_price, read_quantity, read_switch, write_list, write_price


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("1299", "1299"),
        ("1299.00", "1299"),
        ("1,299.00", "1299"),
        ("1.299,00", "1299"),
        ("$1,299.00", "1299"),
        ("1299,5", "1299.5"),
        ("12,50", "12.5"),
        ("1 299,00", "1299"),
        ("1\u00a0299,00", "1299"),
        ("1'299.00", "1299"),
        ("1,299,000", "1299000"),
        ("24.9000", "24.9"),
        ("0.125", "0.125"),
        (".5", "0.5"),
        ("USD 5.00", "5"),
        ("5.00 usd", "5"),
    ],
)
def test_reads_a_price_that_can_mean_one_thing_only(text, price):
    """Decimal points, decimal commas and grouping are read where only one reading is possible."""
    assert read_price(text, "USD") == Decimal(price)


@pytest.mark.parametrize("text", ["1,299", "1.299", "123.456", "999,999"])
def test_refuses_a_price_that_can_mean_two_things(text):
    """One mark before three digits may group or divide: it is never guessed."""
    with pytest.raises(InvalidValueError, match="two ways"):
        read_price(text, "USD")


@pytest.mark.parametrize(
    "text", ["abc", "-5", "1,29.00", "1,,2", "5.", "12,34,567.00", "1.299.00", "1e3", "٣", "5 000 00"]
)
def test_refuses_what_is_no_price(text):
    """Words, negative numbers and odd grouping are no prices."""
    with pytest.raises(InvalidValueError, match="price"):
        read_price(text, "USD")


@pytest.mark.parametrize(("text", "currency"), [("€5.00", "USD"), ("5.00 EUR", "USD"), ("$5.00", "EUR"), ("£1", "EUR")])
def test_refuses_a_price_in_another_currency(text, currency):
    """A price marked with another currency is not taken for the shop's."""
    with pytest.raises(InvalidValueError, match="currency"):
        read_price(text, currency)


def test_dollar_sign_is_any_dollar():
    """A Canadian shop writes $ too."""
    assert read_price("$5.00", "CAD") == 5


@given(st.decimals(min_value=0, max_value=10**9, allow_nan=False, allow_infinity=False))
def test_written_price_reads_the_same(price):
    """What we write is never ambiguous."""
    assert read_price(write_price(price), "USD") == price


@pytest.mark.parametrize(("text", "quantity"), [("3", 3), ("0", 0), ("5.0000", 5), ("", None)])
def test_reads_quantities(text, quantity):
    """Whole numbers are read, Magento's decimals too; an empty cell is unknown and not zero."""
    assert read_quantity(text) == quantity


@pytest.mark.parametrize("text", ["-2", "1.5", "many", "1,000", "parent", "٣", "9" * 5000, "1" + "0" * 18])
def test_refuses_quantities_that_nobody_knows(text):
    """Negative, broken and shared stock is refused, never rounded to zero."""
    with pytest.raises(InvalidValueError, match="known"):
        read_quantity(text)


@pytest.mark.parametrize(("text", "switch"), [("yes", True), ("TRUE", True), ("1", True), ("No", False), ("", None)])
def test_reads_switches(text, switch):
    """Yes and no are read as people and spreadsheets write them."""
    assert read_switch("sync", text) is switch


def test_refuses_an_unknown_switch():
    """A word that is neither yes nor no is refused."""
    with pytest.raises(InvalidValueError, match="sync"):
        read_switch("sync", "perhaps")


@given(st.lists(st.text(min_size=1).filter(lambda text: text == text.strip() and text)))
def test_written_list_reads_the_same(items):
    """Separators and backslashes inside an item survive."""
    assert read_list(write_list(items)) == tuple(items)
