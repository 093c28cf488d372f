"""What is remembered of the package index, in a small file beside the database. What cannot be read never was."""

import dataclasses
import fcntl
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from packaging.version import Version

from reverb_plugin.errors import UpdateError
from reverb_plugin.update.changelog import Group, Section
from reverb_plugin.update.offer import Offer, PassedOver
from reverb_plugin.update.recover import open_private

FILE_NAME = "update.json"
FORM = 1
MOST_BYTES = 1_000_000
LATEST = timedelta(days=1)
"""How far ahead a moment of the past may lie before the clock must have been set back."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """What the last looks at the index brought, and what a person said to it.

    ``began_at`` is when the index was first to be looked at, ``due_at`` when it is to be looked at next. ``checked_at``
    is of the last look, ``succeeded_at`` of the last that brought an answer; ``failure`` says why a later one did not.
    ``newest_seen`` is the newest release that the index listed, last at ``newest_seen_at``.
    """

    index_url: str
    began_at: datetime
    due_at: datetime
    checked_at: datetime | None = None
    succeeded_at: datetime | None = None
    failure: str = ""
    newest_seen: str = ""
    newest_seen_at: datetime | None = None
    offer: Offer | None = None
    passed_over: tuple[PassedOver, ...] = ()
    skipped: str = ""
    remind_at: datetime | None = None


def read_state(folder: Path, now: datetime) -> State | None:
    """What is remembered in ``folder``; None when it is nothing, or nothing that can be used."""
    try:
        with (folder / FILE_NAME).open("rb") as file:
            state = _from_json(json.loads(file.read(MOST_BYTES)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        logger.debug("What was known of newer versions cannot be read: %s", error)
        return None
    past = (state.began_at, state.checked_at, state.succeeded_at, state.newest_seen_at)
    return state if all(moment is None or moment <= now + LATEST for moment in past) else None


def change_state(folder: Path, now: datetime, change: Callable[[State | None], State]) -> State:
    """Replaces what is remembered, one process after the other; what is remembered then.

    Raises:
        UpdateError: the file cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(folder):
            before = read_state(folder, now)
            state = change(before)
            if state != before:
                _write(folder, json.dumps(_to_json(state), indent=1))
            return state
    except OSError as error:
        raise UpdateError(f"{folder / FILE_NAME} cannot be written: {error}") from error


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with _open(folder / f"{FILE_NAME}.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(folder: Path, text: str) -> None:
    """All of it or nothing, however it ends."""
    new = folder / f"{FILE_NAME}.new"
    with _open(new) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(folder / FILE_NAME)


def _open(path: Path) -> TextIO:
    return os.fdopen(open_private(path, os.O_WRONLY | os.O_TRUNC), "w", encoding="utf-8")


def _to_json(state: State) -> Mapping[str, object]:
    fields = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in dataclasses.asdict(state).items()
    }
    return {"form": FORM, **fields}


def _from_json(content: Any) -> State:
    if content["form"] != FORM:
        raise ValueError(f"its form is {content['form']}")
    offer = content["offer"]
    state = State(
        index_url=str(content["index_url"]),
        began_at=_aware(content["began_at"]),
        due_at=_aware(content["due_at"]),
        checked_at=_moment(content["checked_at"]),
        succeeded_at=_moment(content["succeeded_at"]),
        failure=str(content["failure"]),
        newest_seen=str(content["newest_seen"]),
        newest_seen_at=_moment(content["newest_seen_at"]),
        offer=None if offer is None else _offer(offer),
        passed_over=tuple(map(_passed_over, content["passed_over"])),
        skipped=str(content["skipped"]),
        remind_at=_moment(content["remind_at"]),
    )
    for version in (state.newest_seen, state.skipped):
        Version(version or "0")
    return state


def _moment(text: str | None) -> datetime | None:
    return None if text is None else _aware(text)


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return moment


def _offer(content: Any) -> Offer:
    return Offer(
        version=str(Version(content["version"])),
        sections=tuple(map(_section, content["sections"])),
        is_security=content["is_security"] is True,
        needs_migration=content["needs_migration"] is True,
        adds=tuple(map(str, content["adds"])),
    )


def _passed_over(content: Any) -> PassedOver:
    return PassedOver(str(Version(content["version"])), str(content["reason"]))


def _section(content: Any) -> Section:
    groups = (Group(str(each["title"]), tuple(map(str, each["entries"]))) for each in content["groups"])
    return Section(str(Version(content["version"])), str(content["released"]), tuple(groups))
