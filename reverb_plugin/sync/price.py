"""The price on Reverb: the shop's price, adjusted and rounded as the seller wants it."""

from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from reverb_plugin.settings import Rounding, Settings

LISTING_CURRENCIES = frozenset({"USD", "CAD", "EUR", "GBP", "AUD", "JPY", "NZD", "MXN"})
"""The currencies a listing can have. Source: GET /currencies/listing."""

LARGEST_PRICE = Decimal(10**12)
"""No price of the shop reaches this; one that does is a mistake."""

WITHOUT_CENTS = frozenset({"JPY"})
"""Currencies whose smallest coin is the unit."""
_CENT = Decimal("0.01")
_WHOLE = Decimal(1)
_SMALLEST = {Rounding.CENT: _CENT, Rounding.WHOLE: _WHOLE, Rounding.NINETY_NINE: _WHOLE - _CENT}
_EXACT = Context(prec=60)
"""The host may have changed the context of its threads; money must not be rounded by that."""


def decide_price(price: Decimal, currency: str, settings: Settings) -> Decimal:
    """The amount to send for a price above 0; never below the smallest one that the rounding knows."""
    rounding = Rounding.WHOLE if currency in WITHOUT_CENTS else settings.price_rounding
    with localcontext(_EXACT):
        adjusted = price * (1 + settings.price_percent / 100)
        return max(_round(adjusted, rounding), _SMALLEST[rounding])


def _round(amount: Decimal, rounding: Rounding) -> Decimal:
    if rounding is Rounding.WHOLE:
        return amount.quantize(_WHOLE, ROUND_HALF_UP)
    if rounding is Rounding.NINETY_NINE:
        return (amount + _CENT).quantize(_WHOLE, ROUND_HALF_UP) - _CENT
    return amount.quantize(_CENT, ROUND_HALF_UP)
