"""Is it working? What the facts mean, without a database; and that the facts are read as they are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reverb_plugin.changes import Kind, Reason, product_changed
from reverb_plugin.connection import Check, Connection, Place, Verdict
from reverb_plugin.health import SKEW_SECONDS, Facts, OrderFacts, Tone, find_problems, read_facts
from reverb_plugin.redact import Secret
from reverb_plugin.settings import load_settings
from reverb_plugin.store.order_history import OrderJob
from reverb_plugin.store.outbox import ParkedJob
from reverb_plugin.store.remote_state import RemoteState
from reverb_plugin.store.runs import Run
from reverb_plugin.store.sender import Sender
from reverb_plugin.store.store import QueueStatus
from reverb_plugin.sync.remote import Gate, token_fingerprint
from reverb_plugin.update.notice import UpdateNotice, UpdateStatus
from reverb_plugin.update.offer import Offer
from reverb_plugin.update.recover import Outcome as UpdateOutcome
from reverb_plugin.update.recover import Step as UpdateStep
from reverb_plugin.update.report import Report
from tests.orders.counter import Counter
from tests.sync.market import guitar

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKEN = "made-up"
WELL = Facts(
    now=NOW,
    loaded=load_settings({"token": TOKEN}, {}, {}),
    queue=QueueStatus(0, 0, 0, None),
    sender=Sender("shop:1", "1.0", NOW, NOW + timedelta(seconds=20)),
    gate=Gate(0.0),
    remote_state=RemoteState(),
    links=3,
    last_success_at=NOW,
)
RUN = Run(
    id=1,
    kind="mass sync",
    state="planned",
    started_by="shop:1",
    created_at=NOW,
    planned_at=NOW,
    applied_at=None,
    finished_at=None,
    apply_when_planned=True,
    confirmed=False,
    next_link=None,
    listings_total=None,
    after_sku=None,
    live_listings=10,
    unchanged=0,
    products=10,
    brake="It would end 6 of 10 live listings.",
    message="",
)
WAITING = QueueStatus(2, 0, 0, NOW - timedelta(hours=1))
REFUSED = RemoteState(refused_token=token_fingerprint(Secret(TOKEN)), refused_at=NOW)
BILLING = "Not yet. See https://sandbox.reverb.com/my/billing"


def parked(*skus, kind=Kind.PUSH_PRODUCT):
    jobs = [ParkedJob(n, kind, sku, 1, "refused", f"{sku} is refused") for n, sku in enumerate(skus)]
    return {"queue": QueueStatus(0, 0, len(skus), None), "parked": jobs}


def waiting(*, is_security=False):
    return UpdateNotice(Offer("0.2.0", (), is_security, needs_migration=False), "reverb-plugin update", True, "")


def tried(*checks):
    return Connection("sandbox", NOW, "Shop", "USD", checks)


def on(**facts):
    """Orders are on, and were read an hour ago."""
    return {"orders": OrderFacts(**{"read_at": NOW - timedelta(hours=1)} | facts)}


FAILING = OrderJob(Kind.IMPORT_ORDER, "90000101", is_parked=False, is_leased=False, message="No.", available_at=NOW)
PLACE = Place("Sell on Reverb", "https://sandbox.reverb.com/sell")

TROUBLE = [
    ({"loaded": load_settings({}, {}, {})}, "no-token", Tone.BAD, "first-run"),
    (
        {"remote_state": REFUSED, "gate": Gate(9.0, "Reverb refuses the token")},
        "token-refused",
        Tone.BAD,
        "settings-section",
    ),
    ({"gate": Gate(9.0, "Reverb cannot be reached (HTTP 503)")}, "unreachable", Tone.WARN, None),
    ({"complaint": BILLING}, "account-incomplete", Tone.BAD, "https://sandbox.reverb.com/my/billing"),
    ({"connection": tried(Check("Shop", Verdict.MISSING, "none yet", PLACE))}, "shop-missing", Tone.BAD, PLACE.url),
    ({"connection": tried(Check("Token", Verdict.MISSING, "refused"))}, "token-missing", Tone.BAD, "settings-section"),
    ({"sender": None}, "no-worker", Tone.WARN, None),
    ({"sender": None, "queue": WAITING}, "no-worker", Tone.BAD, None),
    ({"sender": None, "queue": QueueStatus(2, 0, 0, NOW - timedelta(minutes=1))}, "no-worker", Tone.WARN, None),
    ({"queue": WAITING}, "queue-late", Tone.WARN, "log"),
    ({"run": replace(RUN, state="paused")}, "run-paused", Tone.WARN, "mass-sync"),
    ({"run": RUN}, "run-braked", Tone.WARN, "mass-sync"),
    (parked("A-1"), "parked", Tone.BAD, "product"),
    (parked("7", kind=Kind.RUN_STEP), "parked", Tone.BAD, "mass-sync"),
    (parked("sandbox", kind=Kind.POLL_ORDERS), "parked", Tone.BAD, "orders"),
    (parked("90000101", kind=Kind.SHIP_ORDER), "parked", Tone.BAD, "order"),
    (parked("A-1", "A-2"), "parked", Tone.BAD, "log"),
    (on(read_at=NOW - timedelta(hours=25), trouble="HTTP 503"), "orders-unread", Tone.BAD, "orders"),
    (on(failing=[FAILING]), "orders-failing", Tone.WARN, "orders"),
    (on(asking=2), "orders-ask", Tone.WARN, "orders"),
    ({"drifted": 4}, "drift", Tone.WARN, "mass-sync"),
    ({"without_sku": 100}, "without-sku", Tone.WARN, "https://sandbox.reverb.com/my/selling/listings"),
    (
        {"loaded": load_settings({"token": TOKEN, "auto_sync": "off"}, {}, {})},
        "auto-sync-off",
        Tone.QUIET,
        "settings-section",
    ),
    (
        {"loaded": load_settings({"token": TOKEN, "auto_sync": "maybe"}, {}, {})},
        "setting-unusable",
        Tone.WARN,
        "settings",
    ),
    ({"skew_seconds": 300.0}, "clock-off", Tone.WARN, None),
    ({"skew_seconds": -300.0}, "clock-off", Tone.WARN, None),
    ({"free_bytes": 1_000_000}, "disk-full", Tone.BAD, None),
    ({"update": UpdateStatus("0.1.0", is_on=True, notice=waiting())}, "update-waiting", Tone.QUIET, "update"),
    (
        {"update": UpdateStatus("0.1.0", is_on=True, notice=waiting(is_security=True))},
        "update-waiting",
        Tone.WARN,
        "update",
    ),
    (
        {"update": UpdateStatus("0.1.0", is_on=True, stale_words="Not in 15 days.")},
        "update-check-stale",
        Tone.WARN,
        "update",
    ),
]


def test_nothing_is_wrong():
    """A plugin that works has no problem to show."""
    assert find_problems(WELL) == []


@pytest.mark.parametrize(("change", "code", "tone", "leads_to"), TROUBLE)
def test_each_trouble_is_a_problem_with_one_next_step(change, code, tone, leads_to):
    """It is told once, with how grave it is; what can be done by a click leads there, else the text says what to do."""
    (problem,) = find_problems(replace(WELL, **change))
    assert (problem.code, problem.tone) == (code, tone)
    assert problem.title
    assert problem.text
    step = problem.step
    assert leads_to == (step and (step.place.url if step.place else step.page))


def test_the_gravest_comes_first():
    """What stops everything stands above what is only worth knowing."""
    loaded = load_settings({"auto_sync": "off"}, {}, {})
    tones = [each.tone for each in find_problems(replace(WELL, loaded=loaded, sender=None, skew_seconds=999.0))]
    assert tones == [Tone.BAD, Tone.WARN, Tone.WARN, Tone.QUIET]


@pytest.mark.parametrize(
    "change",
    [
        {"queue": WAITING, "gate": Gate(9.0, "Reverb cannot be reached")},
        {"queue": WAITING, "run": replace(RUN, state="applying")},
    ],
)
def test_a_queue_that_has_to_wait_is_not_late(change):
    """While Reverb is down or a mass sync runs, waiting is what the queue is for."""
    assert "queue-late" not in {each.code for each in find_problems(replace(WELL, **change))}


@pytest.mark.parametrize(
    "change",
    [
        on(),
        on(read_at=None),
        {"skew_seconds": SKEW_SECONDS - 1},
        {"run": replace(RUN, apply_when_planned=False)},
        {"run": replace(RUN, state="done")},
        {"connection": tried(Check("Billing and verification", Verdict.MISSING, "said long ago", PLACE))},
        {"connection": tried(Check("Shop", Verdict.UNKNOWN, "not seen"))},
    ],
)
def test_what_is_no_problem(change):
    """A clock that is off by seconds, a preview that was only looked at, what was true once, what nobody knows."""
    assert find_problems(replace(WELL, **change)) == []


@pytest.mark.parametrize(("seconds", "told"), [(300.0, "5 min behind Reverb's"), (-7200.0, "2 h ahead of Reverb's")])
def test_which_way_the_clock_is_off(seconds, told):
    """The sentence says which of the two is late."""
    (problem,) = find_problems(replace(WELL, skew_seconds=seconds))
    assert problem.title == f"The clock of this machine is {told}"


def test_facts_are_read_from_the_database(market):
    """What the shop and Reverb have done is what the facts say; a refused product waits for a person."""
    market.save(guitar("GOOD"))
    market.door.add_fault("answer", "POST", "/listings", status=422, body={"message": "Price is too low"})
    market.save(guitar("BAD"))
    market.plugin.store.record([product_changed("NEXT", Reason.BY_HAND)])
    market.clock.advance(60)
    facts = read_facts(market.plugin.store, market.plugin.configuration.load(), market.clock.now())
    assert (facts.links, facts.queue.pending, facts.queue.parked) == (1, 1, 1)
    assert facts.oldest_seconds == 60
    assert facts.last_success_at == market.last("GOOD").created_at
    assert [job.key for job in facts.parked] == ["BAD"]
    assert facts.skew_seconds == 0.0
    assert facts.free_bytes > 0
    assert {each.code for each in find_problems(facts)} == {"no-worker", "parked"}


def test_the_account_that_reverb_wants_completed(market):
    """A refusal to publish leads to the page on Reverb that it names."""
    market.set(auto_publish="on")
    market.door.set(account_ready=False)
    market.save(guitar())
    facts = read_facts(market.plugin.store, market.plugin.configuration.load(), market.clock.now())
    problem = find_problems(facts)[0]
    assert problem.code == "account-incomplete"
    assert problem.step.place.url == "https://sandbox.reverb.com/my/account/settings"


def test_listings_without_sku_are_found_by_a_plan(market):
    """The last plan or check says how many listings nobody can tell the product of."""
    market.door.add_listing(title="No SKU at all", state="live")
    market.plugin.mass_sync.preview()
    market.drain()
    facts = read_facts(market.plugin.store, market.plugin.configuration.load(), market.clock.now())
    assert facts.without_sku == 1


def report(outcome, ended_at=NOW):
    return Report(outcome, "0.1.0", "0.2.0", UpdateStep.INSTALLING, "the disk is full", "", ended_at)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"installed": "0.2.0"}, ["restart-needed"]),
        ({"last_update": report(UpdateOutcome.RESTORED)}, ["update-broken-off"]),
        ({"last_update": report(UpdateOutcome.UNTOUCHED)}, ["update-broken-off"]),
        ({"last_update": report(UpdateOutcome.RESTORED, NOW - timedelta(days=15))}, []),
        ({"last_update": report(UpdateOutcome.INSTALLED)}, []),
        ({"last_update": report(UpdateOutcome.INSTALLED), "sender": None}, ["no-worker", "restart-needed"]),
    ],
)
def test_an_update_is_told_of(changes, codes):
    """What runs still must be restarted after an update, and one that did not succeed is told of for two weeks."""
    assert [problem.code for problem in find_problems(replace(WELL, **changes))] == codes


@pytest.mark.parametrize("hidden", ["skipped", "later", "off"])
def test_an_update_that_was_put_aside(hidden):
    """Of a version that a person does not want to hear of, nothing is said."""
    update = UpdateStatus("0.1.0", is_on=True, notice=waiting(), hidden=hidden)
    assert find_problems(replace(WELL, update=update)) == []


def test_the_orders_are_read_from_the_database(market):
    """When they were last read, what fails and is tried again, and which orders ask a person for something."""
    counter = Counter(market)
    counter.offer(guitar(), orders="stock")
    place, counter.host.change_quantity = counter.host.change_quantity, lambda *args: 1 / 0
    number = counter.buy()
    counter.market.clock.advance(301)
    counter.market.drain(20)
    read_at = counter.market.clock.now()
    store, load = counter.plugin.store, counter.plugin.configuration.load
    facts = read_facts(store, load(), counter.market.clock.now()).orders
    assert [(job.kind, job.key) for job in facts.failing] == [("move_stock", "STRAT")]
    assert "ZeroDivisionError" in facts.failing[0].message
    assert (read_at - facts.read_at).total_seconds() < 60
    assert facts.asking == 0

    counter.host.change_quantity = place
    counter.look(4000)
    counter.door.set_order_status(number, "refunded")
    counter.look()
    facts = read_facts(store, load(), counter.market.clock.now()).orders
    assert (facts.failing, facts.asking) == ([], 1)
    counter.plugin.orders.restock(number, 0)
    assert read_facts(store, load(), counter.market.clock.now()).orders.asking == 0
