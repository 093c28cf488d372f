"""How Reverb writes money and times."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

SYMBOLS = {"EUR": "€", "GBP": "£", "JPY": "¥"}
CENT = Decimal("0.01")


class Money(NamedTuple):
    """An amount with its currency."""

    amount: Decimal
    currency: str

    def times(self, factor: Decimal | int) -> "Money":
        """This amount multiplied, rounded to cents."""
        return Money((self.amount * factor).quantize(CENT, ROUND_HALF_UP), self.currency)


def money_body(money: Money) -> dict[str, Any]:
    """Reverb's money object; ``display`` drops ".00" and says FREE for nothing."""
    amount = money.amount.quantize(CENT, ROUND_HALF_UP)
    symbol = SYMBOLS.get(money.currency, "$")
    shown = f"{symbol}{amount:,}".removesuffix(".00") if amount else "FREE"
    return {
        "amount": str(amount),
        "amount_cents": int(amount * 100),
        "currency": money.currency,
        "symbol": symbol,
        "display": shown,
    }


def price_body(money: Money) -> dict[str, Any]:
    """The money object of a listing's price, which also speaks of tax."""
    return {"tax_included": False, **money_body(money)}


def central(at: datetime) -> str:
    """``at`` as Reverb writes a time: ISO 8601, whole seconds, with the offset of US Central time."""
    return _in_central(at).isoformat(timespec="seconds")


def central_date(at: datetime) -> str:
    """The date in US Central time, for the few fields that hold a plain date."""
    return _in_central(at).date().isoformat()


def _in_central(at: datetime) -> datetime:
    hours = -5 if _summer_time(at.astimezone(UTC)) else -6
    return at.astimezone(timezone(timedelta(hours=hours)))


def _summer_time(at: datetime) -> bool:
    """The rule since 2007: second Sunday of March to first Sunday of November, at 2 o'clock local time.

    Written out because a small container may come without a time zone database.
    """
    start = _sunday(at.year, 3, nth=2) + timedelta(hours=8)
    end = _sunday(at.year, 11, nth=1) + timedelta(hours=7)
    return start <= at < end


def _sunday(year: int, month: int, nth: int) -> datetime:
    first = datetime(year, month, 1, tzinfo=UTC)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))
