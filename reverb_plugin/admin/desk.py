"""The desk: what the pages use of the plugin, so that they never import it."""

from typing import TYPE_CHECKING, Protocol

from reverb_plugin.clock import Clock
from reverb_plugin.configuration import Configuration
from reverb_plugin.drift import Drift
from reverb_plugin.host import Host
from reverb_plugin.mass_sync import MassSync
from reverb_plugin.orders import Orders
from reverb_plugin.settings import Settings
from reverb_plugin.webhooks import WebhookReceiver

if TYPE_CHECKING:
    from reverb_plugin.diagnostics.bundle import Bundle
    from reverb_plugin.diagnostics.finding import Report
    from reverb_plugin.reverb_api.client import ReverbClient
    from reverb_plugin.store.store import Store
    from reverb_plugin.sync.explain import Explanation
    from reverb_plugin.update.updates import Updates


class Desk(Protocol):
    """One shop's plugin as the pages see it; :class:`reverb_plugin.plugin.Plugin` says what each means."""

    @property
    def host(self) -> Host: ...  # noqa: D102 - said there

    @property
    def clock(self) -> Clock: ...  # noqa: D102

    @property
    def configuration(self) -> Configuration: ...  # noqa: D102

    @property
    def settings(self) -> Settings: ...  # noqa: D102

    @property
    def store(self) -> "Store": ...  # noqa: D102

    @property
    def client(self) -> "ReverbClient": ...  # noqa: D102

    @property
    def mass_sync(self) -> MassSync: ...  # noqa: D102

    @property
    def drift(self) -> Drift: ...  # noqa: D102

    @property
    def updates(self) -> "Updates": ...  # noqa: D102

    @property
    def orders(self) -> Orders: ...  # noqa: D102

    @property
    def webhook_receiver(self) -> WebhookReceiver: ...  # noqa: D102

    @property
    def owner(self) -> str: ...  # noqa: D102

    @property
    def has_live_worker(self) -> bool: ...  # noqa: D102

    def explain(self, sku: str) -> "Explanation": ...  # noqa: D102

    @property
    def bundle(self) -> "Bundle": ...  # noqa: D102

    def diagnose(self, *, offline: bool = False) -> "Report": ...  # noqa: D102

    def findings(self) -> "Report | None": ...  # noqa: D102

    def repair(self, code: str) -> str: ...  # noqa: D102

    def wake(self) -> None: ...  # noqa: D102
