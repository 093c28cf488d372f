"""What a shop says in ``settings.REVERB_PLUGIN``."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from reverb_plugin.host import Product
from reverb_plugin.hosts.django_shop import options
from reverb_plugin.plugin import WorkerMode

OF_SALESMAN = frozenset({"sku", "title", "price", "id"})
"""Fields of a product that every product of Salesman's has: ``code``, ``name``, ``get_price()`` and ``pk``."""

FIELDS = tuple(each.name for each in fields(Product) if each.name not in OF_SALESMAN)
"""Fields of a product that each shop keeps as it likes; by default in an attribute of the same name."""

_STATUSES = {
    "paid": "PROCESSING",
    "shipped": "SHIPPED",
    "picked_up": "COMPLETED",
    "received": "COMPLETED",
    "cancelled": "CANCELLED",
    "refunded": "REFUNDED",
    "blocked": "CANCELLED",
}


@dataclass(frozen=True, slots=True)
class Options:
    """The entries of ``REVERB_PLUGIN``; each may be left out.

    ``data_dir``, ``environment``, ``api_url`` and ``worker`` are those of ``reverb_plugin.configure``,
    ``update_button`` is that of ``Plugin.admin_app``. ``fields`` says in which attribute of the shop's products a field
    is kept, ``currency`` is that of prices where a product does not say. ``statuses`` gives the shop's status for some
    of Reverb's.
    """

    data_dir: str | Path | None = None
    environment: str | None = None
    api_url: str | None = None
    worker: WorkerMode = "thread"
    update_button: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    currency: str = "USD"
    statuses: Mapping[str, str] = field(default_factory=dict)

    def attribute(self, name: str) -> str:
        """The attribute that holds a field."""
        return self.fields.get(name, name)

    def status(self, word: str) -> str | None:
        """The shop's status for one of Reverb's."""
        return self.statuses.get(word, _STATUSES.get(word))


def read_options() -> Options:
    """The options in force; raises ImproperlyConfigured for an entry that is none."""
    return options.read_options(Options, {"fields": FIELDS, "statuses": _STATUSES})
