"""What a change of settings does, put together for a person before it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from reverb_plugin.admin.desk import Desk
from reverb_plugin.admin.telling import ToldEffect, tell, tell_reach
from reverb_plugin.effect import foresee
from reverb_plugin.errors import PluginError, StoreError
from reverb_plugin.settings import OrderMode, Settings
from reverb_plugin.store.sync_log import LogFilter

OF_LISTINGS = (
    "auto_publish",
    "category_map",
    "condition_map",
    "create_listings",
    "default_condition",
    "exclude_",
    "policy_",
    "price_",
    "stock_",
)
OF_LOG = ("log_retention_",)
OF_ORDERS = ("orders",)
OLD_ORDERS = (
    "Orders since {day:%Y-%m-%d} that the shop does not have yet are taken over now. Those that you have taken care of "
    "yourself are subtracted from the stock once more: choose a day behind them."
)
NO_ORDERS = (
    "A sale on Reverb does nothing in the shop any more, nor does an order that the shop could not take yet: the same "
    "piece can be sold twice."
)
MOST_ROWS = 100_000
"""Rows of the log are counted no further."""


@dataclass(frozen=True, slots=True)
class Review:
    """The effects; ``reach`` says of how many products they are told, ``trouble`` why they are not known."""

    effects: tuple[ToldEffect, ...]
    reach: str = ""
    trouble: str = ""


def review(desk: Desk, changes: Mapping[str, str | None]) -> Review | None:
    """What has to be looked at before the changes are saved; None when they touch nothing.

    Raises:
        StoreError: the database cannot be read.
    """
    before, after = desk.settings, desk.configuration.with_texts(changes)
    if _has(changes, OF_LOG):
        return _of_log(desk, after)
    if _has(changes, OF_ORDERS):
        return _of_orders(before, after)
    return _of_listings(desk, before, after) if _has(changes, OF_LISTINGS) else None


def _has(changes: Mapping[str, str | None], prefixes: tuple[str, ...]) -> bool:
    return any(name.startswith(prefixes) for name in changes)


def _of_listings(desk: Desk, before: Settings, after: Settings) -> Review | None:
    try:
        foresight = foresee(desk.host, desk.store.find_links, before, after, desk.clock)
    except StoreError:
        raise
    except PluginError as error:
        return Review((), trouble=f"It is not known what this does to the listings: {error.message}")
    if not foresight.effects and foresight.is_whole:
        return None
    return Review(tuple(map(tell, foresight.effects)), tell_reach(foresight))


def _of_log(desk: Desk, after: Settings) -> Review | None:
    """The rows that go with the next cleaning."""
    log, oldest_at = desk.store.log, desk.clock.now() - timedelta(days=after.log_retention_days)
    too_old = log.count(LogFilter(until=oldest_at), MOST_ROWS)
    too_many = log.count(LogFilter(), after.log_retention_rows + MOST_ROWS) - after.log_retention_rows
    lost = max(too_old, too_many)
    if lost <= 0:
        return None
    number = f"{lost:,} or more rows" if lost >= MOST_ROWS else "1 row" if lost == 1 else f"{lost:,} rows"
    sentence = f"{number} of the sync log {'is' if lost == 1 else 'are'} deleted for good."
    return Review((ToldEffect(sentence, is_grave=True, examples=()),))


def _of_orders(before: Settings, after: Settings) -> Review | None:
    """That the shop no longer hears of sales, or hears of old ones."""
    was_on, is_on = before.orders is not OrderMode.OFF, after.orders is not OrderMode.OFF
    if was_on and not is_on:
        return Review((ToldEffect(NO_ORDERS, is_grave=True, examples=()),))
    day = after.orders_since
    is_same = was_on and before.orders_since is not None and day is not None and day >= before.orders_since
    if not is_on or day is None or is_same:
        return None
    return Review((ToldEffect(OLD_ORDERS.format(day=day), is_grave=True, examples=()),))
