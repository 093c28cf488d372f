"""How Reverb writes money and times."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from reverb_plugin.simulator.wording import Money, central, central_date, money_body


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ((2026, 1, 15, 18), "2026-01-15T12:00:00-06:00"),
        ((2026, 7, 15, 17), "2026-07-15T12:00:00-05:00"),
        ((2026, 3, 8, 7, 59), "2026-03-08T01:59:00-06:00"),
        ((2026, 3, 8, 8), "2026-03-08T03:00:00-05:00"),
        ((2026, 11, 1, 6, 59), "2026-11-01T01:59:00-05:00"),
        ((2026, 11, 1, 7), "2026-11-01T01:00:00-06:00"),
    ],
)
def test_times_are_in_us_central_time(at, text):
    """The offset changes on the second Sunday of March and the first of November."""
    assert central(datetime(*at, tzinfo=UTC)) == text


def test_a_date_is_that_of_us_central_time():
    """Three in the morning in UTC is still the evening before."""
    assert central_date(datetime(2026, 7, 15, 3, tzinfo=UTC)) == "2026-07-14"


@pytest.mark.parametrize(
    ("amount", "currency", "display"),
    [
        ("1299.99", "USD", "$1,299.99"),
        ("14999.00", "USD", "$14,999"),
        ("24", "CAD", "$24"),
        ("0", "USD", "FREE"),
        ("9.50", "GBP", "£9.50"),
    ],
)
def test_money_is_shown_without_empty_cents(amount, currency, display):
    """And nothing is FREE."""
    assert money_body(Money(Decimal(amount), currency))["display"] == display
