"""What the page of a mass sync or drift check shows: how far it is, what it found by kind, and a page of its rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reverb_plugin.admin.desk import Desk
from reverb_plugin.admin.field_words import Change, FieldWords, field_name
from reverb_plugin.mass_sync import OVER, Progress
from reverb_plugin.store import runs as states
from reverb_plugin.store.runs import Run, RunRow
from reverb_plugin.sync.meanings import ACTIONS, KINDS
from reverb_plugin.sync.plan import PlanAction, readable

ROWS = 50
UNDER_WAY = (states.READING, states.COMPARING, states.APPLYING)
TOLD_OF_NEW = ("price", "inventory", "condition")

STATE_WORDS: Mapping[str, tuple[str, str]] = {
    states.READING: ("Reading listings", "warn"),
    states.COMPARING: ("Comparing products", "warn"),
    states.PLANNED: ("Ready to look at", "good"),
    states.APPLYING: ("Sending", "warn"),
    states.PAUSED: ("Paused", "warn"),
    states.DONE: ("Done", "good"),
    states.CANCELLED: ("Cancelled", "quiet"),
}

ROW_WORDS: Mapping[str, tuple[str, str]] = {
    states.ROW_PLANNED: ("Not sent", "quiet"),
    states.ROW_QUEUED: ("Waits", "warn"),
    states.ROW_DONE: ("Done", "good"),
    states.ROW_FAILED: ("Failed", "bad"),
    states.ROW_MOVED: ("Changed since the preview", "warn"),
    states.ROW_ASIDE: ("Set aside", "bad"),
}
"""What became of a row, and the tone of it."""


BAD_STATES: Mapping[str, str] = {
    states.ROW_FAILED: "refused by Reverb or the shop, for the reason that is told",
    states.ROW_ASIDE: "its process ended twice while it was sent",
    states.ROW_MOVED: "product or listing is not what the plan saw, so nothing was sent",
}
"""What a person should know of first, and what it means."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where a run is: ``done`` of ``total``, which is None while nobody knows it; ``trouble`` keeps it there."""

    words: str
    tone: str
    done: int
    total: int | None
    trouble: str
    is_stuck: bool


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows there are of an action or kind, and how many of them are still open; what the word means.

    With a ``state`` it is about the rows of all actions that ended in it.
    """

    name: str
    meaning: str
    count: int
    open: int
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A row with what is told of it: ``fields`` are those of a listing that would be made."""

    row: RunRow
    differences: tuple[Change, ...]
    words: str
    tone: str
    fields: tuple[tuple[str, str], ...]


def state_words(run: Run) -> tuple[str, str]:
    """What the run is doing, and the tone of it; a check that is planned is over."""
    return ("Complete", "good") if run.kind == states.DRIFT_CHECK and run.planned_at else STATE_WORDS[run.state]


def find_step(desk: Desk, progress: Progress) -> Step:
    """Where the run is; where it stopped, when it is not under way."""
    run, store = progress.run, desk.store.runs
    words, tone = state_words(run)
    trouble = store.find_trouble(run.id) if run.state in UNDER_WAY else None
    why, is_stuck = (trouble.message, trouble.is_parked) if trouble else ("", False)
    match run.state:
        case states.READING:
            return Step(words, tone, store.count_listings(run.id), run.listings_total, why, is_stuck)
        case states.COMPARING:
            return Step(words, tone, run.products, None, why, is_stuck)
    over = progress.done + progress.failed + progress.moved + progress.aside
    return Step(words, tone, over, over + progress.left, why, is_stuck)


def find_found(progress: Progress) -> tuple[Found, ...]:
    """What was found, in the order of its weight, what went wrong first; also what there is none of."""
    is_check = progress.run.kind == states.DRIFT_CHECK
    meanings = KINDS if is_check else ACTIONS
    totals, still_open = dict.fromkeys(meanings, 0), dict.fromkeys(meanings, 0)
    for (name, state), number in progress.row_counts.items():
        totals[name] = totals.get(name, 0) + number
        if state not in OVER:
            still_open[name] = still_open.get(name, 0) + number
    if not is_check:
        totals[PlanAction.UNCHANGED] = progress.run.unchanged
    bad = () if is_check else tuple(_bad(progress))
    return bad + tuple(
        Found(name, meanings.get(name, ""), number, still_open.get(name, 0)) for name, number in totals.items()
    )


def _bad(progress: Progress) -> Iterator[Found]:
    for state, meaning in BAD_STATES.items():
        number = sum(count for (_, each), count in progress.row_counts.items() if each == state)
        yield Found(ROW_WORDS[state][0].lower(), meaning, number, 0, state)


def line_of(field_words: FieldWords, row: RunRow) -> Line:
    """The row in words; one that sends nothing has no state to tell."""
    words, tone = ROW_WORDS.get(row.state, (row.state, "quiet")) if row.body is not None or is_over(row) else ("", "")
    body = row.body if row.method == "POST" and row.body is not None else {}
    told = [(field_name(name), readable(name, body[name])) for name in TOLD_OF_NEW if name in body]
    if body:
        told.append(("listed", "on sale at once" if body.get("publish") else "as a draft"))
    return Line(row, field_words.changes(row.differences), words, tone, tuple(told))


def is_over(row: RunRow) -> bool:
    """Whether something became of the row."""
    return row.state != states.ROW_PLANNED
