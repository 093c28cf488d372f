"""Reverb's ten conditions."""

import pytest

from reverb_plugin.reverb_api.conditions import CONDITIONS, find_condition, find_condition_by_uuid


def test_three_hold_stock():
    """Only these may have an inventory above 1; plain Mint may not."""
    names = {condition.display_name for condition in CONDITIONS if condition.holds_stock}
    assert names == {"Brand New", "B-Stock", "Mint (with inventory)"}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Brand New", "Brand New"),
        ("brand new ", "Brand New"),
        ("b stock", "B-Stock"),
        ("BSTOCK", "B-Stock"),
        ("mint", "Mint"),
        ("Mint with inventory", "Mint (with inventory)"),
        ("very-good", "Very Good"),
        ("non_functioning", "Non Functioning"),
    ],
)
def test_find_by_name(name, found):
    """Case, blanks and punctuation do not matter."""
    assert find_condition(name).display_name == found


@pytest.mark.parametrize("name", ["", "new", "like new", "minty"])
def test_unknown_name(name):
    """What is not one of the ten is not guessed."""
    assert find_condition(name) is None


def test_find_by_uuid():
    """Each id leads back to its condition; an unknown or missing one to none."""
    assert all(find_condition_by_uuid(condition.uuid) is condition for condition in CONDITIONS)
    assert find_condition_by_uuid("7C3F45DE-2AE0-4C81-8400-FDB6B1D74890").display_name == "Brand New"
    assert find_condition_by_uuid("x") is find_condition_by_uuid("") is find_condition_by_uuid(None) is None
    assert len({condition.uuid for condition in CONDITIONS}) == 10
