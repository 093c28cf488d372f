"""The worker in a thread of the host's process."""

import logging
import threading
import time
from collections.abc import Callable

from reverb_plugin.clock import Clock
from reverb_plugin.sync.worker import Worker

logger = logging.getLogger(__name__)


class Background:
    """A thread that tends the worker until it is told to stop.

    Args:
        worker: makes the worker; called in the process that runs it.
        before_each: called before each look at the queue.
        clock: what time it is.
    """

    def __init__(self, worker: Callable[[], Worker], before_each: Callable[[], object], clock: Clock) -> None:
        self._make_worker = worker
        self._before_each = before_each
        self._clock = clock
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._worker: Worker | None = None

    @property
    def is_alive(self) -> bool:
        """Whether the thread is at work in this process."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begins; says so in the log when the host does not let us have a thread."""
        self._wake, self._stopping = threading.Event(), threading.Event()  # a forked child gets its own
        self._worker = self._make_worker()
        self._thread = threading.Thread(target=self._run, args=(self._worker,), name="reverb-plugin", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:
            self._thread = None
            logger.warning("No thread can be started (%s): run `reverb-plugin drain` from cron instead", error)

    def wake(self) -> None:
        """There is something to do."""
        self._wake.set()

    def stop(self, timeout_seconds: float) -> None:
        """Ends; what is under way is given ``timeout_seconds`` and is otherwise taken back by its lease."""
        give_up_at = time.monotonic() + timeout_seconds
        self._stopping.set()
        self._wake.set()
        thread, worker, self._thread, self._worker = self._thread, self._worker, None, None
        if worker is not None:
            worker.stop()
            worker.wait_until_idle(timeout_seconds)
        if thread is not None and thread is not threading.current_thread():
            thread.join(max(0.0, give_up_at - time.monotonic()))

    def _run(self, worker: Worker) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            self._before_each()
            self._clock.wait(self._wake, worker.tend())
