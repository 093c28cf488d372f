"""Who sends: the worker, its thread, its version, and that there is one of it."""

from importlib import metadata
from pathlib import Path

from packaging.version import InvalidVersion, Version

from reverb_plugin.diagnostics.check import Check
from reverb_plugin.diagnostics.finding import MootError, Verdict, failed, passed, warned
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.health import LATE_SECONDS, Tone
from reverb_plugin.sync.owner import is_dead
from reverb_plugin.texts import HOUR
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
    problem = scene.find_problem("no-worker")
    if problem is not None and problem.tone is Tone.BAD:
        # Between two drains from cron nobody sends, and that is as it should be.
        tell = warned if _is_seen_to(scene) else failed
        return tell(f"{problem.title}.", problem.text)
    sender = scene.facts.sender
    if sender is not None and is_dead(sender.owner):
        waiting = scene.facts.queue.pending + scene.facts.queue.leased
        tell = failed if waiting else warned
        cause = f"The worker {sender.owner} ended without a word; no other has taken over yet."
        return tell(cause, "Start one: `reverb-plugin worker`; it takes over at once.")
    return passed("Somebody sends." if sender is not None else "Nothing waits to be sent.")


def _is_seen_to(scene: Scene) -> bool:
    """Something was tried within the hour, and nothing waits for longer than between two drains."""
    newest = next(iter(scene.store.log_page(limit=1)), None)
    is_recent = newest is not None and (scene.clock.now() - newest.created_at).total_seconds() < HOUR
    return is_recent and (scene.facts.oldest_seconds or 0.0) < LATE_SECONDS


def _idle(scene: Scene) -> Verdict:
    problem = scene.find_problem("no-worker")
    if problem is not None and problem.tone is not Tone.BAD:
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


def _installed(_scene: Scene) -> Verdict:
    """What was installed while this process ran takes effect when it begins anew."""
    try:
        distribution = metadata.distribution("reverb-plugin")
    except metadata.PackageNotFoundError:
        raise MootError("the package is not installed but runs from its folder") from None
    if _is_elsewhere(distribution):
        raise MootError("another copy is installed than the one that runs")
    if distribution.version != __version__:
        cause = f"Version {distribution.version} is installed, and this process still runs {__version__}."
        return warned(cause, "Restart the shop and its workers, so that the update takes effect.")
    return passed(f"What is installed is what runs, {__version__}.")


def _is_elsewhere(distribution: metadata.Distribution) -> bool:
    """An editable install's metadata say nothing of the code that runs, nor do those of another copy."""
    is_linked = distribution.read_text("direct_url.json") is not None
    return is_linked or Path(str(distribution.locate_file("reverb_plugin"))).resolve() not in Path(__file__).parents


def _two(scene: Scene) -> Verdict:
    """A job that is leased by one while another has the right to send: both of them send."""
    checks, now = scene.store.checks, scene.clock.now()
    alive = [owner for owner in (*checks.senders(now), *checks.leaseholders(now)) if not is_dead(owner)]
    names = list(dict.fromkeys(alive))
    if len(names) > 1:
        cause = f"{len(names)} processes are sending at the same time: {', '.join(names)}."
        return failed(cause, "End all but one; where they are on different machines, let their clocks agree.")
    return passed("One process sends at a time.")


def _release(scene: Scene) -> Verdict:
    release = scene.find_release()
    if release is None:
        return passed("No newer version is known of.")
    return warned(
        f"Version {release.version} can be installed; this is {__version__}.", f"Update it: {release.command}"
    )


CHECKS = (
    Check("worker-thread", "Thread of the worker", _thread),
    Check("worker-version", "Version of the worker", _version),
    Check("restart-needed", "Installed version", _installed),
    Check("two-senders", "One sender", _two),
    Check("no-worker", "Worker", _worker, ("worker-thread",)),
)

IDLE = (
    Check("update-waiting", "Newer version", _release),
    Check("worker-idle", "Worker at rest", _idle, ("no-worker",)),
)
"""What can wait until everything else is looked at."""
