"""The plugin's database, opened without a shop."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from reverb_plugin.clock import Clock
from reverb_plugin.configuration import Configuration
from reverb_plugin.errors import StoreError
from reverb_plugin.places import data_folder
from reverb_plugin.settings import get_info
from reverb_plugin.store.store import FILE_NAME, Store, open_store
from reverb_plugin.update.recover import recover_if_needed


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered for the environment in force, and the settings as this process sees them.

    Settings that the shop's own code gives to ``configure`` are not seen from here. When there is no database yet,
    ``is_recorded`` is False and all is empty; ``path`` is where it is or will be.
    """

    store: Store
    configuration: Configuration
    clock: Clock
    path: Path
    is_recorded: bool = True


@contextmanager
def opened(data_dir: str | None) -> Iterator[Memory]:
    """The database in ``data_dir``, closed at the end. It is not made: who only looks leaves no traces.

    On a fresh install there is none in the default folder: that is told, and memory is empty.

    Raises:
        StoreError: it cannot be used, or there is none in a folder that was named.
    """
    folder = data_folder(data_dir)
    if not _is_missing(folder / FILE_NAME):
        with _memory(folder) as memory:
            yield memory
        return
    if data_dir is not None:
        raise StoreError(f"There is no database in {folder}; nothing has been recorded there")
    click.echo(f"Nothing has been recorded in {folder} yet.", err=True)
    with TemporaryDirectory() as empty, _memory(Path(empty)) as memory:
        yield replace(memory, path=folder / FILE_NAME, is_recorded=False)


@contextmanager
def made(data_dir: str | None) -> Iterator[Memory]:
    """The database in ``data_dir``, made when there is none, closed at the end.

    Raises:
        StoreError: it cannot be used.
    """
    with _memory(data_folder(data_dir)) as memory:
        yield memory


@contextmanager
def _memory(folder: Path) -> Iterator[Memory]:
    try:
        recover_if_needed(folder)
    except OSError as error:
        raise StoreError(f"What an update left behind cannot be put right by this user: {error}") from error
    clock = Clock()
    store = open_store(folder, get_info("environment").default, clock)
    try:
        configuration = Configuration(store, {}, os.environ, clock)
        yield Memory(store.of(configuration.load().values.environment), configuration, clock, store.path)
    finally:
        store.close()


def _is_missing(path: Path) -> bool:
    """Whether there is no such file; any other trouble with it is told by opening it."""
    try:
        path.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False
