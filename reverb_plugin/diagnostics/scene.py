"""The scene: all that a check may look at, read when it is first asked for, and read once.

Looking leaves no traces: a database that is missing is not made, an older one not migrated. What cannot be looked at
raises :class:`~reverb_plugin.diagnostics.finding.MootError` with the reason.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from reverb_plugin.clock import Clock
from reverb_plugin.configuration import Configuration
from reverb_plugin.connection import Connection, try_connection
from reverb_plugin.diagnostics.catalogue import Catalogue, look_at_products
from reverb_plugin.diagnostics.disk import FolderLook, look_at_folder
from reverb_plugin.diagnostics.finding import MootError
from reverb_plugin.diagnostics.listings import Listings, look_at_listings
from reverb_plugin.diagnostics.once import Once
from reverb_plugin.errors import PluginError, StoreError
from reverb_plugin.health import Facts, Problem, find_problems, read_facts
from reverb_plugin.host import Host, NoShop
from reverb_plugin.places import data_folder
from reverb_plugin.reverb_api.client import ReverbClient
from reverb_plugin.reverb_api.pace import LONGEST_WAIT_SECONDS
from reverb_plugin.reverb_api.way import Way, go
from reverb_plugin.settings import LoadedSettings, Settings, get_info
from reverb_plugin.store.inspection import FileLook, look_at
from reverb_plugin.store.schema import HEAD
from reverb_plugin.store.store import FILE_NAME, Store, open_store
from reverb_plugin.sync.bench import hurried
from reverb_plugin.sync.tools import Tools


@dataclass(frozen=True, slots=True)
class Process:
    """What only the shop's own process knows: its name as a sender, whether it is to send in a thread, whether that is
    alive, what kept it from starting, and how many changes it holds in memory.
    """

    owner: str
    wants_thread: bool = False
    has_thread: bool = False
    thread_trouble: str = ""
    held: int = 0


class Scene:
    """One installation as the checks see it.

    Args:
        database: the store, of whatever environment; it is opened when the file is fit for it.
        configuration: the settings.
        address: the address of the API for an environment.
        clock: what time it is.
        host: the shop, when there is one.
        host_trouble: why the shop that was named cannot be used.
        process: what the shop's own process knows, when this is it.
        offline: nobody else is asked.
        default_folder: where a database lies when nobody names a folder.
        is_named: a person has named the folder, so that there should be a database.
    """

    def __init__(
        self,
        database: Store,
        configuration: Configuration,
        address: Callable[[str], str],
        clock: Clock,
        *,
        host: Host | None = None,
        host_trouble: PluginError | None = None,
        process: Process | None = None,
        offline: bool = False,
        default_folder: Path | None = None,
        is_named: bool = False,
    ) -> None:
        self.configuration = configuration
        self.clock = clock
        self.host_trouble = host_trouble
        self.process = process
        self.offline = offline
        self.is_named = is_named
        self._database = database
        self._address = address
        self._host = host
        self._default_folder = default_folder

    # The file, looked at from outside

    @property
    def path(self) -> Path:
        """The database file."""
        return self._database.path

    @Once
    def folder(self) -> FolderLook:
        """The folder of the database."""
        return look_at_folder(self.path.parent, self.path.name)

    @Once
    def file(self) -> FileLook:
        """The database file."""
        return look_at(self.path)

    @Once
    def other_database(self) -> Path | None:
        """The database where it lies when nobody names a folder, when that is another one."""
        other = (self._default_folder or data_folder(None)) / FILE_NAME
        try:
            is_same = self.path.exists() and other.samefile(self.path)
            return other if other.exists() and not is_same else None
        except OSError:  # another user's home, which this one may not enter
            return None

    # The database

    @property
    def store(self) -> Store:
        """The store of the environment in force."""
        return self._open.of(self.settings.environment)

    def other_store(self, environment: str) -> Store:
        """The same database's memory of another environment."""
        return self._open.of(environment)

    @Once
    def _open(self) -> Store:
        self._require_file()
        return self._database

    def _require_file(self) -> None:
        look = self.file
        if not look.exists or not look.size_bytes:
            raise MootError("there is no database yet")
        if look.trouble:
            raise MootError("the database cannot be read")
        if look.version != HEAD:
            raise MootError("the database is of another version")
        if look.missing:
            raise MootError("the database is damaged")

    @property
    def untouched_store(self) -> Store:
        """The store whatever the state of the file: its use makes, or migrates, what is missing. For repairs."""
        return self._database

    @Once
    def facts(self) -> Facts:
        """What the database knows."""
        return read_facts(self.store, self.loaded, self.clock.now())

    def find_problem(self, code: str) -> Problem | None:
        """The problem that the overview shows under this code."""
        return next((each for each in find_problems(self.facts) if each.code == code), None)

    # Settings

    @property
    def loaded(self) -> LoadedSettings:
        """The settings; without those in the database when that cannot be read."""
        return self._saved or self.configuration.last_known

    @Once
    def _saved(self) -> LoadedSettings | None:
        try:
            self._require_file()
            return self.configuration.reload()
        except (MootError, StoreError):
            return None

    @property
    def has_settings(self) -> bool:
        """Whether those in the database could be read."""
        return self._saved is not None

    @property
    def settings(self) -> Settings:
        """Their values."""
        return self.loaded.values

    # Reverb

    @property
    def api_url(self) -> str:
        """The address of the API in force."""
        return self.address_of(self.settings.environment)

    def address_of(self, environment: str) -> str:
        """The address of the API of an environment."""
        return self._address(environment)

    @Once
    def way(self) -> Way:
        """The way to Reverb, gone once. Whoever was asked to slow down does not ask."""
        self._require_online()
        if self.blocked_seconds:
            raise MootError("Reverb asked us to slow down")
        way = go(self.api_url, self.clock)
        if not way.is_known:
            raise MootError(f"the proxy {way.proxy} is of a kind that is not looked into")
        return way

    @property
    def blocked_seconds(self) -> float:
        """For how long nothing may be asked, because Reverb said so; 0 when it may, or the database does not tell."""
        try:
            wait = self.store.get_remote_state().blocked_until - self.clock.now().timestamp()
        except (MootError, StoreError):
            return 0.0
        return wait if 0 < wait <= LONGEST_WAIT_SECONDS else 0.0

    def _require_online(self) -> None:
        if self.offline:
            raise MootError("nobody else is asked")

    @Once
    def tools(self) -> Tools:
        """What a question to Reverb needs."""
        self._require_online()
        if self.settings.token is None:
            raise MootError("there is no token")
        return hurried(self._host or NoShop(), self._open, lambda: self.settings, self._address, self.clock)

    @property
    def client(self) -> ReverbClient:
        """A client that keeps the common pace."""
        return self.tools.client

    @Once
    def connection(self) -> Connection:
        """What Reverb says of token and account."""
        return try_connection(self.client, self.store, self.clock)

    @Once
    def listings(self) -> Listings:
        """The first pages of the listings on Reverb, beside the shop's products."""
        return look_at_listings(self.tools, self._host if self.has_host else None)

    # The shop

    @property
    def host(self) -> Host:
        """The shop."""
        if self._host is None or not self.has_host:
            raise MootError("no shop was named")
        return self._host

    @property
    def has_host(self) -> bool:
        """Whether there is a shop to look at."""
        return self._host is not None and not isinstance(self._host, NoShop)

    @property
    def is_product_file(self) -> bool:
        """Whether the shop is a file, which calls no hooks; one tells which of its rows cannot be read."""
        return self.has_host and hasattr(self._host, "problems")

    @Once
    def catalogue(self) -> Catalogue:
        """The shop's products."""
        return look_at_products(self.host, self.settings, self.clock)


def scene_of_folder(
    folder: Path,
    environ: Mapping[str, str],
    address: Callable[[str], str],
    clock: Clock,
    *,
    host: Host | None = None,
    host_trouble: PluginError | None = None,
    offline: bool = False,
    is_named: bool = False,
) -> Scene:
    """The scene of a data folder, for who has no plugin; to be closed with ``scene.untouched_store.close()``."""
    database = open_store(folder, get_info("environment").default, clock)
    return Scene(
        database,
        Configuration(database, {}, environ, clock),
        address,
        clock,
        host=host,
        host_trouble=host_trouble,
        offline=offline,
        is_named=is_named,
    )
