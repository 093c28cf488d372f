"""The checks, one module for each theme, in the order of causes: what is further up explains what is further down."""

from reverb_plugin.diagnostics.check import Check
from reverb_plugin.diagnostics.checks import (
    account,
    database,
    disk,
    hooks,
    listings,
    network,
    orders,
    queue,
    sending,
    settings,
    shop,
)

ALL: tuple[Check, ...] = (
    *disk.CHECKS,
    *database.CHECKS,
    *settings.CHECKS,
    *network.CHECKS,
    *account.CHECKS,
    network.CIRCUIT,
    *sending.CHECKS,
    *shop.CHECKS,
    *hooks.CHECKS,
    *listings.CHECKS,
    *orders.CHECKS,
    *queue.CHECKS,
    *settings.QUIET,
    *sending.IDLE,
)
"""Every check there is."""
