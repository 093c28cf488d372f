"""What a shop says in ``settings.REVERB_PLUGIN``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reverb_plugin.hosts.django_shop import options
from reverb_plugin.plugin import WorkerMode

ATTRIBUTES = ("make", "model", "year", "finish", "condition", "shipping_profile")
"""Fields of a product that Oscar keeps as attributes; by default in one with the field's name as its code."""

_STATUSES = {
    "shipped": "Shipped",
    "picked_up": "Shipped",
    "cancelled": "Cancelled",
    "refunded": "Refunded",
    "blocked": "Cancelled",
}


@dataclass(frozen=True, slots=True)
class Options:
    """The entries of ``REVERB_PLUGIN``; each may be left out.

    ``data_dir``, ``environment``, ``api_url`` and ``worker`` are those of ``reverb_plugin.configure``,
    ``update_button`` is that of ``Plugin.admin_app``. ``site_url`` stands before the addresses of photos and products,
    ``attributes`` says in which of Oscar's attributes a field is kept, ``order_prefix`` stands before Reverb's number.
    ``statuses`` gives the shop's status for some of Reverb's; ``shipped``, ``refund`` and ``paid`` are the names of the
    shop's event types.
    """

    data_dir: str | Path | None = None
    environment: str | None = None
    api_url: str | None = None
    worker: WorkerMode = "thread"
    update_button: bool = False
    site_url: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    order_prefix: str = "REVERB-"
    statuses: Mapping[str, str] = field(default_factory=dict)
    shipped: str = "Shipped"
    refund: str = "Refund"
    paid: str = "Paid"

    def status(self, word: str) -> str | None:
        """The shop's status for one of Reverb's."""
        return self.statuses.get(word, _STATUSES.get(word))

    @property
    def off_statuses(self) -> frozenset[str | None]:
        """The shop's statuses of an order that is off."""
        return frozenset(map(self.status, ("cancelled", "blocked")))


def read_options() -> Options:
    """The options in force; raises ImproperlyConfigured for an entry that is none."""
    return options.read_options(Options, {"attributes": ATTRIBUTES, "statuses": _STATUSES})
