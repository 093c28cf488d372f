"""The doctor: makes all checks in the order of causes, so that the first one that fails is the root."""

import logging
import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from reverb_plugin.diagnostics.check import Check
from reverb_plugin.diagnostics.checks import ALL
from reverb_plugin.diagnostics.finding import (
    Finding,
    MootError,
    Report,
    Skipped,
    Status,
    Verdict,
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
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    closed: set[str] = set()
    stumbles: dict[str, str] = {}
    ends_at = time.monotonic() + total_seconds
    for check in checks:
        why = _find_hindrance(check, closed, ends_at)
        if not why:
            verdict = _make(check, scene, min(check_seconds, max(1.0, ends_at - time.monotonic())), stumbles)
            if isinstance(verdict, Verdict):
                findings.append(_finding(check, verdict, scene))
                if verdict.status is Status.FAIL:
                    closed.add(check.code)
                continue
            why = verdict
        skipped.append(Skipped(check.code, check.name, why))
        if why.startswith(_AFTER):
            closed.add(check.code)
    ordered = sorted(findings, key=lambda finding: _ORDER.index(finding.status))
    return Report(tuple(ordered), tuple(skipped), scene.clock.now(), scene.offline)


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


_AFTER = "it comes of "
_ORDER = (Status.FAIL, Status.WARN, Status.PASS)


def _find_hindrance(check: Check, closed: set[str], ends_at: float) -> str:
    cause = next((code for code in check.needs if code in closed), None)
    if cause is not None:
        return f"{_AFTER}{cause}"
    return "the time was over" if time.monotonic() >= ends_at else ""


def _make(check: Check, scene: Scene, seconds: float, stumbles: dict[str, str]) -> Verdict | str:
    """The verdict, or why there is none. What broke is told once: other checks break on the same."""
    done: list[Verdict | str | Exception] = []
    _in_time(lambda: done.append(_look(check, scene)), seconds)
    if not done:
        cause = f"The check {check.name!r} was not done after {seconds:.0f} s."
        return warned(cause, "Run the doctor again; if it stays so, look at what it waits for: disk, network or shop.")
    if not isinstance(done[0], Exception):
        return done[0]
    told, step = _tell(done[0])
    first = stumbles.setdefault(told, check.name)
    if first != check.name:
        return f"it broke as {first!r} did"
    if not isinstance(done[0], PluginError):
        swallowed(done[0])
        logger.error("The check %s broke", check.code, exc_info=done[0])
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


def _tell(error: Exception) -> tuple[str, str]:
    if isinstance(error, PluginError):
        return error.message, error.hint
    return f"{type(error).__name__}: {error}", "Send a bundle to support: this is a fault of the plugin."


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
    words = check.repair.words if check.repair is not None and verdict.status is not Status.PASS else ""
    cause = _safe(verdict.cause, scene)
    return Finding(
        check.code,
        check.name,
        verdict.status,
        cause if cause.endswith((".", "?", "!")) else f"{cause}.",
        _safe(verdict.next_step, scene),
        f"{DOCS}#{check.code}",
        words,
    )
