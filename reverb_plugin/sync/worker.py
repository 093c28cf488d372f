"""The worker: leases due jobs and runs them in a few threads. One process sends at a time.

The threads are daemons and stop when they are told: the host's shutdown never waits for Reverb. What was leased by a
worker that died is taken back when its lease runs out.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import uuid4

from reverb_plugin.clock import Clock
from reverb_plugin.errors import StoreError
from reverb_plugin.guard import Outage, swallowed
from reverb_plugin.store.store import Store
from reverb_plugin.sync.remote import Gate, NotNowError
from reverb_plugin.sync.run import Workbench, run_job
from reverb_plugin.version import __version__

THREADS = 8
"""Enough for ten requests a second at 300 ms each, with room for slower answers."""

LEASE_SECONDS = 300.0
"""Longer than the longest attempt: several requests, each with its timeouts and its wait for a slot."""

SENDER_SECONDS = 30.0
HOUSEKEEPING_SECONDS = 10.0
TRIM_SECONDS = 3600.0
LOOK_SECONDS = 1.0
"""How often to look for what other processes noted."""

Pause: TypeAlias = Callable[[float], None]

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
        benches: given the function that waits for the pace, gives what makes the workbench for the settings in force.
        clock: what time it is.
        owner: this process's name among those that may send.
        threads: how many requests may be under way at once.
    """

    def __init__(
        self,
        store: Store,
        benches: Callable[[Pause], Callable[[], Workbench]],
        clock: Clock,
        owner: str,
        *,
        threads: int = THREADS,
    ) -> None:
        self._store = store
        self._bench = benches(self._pause)
        self._clock = clock
        self._owner = owner
        self._threads = threads
        self._stop = threading.Event()
        self._idle = threading.Condition()
        self._sending = 0
        self._deadline: float | None = None
        self._not_before = 0.0
        self._housekeeping_at = 0.0
        self._trim_at = 0.0
        self._outcomes: Counter[str] = Counter()
        self._waits_because = ""
        self._needs_a_person = False
        self._reverb = Outage(logger, "Sending to Reverb waits")
        self._memory = Outage(logger, "The plugin's database cannot be used")

    def tend(self) -> float:
        """One look at everything, and a while of work when there is some; the seconds until the next look is due."""
        wait = LOOK_SECONDS
        try:
            wait = self._tend()
            self.wait_until_idle(LOOK_SECONDS)
        except StoreError as error:
            self._memory.down(error.message)
        except Exception as error:
            swallowed(error)
            logger.exception("The worker stumbled")
        return wait

    def drain(self, timeout_seconds: float) -> DrainReport:
        """Works until the outbox is empty or the time is over; jobs that wait for a person do not count.

        While another process has the right to send, this one waits for it to do the work. Without a token that
        Reverb accepts it ends at once: only a person can help.

        Raises:
            StoreError: the database cannot be used.
        """
        started_at = self._clock.monotonic()
        self._deadline = started_at + timeout_seconds
        while self._left_seconds() > 0:
            wait = self.tend()
            if self._needs_a_person or self._is_done():
                break
            self._clock.sleep(min(wait, self._left_seconds()))
        self.stop()
        self.wait_until_idle(max(1.0, self._left_seconds()))
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
            self._waits_because = "another process is sending"
            return LOOK_SECONDS
        bench = self._bench()
        gate = bench.remote.gate(bench.tools.settings.token)
        self._waits_because, self._needs_a_person = gate.cause, gate.needs_a_person
        if gate.cause:
            self._reverb.down(gate.cause)
        else:
            self._reverb.up()
        wait = gate.wait_seconds or max(self._until_due(), self._not_before - self._clock.monotonic())
        self._memory.up()
        if wait <= 0:
            self._spawn(gate)
        return max(0.0, min(wait, LOOK_SECONDS))

    def _keep_house(self) -> bool:
        """Extends the right to send, takes back lost jobs, trims the log; False when another process sends."""
        now = self._clock.monotonic()
        if now < self._housekeeping_at:
            return True
        if not self._store.claim_sender(self._owner, __version__, SENDER_SECONDS):
            return False
        self._housekeeping_at = now + HOUSEKEEPING_SECONDS
        reaped = self._store.reap()
        if reaped:
            logger.warning("%d jobs of a worker that died are taken up again", reaped)
        if now >= self._trim_at:
            settings = self._bench().tools.settings
            self._store.trim_log(settings.log_retention_days, settings.log_retention_rows)
            self._trim_at = now + TRIM_SECONDS
        return True

    def _until_due(self) -> float:
        due_at = self._store.next_due_at()
        return LOOK_SECONDS if due_at is None else (due_at - self._clock.now()).total_seconds()

    def _spawn(self, gate: Gate) -> None:
        """One more thread takes jobs, unless there are enough; without threads they are done here and now."""
        with self._idle:
            if self._sending >= self._threads or (gate.cause and self._sending):
                return
            self._sending += 1
        if self._threads > 1 and self._has_started(gate):
            return
        self._send(gate)

    def _has_started(self, gate: Gate) -> bool:
        try:
            threading.Thread(target=self._send, args=(gate,), name="reverb-plugin-sender", daemon=True).start()
        except RuntimeError:
            return False
        return True

    def _send(self, gate: Gate) -> None:
        try:
            while not self._stop.is_set() and self._send_next(gate):
                pass
        except StoreError as error:
            self._memory.down(error.message)
        except Exception as error:
            swallowed(error)
            logger.exception("The worker stumbled")
        finally:
            with self._idle:
                self._sending -= 1
                self._idle.notify_all()

    def _send_next(self, gate: Gate) -> bool:
        job = self._store.lease(f"{self._owner}:{uuid4().hex}", LEASE_SECONDS)
        if job is None:
            return False
        if self._threads > 1 and not gate.cause:
            self._spawn(gate)
        try:
            outcome = run_job(self._bench(), job, gate)
        except NotNowError as error:
            self._not_before = self._clock.monotonic() + error.wait_seconds
            return False
        self._outcomes[outcome] += 1
        return not gate.cause

    def _pause(self, seconds: float) -> None:
        if self._deadline is not None and self._clock.monotonic() + seconds > self._deadline:
            raise NotNowError(seconds, "the time is over")
        if self._clock.wait(self._stop, seconds):
            raise NotNowError(seconds, "the worker stops")

    def _left_seconds(self) -> float:
        return 0.0 if self._deadline is None else self._deadline - self._clock.monotonic()

    def _is_done(self) -> bool:
        status = self._store.queue_status()
        return status.pending + status.leased == 0
