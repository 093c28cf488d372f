"""A bundle as the shop's own pages see a shop: everything stands still at the moment it was made.

Nothing is sent and nobody is asked: the way to Reverb ends in this process, and the shop is what the bundle recorded.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from reverb_plugin.admin.rendering import Banner
from reverb_plugin.clock import Clock
from reverb_plugin.configuration import Configuration
from reverb_plugin.connection import NAME as CONNECTION
from reverb_plugin.diagnostics.bundle import Bundle
from reverb_plugin.diagnostics.finding import Finding, Report, Skipped, Status
from reverb_plugin.drift import Drift
from reverb_plugin.errors import UnreadableBundleError
from reverb_plugin.host import Host
from reverb_plugin.mass_sync import MassSync
from reverb_plugin.orders import Orders
from reverb_plugin.plugin import API_URLS
from reverb_plugin.redact import MASK, Secret
from reverb_plugin.reverb_api.client import ReverbClient
from reverb_plugin.settings import SETTINGS, Settings
from reverb_plugin.store.store import Store
from reverb_plugin.support.cells import is_plain_number
from reverb_plugin.support.own_folder import own_folder
from reverb_plugin.support.reading import BundleFile, read_moment
from reverb_plugin.support.rebuilt import rebuild
from reverb_plugin.support.stand_ins import BundleShop, NoWay
from reverb_plugin.sync.explain import Explanation, explain
from reverb_plugin.sync.remote import token_fingerprint
from reverb_plugin.sync.tools import Tools
from reverb_plugin.testing import FrozenClock
from reverb_plugin.update.updates import Updates
from reverb_plugin.webhooks import WebhookReceiver

NO_OTHER = "This is a bundle: what it does not hold can only be had in the shop itself."
CURRENT = "current"
"""What a bundle writes in place of the fingerprint of the token in force."""

OWNER = "bundle"
FINDING = ("code", "name", "cause", "next_step", "docs")
SKIPPED = ("code", "name", "why")


@contextmanager
def open_bundle(path: Path) -> "Iterator[OpenedBundle]":
    """The bundle in this file, until the end of ``with``; then nothing of it is left on the disk.

    Raises:
        UnreadableBundleError: it is no bundle, or a damaged one.
    """
    with (
        own_folder() as folder,
        BundleFile(path) as file,
        closing(OpenedBundle(file, folder)) as opened,
    ):
        yield opened


class OpenedBundle:
    """What the pages use of a plugin, over the data of a bundle; the copy of its database lies in ``folder``.

    ``banner`` says whose it is. Raises UnreadableBundleError for a part that is no part of a bundle.
    """

    def __init__(self, file: BundleFile, folder: Path) -> None:
        self.file = file
        manifest = self.manifest = file.manifest
        self.clock = Clock() if manifest.created_at is None else FrozenClock(manifest.created_at)
        # All parts are read before a database is opened: any of them may be refused.
        settings, checks = file.find_json("settings.json"), file.find_json("checks.json")
        self.records = {str(record.get("sku")): record for record in file.iter_lines("products.jsonl")}
        environment = manifest.environment if manifest.environment in API_URLS else "sandbox"
        rebuilt = rebuild(file.find_bytes("database.sqlite3"), folder, environment, self.clock)
        self._database = rebuilt.store
        self.notes = [*rebuilt.notes, *(f"{name}: {what}" for name, what in manifest.troubles.items())]
        self.host: Host = BundleShop(self.records)
        self.configuration = _configuration(settings, self._database, self.clock)
        self._report = _report(checks, self.clock.now())
        self.owner = OWNER
        self.has_live_worker = False
        self._name_token()

    @property
    def banner(self) -> Banner:
        """Whose bundle it is, and when it was made."""
        manifest = self.manifest
        shop = manifest.shop or "a shop whose name is not known"
        about = f", about {manifest.sku} only" if manifest.sku else ""
        text = f"A bundle of {shop}{about}, made by version {manifest.plugin or '(not known)'} of the plugin."
        return Banner(text, manifest.created_at, self.notes)

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.configuration.values

    @property
    def store(self) -> Store:
        """What is remembered for the environment in force."""
        return self._database.of(self.settings.environment)

    @property
    def client(self) -> ReverbClient:
        """A client that asks nobody."""
        return ReverbClient(NoWay(API_URLS[self.settings.environment], self.clock))

    @property
    def mass_sync(self) -> MassSync:
        """Mass syncs and drift checks."""
        return MassSync(lambda: self.store.runs, lambda: self.settings, self.clock, self.owner)

    @property
    def drift(self) -> Drift:
        """What the last drift check found."""
        return Drift(
            lambda: self.store,
            lambda: self.settings,
            self.host,
            lambda listing_id: self.client.get_listing(listing_id),  # noqa: PLW0108 - as in the plugin
            self.owner,
        )

    @property
    def orders(self) -> Orders:
        """Orders on Reverb."""
        return Orders(lambda: self.store, self.host, self.wake)

    @property
    def updates(self) -> Updates:
        """Of a shop's updates a bundle knows nothing."""
        return Updates(self._database.path.parent, lambda: self.settings, self.clock)

    @property
    def webhook_receiver(self) -> WebhookReceiver:
        """It receives nothing."""
        return WebhookReceiver(lambda: "", lambda: self.store.orders, self.wake, self.clock)

    def explain(self, sku: str) -> Explanation:
        """Why the product is on Reverb as it is, or is not, as far as the bundle tells."""
        return explain(Tools(self.host, self.client, self.store, self.settings, self.clock, self.wake), sku)

    @property
    def bundle(self) -> Bundle:
        """Raises UnreadableBundleError: only the shop itself can make one."""
        raise UnreadableBundleError(NO_OTHER)

    def findings(self) -> Report | None:
        """What the checks found when the bundle was made."""
        return self._report

    def diagnose(self, *, offline: bool = False) -> Report:  # noqa: ARG002 - the plugin's signature
        """The same: support's own machine tells nothing of the shop."""
        return self._report or Report((), (), self.clock.now(), is_offline=True)

    def repair(self, code: str) -> str:  # noqa: ARG002 - the plugin's signature
        """Raises UnreadableBundleError: nothing can be changed here."""
        raise UnreadableBundleError(NO_OTHER)

    def wake(self) -> None:
        """There is nobody to wake."""

    def close(self) -> None:
        """Lets go of the copy."""
        self._database.close()

    def _name_token(self) -> None:
        """The bundle tells of the token only whether it is the one in force; a stand-in takes its place."""
        store, fingerprint = self.store, token_fingerprint(Secret(MASK))
        if store.get_remote_state().refused_token == CURRENT:
            store.change_remote_state(lambda state: replace(state, refused_token=fingerprint))
        kept = store.find_cached(CONNECTION)
        if kept is not None and isinstance(kept.content, dict) and kept.content.get("token") == CURRENT:
            store.save_cached(CONNECTION, kept.content | {"token": fingerprint})


