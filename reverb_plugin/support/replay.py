"""Trying again what failed: the recorded product takes the same way, and the recorded answers come again.

The decision is the plugin's own, and so are the requests: they go over HTTP to a simulated Reverb of this process.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from reverb_plugin.changes import Kind, Outcome
from reverb_plugin.clock import Clock
from reverb_plugin.errors import ReplayError, UnavailableError
from reverb_plugin.redact import MASK, Secret
from reverb_plugin.reverb_api.answer import Answer
from reverb_plugin.reverb_api.client import ReverbClient
from reverb_plugin.reverb_api.links import resolve
from reverb_plugin.reverb_api.transport import Timeouts
from reverb_plugin.simulator.server import Simulator
from reverb_plugin.store.exchanges import Exchange
from reverb_plugin.store.remote_state import RemoteState
from reverb_plugin.store.store import Store, open_store
from reverb_plugin.store.sync_log import LogEntry, LogFilter
from reverb_plugin.support.answers import path_of, seed
from reverb_plugin.support.opened import OpenedBundle
from reverb_plugin.support.rewound import OF_A_RUN, OF_A_SKU, job_before, link_before
from reverb_plugin.sync.recording import RecordingTransport, Skew
from reverb_plugin.sync.remote import Gate, NotNowError, Patient, Remote
from reverb_plugin.sync.run import Workbench, run_job
from reverb_plugin.sync.tools import Tools
from reverb_plugin.testing import FrozenClock

if TYPE_CHECKING:
    import requests

FAILURES = frozenset({Outcome.REFUSED, Outcome.DEFERRED})
MOST_ROWS = 1_000
MOST_LATER = 50
PATIENCE = Timeouts(connect_seconds=2.0, read_seconds=5.0, total_seconds=10.0, tries=1)
"""Each answer was recorded once, however often it was asked for."""


@dataclass(frozen=True, slots=True)
class Replay:
    """One failure, tried again.

    ``replayed`` is None when nothing came of it. ``unrecorded`` are the requests that nobody had recorded an answer
    to, ``notes`` what may make the replay differ from what happened.
    """

    recorded: LogEntry
    replayed: LogEntry | None
    unrecorded: Sequence[str]
    notes: Sequence[str]

    @property
    def comes_again(self) -> bool:
        """It ended in the same way: the same outcome and code, the same complaints about the same fields."""
        return self.replayed is not None and _essence(self.replayed) == _essence(self.recorded)


def find_failures(store: Store, sku: str) -> Sequence[LogEntry]:
    """The rows of the log that tell of a failure of this SKU, the newest first."""
    rows = store.log_page(LogFilter(sku=sku), MOST_ROWS)
    mine = (row for row in rows if row.environment == store.environment and row.kind in OF_A_SKU)
    return [row for row in mine if row.outcome in FAILURES or row.code]


def replay(bundle: OpenedBundle, sku: str) -> Replay:
    """Tries the newest failure of the SKU again, as it was when it happened; the bundle's copy keeps what comes of it.

    Raises:
        ReplayError: the bundle does not hold what is needed.
    """
    entry = _choose(find_failures(bundle.store, sku), sku)
    if sku not in bundle.records:
        raise ReplayError(f"The bundle does not hold what the shop said of {sku}.")
    exchanges = _exchanges(bundle.store, entry)
    if entry.requests and not exchanges:
        raise ReplayError(f"What Reverb answered to {sku} is no longer kept in the bundle.")
    since = [each for row in _later(bundle.store, entry) for each in _exchanges(bundle.store, row)]
    return _Stage(bundle, entry, exchanges, since).play()


def _choose(failures: Sequence[LogEntry], sku: str) -> LogEntry:
    """The newest; one that only repeats an earlier refusal tells less than that."""
    if not failures:
        raise ReplayError(f"The bundle holds no failure of {sku}.")
    return next((row for row in failures if not _only_repeats(row)), failures[0])


def _exchanges(store: Store, entry: LogEntry) -> Sequence[Exchange]:
    opened = store.log.find(entry.id or 0, LogFilter())
    return opened.exchanges if opened is not None else ()


def _later(store: Store, entry: LogEntry) -> Sequence[LogEntry]:
    """The rows of the same SKU that came next, the oldest first."""
    rows = store.log_page(LogFilter(sku=entry.sku, after=entry.cursor), MOST_LATER)
    return rows[::-1]


def _only_repeats(entry: LogEntry) -> bool:
    return entry.code == "refused" and entry.http_status is None


class _Stage:
    """Everything that one attempt needs, on a clock that stands at its beginning."""

    def __init__(
        self, bundle: OpenedBundle, entry: LogEntry, exchanges: Sequence[Exchange], since: Sequence[Exchange]
    ) -> None:
        self._bundle = bundle
        self._entry = entry
        self._exchanges = exchanges
        self._since = since
        self._clock = FrozenClock(entry.created_at)
        self._settings = bundle.settings

    def play(self) -> Replay:
        """The attempt, once."""
        bundle, entry = self._bundle, self._entry
        bundle.close()  # one database object at a time is at the file
        store = open_store(bundle.store.path.parent, entry.environment, self._clock)
        with closing(store), Simulator(clock=self._clock, token=MASK) as simulator:
            notes = list(seed(simulator, self._exchanges, bundle.manifest.api_url))
            if entry.kind in OF_A_RUN:
                notes.append("It happened in a mass sync; the replay pushes the product by itself.")
            replayed = self._run(store, simulator)
            unrecorded = [f"{row.method} {row.path}" for row in simulator.reverb.recorder.all() if row.fault is None]
        return Replay(entry, replayed, unrecorded, notes)

    def _run(self, store: Store, simulator: Simulator) -> LogEntry | None:
        entry = self._entry
        job = job_before(entry, store.find_job(Kind(entry.kind), entry.sku))
        store.change_remote_state(lambda _: RemoteState())
        known = link_before(store.find_link(entry.sku), entry.sku, [*self._exchanges, *self._since])
        store.replace_link(entry.sku, known)
        before = {row.id for row in self._rows(store)}
        with suppress(NotNowError):
            run_job(self._bench(store, simulator), job, Gate(0.0))
        return next((row for row in self._rows(store) if row.id not in before), None)

    def _rows(self, store: Store) -> Sequence[LogEntry]:
        """Those that begin with the attempt: the clock stands there."""
        return store.log_page(LogFilter(sku=self._entry.sku, since=self._entry.created_at), MOST_ROWS)

    def _bench(self, store: Store, simulator: Simulator) -> Workbench:
        clock, settings = self._clock, self._settings
        remote = Remote(store, clock, lambda: settings.requests_per_minute, Patient(clock))
        transport = _Replaying(simulator, settings.token, clock, remote, store, self._lost)
        tools = Tools(self._bundle.host, ReverbClient(transport), store, settings, clock, remote.take_turn)
        return Workbench(tools, remote, transport)

    @property
    def _lost(self) -> Exchange | None:
        """The request that never arrived; it was the last one."""
        last = self._exchanges[-1] if self._exchanges else None
        never_arrived = self._entry.code == UnavailableError.code and last is not None and last.status is None
        return last if never_arrived else None


class _Replaying(RecordingTransport):
    """Asks the simulator and nobody else, not even a proxy; it hangs up before the request that never arrived."""

    def __init__(
        self,
        simulator: Simulator,
        token: Secret | None,
        clock: Clock,
        pace: Remote,
        store: Store,
        lost: Exchange | None,
    ) -> None:
        super().__init__(simulator.url, token, clock=clock, pace=pace, timeouts=PATIENCE, skew=Skew(store, clock))
        self._simulator = simulator
        self._lost_request = lost

    def request(
        self,
        method: str,
        path_or_link: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        """As :meth:`RecordingTransport.request`."""
        lost = self._lost_request
        if lost is not None and (method, urlsplit(resolve(self.base_url, path_or_link)).path) == (
            lost.method,
            path_of(lost),
        ):
            self._simulator.stop()
        return super().request(method, path_or_link, params=params, body=body)

    def _new_session(self) -> "requests.Session":
        session = super()._new_session()
        session.trust_env = False
        return session


def _essence(entry: LogEntry) -> tuple[object, ...]:
    complaints = {error.field or error.message for error in entry.errors}
    return entry.outcome, entry.code, entry.http_status, frozenset(complaints)
