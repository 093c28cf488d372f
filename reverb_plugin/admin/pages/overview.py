"""Is it working? Problems first, then connection, queue, worker, the last fortnight and the newest attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reverb_plugin.admin.chart import Chart, draw
from reverb_plugin.admin.sending import refresh_seconds
from reverb_plugin.admin.visit import Answer, Page, Route, Visit
from reverb_plugin.health import Facts, Problem, Tone, find_problems, read_facts
from reverb_plugin.mass_sync import Progress
from reverb_plugin.store.sync_log import LogEntry, LogFilter

CHART_DAYS = 14
NEWEST_ROWS = 8


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """A problem with the address its next step leads to; ``is_away`` when that is on Reverb."""

    problem: Problem
    words: str
    address: str | None
    is_away: bool


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """``verdict`` and ``verdict_tone`` sum it up. ``next_try_at`` is when a closed way to Reverb is tried again."""

    problems: Sequence[ShownProblem]
    verdict: str
    verdict_tone: str
    facts: Facts
    next_try_at: datetime | None
    is_own_worker: bool
    progress: Progress | None
    chart: Chart
    newest: Sequence[LogEntry]
    environment: str
    refresh_seconds: int


def show(visit: Visit) -> Answer:
    """How things stand."""
    desk = visit.desk
    store, now = desk.store, desk.clock.now()
    facts = read_facts(store, desk.configuration.load(), now)
    problems = find_problems(facts)
    verdict, tone = _verdict(problems)
    wait = facts.gate.wait_seconds if facts.gate.cause and not facts.gate.needs_a_person else 0.0
    context = OverviewPage(
        [_shown(visit, problem) for problem in problems],
        verdict,
        tone,
        facts,
        now + timedelta(seconds=wait) if wait else None,
        facts.sender is not None and facts.sender.owner == desk.owner,
        desk.mass_sync.progress(facts.run) if facts.run is not None and facts.run.is_active else None,
        draw(store.log.days(CHART_DAYS)),
        store.log.page(LogFilter(), NEWEST_ROWS).entries,
        facts.loaded.values.environment,
        refresh_seconds(facts.queue),
    )
    return Page("overview.html", context)


def _verdict(problems: Sequence[Problem]) -> tuple[str, str]:
    match problems[0].tone if problems else None:
        case Tone.BAD:
            return "Something has to be done.", "bad"
        case Tone.WARN:
            return "It works, with something to look at.", "warn"
    return "Everything works.", "good"


def _shown(visit: Visit, problem: Problem) -> ShownProblem:
    step = problem.step
    if step is None:
        return ShownProblem(problem, "", None, is_away=False)
    if step.place is not None:
        return ShownProblem(problem, step.words, step.place.url, is_away=True)
    return ShownProblem(problem, step.words, visit.url(step.page, **step.values), is_away=False)


ROUTES = (Route("/", "overview", show),)
