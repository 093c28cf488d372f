"""Letting the shop take over the quantity that Reverb shows: the other direction in which drift is settled."""

from collections.abc import Callable
from dataclasses import replace

from reverb_plugin.changes import Action, Outcome
from reverb_plugin.errors import HostError, NotFoundError, SettleError
from reverb_plugin.host import Host, TakesQuantity
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.settings import OrderMode
from reverb_plugin.store.links import Link
from reverb_plugin.store.runs import RunRow
from reverb_plugin.store.store import Done, Settlement
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.plan import product_fingerprint
from reverb_plugin.sync.tools import Tools, read_product

REASON = "drift check"
NOT_ABLE = "This shop cannot take over quantities: its adapter has no set_quantity."


def take_quantity(tools: Tools, attempt: Attempt) -> Settlement:
    """Settles the row of the last drift check that a person chose for the job's SKU."""
    row = tools.store.runs.find_row_to_take(attempt.job.key)
    if row is None:
        return Settlement(Done(), None)
    attempt.row, attempt.action = row, Action.TAKE
    attempt.link = tools.store.find_link(row.sku)
    quantity = takeable(row)
    if not take_over(tools.host, tools.client.get_listing, row):
        return attempt.moved("It changed since the drift check.")
    _, inventory = (row.seen or {})["shown"]
    if tools.settings.orders is not OrderMode.OFF and inventory is not None:
        tools.store.orders.accept_shown(row.sku, inventory)
    if attempt.link is not None:
        attempt.keep(without_quantity(attempt.link))
    return attempt.done(Outcome.UPDATED, taken_words(quantity))


def takeable(row: RunRow) -> int | None:
    """How many the shop would have after it; None when that does not follow from what Reverb shows."""
    quantity: int | None = (row.seen or {}).get("take")
    return quantity


def take_over(host: Host, get_listing: Callable[[str], Listing], row: RunRow) -> bool:
    """Makes the quantity the shop's own; False when either side has moved since the check.

    Raises:
        SettleError: the shop cannot take over quantities.
        HostError: the shop failed to.
        ReverbError: Reverb cannot be asked.
    """
    if not isinstance(host, TakesQuantity):
        raise SettleError(NOT_ABLE)
    quantity = takeable(row)
    if quantity is None or _has_moved(host, get_listing, row):
        return False
    try:
        host.set_quantity(row.sku, quantity, REASON)
    except Exception as error:
        raise HostError(f"set_quantity({row.sku!r}, {quantity}) raised {type(error).__name__}: {error}") from error
    return True


def without_quantity(link: Link) -> Link:
    """It is no longer known which quantity Reverb has accepted."""
    kept = {name: sent for name, sent in link.sent.items() if name not in {"inventory", "has_inventory"}}
    return replace(link, sent=kept)


def taken_words(quantity: int | None) -> str:
    """What a person is told."""
    return f"The shop took over the quantity {quantity}."


def _has_moved(host: Host, get_listing: Callable[[str], Listing], row: RunRow) -> bool:
    seen = row.seen or {}
    product = read_product(host, row.sku)
    if product is None or product_fingerprint(product) != seen["product"]:
        return True
    try:
        listing = get_listing(str(row.listing_id))
    except NotFoundError:
        return True
    return bool([listing.state, listing.inventory] != seen["shown"])
