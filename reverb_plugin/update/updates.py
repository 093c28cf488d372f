"""Looking for newer versions: once a day in the background, or now because a person asks."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from packaging.version import InvalidVersion, Version

from reverb_plugin.clock import Clock
from reverb_plugin.errors import IndexRefusedError, UpdateError
from reverb_plugin.guard import swallowed
from reverb_plugin.settings import Settings
from reverb_plugin.update.environment import find_here
from reverb_plugin.update.fetch import Fetcher
from reverb_plugin.update.index import ReleaseFile
from reverb_plugin.update.notice import UpdateStatus, read_status
from reverb_plugin.update.offer import Choice, Here, choose, newest_version
from reverb_plugin.update.state import State, change_state, read_state
from reverb_plugin.update.wheel import WheelFacts, read_wheel

EVERY = timedelta(days=1)
FIRST_AFTER = timedelta(hours=1)
"""A shop that was just set up has other things to do, and a trial of an hour asks nobody."""

SPREAD_SECONDS = 3600.0
"""Up to so much later, so that not all shops ask at the same moment."""

REMIND_AFTER = timedelta(days=7)
FORGET_AFTER = timedelta(days=14)
"""How long a release that vanished from the index is missed; then the index is believed again."""

logger = logging.getLogger(__name__)


class Updates:
    """Newer versions of the plugin itself.

    Args:
        folder: the data folder, where what is known is kept.
        settings: the settings in force.
        clock: what time it is.
        fetcher: the way to the index; by default a real one.
        here: looks at this environment.
    """

    def __init__(
        self,
        folder: Path,
        settings: Callable[[], Settings],
        clock: Clock,
        fetcher: Fetcher | None = None,
        here: Callable[[], Here] = find_here,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._clock = clock
        self._fetcher = fetcher or Fetcher(clock)
        self._here = here
        self._thread: threading.Thread | None = None

    def status(self) -> UpdateStatus:
        """How things stand after the last look; nothing is asked of anybody."""
        return read_status(self._folder, self._settings(), self._clock.now())

    def tend(self) -> None:
        """Looks at the index when that is due, in a thread of its own; fails without a word, an outage too."""
        settings = self._settings()
        if not settings.update_check or not settings.update_index_url:
            return
        try:
            is_due = self._take_turn(settings.update_index_url)
        except UpdateError as error:
            logger.debug("%s", error.message)
            return
        if is_due:
            self.begin()

    @property
    def is_looking(self) -> bool:
        """Whether this process is asking the index."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self) -> None:
        """Asks the index in a thread of its own, unless it is being asked; what comes out is in the status then."""
        if self.is_looking:
            return
        thread = threading.Thread(target=self._look_quietly, name="reverb-plugin-updates", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            logger.debug("No thread can be started to look for newer versions: %s", error)
            return
        self._thread = thread

    def wait(self, seconds: float) -> None:
        """Waits for a look that is under way, so long at most: before a process ends that was started for a while."""
        if self._thread is not None:
            self._thread.join(max(seconds, 0.0))

    def check(self) -> UpdateStatus:
        """Looks at the index now; what came out.

        Raises:
            UpdateError: the index gave no answer, or none that can be used, or what came out cannot be kept.
        """
        self.look()
        return self.status()

    def look(self) -> Choice:
        """What the index has for this environment, now; it is kept as :meth:`check` does, and raises the same."""
        url = self._settings().update_index_url
        if not url:
            raise IndexRefusedError("What was given as package index cannot be used, and no other is asked instead")
        try:
            choice = self._choose(url)
        except UpdateError as error:
            message = error.message
            self._keep(url, lambda state: replace(state, failure=message))
            raise
        return choice

    def skip(self, version: str) -> None:
        """Says no more of this version, but of a newer one.

        Raises:
            UpdateError: that is no version, or it cannot be kept.
        """
        try:
            skipped = str(Version(version))
        except InvalidVersion:
            raise UpdateError(f"{version!r} is no version, such as 1.2.3") from None
        self._change(lambda state: replace(state, skipped=skipped))

    def remind_later(self) -> None:
        """Says no more of what waits for a week, but then; raises :class:`UpdateError` when that cannot be kept."""
        self._change(lambda state: replace(state, skipped="", remind_at=self._clock.now() + REMIND_AFTER))

    def _look_quietly(self) -> None:
        try:
            self.look()
        except UpdateError as error:
            logger.debug("Newer versions cannot be looked for: %s", error.message)
        except Exception as error:
            swallowed(error)
            logger.exception("Looking for newer versions failed")

    def _take_turn(self, url: str) -> bool:
        """Whether a look is due; then the next one is due tomorrow, whatever comes out and whoever asks."""
        known = read_state(self._folder, self._clock.now())
        if known is not None and known.index_url == url and not _is_due(known, self._clock.now()):
            return False
        is_ours = False

        def take(state: State) -> State:
            nonlocal is_ours
            is_ours = _is_due(state, self._clock.now())
            return self._postpone(state) if is_ours else state

        self._change(take)
        return is_ours

    def _choose(self, url: str) -> Choice:
        page = self._fetcher.get_page(url)
        newest = newest_version(page)
        self._refuse_to_go_back(url, newest)
        choice = choose(page, self._here(), self._read)
        now = self._clock.now()
        self._keep(
            url,
            lambda state: replace(
                state,
                succeeded_at=now,
                failure="",
                newest_seen=str(newest or ""),
                newest_seen_at=now,
                offer=choice.offer,
                passed_over=choice.passed_over,
            ),
        )
        return choice

    def _refuse_to_go_back(self, url: str, newest: Version | None) -> None:
        """An index that no longer lists what it did may be replayed by somebody who wants us to stay behind."""
        known, now = read_state(self._folder, self._clock.now()), self._clock.now()
        if known is None or known.index_url != url or known.newest_seen_at is None or not known.newest_seen:
            return
        believed_at = known.newest_seen_at + FORGET_AFTER
        if now < believed_at and (newest is None or newest < Version(known.newest_seen)):
            raise IndexRefusedError(
                f"The package index listed version {known.newest_seen} on {known.newest_seen_at:%Y-%m-%d} and does not "
                f"any more. It is not believed before {believed_at:%Y-%m-%d} unless it lists that version again"
            )

    def _read(self, file: ReleaseFile) -> WheelFacts:
        return read_wheel(self._fetcher.get_file(file), file)

    def _keep(self, url: str, change: Callable[[State], State]) -> None:
        now = self._clock.now()
        self._change(lambda state: self._postpone(replace(change(state), checked_at=now)), url)

    def _change(self, change: Callable[[State], State], url: str | None = None) -> State:
        now, index_url = self._clock.now(), url or self._settings().update_index_url

        def changed(state: State | None) -> State:
            if state is None or state.index_url != index_url:
                state = State(index_url, began_at=now, due_at=now + FIRST_AFTER)
            return change(state)

        return change_state(self._folder, now, changed)

    def _postpone(self, state: State) -> State:
        later = EVERY + timedelta(seconds=SPREAD_SECONDS * self._clock.random())
        return replace(state, due_at=self._clock.now() + later)


def _is_due(state: State, now: datetime) -> bool:
    """Whether it is time, or the clock was set back since."""
    return not timedelta() < state.due_at - now <= EVERY + timedelta(seconds=SPREAD_SECONDS)
