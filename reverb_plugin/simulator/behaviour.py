"""The knobs of the simulated Reverb: how slow it is, what it allows, what state the account is in."""

from dataclasses import dataclass, fields
from typing import Any

ALL_SCOPES = (
    "public",
    "read_listings",
    "write_listings",
    "read_orders",
    "write_orders",
    "read_profile",
    "write_profile",
    "read_offers",
    "read_payouts",
)


@dataclass
class Behaviour:
    """Every switch a test can turn, with the defaults of a healthy Reverb.

    ``retry_after`` says what a 429 carries: None for no header (the usual case), ``"seconds"`` or ``"date"`` for
    the rest of the window, or a number of seconds. ``most_pages`` is after how many pages a list of listings ends,
    although its ``total`` says that there are more.
    """

    token: str = ""
    scopes: tuple[str, ...] = ALL_SCOPES
    token_revoked: bool = False
    latency_seconds: float = 0.0
    index_lag_seconds: float = 1.0
    publish_delay_seconds: float = 1.0
    photo_delay_seconds: float = 2.0
    requests_per_minute: int | None = None
    rate_window_seconds: float = 60.0
    retry_after: str | float | None = None
    down: bool = False
    account_ready: bool = True
    has_shop: bool = True
    vacation: bool = False
    stock_conditions_approved: bool = True
    publish_succeeds: bool = True
    webhooks_allowed: bool = False
    most_pages: int | None = None

    def change(self, **values: Any) -> None:
        """Turn the named switches; a name that does not exist is a ValueError."""
        known = {field.name for field in fields(self)}
        if unknown := sorted(values.keys() - known):
            raise ValueError(f"there is no switch named {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        if "scopes" in values:
            values["scopes"] = tuple(values["scopes"])
        for name, value in values.items():
            setattr(self, name, value)
