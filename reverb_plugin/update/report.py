"""How the last update ended, for people."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reverb_plugin.update.recover import FOLDER, LAST, Outcome, Step

DOING = {
    Step.PREPARING: "it was being prepared",
    Step.DOWNLOADING: "it was being downloaded",
    Step.HOLDING: "sending was being held",
    Step.BACKING_UP: "the database was being backed up",
    Step.TRYING: "it was being tried on a copy of the database",
    Step.GUARDING: "the installed files were being kept safe",
    Step.INSTALLING: "pip was installing it",
    Step.MIGRATING: "the database was being migrated",
    Step.ENDING: "it was done and being tidied up",
}


@dataclass(frozen=True, slots=True)
class Report:
    """One update's end.

    ``cause`` says why it was broken off, "" when it was not. ``backup`` is the database from before a new
    version, "" when there is none.
    """

    outcome: Outcome
    version_before: str
    version_after: str
    step: Step
    cause: str
    backup: str
    ended_at: datetime

    @property
    def words(self) -> str:
        """What happened, in a sentence or two."""
        if self.outcome is Outcome.INSTALLED:
            return f"Updated from {self.version_before} to {self.version_after}."
        back = "are in place again" if self.outcome is Outcome.RESTORED else "were not touched"
        to = f" to {self.version_after}" if self.version_after else ""
        version = f"Version {self.version_before}" if self.version_before else "The installed version"
        return (
            f"The update{to} was broken off while {DOING[self.step]}: {self.cause.rstrip('.')}. "
            f"{version} and its database {back}."
        )


def find_report(data_folder: Path) -> Report | None:
    """How the last update ended; None when there was none, or what it left cannot be read."""
    try:
        return read_report(json.loads((data_folder / FOLDER / LAST).read_text()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_report(content: dict[str, Any]) -> Report:
    """The report as it was left; raises ValueError, KeyError or TypeError when it is none."""
    return Report(
        Outcome(content["outcome"]),
        str(content["version_before"]),
        str(content["version_after"]),
        Step(content["step"]),
        str(content["cause"]),
        str(content["backup"]),
        datetime.fromisoformat(content["ended_at"]),
    )
