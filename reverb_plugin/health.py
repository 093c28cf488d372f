"""Is it working? Facts out of the database, and the problems they mean: the gravest first, each with one next step."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from reverb_plugin.changes import Kind, Outcome
from reverb_plugin.connection import PLACES, Connection, Place, find_complaint, find_last
from reverb_plugin.reverb_api.links import SITES
from reverb_plugin.settings import LoadedSettings, OrderMode
from reverb_plugin.store.order_history import OrderJob
from reverb_plugin.store.outbox import ParkedJob
from reverb_plugin.store.remote_state import RemoteState
from reverb_plugin.store.runs import DRIFT_CHECK, MASS_SYNC, PAUSED, PLANNED, ROW_PLANNED, Run
from reverb_plugin.store.sender import Sender
from reverb_plugin.store.store import QueueStatus, Store
from reverb_plugin.sync.plan import PlanAction
from reverb_plugin.sync.recording import find_skew
from reverb_plugin.sync.remote import Gate, decide_gate, token_fingerprint
from reverb_plugin.texts import counted, duration
from reverb_plugin.update.notice import UpdateStatus, read_status
from reverb_plugin.update.recover import Outcome as UpdateOutcome
from reverb_plugin.update.report import Report, find_report
from reverb_plugin.version import __version__, find_other_version

LATE_SECONDS = 15 * 60.0
"""A change that waits longer than this, while everything is up, is a problem."""

SKEW_SECONDS = 120.0
TOLD_FOR = {
    UpdateOutcome.INSTALLED: timedelta(days=1),
    UpdateOutcome.RESTORED: timedelta(days=14),
    UpdateOutcome.UNTOUCHED: timedelta(days=14),
}
"""For how long an update is told of."""

UNREAD_SECONDS = 86_400.0
"""Orders that were not read for longer are a problem, whatever the reason."""

LEAST_FREE_BYTES = 200_000_000
SHOWN_PARKED = 3
MOST_COUNTED = 100


BILLING, TOKEN = "Billing and verification", "Token"  # as the connection's checks are called
OF_A_SKU = frozenset({Kind.PUSH_PRODUCT, Kind.END_LISTING, Kind.CHECK_PUBLISH, Kind.TAKE_QUANTITY, Kind.MOVE_STOCK})
OF_AN_ORDER = frozenset({Kind.IMPORT_ORDER, Kind.SHIP_ORDER})


class Tone(StrEnum):
    """How grave: nothing goes on, something is wrong, or worth knowing."""

    BAD = "bad"
    WARN = "warn"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next: ``words`` lead to a page of ours with these ``values``, or to a ``place`` on Reverb."""

    words: str
    page: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    place: Place | None = None


