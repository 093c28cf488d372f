"""Starting, watching and stopping a mass sync: what the command line and the page call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from reverb_plugin.clock import Clock
from reverb_plugin.errors import RunActiveError, RunError, RunNeedsConfirmationError, RunTooSoonError
from reverb_plugin.settings import Settings

if TYPE_CHECKING:
    from reverb_plugin.store.run_store import RunStore
    from reverb_plugin.store.runs import Run

MASS_SYNC, DRIFT_CHECK = "mass sync", "drift check"  # as store.runs names them, which is loaded when it is used
WRITES = ("create", "update", "end")
LOOKED_AT = ("update", "end")
"""Somebody saw the plan: the listings of these rows are read once more, each before its write."""

OVER = ("done", "failed", "moved", "aside")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    ``counts`` are the rows for each action, ``requests`` what sending the whole plan costs, ``rate`` the rows done in
    a minute, ``left_seconds`` how long the rest takes; None while nothing can be said.
    """

    run: "Run"
    counts: Mapping[str, int]
    requests: int
    done: int
    failed: int
    moved: int
    aside: int
    left: int
    rate: float
    left_seconds: float | None

    def __str__(self) -> str:
        return (
            f"The {self.run.kind} {self.run.id}, started by {self.run.started_by}, is {self.run.state}: "
            f"{self.done} done, {self.failed} failed, {self.left} left."
        )


class MassSync:
    """The mass syncs and drift checks of a shop.

    Args:
        store: gives the runs of the environment in force.
        settings: gives the settings in force.
        clock: what time it is.
        started_by: how this process is named to people whose start is refused.
    """

    def __init__(
        self,
        store: "Callable[[], RunStore]",
        settings: Callable[[], Settings],
        clock: Clock,
        started_by: str,
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._started_by = started_by

    def preview(self) -> int:
        """Begins to make a plan that can be looked at and applied later; its number.

        Raises:
            RunActiveError: another run is under way.
        """
        return self._start(MASS_SYNC, apply=False, confirmed=False)

    def start(self, *, confirmed: bool = False) -> int:
        """Begins to make a plan and applies it at once, unless the brake holds it; its number.

        Raises:
            RunActiveError: another run is under way.
            RunTooSoonError: the last one was not long ago.
        """
        self._check_pause()
        return self._start(MASS_SYNC, apply=True, confirmed=confirmed)

    def check_drift(self) -> int:
        """Begins to compare without writing; its number.

        Raises:
            RunActiveError: another run is under way.
        """
        return self._start(DRIFT_CHECK, apply=False, confirmed=False)

    def apply(self, run_id: int, *, confirmed: bool = False) -> None:
        """Begins to send exactly what the plan shows.

        Raises:
            RunError: there is no such plan, or it was applied already.
            RunNeedsConfirmationError: the brake holds it.
            RunActiveError: another run is under way.
            RunTooSoonError: the last one was not long ago.
        """
        run = self._store().find(run_id)
        if run is None or run.kind != MASS_SYNC or run.state != "planned":
            raise RunError(f"There is no plan {run_id} that can be applied.")
        if run.brake is not None and not confirmed:
            raise RunNeedsConfirmationError(run.brake)
        self._check_pause()
        if not self._store().apply(run_id, confirmed=confirmed):
            raise self._active_error()

    def pause(self) -> None:
        """Holds the run that is being applied; raises :class:`RunError` when none is."""
        self._change(self._active("applying"), "paused")

    def resume(self) -> int:
        """Goes on with the run that is paused, or whose steps met an error too often; its number.

        Raises:
            RunError: no run is under way.
        """
        run = self._active()
        if run.state == "paused":
            self._change(run, "applying")
        self._store().take_up(run.id)
        return run.id

    def cancel(self) -> None:
        """Ends the run that is under way for good; raises :class:`RunError` when none is."""
        self._change(self._active(), "cancelled", message=f"Cancelled by {self._started_by}.")

    def find_active(self) -> Progress | None:
        """The run that is under way."""
        run = self._store().find_active()
        return None if run is None else self.progress(run)

    def progress(self, run: "Run") -> Progress:
        """How far a run is."""
        counts = self._store().row_counts(run.id)
        states = dict.fromkeys(("planned", "queued", *OVER), 0)
        actions: dict[str, int] = {}
        for (action, state), number in counts.items():
            actions[action] = actions.get(action, 0) + number
            if action in WRITES:
                states[state] += number
        over = sum(states[state] for state in OVER)
        left = states["planned"] + states["queued"]
        requests = self._store().count_requests(run.id)
        if run.state == "planned" or not run.apply_when_planned:
            requests += sum(actions.get(action, 0) for action in LOOKED_AT)
        rate, left_seconds = self._rate(run, over, left, requests)
        return Progress(
            run,
            actions,
            requests,
            states["done"],
            states["failed"],
            states["moved"],
            states["aside"],
            left,
            rate,
            left_seconds,
        )

    def _rate(self, run: "Run", over: int, left: int, requests: int) -> tuple[float, float | None]:
        allowed = self._settings().requests_per_minute
        if run.planned_at is None:
            return 0.0, None
        if run.state != "applying" or run.applied_at is None or not over:
            return 0.0, requests * 60 / allowed * left / max(left + over, 1)
        minutes = (self._clock.now() - run.applied_at).total_seconds() / 60
        rate = over / minutes if minutes > 0 else float(allowed)
        return rate, left * 60 / rate

    def _start(self, kind: str, *, apply: bool, confirmed: bool) -> int:
        run_id = self._store().start(kind, self._started_by, apply=apply, confirmed=confirmed)
        if run_id is None:
            raise self._active_error()
        return run_id

    def _active_error(self) -> RunActiveError:
        active = self.find_active()
        return RunActiveError(str(active) if active is not None else None)

    def _active(self, *states: str) -> "Run":
        run = self._store().find_active()
        if run is None or (states and run.state not in states):
            raise RunError(f"No mass sync is {' or '.join(states) or 'under way'} now.")
        return run

    def _change(self, run: "Run", state: str, *, message: str = "") -> None:
        if not self._store().change_state(run.id, state, message=message):
            raise RunError(f"The {run.kind} {run.id} has ended meanwhile.")

    def _check_pause(self) -> None:
        pause = timedelta(hours=self._settings().mass_sync_pause_hours)
        last_at = self._store().find_last_applied_at(MASS_SYNC)
        if last_at is not None and last_at + pause > self._clock.now():
            again = (last_at + pause).strftime("%Y-%m-%d %H:%M UTC")
            raise RunTooSoonError(f"The last mass sync began {last_at:%Y-%m-%d %H:%M} UTC; wait until {again}.")
