"""The worker: leases due jobs and runs them in a few threads. One process sends at a time.

The threads are daemons and stop when they are told: the host's shutdown never waits for Reverb. What was leased by a
worker that died is taken back when its lease runs out.
"""

import logging
import math
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from reverb_plugin.clock import Clock
from reverb_plugin.errors import PluginError, StoreError
from reverb_plugin.guard import Outage, swallowed
from reverb_plugin.store.store import Store
from reverb_plugin.sync.owner import is_dead
from reverb_plugin.sync.remote import LONGEST_PAUSE_SECONDS, Gate, NotNowError, Patience
from reverb_plugin.sync.run import Workbench, run_job
from reverb_plugin.sync.schedule import start_due_drift_check, start_due_poll
from reverb_plugin.sync.tools import Tools
from reverb_plugin.version import __version__, find_other_version

THREADS = 8
"""Enough for ten requests a second at 300 ms each, with room for slower answers."""

LEASE_SECONDS = 300.0
REQUEST_SECONDS = 90.0
"""Longer than one request takes with its timeouts. None is begun when the lease ends before."""

SENDER_SECONDS = 30.0
HOUSEKEEPING_SECONDS = 10.0
TRIM_SECONDS = 600.0
ORDER_DAYS = 730
"""How long orders are remembered: longer than anybody disputes a sale."""

