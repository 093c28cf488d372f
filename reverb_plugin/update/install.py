"""Installs a release: step by step, each noted before it begins, and with the old version back whenever one fails."""

import json
import os
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from reverb_plugin.clock import Clock
from reverb_plugin.errors import PluginError, UpdateError, UpdateFailedError
from reverb_plugin.store.backup import NAME as BACKUP_NAME
from reverb_plugin.store.backup import back_up
from reverb_plugin.store.store import FILE_NAME, Store
from reverb_plugin.update import journal, recover, snapshot
from reverb_plugin.update.fetch import Fetcher
from reverb_plugin.update.hold import held
from reverb_plugin.update.index import ReleaseFile
from reverb_plugin.update.journal import Journal
from reverb_plugin.update.pip import Child, clean_environ, environ_of_ours, install_arguments, run_leashed, run_trial
from reverb_plugin.update.plan import Plan
from reverb_plugin.update.recover import Step
from reverb_plugin.update.report import Report, read_report

PROBE = "reverb_plugin.update.probe"


def install(plan: Plan, store: Store, fetcher: Fetcher, clock: Clock, tell: Callable[[Step], None]) -> Report:
    """Does what the plan says; ``tell`` hears of each step as it begins.

    Raises:
        UpdateError: it was not begun.
        UpdateFailedError: it failed; the version and the database from before are in place.
    """
    if plan.objections:
        raise UpdateError(". ".join(plan.objections))
    with journal.opened(plan.spot.data_folder) as notes:
        if (notes.folder / recover.JOURNAL).exists():
            recover.end(notes.folder, "its process ended in the midst of it")
        return _Installation(plan, notes, store, fetcher, clock, tell).run()


class _Installation:
    def __init__(
        self,
        plan: Plan,
        notes: Journal,
        store: Store,
        fetcher: Fetcher,
        clock: Clock,
        tell: Callable[[Step], None],
    ) -> None:
        self._plan = plan
        self._spot = plan.spot
        self._notes = notes
        self._store = store
        self._fetcher = fetcher
        self._clock = clock
        self._tell = tell
        self._backup = plan.spot.data_folder / BACKUP_NAME
        self._files: tuple[ReleaseFile, ...] = (plan.file, *plan.additions)

    def run(self) -> Report:
        try:
            self._begin(
                Step.PREPARING, version_before=self._plan.version_before, version_after=self._plan.offer.version
            )
            self._download()
            self._begin(Step.HOLDING)
            with held(self._store, self._clock) if self._spot.database is not None else nullcontext():
                self._replace()
        except BaseException as error:
            report = read_report(recover.end(self._notes.folder, _words(error), has_failed=True))
            if report.outcome is recover.Outcome.INSTALLED:
                return report  # only the tidying up failed
            raise UpdateFailedError(report.words) from error
        return read_report(recover.end(self._notes.folder, ""))

    def _begin(self, step: Step, **facts: object) -> None:
        self._notes.note(step, **facts)
        self._tell(step)

    def _download(self) -> None:
        self._begin(Step.DOWNLOADING)
        wheels = self._notes.place("wheels")
        for file in self._files:
            self._fetcher.save_file(file, wheels / file.filename)

    def _replace(self) -> None:
        self._back_up()
        self._try_out()
        self._guard()
        self._begin(Step.INSTALLING)
        snapshot.spare_commands(self._spot.purelib, self._spot.entries)
        wheels, temporary = self._notes.place("wheels"), self._notes.place("temporary")
        pip = Child("pip", install_arguments(wheels, self._files), clean_environ(temporary))
        run_leashed(pip, self._notes, self._spot.purelib)
        os.sync()  # the new files, before the database says that they count
        self._begin(Step.MIGRATING)
        migration = Child(PROBE, ["migrate", str(self._spot.data_folder)], environ_of_ours(temporary))
        self._check(run_leashed(migration, self._notes, self._spot.purelib))
        self._begin(Step.ENDING)

    def _back_up(self) -> None:
        if self._spot.database is None:
            self._begin(Step.BACKING_UP)
        else:
            self._begin(Step.BACKING_UP, backup=self._backup)
            back_up(self._spot.database, self._backup)

    def _try_out(self) -> None:
        self._begin(Step.TRYING)
        stage, trial = self._notes.place("stage"), self._notes.place("trial")
        for file in self._files:
            with zipfile.ZipFile(self._notes.place("wheels") / file.filename) as wheel:
                wheel.extractall(stage)
        if self._spot.database is not None:
            back_up(self._backup, trial / FILE_NAME)
        probe = Child(PROBE, ["try", str(trial)], environ_of_ours(self._notes.place("temporary")))
        self._check(run_trial(probe, stage))

    def _check(self, printed: str) -> None:
        """What the probe prints last."""
        found = json.loads(printed.splitlines()[-1])
        wanted = {"version": self._plan.offer.version, "head": self._plan.facts.schema_head}
        if found != wanted:
            raise UpdateError(f"it says that it is {found}, and should be {wanted}")

    def _guard(self) -> None:
        files = [_names(self._notes.place("wheels") / file.filename) for file in self._files]
        self._begin(
            Step.GUARDING,
            purelib=self._spot.purelib,
            entries=list(self._spot.entries),
            added=list(snapshot.find_added(files, self._spot.purelib)),
            database=self._spot.data_folder / FILE_NAME,
            head_before=self._spot.head,
            head_after=None if self._spot.database is None else self._plan.facts.schema_head,
        )
        snapshot.guard(self._spot.purelib, self._spot.entries, self._notes.folder)


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as opened:
        return opened.namelist()


def _words(error: BaseException) -> str:
    match error:
        case PluginError():
            return error.message
        case KeyboardInterrupt():
            return "it was interrupted"
    return f"{type(error).__name__}: {error}"
