"""Running one leased job: do it, and settle whatever came of it. No error gets past this point but the store's."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from reverb_plugin.changes import Kind, Outcome
from reverb_plugin.errors import (
    AmbiguousError,
    FieldError,
    PluginError,
    StoreError,
    TokenRefusedError,
    UnavailableError,
)
from reverb_plugin.guard import at_work_on, swallowed
from reverb_plugin.redact import redact
from reverb_plugin.store.outbox import Job
from reverb_plugin.store.store import Park, Settlement
from reverb_plugin.store.sync_log import LogEntry
from reverb_plugin.sync.apply import apply_row
from reverb_plugin.sync.attempt import Attempt
from reverb_plugin.sync.end import end_listing
from reverb_plugin.sync.import_order import import_order
from reverb_plugin.sync.mass import run_step
from reverb_plugin.sync.move_stock import move_stock
from reverb_plugin.sync.poll import poll_orders
from reverb_plugin.sync.publish import check_publish
from reverb_plugin.sync.push import push_product
from reverb_plugin.sync.recording import RecordingTransport
from reverb_plugin.sync.remote import Gate, NotNowError, Remote
from reverb_plugin.sync.retry import MOST_ATTEMPTS, NEEDS_A_PERSON, decide_retry
from reverb_plugin.sync.ship import ship_order
from reverb_plugin.sync.take import take_quantity
from reverb_plugin.sync.tools import Tools

HANDLERS: Mapping[Kind, Callable[[Tools, Attempt], Settlement]] = MappingProxyType(
    {
        Kind.PUSH_PRODUCT: push_product,
        Kind.END_LISTING: end_listing,
        Kind.CHECK_PUBLISH: check_publish,
        Kind.RUN_STEP: run_step,
        Kind.APPLY_ROW: apply_row,
        Kind.TAKE_QUANTITY: take_quantity,
        Kind.POLL_ORDERS: poll_orders,
        Kind.IMPORT_ORDER: import_order,
        Kind.MOVE_STOCK: move_stock,
        Kind.SHIP_ORDER: ship_order,
    }
)

NOT_NOW = "not-now"

MAY_NOT_BE_LEFT = frozenset({Kind.POLL_ORDERS, Kind.IMPORT_ORDER, Kind.MOVE_STOCK})
"""What was sold has to reach the shop, however long the shop or Reverb stumbles: these are tried for ever."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a job is done with under the settings in force."""

    tools: Tools
    remote: Remote
    transport: RecordingTransport


def run_job(bench: Workbench, job: Job, gate: Gate) -> Outcome | None:
    """Does the job and settles it; how it ended, None for a step of a run that people need not see.

    Raises:
        NotNowError: no request may go now; the job went back, with what was done of it already.
        StoreError: the database cannot be used; the job's lease runs out by itself.
    """
    clock, store = bench.tools.clock, bench.tools.store
    attempt = Attempt(job, store.environment, clock.now(), create_sent_at=job.create_sent_at)
    started_at = clock.monotonic()
    bench.remote.taken_requests()
    bench.transport.record()
    try:
        settlement = _poisonous(attempt) if _is_poisonous(job) else _do(bench, attempt, gate)
    except NotNowError as error:
        if attempt.kept is None:
            if attempt.row is not None:
                store.runs.give_back_row(attempt.row)
            store.release(job)
        else:
            _settle(bench, job, attempt.later(error.cause, 0.0, code=NOT_NOW, counts=False), started_at)
        raise
    return _settle(bench, job, settlement, started_at)


def _settle(bench: Workbench, job: Job, settlement: Settlement, started_at: float) -> Outcome | None:
    if settlement.entry is None:
        bench.tools.store.settle(job, settlement)
        return None
    costs = replace(
        settlement.entry,
        requests=bench.remote.taken_requests(),
        duration_seconds=bench.tools.clock.monotonic() - started_at,
    )
    entry = _without_secrets(costs, bench)
    bench.tools.store.settle(job, replace(settlement, entry=entry, exchanges=bench.transport.taken()))
    _tell(entry)
    return Outcome(entry.outcome)


def _is_poisonous(job: Job) -> bool:
    """So many tries are only counted when the last worker died at it: the next one may die of it as well.

    A row of a mass sync counts its deaths by itself: parked, it would keep its run from ever ending.
    """
    return job.attempts >= MOST_ATTEMPTS and job.kind is not Kind.APPLY_ROW


def _poisonous(attempt: Attempt) -> Settlement:
    bug = PluginError(f"It could not be finished {attempt.job.attempts} times; the last time the worker ended in it.")
    return attempt.failed(bug, Park())


def _do(bench: Workbench, attempt: Attempt, gate: Gate) -> Settlement:
    try:
        with at_work_on(attempt.job.key):
            return HANDLERS[attempt.job.kind](bench.tools, attempt)
    except (NotNowError, StoreError):
        raise
    except PluginError as error:
        _learn(bench, error)
        return _failed(bench, attempt, error, gate)
    except Exception as error:
        swallowed(error)
        logger.exception("%s of %s stumbled", attempt.job.kind, attempt.job.key)
        bug = PluginError(f"The plugin stumbled: {type(error).__name__}: {error}")
        return _failed(bench, attempt, bug, gate)


def _failed(bench: Workbench, attempt: Attempt, error: PluginError, gate: Gate) -> Settlement:
    jitter = bench.tools.clock.random()
    may_wait = attempt.job.kind in MAY_NOT_BE_LEFT and not isinstance(error, NEEDS_A_PERSON)
    then = decide_retry(error, attempt.job.attempts, jitter, circuit_was_open=bool(gate.cause), may_park=not may_wait)
    return attempt.failed(error, then)


def _learn(bench: Workbench, error: PluginError) -> None:
    token = bench.tools.settings.token
    if isinstance(error, TokenRefusedError) and token is not None:
        bench.remote.token_refused(token)
    elif isinstance(error, UnavailableError | AmbiguousError) and error.status is None:
        bench.remote.lost(error.message)


def _without_secrets(entry: LogEntry, bench: Workbench) -> LogEntry:
    """Messages hold other people's texts: Reverb's answers, the shop's exceptions."""
    token = bench.tools.settings.token
    errors = tuple(FieldError(error.field, redact(error.message, token)) for error in entry.errors)
    return replace(entry, message=redact(entry.message, token), errors=errors)


def _tell(entry: LogEntry) -> None:
    level = logging.WARNING if entry.outcome == Outcome.REFUSED else logging.INFO
    told = "; ".join(str(error) for error in entry.errors)
    name = entry.sku or entry.kind
    logger.log(level, "%s %s: %s%s", name, entry.outcome, entry.message, f" ({told})" if told else "")