ENTER_TOKEN = Step("Enter a new token", "settings-section", {"section": "connection"})
TRY_AGAIN = Step("Try the connection", "settings-section", {"section": "connection"})
TO_UPDATES = Step("See what is new", "update")
TO_MASS_SYNC = Step("Open the mass sync", "mass-sync")
TO_ORDERS = Step("Open the orders", "orders", {"show": "to-do"})
TESTED_AGAIN = "When that is put right, test the connection again in Settings; until then it is told here."


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``text`` says what it means and, when there is no ``step`` to click, what to do."""

    code: str
    tone: Tone
    title: str
    text: str
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """How the orders on Reverb stand, while they are on.

    ``read_at`` is when the last complete reading began, ``trouble`` why the next one does not get on. ``failing`` are
    jobs that are tried again by themselves; ``asking`` are orders that ask a person for something, counted up to a
    hundred.
    """

    read_at: datetime | None = None
    trouble: str = ""
    failing: Sequence[OrderJob] = ()
    asking: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """How things stand at one moment.

    ``complaint`` is what Reverb last asked of the account. ``run`` is the newest mass sync; ``drifted`` and
    ``without_sku`` are what the last drift check or plan found, counted up to a hundred. ``skew_seconds`` is how far
    Reverb's clock is ahead of ours. ``free_bytes`` is None when it cannot be told, ``orders`` while they are off.
    ``installed`` is the version that is installed now, when this process runs another one.
    """

    now: datetime
    loaded: LoadedSettings
    queue: QueueStatus
    sender: Sender | None
    gate: Gate
    remote_state: RemoteState
    links: int
    last_success_at: datetime | None
    parked: Sequence[ParkedJob] = ()
    connection: Connection | None = None
    complaint: str | None = None
    run: Run | None = None
    drifted: int = 0
    without_sku: int = 0
    skew_seconds: float = 0.0
    free_bytes: int | None = None
    update: UpdateStatus | None = None
    last_update: Report | None = None
    installed: str | None = None
    orders: OrderFacts | None = None

    @property
    def oldest_seconds(self) -> float | None:
        """For how long the oldest change has been waiting."""
        return None if self.queue.oldest_at is None else (self.now - self.queue.oldest_at).total_seconds()

    @property
    def is_drained(self) -> bool:
        """Something was sent before, and nothing waits for longer than between two drains from cron."""
        return self.last_success_at is not None and (self.oldest_seconds or 0.0) < LATE_SECONDS

    @property
    def is_token_refused(self) -> bool:
        """Reverb refuses the token in force."""
        token = self.loaded.values.token
        return token is not None and self.remote_state.refused_token == token_fingerprint(token)

    @property
    def reverb(self) -> str:
        """The way to Reverb, in words."""
        if self.loaded.values.token is None:
            return "nothing is sent before a token is entered"
        if self.gate.cause:
            wait = f"; the next try is in {duration(self.gate.wait_seconds)}" if self.gate.wait_seconds else ""
            return f"{self.gate.cause}{wait}"
        if self.remote_state.interval_seconds > 60.0 / self.loaded.values.requests_per_minute * 1.01:
            return f"open, slowed down to one request every {self.remote_state.interval_seconds:.1f} s"
        return "open"


def read_facts(store: Store, loaded: LoadedSettings, now: datetime) -> Facts:
    """Reads what the database knows; nothing is asked of Reverb or the shop.

    Raises:
        StoreError: the database cannot be used.
    """
    remote_state = store.get_remote_state()
    runs = store.runs.newest(limit=5)
    planned = next((run for run in runs if run.planned_at is not None), None)
    return Facts(
        now=now,
        loaded=loaded,
        queue=store.queue_status(),
        sender=store.find_sender(),
        gate=decide_gate(remote_state, loaded.values.token, now.timestamp()),
        remote_state=remote_state,
        links=store.count_links(),
        last_success_at=store.log.last_success_at(),
        parked=store.parked_jobs(SHOWN_PARKED),
        connection=find_last(store, loaded.values.token),
        complaint=find_complaint(store),
        run=next((run for run in runs if run.kind == MASS_SYNC), None),
        drifted=_count_drift(store, runs),
        without_sku=0 if planned is None else _count_without_sku(store, planned),
        skew_seconds=find_skew(store),
        free_bytes=_free_bytes(store),
        update=read_status(store.path.parent, loaded.values, now),
        last_update=find_report(store.path.parent),
        installed=find_other_version(),
        orders=None if loaded.values.orders is OrderMode.OFF else _read_orders(store),
    )


def _read_orders(store: Store) -> OrderFacts:
    poll, trouble = store.orders.find_poll(), store.find_trouble(Kind.POLL_ORDERS, store.environment)
    return OrderFacts(
        read_at=None if poll is None else poll.last_began_at,
        trouble="" if trouble is None else trouble.message,
        failing=store.order_history.failing(SHOWN_PARKED + 1),
        asking=store.orders.count_asking(MOST_COUNTED),
    )


def find_problems(facts: Facts) -> Sequence[Problem]:
    """What is wrong, the gravest first."""
    found = [
        *_connection(facts),
        *_sending(facts),
        *_products(facts),
        *_orders(facts),
        *_surroundings(facts),
        *_updates(facts),
        *_last_update(facts),
    ]
    return sorted(found, key=lambda problem: list(Tone).index(problem.tone))


def _connection(facts: Facts) -> Iterator[Problem]:
    values = facts.loaded.values
    if values.token is None:
        text = "Nothing is sent to Reverb before that. What changes in the shop is kept meanwhile."
        yield Problem("no-token", Tone.BAD, "No token has been entered", text, Step("Connect to Reverb", "first-run"))
        return
    if facts.is_token_refused:
        text = f"Nothing is sent any more. Make a new token on Reverb for the {values.environment} and enter it."
        yield Problem("token-refused", Tone.BAD, "Reverb refuses the token", text, ENTER_TOKEN)
    elif facts.gate.cause:
        text = f"{_waiting(facts)}. Nothing has to be done: the next try is in {duration(facts.gate.wait_seconds)}."
        yield Problem("unreachable", Tone.WARN, facts.gate.cause, text)
    yield from _account(facts)


def _account(facts: Facts) -> Iterator[Problem]:
    """What Reverb wants of the seller. That billing is missing shows only when it refuses to publish."""
    if facts.complaint is not None:
        path = next(path for path in PLACES if path in facts.complaint)
        place = Place(PLACES[path], f"{SITES[facts.loaded.values.environment]}{path}")
        title = "Reverb publishes nothing before the account is complete"
        yield Problem("account-incomplete", Tone.BAD, title, facts.complaint, Step(place.name, place=place))
    for check in facts.connection.missing if facts.connection is not None else ():
        if check.name == BILLING or (check.name == TOKEN and facts.is_token_refused):
            continue
        step = TRY_AGAIN if check.place is None else Step(check.place.name, place=check.place)
        code = f"{check.name.lower().replace(' ', '-')}-missing"
        yield Problem(code, Tone.BAD, f"{check.name}: something is missing", f"{check.text} {TESTED_AGAIN}", step)


def _sending(facts: Facts) -> Iterator[Problem]:
    waiting = facts.queue.pending + facts.queue.leased
    if facts.sender is None:
        title = f"No worker is running: {_waiting(facts).lower()}" if waiting else "No worker is running"
        text = (
            "Nothing is sent before one is started: run `reverb-plugin worker`, or `reverb-plugin drain` from cron; "
            'or the shop calls configure() with worker="thread".'
        )
        tone = Tone.BAD if waiting and not facts.is_drained else Tone.WARN
        yield Problem("no-worker", tone, title, text)
    elif _is_late(facts):
        title = f"The oldest change has been waiting for {duration(facts.oldest_seconds or 0.0)}"
        text = f"{_waiting(facts)}, although everything seems to be up. The sync log shows what is being tried."
        yield Problem("queue-late", Tone.WARN, title, text, Step("Open the sync log", "log"))
    run = facts.run
    if run is not None and run.state == PAUSED:
        yield Problem(
            "run-paused", Tone.WARN, "The mass sync is paused", "It goes on when it is resumed.", TO_MASS_SYNC
        )
    elif run is not None and run.state == PLANNED and run.apply_when_planned and run.brake is not None:
        title = "The mass sync has stopped and asks before it goes on"
        yield Problem("run-braked", Tone.WARN, title, run.brake, TO_MASS_SYNC)


def _is_late(facts: Facts) -> bool:
    """A mass sync makes everything wait, and so does a way to Reverb that is closed."""
    is_busy = facts.run is not None and facts.run.is_active
    return (facts.oldest_seconds or 0.0) > LATE_SECONDS and not facts.gate.cause and not is_busy


def _products(facts: Facts) -> Iterator[Problem]:
    parked = facts.queue.parked
    if parked == 1 and facts.parked:
        job = facts.parked[0]
        name = "the orders on Reverb" if job.kind is Kind.POLL_ORDERS else job.key
        yield Problem("parked", Tone.BAD, f"1 change waits for you: {name}", job.message, _step_of(job))
    elif parked:
        names = ", ".join(job.key for job in facts.parked[:SHOWN_PARKED])
        text = f"Reverb or the shop refused them; they are tried again when the product is saved. Among them: {names}."
        step = Step("See what was refused", "log", {"outcome": Outcome.REFUSED})
        yield Problem("parked", Tone.BAD, f"{parked:,} changes wait for you", text, step)
    if facts.drifted:
        text = "The last drift check found them different. Choose which side counts."
        title = f"{_at_least(facts.drifted, 'difference')} between shop and Reverb"
        yield Problem("drift", Tone.WARN, title, text, Step("Settle them", "mass-sync"))
    if facts.without_sku:
        title = f"{_at_least(facts.without_sku, 'listing')} on Reverb without a SKU"
        text = "Nobody can tell which product they belong to, so they are never touched. Give them their SKU on Reverb."
        place = Place("My listings on Reverb", f"{SITES[facts.loaded.values.environment]}/my/selling/listings")
        yield Problem("without-sku", Tone.WARN, title, text, Step(place.name, place=place))
    if not facts.loaded.values.auto_sync:
        text = "Products saved in the shop are not sent by themselves; orders and refunds still move the stock."
        step = Step("Change it", "settings-section", {"section": "sync"})
        yield Problem("auto-sync-off", Tone.QUIET, "Auto-sync is off", text, step)


def _step_of(job: ParkedJob) -> Step:
    """Where a job that waits for a person is looked at."""
    if job.kind in OF_A_SKU:
        return Step("Look at it", "product", {"sku": job.key})
    if job.kind in OF_AN_ORDER:
        return Step("Look at it", "order", {"number": job.key})
    return TO_ORDERS if job.kind is Kind.POLL_ORDERS else TO_MASS_SYNC


def _orders(facts: Facts) -> Iterator[Problem]:
    orders = facts.orders
    if orders is None:
        return
    unread_seconds = 0.0 if orders.read_at is None else (facts.now - orders.read_at).total_seconds()
    if unread_seconds > UNREAD_SECONDS:
        title = f"The orders on Reverb were last read {duration(unread_seconds)} ago"
        text = f"What was sold there since may be sold here again. {orders.trouble}".rstrip()
        yield Problem("orders-unread", Tone.BAD, title, text, TO_ORDERS)
    if orders.failing:
        names = ", ".join(job.key for job in orders.failing[:SHOWN_PARKED])
        more = " and more" if len(orders.failing) > SHOWN_PARKED else ""
        text = f"{orders.failing[0].message} It is tried again by itself: {names}{more}."
        yield Problem("orders-failing", Tone.WARN, "The shop or Reverb could not be told of a sale", text, TO_ORDERS)
    if orders.asking:
        text = "For example: a piece was sold twice, a buyer wants money back, or pieces may go back into stock."
        title = f"{_at_least(orders.asking, 'order')} on Reverb {'asks' if orders.asking == 1 else 'ask'} for you"
        yield Problem("orders-ask", Tone.WARN, title, text, TO_ORDERS)


def _surroundings(facts: Facts) -> Iterator[Problem]:
    for unusable in facts.loaded.problems:
        title = f"The setting {unusable.field} cannot be used"
        yield Problem("setting-unusable", Tone.WARN, title, unusable.message, Step("Open the settings", "settings"))
    if abs(facts.skew_seconds) > SKEW_SECONDS:
        how = "behind" if facts.skew_seconds > 0 else "ahead of"
        title = f"The clock of this machine is {duration(abs(facts.skew_seconds))} {how} Reverb's"
        text = "Times in the log are wrong by that. Whoever runs the machine should turn on its time synchronisation."
        yield Problem("clock-off", Tone.WARN, title, text)
    if facts.free_bytes is not None and facts.free_bytes < LEAST_FREE_BYTES:
        title = f"The disk is nearly full: {facts.free_bytes / 1e6:.0f} MB are left"
        text = "On a full disk no change can be kept. Whoever runs the machine should make room."
        yield Problem("disk-full", Tone.BAD, title, text)


def _updates(facts: Facts) -> Iterator[Problem]:
    update = facts.update
    if update is not None and (notice := update.prompt) is not None:
        tone = Tone.WARN if notice.offer.is_security else Tone.QUIET
        title = f"Version {notice.version} of the plugin is there"
        yield Problem("update-waiting", tone, title, f"Here is {update.current}. {notice.words}".rstrip(), TO_UPDATES)
    if update is not None and update.stale_words:
        title = "Whether there is a newer version of the plugin is not known"
        yield Problem("update-check-stale", Tone.WARN, title, update.stale_words, Step("Look now", "update"))


def _last_update(facts: Facts) -> Iterator[Problem]:
    report = facts.last_update
    if facts.installed is not None:
        title = f"Version {facts.installed} of the plugin is installed; this process still runs {__version__}"
        text = "It sends nothing any more. Whoever runs the shop should restart it."
        yield Problem("restart-needed", Tone.BAD, title, text)
    elif report is None or facts.now > report.ended_at + TOLD_FOR[report.outcome]:
        return
    elif report.outcome is not UpdateOutcome.INSTALLED:
        yield Problem(
            "update-broken-off", Tone.WARN, "An update of the plugin did not succeed", report.words, TO_UPDATES
        )
    elif facts.sender is None:
        text = "Processes that were started before send nothing any more, until they are restarted."
        yield Problem("restart-needed", Tone.WARN, f"The plugin was updated to {report.version_after}", text)


def _waiting(facts: Facts) -> str:
    waiting = facts.queue.pending + facts.queue.leased
    return f"{waiting:,} {'change waits' if waiting == 1 else 'changes wait'}" if waiting else "Nothing waits"


def _at_least(count: int, noun: str) -> str:
    return f"{count} {noun}s or more" if count >= MOST_COUNTED else counted(count, noun)


def _count_drift(store: Store, runs: Sequence[Run]) -> int:
    """What the last check found and nobody has settled; what is on Reverb only is the seller's own."""
    check = next((run for run in runs if run.kind == DRIFT_CHECK and run.planned_at is not None), None)
    if check is None:
        return 0
    return len(
        [row for row in store.runs.rows(check.id, state=ROW_PLANNED, limit=MOST_COUNTED) if row.body is not None]
    )


def _count_without_sku(store: Store, run: Run) -> int:
    return len(store.runs.rows(run.id, action=PlanAction.WITHOUT_SKU, limit=MOST_COUNTED))


def _free_bytes(store: Store) -> int | None:
    try:
        return shutil.disk_usage(store.path.parent).free
    except OSError:
        return None
