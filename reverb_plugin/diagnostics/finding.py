"""What a check found: how it stands, the cause in one sentence, and one next step."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How a check ended: all is well, something is worth a look, or something does not work."""

    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says: ``cause`` is one sentence, ``next_step`` one thing to do, empty when all is well."""

    status: Status
    cause: str
    next_step: str = ""


def passed(text: str) -> Verdict:
    """All is well."""
    return Verdict(Status.PASS, text)


def warned(cause: str, next_step: str) -> Verdict:
    """Worth a look."""
    return Verdict(Status.WARN, cause, next_step)


def failed(cause: str, next_step: str) -> Verdict:
    """Something does not work."""
    return Verdict(Status.FAIL, cause, next_step)


class MootError(Exception):
    """The check cannot be made, or makes no sense here; the message says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict of one check. ``code`` never changes its meaning; ``docs`` is its place in the documentation.

    ``repair`` are the words of what can be done about it here, empty when nothing can.
    """

    code: str
    name: str
    status: Status
    cause: str
    next_step: str
    docs: str
    repair: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A check that was not made, and why."""

    code: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """All findings: what failed first, in the order of causes, so that the first one is the root.

    ``is_offline`` says that nobody else was asked.
    """

    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    checked_at: datetime
    is_offline: bool

    def of(self, status: Status) -> tuple[Finding, ...]:
        """The findings that ended so."""
        return tuple(finding for finding in self.findings if finding.status is status)

    @property
    def first_cause(self) -> Finding | None:
        """What to look at first; None when all is well."""
        return next((finding for finding in self.findings if finding.status is not Status.PASS), None)


def report_as_json(report: Report) -> dict[str, Any]:
    """What JSON can say of it; :func:`read_report` reads it back."""
    return {
        "checked_at": report.checked_at.isoformat(),
        "offline": report.is_offline,
        "findings": [asdict(finding) for finding in report.findings],
        "skipped": [asdict(skipped) for skipped in report.skipped],
    }


def read_report(content: Mapping[str, Any]) -> Report:
    """The report that was written so; raises KeyError, TypeError or ValueError for anything else."""
    findings = tuple(Finding(**each | {"status": Status(each["status"])}) for each in content["findings"])
    skipped = tuple(Skipped(**each) for each in content["skipped"])
    return Report(findings, skipped, datetime.fromisoformat(content["checked_at"]), bool(content["offline"]))
