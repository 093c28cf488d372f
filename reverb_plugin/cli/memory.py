"""The plugin's database, opened without a shop."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from reverb_plugin.clock import Clock
from reverb_plugin.configuration import Configuration
from reverb_plugin.places import data_folder
from reverb_plugin.settings import get_info
from reverb_plugin.store.store import Store, open_store


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered for the environment in force, and the settings as this process sees them.

    Settings that the shop's own code gives to ``configure`` are not seen from here.
    """

    store: Store
    configuration: Configuration
    clock: Clock


@contextmanager
def opened(data_dir: str | None) -> Iterator[Memory]:
    """The database in ``data_dir``, closed at the end.

    Raises:
        StoreError: it cannot be used.
    """
    clock = Clock()
    store = open_store(data_folder(data_dir), get_info("environment").default, clock)
    try:
        configuration = Configuration(store, {}, os.environ, clock)
        yield Memory(store.of(configuration.load().values.environment), configuration, clock)
    finally:
        store.close()
