"""Workbenches: what a job needs, put together for the settings in force."""

from collections.abc import Callable
from dataclasses import dataclass

from reverb_plugin.clock import Clock
from reverb_plugin.host import Host
from reverb_plugin.redact import Secret
from reverb_plugin.reverb_api.client import ReverbClient
from reverb_plugin.reverb_api.transport import HURRIED, Timeouts
from reverb_plugin.settings import Settings
from reverb_plugin.store.store import Store
from reverb_plugin.sync.recording import RecordingTransport, Skew
from reverb_plugin.sync.remote import Hurried, Patience, Remote
from reverb_plugin.sync.run import Workbench
from reverb_plugin.sync.tools import Tools


@dataclass(frozen=True, slots=True)
class _Connection:
    """What can be used for as long as token and address stay the same."""

    token: Secret | None
    api_url: str
    store: Store
    remote: Remote
    transport: RecordingTransport
    client: ReverbClient


class Benches:
    """Makes the workbenches of one worker.

    Args:
        host: the shop.
        store: the database; the workbench gets the part of the environment in force.
        settings: gives the settings in force.
        api_url: gives the address of the API for an environment.
        clock: what time it is.
        patience: how long a request may wait for its slot.
        timeouts: how long an answer may take.
    """

    def __init__(
        self,
        host: Host,
        store: Store,
        settings: Callable[[], Settings],
        api_url: Callable[[str], str],
        clock: Clock,
        patience: Patience,
        timeouts: Timeouts,
    ) -> None:
        self._host = host
        self._store = store
        self._settings = settings
        self._api_url = api_url
        self._clock = clock
        self._patience = patience
        self._timeouts = timeouts
        self._connection: _Connection | None = None

    def __call__(self) -> Workbench:
        """The workbench for the settings in force."""
        settings = self._settings()
        api_url = self._api_url(settings.environment)
        connection = self._connection
        if (
            connection is None
            or (connection.token, connection.api_url) != (settings.token, api_url)
            or connection.store.environment != settings.environment
        ):
            connection = self._connection = self._connect(settings, api_url)
        remote = connection.remote
        tools = Tools(self._host, connection.client, connection.store, settings, self._clock, remote.take_turn)
        return Workbench(tools, remote, connection.transport)

    def _connect(self, settings: Settings, api_url: str) -> _Connection:
        store = self._store.of(settings.environment)
        remote = Remote(store, self._clock, lambda: self._settings().requests_per_minute, self._patience)
        skew = Skew(store, self._clock)
        transport = RecordingTransport(
            api_url, settings.token, clock=self._clock, pace=remote, timeouts=self._timeouts, skew=skew
        )
        return _Connection(settings.token, api_url, store, remote, transport, ReverbClient(transport))


def hurried(
    host: Host, store: Store, settings: Callable[[], Settings], api_url: Callable[[str], str], clock: Clock
) -> Tools:
    """Tools for questions whose answer a person waits for; they keep the common pace."""
    return Benches(host, store, settings, api_url, clock, Hurried(clock), HURRIED)().tools
