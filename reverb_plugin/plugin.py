"""The composition root: builds the parts and holds them. It has no behaviour of its own."""

import atexit
import functools
import logging
import os
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from reverb_plugin.clock import Clock
from reverb_plugin.configuration import Configuration
from reverb_plugin.default import find_default, set_default
from reverb_plugin.drift import Drift
from reverb_plugin.errors import InvalidValueError, StoreError
from reverb_plugin.host import Host
from reverb_plugin.intake import Intake
from reverb_plugin.mass_sync import MassSync
from reverb_plugin.orders import Orders
from reverb_plugin.places import data_folder
from reverb_plugin.recent import RECENT, listen
from reverb_plugin.settings import Settings, get_info
from reverb_plugin.update.recover import recover_if_needed
from reverb_plugin.webhooks import WebhookReceiver

if TYPE_CHECKING:
    from datetime import datetime

    from reverb_plugin.admin.app import AdminApp, Authorize
    from reverb_plugin.diagnostics.bundle import Bundle, Exported
    from reverb_plugin.diagnostics.finding import Report
    from reverb_plugin.diagnostics.scene import Scene
    from reverb_plugin.reverb_api.client import ReverbClient
    from reverb_plugin.store.store import Store
    from reverb_plugin.sync.bench import Benches
    from reverb_plugin.sync.explain import Explanation
    from reverb_plugin.sync.remote import Patience
    from reverb_plugin.sync.tools import Tools
    from reverb_plugin.sync.worker import DrainReport, Worker
    from reverb_plugin.update.updates import Updates

WorkerMode = Literal["thread", "none"]

API_URLS: Mapping[str, str] = {
    "production": "https://api.reverb.com/api",
    "sandbox": "https://sandbox.reverb.com/api",
}
CLOSE_SECONDS, LAST_WRITES_SECONDS = 1.5, 0.3
"""How long the end takes at most: what is under way, and then the database. Servers allow two seconds in all."""


logger = logging.getLogger(__name__)


