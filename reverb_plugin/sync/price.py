"""The price on Reverb: the shop's price, adjusted and rounded as the seller wants it."""

from decimal import ROUND_HALF_UP, Decimal

from reverb_plugin.settings import Rounding, Settings

LISTING_CURRENCIES = frozenset({"USD", "CAD", "EUR", "GBP", "AUD", "JPY", "NZD", "MXN"})
"""The currencies a listing can have. Source: GET /currencies/listing."""

_WITHOUT_CENTS = frozenset({"JPY"})
_CENT = Decimal("0.01")
_WHOLE = Decimal(1)


def decide_price(price: Decimal, currency: str, settings: Settings) -> Decimal:
    """The amount to send; never below the smallest one that can be paid."""
    adjusted = price * (1 + settings.price_percent / 100)
    smallest = _WHOLE if currency in _WITHOUT_CENTS else _CENT
    return max(_round(adjusted, currency, settings.price_rounding), smallest)


def _round(amount: Decimal, currency: str, rounding: Rounding) -> Decimal:
    if rounding is Rounding.WHOLE or currency in _WITHOUT_CENTS:
        return amount.quantize(_WHOLE, ROUND_HALF_UP)
    if rounding is Rounding.NINETY_NINE:
        return (amount + _CENT).quantize(_WHOLE, ROUND_HALF_UP) - _CENT
    return amount.quantize(_CENT, ROUND_HALF_UP)