DRIFT_LOOK_SECONDS = 3600.0
ORDERS_LOOK_SECONDS = 1.0
BESIDE_LOOK_SECONDS = 3600.0
LOOK_SECONDS = 1.0
"""How often to look for what other processes noted."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class DrainReport:
    """What a drain did: how many attempts ended how, what is left, and why it stopped when something is left."""

    outcomes: Counter[str] = field(default_factory=Counter)
    left: int = 0
    parked: int = 0
    seconds: float = 0.0
    stopped_because: str = ""


class Worker:
    """Sends what is in the outbox.

    Args:
        store: the outbox, and the right to send.
        benches: given this worker's patience, gives what makes the workbench for the settings in force.
        clock: what time it is.
        owner: this process's name among those that may send.
        beside: what else is due now and then; called every hour, must come back at once.
        threads: how many requests may be under way at once.
    """

    def __init__(
        self,
        store: Store,
        benches: Callable[[Patience], Callable[[], Workbench]],
        clock: Clock,
        owner: str,
        *,
        beside: Callable[[], object] = lambda: None,
        threads: int = THREADS,
    ) -> None:
        self._store = store
        self._bench = benches(self)
        self._clock = clock
        self._owner = owner
        self._beside = beside
        self._threads = threads
        self._stop = threading.Event()
        self._idle = threading.Condition()
        self._sending = 0
        self._local = threading.local()
        self._deadline = math.inf
        self._not_before = -math.inf
        self._housekeeping_at = -math.inf
        self._trim_at = -math.inf
        self._drift_look_at = -math.inf
        self._orders_look_at = -math.inf
        self._beside_at = -math.inf
        self._orders_first = False
        self._may_send_until = clock.now()
        self._outcomes: Counter[str] = Counter()
        self._waits_because = ""
        self._needs_a_person = False
        self._version = Outage(logger, "This process sends no more", "This process sends again")
        self._reverb = Outage(logger, "Sending to Reverb waits", "Sending to Reverb goes on")

    def tend(self) -> float:
        """One look at everything, and a while of work when there is some; the seconds until the next look is due."""
        wait = LOOK_SECONDS
        try:
            wait = self._tend()
            self.wait_until_idle(min(LOOK_SECONDS, self._time_left()))
        except StoreError as error:  # the database itself says so in the log
            self._waits_because = error.message
        except PluginError as error:
            self._waits_because = error.message
            self._reverb.down(error.message)
        except Exception as error:
            swallowed(error)
            logger.exception("The worker stumbled")
        return wait

    def drain(
        self, timeout_seconds: float, is_enough: Callable[[], bool] = lambda: False, *, keeps_schedule: bool = True
    ) -> DrainReport:
        """Works until the outbox is empty, ``is_enough`` or the time is over; jobs that wait for a person do not count.

        While another process has the right to send, this one waits for it to do the work. Without a token that
        Reverb accepts it ends at once: only a person can help. Without ``keeps_schedule`` nothing is begun that is due.

        Raises:
            StoreError: the database cannot be used.
        """
        started_at = self._clock.monotonic()
        self._deadline = started_at + timeout_seconds
        if not keeps_schedule:
            self._drift_look_at = self._beside_at = math.inf
        while self._time_left() > 0:
            wait = self.tend()
            if self._needs_a_person or self._is_done() or is_enough():
                break
            self._clock.sleep(min(wait, self._time_left()))
        self.stop()
        self.wait_until_idle(1.0)
        status = self._store.queue_status()
        return DrainReport(
            self._outcomes,
            status.pending + status.leased,
            status.parked,
            self._clock.monotonic() - started_at,
            self._waits_because or "the time was over" if status.pending + status.leased else "",
        )

    def stop(self) -> None:
        """Nothing more is begun; what waits for its slot goes back to the queue."""
        self._stop.set()

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Waits for the threads to finish what they have begun; whether they did."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._sending, timeout_seconds)

    def _tend(self) -> float:
        if not self._keep_house():
            self._may_send_until = self._clock.now()
            return LOOK_SECONDS
        self._look_beside()
        gate = self._gate()
        self._waits_because, self._needs_a_person = gate.cause, gate.needs_a_person
        if gate.cause:
            self._reverb.down(gate.cause)
        else:
            self._reverb.up()
            self._look_for_drift(self._bench().tools)
        if not gate.needs_a_person:
            self._look_for_orders(self._bench().tools)
        wait = gate.wait_seconds or max(self._until_due(), self._not_before - self._clock.monotonic())
        if wait <= 0 and self._takes_on(gate) and not self._has_started():
            self._send(most_jobs=1)  # without threads the work is done here, and the house kept in between
        return max(0.0, min(wait, LOOK_SECONDS))

    def _keep_house(self) -> bool:
        """Extends the right to send, takes back lost jobs, trims the log; False when another process sends."""
        now = self._clock.monotonic()
        if now < self._housekeeping_at:
            return True
        if self._is_outdated():
            return False
        claimed_at = self._clock.now()
        if not self._claim():
            self._waits_because = "another process is sending"
            return False
        self._housekeeping_at = now + HOUSEKEEPING_SECONDS
        self._may_send_until = claimed_at + timedelta(seconds=SENDER_SECONDS)
        # Who may not send has no request under way any more when it lasted longer than one can.
        reaped = self._store.reap() + self._store.reap_from_others(self._owner, LEASE_SECONDS - REQUEST_SECONDS)
        if reaped:
            logger.warning("%d jobs of a worker that died are taken up again", reaped)
        self._bench().tools.store.runs.take_up_lost()
        if now >= self._trim_at:
            tools = self._bench().tools
            settings = tools.settings
            self._store.trim_log(settings.log_retention_days, settings.log_retention_rows)
            self._store.runs.trim(settings.log_retention_days)
            self._store.orders.trim_buyers(settings.buyer_data_days)
            self._store.trim_backup(settings.buyer_data_days)
            tools.store.orders.trim(max(ORDER_DAYS, settings.log_retention_days))
            self._trim_at = now + TRIM_SECONDS
        return True

    def _is_outdated(self) -> bool:
        """Whether another version was installed since this process began: it loads what belongs together no more."""
        installed = find_other_version()
        if installed is None:
            self._version.up()
            return False
        self._waits_because = f"version {installed} is installed, this process runs {__version__}: restart it"
        self._version.down(self._waits_because)
        self._store.give_up_sender(self._owner)
        return True

    def _claim(self) -> bool:
        """Takes or keeps the right to send; a process of this machine that is no more need not be waited for."""
        if self._store.claim_sender(self._owner, __version__, SENDER_SECONDS):
            return True
        other = self._store.find_sender()
        if other is None or not is_dead(other.owner):
            return False
        self._store.bury(other.owner)
        return self._store.claim_sender(self._owner, __version__, SENDER_SECONDS)

    def _look_for_drift(self, tools: Tools) -> None:
        """Only while Reverb can be reached: a check that waits would hold up other runs."""
        now = self._clock.monotonic()
        if now >= self._drift_look_at:
            self._drift_look_at = now + DRIFT_LOOK_SECONDS
            start_due_drift_check(tools, self._owner)

    def _look_beside(self) -> None:
        now = self._clock.monotonic()
        if now >= self._beside_at:
            self._beside_at = now + BESIDE_LOOK_SECONDS
            self._beside()

    def _look_for_orders(self, tools: Tools) -> None:
        """Also while Reverb is down, so that this is what goes first when it is back."""
        now = self._clock.monotonic()
        if self._orders_first or now >= self._orders_look_at:
            self._orders_look_at = now + ORDERS_LOOK_SECONDS
            self._orders_first = start_due_poll(tools)

    def _until_due(self) -> float:
        due_at = self._store.next_due_at()
        return LOOK_SECONDS if due_at is None else (due_at - self._clock.now()).total_seconds()

    def _takes_on(self, gate: Gate) -> bool:
        """Makes room for one more sender; False when there are enough: no more than find slots, and one for a probe."""
        pace = self._bench().tools.settings.requests_per_minute
        useful = 1 if gate.cause else math.ceil(pace / 60 * LONGEST_PAUSE_SECONDS)
        with self._idle:
            if self._sending >= min(self._threads, useful):
                return False
            self._sending += 1
            return True

    def _gate(self) -> Gate:
        bench = self._bench()
        return bench.remote.gate(bench.tools.settings.token)

    def _has_started(self) -> bool:
        try:
            threading.Thread(target=self._send, name="reverb-plugin-sender", daemon=True).start()
        except RuntimeError:
            return False
        return True

    def _send(self, most_jobs: float = math.inf) -> None:
        try:
            while most_jobs > 0 and self._may_send() and self._send_next():
                most_jobs -= 1
        except StoreError as error:
            self._waits_because = error.message
            self._look_later()
        except Exception as error:
            swallowed(error)
            logger.exception("The worker stumbled")
            self._look_later()
        finally:
            self._leave()

    def _look_later(self, seconds: float = LOOK_SECONDS) -> None:
        self._not_before = self._clock.monotonic() + min(seconds, LOOK_SECONDS)

    def _leave(self) -> None:
        with self._idle:
            self._sending -= 1
            self._idle.notify_all()

    def _may_send(self) -> bool:
        """Whether to begin another job: asked by each thread, because the right to send may be lost unnoticed."""
        return not self._stop.is_set() and self._time_left() > 0 and self._clock.now() < self._may_send_until

    def _send_next(self) -> bool:
        """Does one job; whether to go on with another at once."""
        gate = self._gate()
        if gate.wait_seconds:
            return False
        self._local.lease_ends_at = self._clock.now() + timedelta(seconds=LEASE_SECONDS)
        orders_first = self._orders_first
        job = self._store.lease(f"{self._owner}:{uuid4().hex}", LEASE_SECONDS, orders_first=orders_first)
        if job is None:
            if orders_first:
                self._look_later(ORDERS_LOOK_SECONDS)
            return False
        if not gate.cause and self._takes_on(gate) and not self._has_started():
            self._leave()
        try:
            outcome = run_job(self._bench(), job, gate)
        except NotNowError as error:
            self._look_later(error.wait_seconds)
            return False
        with self._idle:
            if outcome is not None:
                self._outcomes[outcome] += 1
        return not gate.cause

    # The patience of its requests

    def left_seconds(self) -> float:
        """Until the deadline, or until the job's lease gets too short for one more request."""
        lease_ends_at: datetime = self._local.lease_ends_at
        lease_left = (lease_ends_at - self._clock.now()).total_seconds() - REQUEST_SECONDS
        return min(self._time_left(), lease_left)

    def wait(self, seconds: float) -> None:
        """Waits for a slot, unless the worker is stopped."""
        if self._clock.wait(self._stop, seconds):
            raise NotNowError(seconds, "the worker stops")

    def _time_left(self) -> float:
        return self._deadline - self._clock.monotonic()

    def _is_done(self) -> bool:
        status = self._store.queue_status()
        return status.pending + status.leased == 0
