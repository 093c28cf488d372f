"""What an attempt works with."""

from collections.abc import Callable
from dataclasses import dataclass

from reverb_plugin.clock import Clock
from reverb_plugin.errors import HostError, InvalidValueError, NotFoundError
from reverb_plugin.host import Host, Product
from reverb_plugin.reverb_api.client import ReverbClient
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.settings import Settings
from reverb_plugin.store.store import Store


@dataclass(frozen=True, slots=True)
class Tools:
    """Both sides, what is remembered, and the settings in force.

    ``take_turn`` waits for the slot of the next request ahead of it.
    """

    host: Host
    client: ReverbClient
    store: Store
    settings: Settings
    clock: Clock
    take_turn: Callable[[], None]


def read_product(host: Host, sku: str) -> Product | None:
    """The product as the shop has it now.

    Raises:
        HostError: the adapter raised, or gave something else than the product asked for.
        InvalidValueError: the shop holds a value that cannot be meant.
    """
    try:
        product = host.find_product(sku)
    except InvalidValueError:
        raise
    except Exception as error:
        raise HostError(f"find_product({sku!r}) raised {type(error).__name__}: {error}") from error
    if product is not None and (not isinstance(product, Product) or product.sku != sku):
        raise HostError(f"find_product({sku!r}) gave {type(product).__name__} {getattr(product, 'sku', '')!r}")
    return product


def read_listing(client: ReverbClient, listing_id: str) -> Listing:
    """The listing as Reverb has it now.

    Raises:
        NotFoundError: it is gone. To anyone but its owner a draft is gone too, so a dead token is found out first.
    """
    try:
        return client.get_listing(listing_id)
    except NotFoundError:
        client.get_account()
        raise
