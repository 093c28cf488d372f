"""Who sends: the worker, its thread, its version, and that there is one of it."""

from packaging.version import InvalidVersion, Version

from reverb_plugin.diagnostics.check import Check, known_problem
from reverb_plugin.diagnostics.finding import MootError, Verdict, failed, passed, warned
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.sync.owner import is_dead, is_stopped, pid_of
from reverb_plugin.version import __version__

SENT = (
    "no-token",
    "token-refused",
    "unreachable",
    "no-worker",
    "worker-thread",
    "two-senders",
    "database-locked",
    "disk-full",
)
"""While one of these fails, everything waits."""


def _thread(scene: Scene) -> Verdict:
    process = scene.process
    if process is None:
        raise MootError("only the shop's own process knows")
    if process.thread_trouble:
        cause = f"The thread that sends cannot start here: {process.thread_trouble}."
        return failed(
            cause, "Start the server with threads (uWSGI: enable-threads = true), or run `reverb-plugin worker`."
        )
    if process.wants_thread and not process.has_thread:
        cause = "The thread that sends has ended in this process."
        return failed(cause, "Restart the shop, and look for the traceback in its log.")
    return passed("The thread that sends is at work." if process.has_thread else "Another process is to send.")


def _worker(scene: Scene) -> Verdict:
    last = scene.store.checks.find_last_sender()
    pid = None if last is None else pid_of(last)
    if pid is not None and is_stopped(pid):
        cause = f"The worker {last} is stopped, by Ctrl-Z or a signal: it neither sends nor ends."
        return failed(cause, f"Let it go on: kill -CONT {pid}")
    if last is not None and is_dead(last):
        waiting = scene.facts.queue.pending + scene.facts.queue.leased
        tell = failed if waiting else warned
        cause = f"The worker {last} ended without a word; no other has taken over yet."
        return tell(cause, "Start one: `reverb-plugin worker`; it takes over at once.")
    problem = scene.find_problem("no-worker")
    if problem is not None and _is_due(scene) and not scene.facts.is_drained:
        return failed(f"{problem.title}.", problem.text)
    return passed("Nothing has to be sent at once." if problem is not None else "Somebody sends.")


def _is_due(scene: Scene) -> bool:
    """Whether a worker would have something to do now; what failed waits for a while before it is tried again."""
    due_at = scene.store.next_due_at()
    return due_at is not None and due_at <= scene.clock.now()


def _idle(scene: Scene) -> Verdict:
    problem = scene.find_problem("no-worker")
    if problem is not None:
        return warned(f"{problem.title}.", problem.text)
    return passed("A worker runs, or is told of above.")


def _version(scene: Scene) -> Verdict:
    sender = scene.facts.sender
    if sender is None or is_dead(sender.owner):
        raise MootError("no worker runs")
    if sender.version != __version__:
        older = "an older" if _is_older(sender.version) else "another"
        cause = f"The worker {sender.owner} is of {older} version ({sender.version}) than this process ({__version__})."
        return failed(cause, "Restart the worker, and everything else that uses the plugin, after an update.")
    return passed(f"The worker is of this version, {__version__}.")


def _is_older(version: str) -> bool:
    try:
        return Version(version) < Version(__version__)
    except InvalidVersion:
        return False


def _two(scene: Scene) -> Verdict:
    """A job that is leased by one while another has the right to send: both of them send."""
    checks, now = scene.store.checks, scene.clock.now()
    alive = [owner for owner in (*checks.senders(now), *checks.leaseholders(now)) if not is_dead(owner)]
    names = list(dict.fromkeys(alive))
    if len(names) > 1:
        cause = f"{len(names)} processes are sending at the same time: {', '.join(names)}."
        return failed(cause, "End all but one; where they are on different machines, let their clocks agree.")
    return passed("One process sends at a time.")


CHECKS = (
    Check("worker-thread", "Thread of the worker", _thread),
    Check("worker-version", "Version of the worker", _version),
    Check("restart-needed", "Installed version", known_problem("restart-needed", "What is installed is what runs.")),
    Check("two-senders", "One sender", _two),
    Check("no-worker", "Worker", _worker, ("worker-thread",)),
)

IDLE = (
    Check(
        "update-waiting",
        "Newer version",
        known_problem(
            "update-waiting", "No newer version waits.", "See what it brings, and install it: `reverb-plugin update`."
        ),
    ),
    Check("update-broken-off", "Last update", known_problem("update-broken-off", "No update has failed lately.")),
    Check(
        "update-check-stale",
        "Look for updates",
        known_problem("update-check-stale", "The look for updates works.", "Try it: `reverb-plugin update --check`."),
    ),
    Check("worker-idle", "Worker at rest", _idle, ("no-worker",)),
)
"""What can wait until everything else is looked at."""
