"""The queue: what waits for a person, what waits for too long, and runs that stand still."""

import re
from collections import Counter

from reverb_plugin.diagnostics.check import Check, Repair, known_problem, some
from reverb_plugin.diagnostics.checks.sending import SENT
from reverb_plugin.diagnostics.finding import Verdict, failed, passed, warned
from reverb_plugin.diagnostics.scene import Scene
from reverb_plugin.errors import find_hint
from reverb_plugin.mass_sync import MassSync
from reverb_plugin.store.check_store import ParkedRow
from reverb_plugin.store.sync_log import LogFilter
from reverb_plugin.texts import HOUR, counted

GRAVE_SECONDS = 4 * HOUR


def _parked(scene: Scene) -> Verdict:
    rows = scene.store.checks.parked()
    if not rows:
        return passed("Nothing waits for a person.")
    (_, said), many = Counter(map(_cause_of, rows)).most_common(1)[0]
    alike = [row for row in rows if _cause_of(row)[1] == said]
    message = (alike[0].message.rstrip(".") or alike[0].code) + _details(scene, alike[0])
    if len(rows) == 1:
        cause = f"1 change waits for a person ({rows[0].key}): {message}."
    elif many == len(rows):
        cause = f"{len(rows):,} changes wait for a person, all because of this: {message}."
    elif many == 1:
        cause = f"{len(rows):,} changes wait for a person; the first of them because of this: {message}."
    else:
        cause = f"{len(rows):,} changes wait for a person, {many:,} of them because of this: {message}."
    hint = find_hint(alike[0].code, scene.settings.environment) or "Look at them in the sync log."
    return failed(cause, f"{hint} It is about {some([row.key for row in alike])}.")


def _details(scene: Scene, row: ParkedRow) -> str:
    """Which fields Reverb named when it refused it."""
    newest = next(iter(scene.store.log_page(LogFilter(sku=row.key), limit=1)), None)
    return f" ({some([str(each) for each in newest.errors])})" if newest is not None and newest.errors else ""


def _cause_of(row: ParkedRow) -> tuple[str, str]:
    """What messages have in common that differ in a SKU, a number or a name in quotes."""
    text = row.message.replace(row.key, "#")
    return row.code, re.sub(r"'[^']*'|\"[^\"]*\"|\d+(?:[.,]\d+)*", "#", text)


def _retry(scene: Scene) -> str:
    return f"{counted(scene.store.retry(), 'change is', 'changes are')} tried again."


def _late(scene: Scene) -> Verdict:
    problem = scene.find_problem("queue-late")
    if problem is None:
        return passed("Nothing waits for long.")
    tell = failed if (scene.facts.oldest_seconds or 0.0) > GRAVE_SECONDS else warned
    return tell(f"{problem.title}.", problem.text)


def _resume(scene: Scene) -> str:
    MassSync(lambda: scene.store.runs, lambda: scene.settings, scene.clock, "doctor").resume()
    return "The mass sync goes on."


RESUME = Repair("Resume it", _resume)

CHECKS = (
    Check("parked", "Changes that wait for a person", _parked, repair=Repair("Try them again", _retry)),
    Check("queue-late", "Age of the queue", _late, SENT),
    Check(
        "run-paused",
        "Mass sync",
        known_problem(
            "run-paused", "No mass sync is paused.", "Resume or cancel it: `reverb-plugin mass-sync --resume`."
        ),
        (),
        RESUME,
    ),
    Check(
        "run-braked",
        "Brake of the mass sync",
        known_problem(
            "run-braked",
            "No mass sync waits for a word.",
            "Look at its rows, then start or cancel it: `reverb-plugin mass-sync --status`.",
        ),
    ),
)
