"""The settings in force: read from their sources, kept for a moment, saved when a person enters them."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from reverb_plugin.changes import Change, Reason
from reverb_plugin.clock import Clock
from reverb_plugin.errors import InvalidSettingError, StoreError
from reverb_plugin.reverb_api.conditions import CONDITIONS, find_condition
from reverb_plugin.settings import LoadedSettings, Settings, get_info, load_settings, show
from reverb_plugin.sync.carriers import OTHER, PROVIDERS, find_provider

if TYPE_CHECKING:
    from reverb_plugin.store.store import Store

FRESH_SECONDS = 1.0
"""For how long settings are used before they are read again: another process may have saved some."""


logger = logging.getLogger(__name__)


class Configuration:
    """The settings of one shop.

    Args:
        store: where entered settings are kept.
        arguments: what the host gave to ``configure``.
        environ: the environment variables of the process.
        clock: how old what was read is.
    """

    def __init__(self, store: "Store", arguments: Mapping[str, str], environ: Mapping[str, str], clock: Clock) -> None:
        self._store = store
        self._arguments = arguments
        self._environ = environ
        self._clock = clock
        self._loaded = load_settings(arguments, environ, {})
        self._read_at: float | None = None
        self._told: set[str] = set()

    def load(self) -> LoadedSettings:
        """The settings with their sources, at most a second old.

        Raises:
            StoreError: the database cannot be read.
        """
        # Without a lock: held while the database is waited for, it could meet a hook that a signal handler calls in the
        # midst of a transaction. At worst two threads read the same.
        is_fresh = self._read_at is not None and 0 <= self._clock.monotonic() - self._read_at < FRESH_SECONDS
        return self._loaded if is_fresh else self.reload()

    def reload(self) -> LoadedSettings:
        """The settings as they are now, for a person who may have saved some in another process a moment ago.

        Raises:
            StoreError: the database cannot be read.
        """
        now = self._clock.monotonic()
        self._loaded = load_settings(self._arguments, self._environ, self._store.saved_settings())
        self._read_at = now
        self._tell_problems()
        return self._loaded

    @property
    def last_known(self) -> LoadedSettings:
        """The settings with their sources as they were read last, without a look into the database."""
        return self._loaded

    def with_saved(self, stored: Mapping[str, str]) -> LoadedSettings:
        """The settings with their sources if these texts were the saved ones; without a look into the database."""
        return load_settings(self._arguments, self._environ, stored)

    @property
    def values(self) -> Settings:
        """The settings in force; the last known ones while the database cannot be read."""
        try:
            return self.load().values
        except StoreError:
            return self._loaded.values

    def find_objection(self, change: Change) -> str | None:
        """Why the seller does not want this change to be sent; None when nothing speaks against it.

        Raises:
            StoreError: nobody knows yet what the seller wants: the database could not be read even once.
        """
        if change.reason is not Reason.PRODUCT_SAVED:
            return None
        values = self.values
        if self._read_at is None:
            raise StoreError("the settings could not be read yet")
        return None if values.auto_sync else "the setting auto_sync is off"

    def _tell_problems(self) -> None:
        """Once for each value that cannot be used: a typo must not silently bring a default back."""
        for problem in self._loaded.problems:
            if problem.message not in self._told:
                self._told.add(problem.message)
                logger.warning("A setting is passed over: %s", problem.message)

    def save(self, name: str, text: str | None) -> None:
        """Keeps a setting in the database; None brings its default back.

        Raises:
            InvalidSettingError: there is no such setting, or it cannot have this value.
            StoreError: the database cannot be written.
        """
        self.save_all({name: text})

    def save_all(self, texts: Mapping[str, str | None]) -> None:
        """Keeps several settings, all of them or none; None brings a default back.

        Raises:
            InvalidSettingError: one of them cannot have its value, see :meth:`find_errors`.
            StoreError: the database cannot be written.
        """
        for error in self.find_errors(texts).values():
            raise error
        self._store.save_settings({name: None if text is None else text.strip() for name, text in texts.items()})
        self._read_at = None

    def find_errors(self, texts: Mapping[str, str | None]) -> Mapping[str, InvalidSettingError]:
        """For each setting that cannot be saved so, why not; ``texts`` count as entered together."""
        values: dict[str, object] = {}
        errors: dict[str, InvalidSettingError] = {}
        for name, text in texts.items():
            try:
                values[name] = get_info(name).parse(text) if text is not None else get_info(name).default
            except InvalidSettingError as error:
                errors[name] = error
        words = values.get("condition_map", self.values.condition_map)
        for name, value in values.items():
            try:
                _check_words(name, value, words if isinstance(words, Mapping) else {})
            except InvalidSettingError as error:
                errors[name] = error
        return errors

    def with_texts(self, texts: Mapping[str, str | None]) -> Settings:
        """The settings as they would be in force with these saved.

        Raises:
            InvalidSettingError: one of them cannot have its value.
            StoreError: the database cannot be read.
        """
        for error in self.find_errors(texts).values():
            raise error
        saved = {**self._store.saved_settings(), **texts}
        stored = {name: text for name, text in saved.items() if text is not None}
        return load_settings(self._arguments, self._environ, stored).values

    def change_map(self, name: str, entries: Mapping[str, str | None]) -> None:
        """Changes these entries of a map and leaves the others as they are; None takes one away.

        Raises:
            InvalidSettingError: an entry cannot be meant.
            StoreError: the database cannot be written.
        """
        info = get_info(name)
        _check_words(name, {word: value for word, value in entries.items() if value is not None}, {})

        def change(text: str | None) -> str:
            try:
                whole = {**info.parse(text or "{}"), **entries}
            except InvalidSettingError:  # it is passed over already
                whole = dict(entries)
            return show({word: value for word, value in whole.items() if value is not None})

        self._store.change_setting(name, change)
        self._read_at = None

    def change_list(self, name: str, *, add: str | None = None, remove: str | None = None) -> None:
        """Adds a word to a list, takes one away, and leaves the others as they are.

        Raises:
            StoreError: the database cannot be written.
        """
        info = get_info(name)

        def change(text: str | None) -> str:
            words = [word for word in info.parse(text or "") if word not in {add, remove}]
            return show(tuple(words if add is None else [*words, add]))

        self._store.change_setting(name, change)
        self._read_at = None


def _check_words(name: str, value: object, condition_map: Mapping[str, str]) -> None:
    """Refuses what Reverb does not know, while the person who enters it is still there."""
    if name == "carrier_map" and isinstance(value, Mapping):
        for word in value.values():
            _check_provider(name, word)
    elif name == "default_condition" and isinstance(value, str):
        _check_condition(name, condition_map.get(value, value))
    elif name in {"condition_map", "category_map"} and isinstance(value, Mapping):
        for word in value.values():
            if name == "condition_map":
                _check_condition(name, word)
            else:
                _check_uuid(name, word)


def _check_condition(name: str, word: str) -> None:
    if find_condition(word) is None:
        names = ", ".join(condition.display_name for condition in CONDITIONS)
        raise InvalidSettingError(name, word, f"is no condition of Reverb; these are: {names}")


def _check_provider(name: str, word: str) -> None:
    if find_provider(word, {}) == OTHER != word:
        raise InvalidSettingError(name, word, f"is no carrier of Reverb; these are: {', '.join(PROVIDERS)}")


def _check_uuid(name: str, word: str) -> None:
    try:
        UUID(word)
    except ValueError:
        problem = "is not the uuid of a category; `reverb-plugin categories` lists them"
        raise InvalidSettingError(name, word, problem) from None