class Plugin:
    """One shop's connection to Reverb; made by :func:`configure`.

    ``host`` is the shop, ``store`` what is remembered, ``configuration`` the settings, ``intake`` where hooks note
    down what changed.
    """

    def __init__(
        self,
        host: Host,
        *,
        folder: Path,
        arguments: Mapping[str, str],
        worker: WorkerMode,
        api_url: str | None,
        clock: Clock,
    ) -> None:
        # SQLAlchemy and requests are loaded here, and not by `import reverb_plugin.hooks`.
        from reverb_plugin.store.store import open_store  # noqa: PLC0415
        from reverb_plugin.sync.background import Background  # noqa: PLC0415
        from reverb_plugin.update.updates import Updates  # noqa: PLC0415

        listen()
        _recover(folder)
        self.host = host
        self.clock = clock
        self._api_url = api_url
        self._database = open_store(folder, get_info("environment").default, clock)
        self.configuration = Configuration(self._database, arguments, os.environ, clock)
        self.intake = Intake(self._database, self.configuration.find_objection, self.wake, clock)
        self._webhook_receiver = WebhookReceiver(self._secret_path, lambda: self.store.orders, self.wake, clock)
        self._updates = Updates(self._database.path.parent, lambda: self.settings, clock)
        self._background = Background(self._worker, self._before_each_look)
        self._starts_thread = worker == "thread"
        self._owner = ""
        _tend_forks()
        self._begin()
        _open_plugins.add(self)

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.configuration.values

    @property
    def store(self) -> "Store":
        """What is remembered for the environment in force."""
        return self._database.of(self.settings.environment)

    @property
    def client(self) -> "ReverbClient":
        """A client for questions that a person waits for, such as whose token this is; it keeps the common pace."""
        return self._hurried().client

    @property
    def mass_sync(self) -> MassSync:
        """Mass syncs and drift checks: to start, watch and stop them."""
        return MassSync(lambda: self.store.runs, lambda: self.settings, self.clock, self.owner)

    @property
    def drift(self) -> Drift:
        """What the last drift check found, and how to settle it."""
        return Drift(
            lambda: self.store,
            lambda: self.settings,
            self.host,
            lambda listing_id: self.client.get_listing(listing_id),  # noqa: PLW0108 - connects only when it is asked
            self.owner,
        )

    @property
    def orders(self) -> Orders:
        """Orders on Reverb: to look at, to decide about, to ship by hand."""
        return Orders(lambda: self.store, self.host, self.wake)

    @property
    def updates(self) -> "Updates":
        """Newer versions of the plugin itself: what is known, and to look for them."""
        return self._updates

    @property
    def webhook_receiver(self) -> WebhookReceiver:
        """A WSGI application for Reverb's webhooks, to be mounted in the shop; see :mod:`reverb_plugin.webhooks`."""
        return self._webhook_receiver

    def explain(self, sku: str) -> "Explanation":
        """Why the product is on Reverb as it is, or is not; asks Reverb once and writes nothing."""
        from reverb_plugin.sync.explain import explain  # noqa: PLC0415

        return explain(self._hurried(), sku)

    def admin_app(
        self, authorize: "Authorize | None" = None, *, update_button: bool = False, home_url: str = ""
    ) -> "AdminApp":
        """The page for the shop's admin, as a WSGI application to be mounted under any prefix.

        ``authorize`` takes the WSGI environ of a request and says with True that it may enter, which is to see and do
        everything there. Without it every request is refused; when it raises, or returns anything else, too. With
        ``update_button`` the page offers to start an update of the plugin, as the user the shop runs as; without it
        the page tells the command. ``home_url`` is where the page leads back to: the shop's own admin.
        """
        from reverb_plugin.admin.app import AdminApp  # noqa: PLC0415 - loads Jinja2 and Werkzeug

        return AdminApp(self, authorize, update_button=update_button, home_url=home_url)

    def scene(self, *, offline: bool = False) -> "Scene":
        """What the checks look at; ``offline``: nobody else is asked."""
        from reverb_plugin.diagnostics.scene import Process, Scene  # noqa: PLC0415

        background = self._background
        process = Process(self._owner, self._starts_thread, background.is_alive, background.trouble, self.intake.held)
        return Scene(
            self._database,
            self.configuration,
            self._address,
            self.clock,
            host=self.host,
            process=process,
            offline=offline,
        )

    def diagnose(self, *, offline: bool = False) -> "Report":
        """Makes all checks, which may take a minute, and keeps what was found; never raises.

        ``offline``: nobody else is asked, neither Reverb nor a name server.
        """
        from reverb_plugin.diagnostics.doctor import diagnose_and_keep  # noqa: PLC0415

        return diagnose_and_keep(self.scene(offline=offline))

    def findings(self) -> "Report | None":
        """What the checks found when they were last made; None when they never were."""
        from reverb_plugin.diagnostics.doctor import find_last  # noqa: PLC0415

        return find_last(self.store)

    @property
    def bundle(self) -> "Bundle":
        """Debug bundles of this installation: to preview and to export."""
        from reverb_plugin.diagnostics.bundle import Bundle  # noqa: PLC0415

        return Bundle(self.scene(offline=True))

    def export_bundle(self, path: str | Path, *, sku: str | None = None, since: "datetime | None" = None) -> "Exported":
        """Writes a debug bundle for support to ``path``, within ten seconds; secrets and people's data stay here.

        Args:
            path: the file; one that is there is replaced.
            sku: only what is about this SKU.
            since: only what happened since then; an aware time.

        Raises:
            OSError: the file cannot be written. Whatever else is wrong is told in the bundle.
        """
        from reverb_plugin.store.snapshot import Narrowing  # noqa: PLC0415

        return self.bundle.export(Path(path).expanduser(), Narrowing(sku, since))

    def repair(self, code: str) -> str:
        """Does what can be done about the finding of this check; says what was done.

        Raises:
            InvalidValueError: nothing can be done about it from here.
            PluginError: it did not work.
        """
        from reverb_plugin.diagnostics.doctor import repair  # noqa: PLC0415

        return repair(self.scene(), code)

    @property
    def owner(self) -> str:
        """This process's name among those that may send: machine, process id, and something of its own."""
        return self._owner

    @property
    def has_live_worker(self) -> bool:
        """Whether a thread of this process sends."""
        return self._background.is_alive

    def drain(
        self, timeout: float = 30.0, *, is_enough: Callable[[], bool] = lambda: False, keeps_schedule: bool = True
    ) -> "DrainReport":
        """Sends until nothing is left to send, ``is_enough`` or ``timeout`` seconds are over; says what was done.

        With ``keeps_schedule`` it begins the drift check that is due, which a later drain may have to end, and looks
        for newer versions of the plugin once a day.

        Raises:
            StoreError: the database cannot be used.
        """
        self.intake.write_held()
        worker, ends_at = self._worker(), self.clock.monotonic() + timeout
        try:
            report = worker.drain(timeout, is_enough, keeps_schedule=keeps_schedule)
        finally:  # an interrupted drain leaves no thread behind that sends
            worker.stop()
            worker.wait_until_idle(CLOSE_SECONDS)
        self._before_each_look()
        if not self.has_live_worker:
            self._database.give_up_sender(self._owner)
            self._updates.wait(ends_at - self.clock.monotonic())
        return report

    def start_worker(self) -> None:
        """Starts the thread that sends, as ``worker="thread"`` does; nothing happens when it is at work already."""
        self._starts_thread = True
        if not self.has_live_worker:
            self._background.start()

    def wake(self) -> None:
        """Has this process's thread look at the queue now; nothing happens when there is none."""
        self._background.wake()

    def close(self) -> None:
        """Ends the thread, within two seconds, and lets go of the database. The queue stays for the next start.

        Closing again does nothing: it must not open the database anew, nor bring back a data folder that is gone.
        """
        if self in _open_plugins:
            _open_plugins.discard(self)
            if find_default() is self:
                set_default(None)
            self._end()

    def _before_each_look(self) -> None:
        """Writes down what waits in memory: changes, and tracebacks for the bundle of another process."""
        self.intake.write_held()
        try:
            if RECENT.has_news:
                RECENT.keep_news(self.store)
        except StoreError as error:
            logger.debug("Tracebacks could not be kept: %s", error)

    def _hurried(self) -> "Tools":
        from reverb_plugin.sync.bench import hurried  # noqa: PLC0415

        return hurried(self.host, self._database, lambda: self.settings, self._address, self.clock)

    def _benches(self, patience: "Patience") -> "Benches":
        from reverb_plugin.reverb_api.transport import Timeouts  # noqa: PLC0415
        from reverb_plugin.sync.bench import Benches  # noqa: PLC0415

        return Benches(
            self.host,
            self._database,
            lambda: self.settings,
            self._address,
            self.clock,
            patience,
            Timeouts(),
        )

    def _worker(self) -> "Worker":
        from reverb_plugin.sync.worker import Worker  # noqa: PLC0415

        # A shop that talks to a simulator is nobody's customer: it asks no index.
        beside = self._updates.tend if self._api_url is None else lambda: None
        return Worker(self._database, self._benches, self.clock, self._owner, beside=beside)

    def _address(self, environment: str) -> str:
        return self._api_url or API_URLS[environment]

    def _secret_path(self) -> str:
        secret = self.settings.webhook_secret
        return "" if secret is None else secret.reveal()

    def _begin(self) -> None:
        """Takes up work in this process."""
        from reverb_plugin.sync.owner import make_owner  # noqa: PLC0415

        self._owner = make_owner()
        if self._starts_thread:
            self._background.start()

    def _end(self) -> None:
        self._background.stop(CLOSE_SECONDS)
        with self._database.hurried(LAST_WRITES_SECONDS):
            self.intake.write_held()
            try:
                self._database.give_up_sender(self._owner)
            except StoreError as error:
                logger.debug("The right to send runs out by itself: %s", error)
        self._database.close()


