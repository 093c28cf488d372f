"""What there is to say of newer versions: a value for the page, the command line, the checks and the bundle."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from packaging.version import Version

from reverb_plugin.settings import Settings
from reverb_plugin.texts import counted, duration
from reverb_plugin.update.environment import find_manager
from reverb_plugin.update.manager import Manager
from reverb_plugin.update.offer import Offer, PassedOver
from reverb_plugin.update.state import State, read_state
from reverb_plugin.version import __version__

STALE_AFTER = timedelta(days=14)
"""An index that gives nothing new for so long may be kept from us on purpose: the attack that TUF calls a freeze."""


HIDDEN = {
    "": "",
    "skipped": " (you skip it)",
    "later": " (you are reminded later)",
    "off": " (newer versions are not looked for)",
}


@dataclass(frozen=True, slots=True)
class UpdateNotice:
    """A newer version that can be had.

    ``command`` gets it here. ``can_install`` is whether the plugin may install it itself; ``why_not`` otherwise.
    """

    offer: Offer
    command: str
    can_install: bool
    why_not: str

    @property
    def version(self) -> str:
        """The newer version."""
        return self.offer.version

    @property
    def words(self) -> str:
        """What it means, in a sentence or two."""
        words = ["It mends a security problem."] if self.offer.is_security else []
        count = sum(len(group.entries) for section in self.offer.sections for group in section.groups)
        if count:
            words.append(f"{counted(count, 'change')} since {__version__}.")
        if self.offer.needs_migration:
            words.append("The database is brought to a new form while it is installed.")
        if self.offer.adds:
            words.append(f"It needs what is not installed yet: {', '.join(self.offer.adds)}.")
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class UpdateStatus:
    """How things stand with newer versions.

    ``notice`` is what waits; ``hidden`` says why nobody is to be told of it for now: ``skipped``, ``later``, ``off`` or
    "". ``stale_words`` say that no look at the index has succeeded for too long, "" when one has.
    ``passed_over`` are newer releases that this environment cannot take.
    """

    current: str
    is_on: bool
    notice: UpdateNotice | None = None
    hidden: str = ""
    checked_at: datetime | None = None
    succeeded_at: datetime | None = None
    failure: str = ""
    stale_words: str = ""
    passed_over: tuple[PassedOver, ...] = field(default=())

    @property
    def prompt(self) -> UpdateNotice | None:
        """What a person is to be told of."""
        return None if self.hidden else self.notice

    @property
    def words(self) -> str:
        """How things stand, in one line."""
        if self.notice is not None:
            kind = ", a security update" if self.notice.offer.is_security else ""
            return f"{self.notice.version} is there{kind}{HIDDEN[self.hidden]}"
        if not self.is_on:
            return "newer versions are not looked for"
        if self.succeeded_at is None:
            return f"newer versions were not looked for yet{f': {self.failure}' if self.failure else ''}"
        return f"{self.passed_over[0].version} is there, but not for here" if self.passed_over else "the newest"

    def as_facts(self) -> Mapping[str, object]:
        """All of it for JSON."""
        facts = dataclasses.asdict(self)
        for name in ("checked_at", "succeeded_at"):
            facts[name] = facts[name] and facts[name].isoformat()
        return facts | {"words": self.words}


def read_status(folder: Path, settings: Settings, now: datetime) -> UpdateStatus:
    """How things stand after the last look; nothing is asked of anybody."""
    return make_status(read_state(folder, now), settings, now, lambda: find_manager(folder, settings.update_index_url))


def make_status(state: State | None, settings: Settings, now: datetime, manager: Callable[[], Manager]) -> UpdateStatus:
    """The state in the light of the settings and of the version that runs; another index's is none."""
    if state is None or state.index_url != settings.update_index_url:
        return UpdateStatus(__version__, settings.update_check)
    offer = state.offer if state.offer is not None and Version(state.offer.version) > Version(__version__) else None
    return UpdateStatus(
        current=__version__,
        is_on=settings.update_check,
        notice=None if offer is None else make_notice(offer, manager()),
        hidden="" if offer is None else _hidden(state, offer, settings, now),
        checked_at=state.checked_at,
        succeeded_at=state.succeeded_at,
        failure=state.failure,
        stale_words=_stale_words(state, now) if settings.update_check else "",
        passed_over=tuple(each for each in state.passed_over if Version(each.version) > Version(__version__)),
    )


def make_notice(offer: Offer, manager: Manager) -> UpdateNotice:
    """The offer, and how it can be had here."""
    return UpdateNotice(offer, manager.command_for(offer.version), manager.can_install, manager.words)


def _hidden(state: State, offer: Offer, settings: Settings, now: datetime) -> str:
    if not settings.update_check:
        return "off"
    if state.skipped and Version(state.skipped) == Version(offer.version):
        return "skipped"
    return "later" if state.remind_at is not None and now < state.remind_at else ""


def _stale_words(state: State, now: datetime) -> str:
    age = now - max(filter(None, (state.began_at, state.succeeded_at)))
    if age <= STALE_AFTER:
        return ""
    failure = f" The last time: {state.failure}" if state.failure else ""
    return f"Newer versions could not be looked for in {duration(age.total_seconds())}.{failure}"
