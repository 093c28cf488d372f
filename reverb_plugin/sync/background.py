"""The worker in a thread of the host's process."""

import importlib
import logging
import queue
import threading
import time
from collections.abc import Callable

from reverb_plugin.sync.worker import Worker

logger = logging.getLogger(__name__)


class Background:
    """A thread that tends the worker until it is told to stop.

    Args:
        worker: makes the worker; called in the process that runs it.
        before_each: called before each look at the queue.

    ``trouble`` says why no thread could be started; empty when nothing stands in the way.
    """

    def __init__(self, worker: Callable[[], Worker], before_each: Callable[[], object]) -> None:
        self._make_worker = worker
        self._before_each = before_each
        self._bell = _Bell()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._worker: Worker | None = None
        self.trouble = ""

    @property
    def is_alive(self) -> bool:
        """Whether the thread is at work in this process."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begins; says so in the log when the host does not let us have a thread."""
        self._bell, self._stopping = _Bell(), threading.Event()  # a forked child gets its own
        self._worker = self._make_worker()
        self._thread = threading.Thread(target=self._run, args=(self._worker,), name="reverb-plugin", daemon=True)
        self.trouble = ""
        try:
            check_threads_run()
            self._thread.start()
        except RuntimeError as error:
            self._thread = self._worker = None
            self.trouble = str(error)
            logger.warning("No thread can be started (%s): run `reverb-plugin drain` from cron instead", error)

    def wake(self) -> None:
        """There is something to do."""
        self._bell.ring()

    def stop(self, timeout_seconds: float) -> None:
        """Ends; what is under way is given ``timeout_seconds`` and is otherwise taken back by its lease."""
        give_up_at = time.monotonic() + timeout_seconds
        self._stopping.set()
        self._bell.ring()
        thread, worker, self._thread, self._worker = self._thread, self._worker, None, None
        if worker is not None:
            worker.stop()
            worker.wait_until_idle(timeout_seconds)
        if thread is not None and thread is not threading.current_thread():
            thread.join(max(0.0, give_up_at - time.monotonic()))

    def _run(self, worker: Worker) -> None:
        while not self._stopping.is_set():
            self._before_each()
            self._bell.wait(worker.tend())


class _Bell:
    """Wakes the thread. It may be rung in a signal handler, where setting an Event can wait for itself forever."""

    def __init__(self) -> None:
        self._rings: queue.SimpleQueue[None] = queue.SimpleQueue()

    def ring(self) -> None:
        if self._rings.empty():
            self._rings.put(None)

    def wait(self, seconds: float) -> None:
        """Until it is rung, or was since the last time; for ``seconds`` at most."""
        try:
            self._rings.get(timeout=seconds)
        except queue.Empty:
            return


def check_threads_run() -> None:
    """uWSGI starts a thread without a word and never lets it run, unless it has threads (since 2.0.27 it always has).

    Raises:
        RuntimeError: threads do not run here.
    """
    try:
        has_threads = importlib.import_module("uwsgi").has_threads
    except (ImportError, AttributeError):
        return
    if not has_threads:
        raise RuntimeError("uWSGI runs without enable-threads")
