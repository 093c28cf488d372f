"""The shop's words for conditions and categories, as far as they can be found while a page is waited for."""

from reverb_plugin.admin.desk import Desk
from reverb_plugin.errors import PluginError
from reverb_plugin.glance import Glance, Words, gather_words

MOST_PRODUCTS = 2_000
MOST_SECONDS = 0.5


def glance(desk: Desk, most: int = MOST_PRODUCTS) -> Glance:
    """A look at the shop's products that keeps nobody waiting."""
    return Glance(desk.host, desk.clock, most=most, seconds=MOST_SECONDS)


def find_words(desk: Desk) -> tuple[Words | None, str]:
    """The words, and why they are not all known; empty when they are."""
    try:
        words = gather_words(glance(desk))
    except PluginError as error:
        return None, f"The shop's products could not be looked through: {error.message}"
    if words.is_whole:
        return words, ""
    return words, f"Only the first {words.seen:,} products were looked through for their words; add others by hand."
