"""The doctor: makes all checks in the order of causes, so that the first one that fails is the root."""

import logging
import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from reverb_plugin.diagnostics.check import Check
from reverb_plugin.diagnostics.checks import ALL, database, disk
from reverb_plugin.diagnostics.finding import (
    Finding,
    MootError,
    Report,
    Skipped,
    Status,
    Verdict,
    failed,
    read_report,
    report_as_json,
    warned,
)
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.errors import InvalidValueError, PluginError, StoreError
from reverb_plugin.guard import swallowed
from reverb_plugin.redact import redact
from reverb_plugin.store.store import Store
from reverb_plugin.sync.background import check_threads_run
from reverb_plugin.sync.remote import NotNowError

KEPT = "checks"
DOCS = "docs/checks.md"
STORE_CODES = frozenset(check.code for check in (*disk.CHECKS, *database.CHECKS))
"""Where one of these fails, the cause of a database that cannot be used is told."""

CHECK_SECONDS = 12.0
"""The longest time for one check; what takes longer is left behind, and said so."""

MOST_LETTERS = 500
TOTAL_SECONDS = 25.0
"""Web servers end a request that lasts longer than half a minute."""

logger = logging.getLogger(__name__)


def diagnose(
    scene: Scene,
    checks: Sequence[Check] = ALL,
    *,
    check_seconds: float = CHECK_SECONDS,
    total_seconds: float = TOTAL_SECONDS,
) -> Report:
    """Makes the checks one after the other; never raises, and a check that breaks is a finding of its own."""
    examination = _Examination(scene, check_seconds, time.monotonic() + total_seconds)
    for check in checks:
        examination.make(check)
    return examination.report()


def diagnose_and_keep(scene: Scene) -> Report:
    """As :func:`diagnose`; remembers what was found when the database allows it."""
    report = diagnose(scene)
    with suppress(MootError, StoreError):
        scene.store.save_cached(KEPT, report_as_json(report))
    return report


def find_last(store: Store) -> Report | None:
    """What was found when the checks were last made; None when they never were.

    Raises:
        StoreError: the database cannot be read.
    """
    kept = store.find_cached(KEPT)
    try:
        return None if kept is None else read_report(kept.content)
    except (KeyError, TypeError, ValueError):  # another version kept it
        return None


def find_check(code: str) -> Check:
    """The check of this code; raises InvalidValueError when there is none."""
    for check in ALL:
        if check.code == code:
            return check
    raise InvalidValueError("code", code, "there is no check of this name; `reverb-plugin doctor --json` lists them")


def repair(scene: Scene, code: str) -> str:
    """Does what can be done about the finding of this check; says what was done.

    Raises:
        InvalidValueError: there is no such check, or nothing can be done about it from here.
        PluginError: it did not work.
    """
    check = find_check(code)
    if check.repair is None:
        raise InvalidValueError("code", code, "nothing can be repaired from here; its next step says what to do")
    try:
        return check.repair.act(scene)
    except MootError as moot:
        raise InvalidValueError("code", code, f"it cannot be repaired now: {moot}") from moot
    except OSError as error:
        raise PluginError(f"It could not be repaired: {error}") from error


_ORDER = (Status.FAIL, Status.WARN, Status.PASS)


class _Examination:
    """One round of checks.

    ``_closed`` are the checks that failed, and those that were left out because of that; ``_stumbles`` is what broke,
    with the check that met it first.
    """

    def __init__(self, scene: Scene, check_seconds: float, ends_at: float) -> None:
        self._scene = scene
        self._check_seconds = check_seconds
        self._ends_at = ends_at
        self._findings: list[Finding] = []
        self._skipped: list[Skipped] = []
        self._closed: set[str] = set()
        self._stumbles: dict[str, str] = {}

    def report(self) -> Report:
        findings = sorted(self._findings, key=lambda finding: _ORDER.index(finding.status))
        return Report(tuple(findings), tuple(self._skipped), self._scene.clock.now(), self._scene.offline)

    def make(self, check: Check) -> None:
        cause = next((code for code in check.needs if code in self._closed), None)
        if cause is not None:
            self._closed.add(check.code)
            verdict: Verdict | str = f"it comes of {cause}"
        elif time.monotonic() >= self._ends_at:
            verdict = "the time was over"
        else:
            verdict = self._judge(check)
        if isinstance(verdict, str):
            self._skipped.append(Skipped(check.code, check.name, verdict))
            return
        if verdict.status is Status.FAIL:
            self._closed.add(check.code)
        self._findings.append(_finding(check, verdict, self._scene))

    def _judge(self, check: Check) -> Verdict | str:
        """The verdict, or why there is none."""
        seconds = min(self._check_seconds, max(1.0, self._ends_at - time.monotonic()))
        done: list[Verdict | str | Exception] = []
        _in_time(lambda: done.append(_look(check, self._scene)), seconds)
        if not done and check.waits_for:
            cause = f"{check.waits_for} did not answer within {seconds:.0f} s."
            return failed(
                cause, "Look what it waits for: a database, a lock, another service; the worker waits as long."
            )
        if not done:
            cause = f"The check {check.name!r} was not done after {seconds:.0f} s."
            return warned(
                cause, "Run the doctor again; if it stays so, look at what it waits for: disk, network or shop."
            )
        return self._stumbled(check, done[0]) if isinstance(done[0], Exception) else done[0]

    def _stumbled(self, check: Check, error: Exception) -> Verdict | str:
        """What broke is told once: other checks break on the same."""
        if "database-damaged" in self._closed or (isinstance(error, StoreError) and self._closed & STORE_CODES):
            return "the database cannot be used"
        told = error.message if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
        first = self._stumbles.setdefault(told, check.name)
        if first != check.name:
            return f"it broke as {first!r} did"
        if not isinstance(error, PluginError):
            swallowed(error)
            logger.error("The check %s broke", check.code, exc_info=error)
        step = error.hint if isinstance(error, PluginError) else "Send a bundle to support: this is the plugin's fault."
        return warned(f"The check {check.name!r} could not be made: {told}.", step)


def _look(check: Check, scene: Scene) -> Verdict | str | Exception:
    try:
        return check.look(scene)
    except MootError as moot:
        return str(moot)
    except NotNowError as wait:
        return f"Reverb is not asked now: {wait.cause}"
    except Exception as error:  # noqa: BLE001 - told by who asked
        return error
    except SystemExit as error:
        return PluginError(f"the shop's code called exit({error.code})")


def _safe(text: str, scene: Scene) -> str:
    """In one line, without the token, and with one full stop where a message that was quoted has one already."""
    line = re.sub(r"(?<=[^.])\.\.(?= |$)", ".", " ".join(text.split()))
    return redact(line, scene.configuration.last_known.values.token)[:MOST_LETTERS]


def _in_time(act: Callable[[], None], seconds: float) -> None:
    """In a thread that is left behind when it takes too long; where no threads run, without a limit."""
    thread = threading.Thread(target=act, name="reverb-plugin-check", daemon=True)
    try:
        check_threads_run()
        thread.start()
    except RuntimeError:
        act()
        return
    thread.join(seconds)


def _finding(check: Check, verdict: Verdict, scene: Scene) -> Finding:
    repair = check.repair if verdict.status is not Status.PASS else None
    cause = _safe(verdict.cause, scene)
    return Finding(
        check.code,
        check.name,
        verdict.status,
        cause if cause.endswith((".", "?", "!")) else f"{cause}.",
        _safe(verdict.next_step, scene),
        f"{DOCS}#{check.code}",
        repair.words if repair is not None and repair.helps(scene) else "",
    )