def _recover(folder: Path) -> None:
    """Ends an update that was broken off. When it cannot, the shop runs all the same."""
    try:
        recover_if_needed(folder)
    except OSError as error:
        logger.warning("What an update left behind cannot be put right by this user: %s", error)


_open_plugins: "weakref.WeakSet[Plugin]" = weakref.WeakSet()


def configure(
    host: Host,
    *,
    token: str | None = None,
    environment: str | None = None,
    data_dir: str | Path | None = None,
    worker: WorkerMode = "thread",
    api_url: str | None = None,
    clock: Clock | None = None,
) -> Plugin:
    """Connects a shop to Reverb; the result is also the plugin that hooks use when they are given none.

    Nothing is required to start: what is missing (a token, a writable disk) is told in the log and on the page, and
    hooks go on working or say why not.

    Args:
        host: the shop.
        token: Reverb's personal access token; otherwise ``REVERB_TOKEN`` or the one that was entered.
        environment: ``sandbox`` (the default) or ``production``.
        data_dir: where the database lies; by default the per-user data folder of the operating system.
        worker: ``thread`` sends in a thread of this process; with ``none`` the commands ``reverb-plugin worker`` or
            ``reverb-plugin drain`` do it.
        api_url: another address of the API, for the simulator and for tests.
        clock: another clock, for tests.

    Raises:
        InvalidValueError: an argument that the developer has to correct.
    """
    from reverb_plugin.reverb_api.links import check_base_url  # noqa: PLC0415

    if not isinstance(host, Host):
        raise InvalidValueError("host", host, "must offer find_product(sku) and iter_products(after_sku=None)")
    if worker not in get_args(WorkerMode):
        raise InvalidValueError("worker", worker, 'must be "thread" or "none"')
    given = {"token": token, "environment": environment}
    arguments = {name: text for name, text in given.items() if text is not None}
    for name, text in arguments.items():
        get_info(name).parse(text)
    if api_url is not None:
        check_base_url(api_url)
    before = find_default()
    if before is not None:
        before.close()
    plugin = Plugin(
        host,
        folder=data_folder(data_dir),
        arguments=arguments,
        worker=worker,
        api_url=api_url,
        clock=clock or Clock(),
    )
    set_default(plugin)
    return plugin


def _end_all() -> None:
    """At the end of the process. A hook that comes still later opens the database again."""
    for plugin in tuple(_open_plugins):
        plugin._end()  # noqa: SLF001 - the module's own class


def _begin_again_in_child() -> None:
    for plugin in tuple(_open_plugins):
        plugin._begin()  # noqa: SLF001 - the module's own class


@functools.cache
def _tend_forks() -> None:
    """Only once the store is imported: in a child its own handler has to run before ours."""
    os.register_at_fork(after_in_child=_begin_again_in_child)


atexit.register(_end_all)