def _report(said: object, made_at: datetime) -> Report | None:
    """The findings, those that can be meant; None when there are none."""
    if not isinstance(said, dict) or not isinstance(said.get("findings"), list):
        return None
    found = [each for each in said["findings"] if isinstance(each, dict) and str(each.get("status")) in set(Status)]
    skipped = said.get("skipped")
    left_out = [each for each in skipped if isinstance(each, dict)] if isinstance(skipped, list) else []
    return Report(
        # Without their repairs, which could only be made in the shop.
        tuple(Finding(**_texts(each, FINDING), status=Status(str(each["status"]))) for each in found),
        tuple(Skipped(**_texts(each, SKIPPED)) for each in left_out),
        read_moment(said.get("checked_at")) or made_at,
        is_offline=bool(said.get("offline")),
    )


def _texts(said: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    return {name: str(said.get(name, "")) for name in names}


def _configuration(recorded: object, database: Store, clock: Clock) -> Configuration:
    """The settings with their sources, as they were in force; what the database has kept of them stays as it is."""
    texts: dict[str, dict[str, str]] = {"argument": {}, "environment": {}, "database": {}}
    for name, info in SETTINGS.items():
        setting = recorded.get(name) if isinstance(recorded, dict) else None
        value = setting.get("value") if isinstance(setting, dict) else None
        source = str(setting.get("source")) if isinstance(setting, dict) else ""
        if isinstance(value, str) and source in texts and _can_be_shown(name, value):
            texts[source][info.variable if source == "environment" else name] = value
    saved = database.saved_settings()
    changes: dict[str, str | None] = {name: None for name, text in saved.items() if not _can_be_shown(name, text)}
    changes |= {name: text for name, text in texts["database"].items() if name not in saved}
    database.save_settings(changes)
    return Configuration(database, texts["argument"], texts["environment"], clock)


def _can_be_shown(name: str, text: str) -> bool:
    info = SETTINGS.get(name)
    return info is None or info.kind != "number" or is_plain_number(text.strip())
