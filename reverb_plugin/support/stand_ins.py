"""What stands in an opened bundle in place of the shop and of the way to Reverb."""

from collections.abc import Iterator, Mapping
from typing import Any

from reverb_plugin.clock import Clock
from reverb_plugin.diagnostics.recorded_product import read_product
from reverb_plugin.errors import HostError, UnavailableError
from reverb_plugin.host import Product
from reverb_plugin.reverb_api.answer import Answer
from reverb_plugin.reverb_api.transport import Transport
from reverb_plugin.texts import counted

NOBODY_IS_ASKED = "This is a bundle, so Reverb is not asked."


class BundleShop:
    """The shop as far as a bundle recorded it: some of its products, each by its SKU."""

    def __init__(self, records: Mapping[str, Mapping[str, Any]]) -> None:
        self._records = records

    def find_product(self, sku: str) -> Product | None:
        """What the shop said of the SKU; raises what the shop raised, HostError when it was not asked."""
        if sku not in self._records:
            raise HostError(f"The bundle does not hold what the shop says of {sku}.")
        return read_product(self._records[sku])

    def iter_products(self, after_sku: str | None = None) -> Iterator[Product]:  # noqa: ARG002 - the port's signature
        """Raises HostError: a bundle never holds all of them."""
        raise HostError(
            f"The bundle holds {counted(len(self._records), 'product')} of the shop; look one up by its SKU."
        )


class NoWay(Transport):
    """A transport that leads nowhere."""

    def __init__(self, api_url: str, clock: Clock) -> None:
        super().__init__(api_url, None, clock=clock, pace=self)

    def request(
        self,
        method: str,  # noqa: ARG002 - the transport's signature
        path_or_link: str,  # noqa: ARG002
        *,
        params: Mapping[str, str] | None = None,  # noqa: ARG002
        body: Mapping[str, object] | None = None,  # noqa: ARG002
    ) -> Answer:
        """Raises UnavailableError."""
        raise UnavailableError(NOBODY_IS_ASKED)

    def wait(self) -> None:
        """Nothing ever goes."""

    def answered(self, status: int, retry_after_seconds: float | None) -> None:
        """Nothing is ever answered."""
