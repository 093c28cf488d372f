"""The outbox, promise by promise; what holds for any order of events is in test_outbox_machine.py."""

from datetime import timedelta

import pytest

from reverb_plugin.changes import Change, Kind, Priority, Reason, Scope, product_changed, product_deleted, stock_changed
from reverb_plugin.store.links import Link
from reverb_plugin.store.store import Done, Later, Park
from tests.store.entries import settlement

LEASE = 300.0


def saved(sku="A"):
    return product_changed(sku, Reason.PRODUCT_SAVED)


def lease(store, name="w1"):
    return store.lease(name, LEASE)


def test_changes_of_one_product_coalesce(store):
    """The second save joins the first one's row, and one job does for both."""
    assert store.record([saved()]) == [False]
    assert store.record([saved(), saved("B")]) == [True, False]
    assert store.queue_status().pending == 2


def test_stock_goes_before_saves_and_saves_before_mass_work(store):
    """A late quantity oversells: stock first, then what was saved, then mass work, each in the order it came."""
    mass = [Change(Kind.PUSH_PRODUCT, sku, Reason.BY_HAND, priority=Priority.MASS) for sku in ("M1", "M2")]
    store.record([*mass, saved("S1"), saved("S2"), stock_changed("Q1", Reason.REFUND)])
    store.record([stock_changed("M2", Reason.ORDER_PLACED)])
    keys = [lease(store, str(n)).key for n in range(5)]
    assert keys[:2] == ["M2", "Q1"]
    assert keys[2:] == ["S1", "S2", "M1"]


def test_only_one_job_of_a_sku_is_at_work(store):
    """While a SKU is being pushed, no other kind of job for it is begun; the other SKUs go on."""
    store.record([saved("A"), saved("B")])
    first = lease(store)
    store.record([product_deleted("A")])
    assert lease(store, "w2").key == "B"
    assert lease(store, "w3") is None
    assert store.next_due_at() is None, "nothing can be begun now, so nobody need look"
    store.settle(first, settlement())
    assert lease(store, "w4").kind is Kind.END_LISTING


def test_a_change_during_the_attempt_runs_again(store):
    """What arrives while the job is leased is not covered by it."""
    store.record([saved()])
    job = lease(store)
    assert store.record([saved()]) == [True]
    store.settle(job, settlement())
    assert lease(store, "w2").key == "A"


@pytest.mark.parametrize("then", [Later(3600.0), Park("f" * 8)])
def test_a_change_during_a_failing_attempt_runs_at_once(store, then):
    """Neither the wait after a failure nor parking holds back a change that the attempt did not see."""
    store.record([saved()])
    job = lease(store)
    store.record([saved()])
    store.settle(job, settlement(then))
    assert lease(store, "w2") is not None


def test_a_deferred_job_waits_its_time(store, clock):
    """Later means later, to the second."""
    store.record([saved()])
    store.settle(lease(store), settlement(Later(10.0)))
    assert store.next_due_at() == clock.now() + timedelta(seconds=10)
    clock.advance(9.9)
    assert lease(store) is None
    clock.advance(0.2)
    assert lease(store).attempts == 1


def test_a_deferral_that_is_not_the_jobs_fault_does_not_count(store, clock):
    """Tries are counted only when they say something about the job."""
    store.record([saved()])
    store.settle(lease(store), settlement(Later(1.0, counts=False)))
    clock.advance(2)
    assert lease(store).attempts == 0


def test_a_parked_job_waits_for_a_person_or_a_change(store):
    """Parked jobs are not begun; trying again or saving the product wakes them with a fresh count of tries."""
    store.record([saved("A"), saved("B"), saved("C")])
    for name in "abc":
        store.settle(lease(store, name), settlement(Park()))
    assert [job.key for job in store.parked_jobs()] == ["A", "B", "C"]
    assert lease(store) is None
    assert store.retry("A") == 1
    assert (lease(store).key, store.queue_status().parked) == ("A", 2)
    store.record([saved("B")])
    job = lease(store, "w2")
    assert (job.key, job.attempts) == ("B", 0)
    assert store.retry() == 1


def test_a_save_is_not_hidden_by_the_order_that_joins_it(store):
    """A saved product lifts its tombstone even when an order of it joins the job."""
    store.record([saved()])
    store.record([stock_changed("A", Reason.ORDER_PLACED)])
    job = lease(store)
    assert (job.reason, job.scope) == (Reason.PRODUCT_SAVED, Scope.ALL)


def test_a_job_whose_worker_died_is_taken_back(store, clock):
    """After the lease the job is free again, counted as one try, and remembers an unanswered create."""
    store.record([saved()])
    job = lease(store)
    store.note_create_sent(job)
    sent_at = clock.now()
    clock.advance(LEASE - 1)
    assert store.reap() == 0
    clock.advance(2)
    assert store.reap() == 1
    again = lease(store, "w2")
    assert (again.attempts, again.create_sent_at) == (1, sent_at)


@pytest.mark.parametrize("act", ["done", "later", "park", "release", "note"])
def test_a_worker_whose_job_was_taken_back_cannot_touch_it(store, clock, sql, act):
    """The late worker changes neither the job of the one who has it now nor what is known of the listing."""
    store.record([saved()])
    late = lease(store)
    clock.advance(LEASE + 1)
    store.reap()
    lease(store, "w2")
    before = sql("SELECT * FROM outbox")
    if act == "release":
        store.release(late)
    elif act == "note":
        store.note_create_sent(late)
    else:
        then = {"done": Done(), "later": Later(5.0), "park": Park("x")}[act]
        store.settle(late, settlement(then, link=Link("A", listing_id="1"), follow_up=saved("B")))
        assert len(store.log_page()) == 1, "what it did is logged all the same"
    assert sql("SELECT * FROM outbox") == before
    assert store.find_link("A") is None


def test_job_link_and_log_row_are_settled_together(store, monkeypatch):
    """When the log row cannot be written, the job is not done and the link is not saved."""
    store.record([saved()])
    job = lease(store)
    broken = settlement(link=Link("A", listing_id="1"))
    object.__setattr__(broken.entry, "errors", [type("E", (), {"field": object(), "message": ""})()])
    with pytest.raises(Exception, match=r"JSON|serializ"):
        store.settle(job, broken)
    assert (store.queue_status().leased, store.find_link("A")) == (1, None)


def test_one_process_has_the_right_to_send(store, clock):
    """Others get it when it is given up, when it has run out, or when the clock was set back."""
    assert store.claim_sender("p1", "1", 30)
    assert not store.claim_sender("p2", "1", 30)
    clock.advance(20)
    assert store.claim_sender("p1", "1", 30)
    clock.advance(20)
    assert not store.claim_sender("p2", "1", 30)
    assert store.find_sender().owner == "p1"
    clock.advance(11)
    assert store.find_sender() is None
    assert store.claim_sender("p2", "1", 30)
    store.give_up_sender("p1")
    assert store.find_sender().owner == "p2"
    store.give_up_sender("p2")
    assert store.claim_sender("p1", "1", 9999)
    assert store.claim_sender("p2", "1", 30), "the first one's clock ran ahead"


def test_the_next_due_job_is_found_without_looking_through_all(store, sql):
    """The look for work reads a handful of index entries, however long the queue is."""
    store.record([saved(f"S-{n}") for n in range(3000)])
    steps = []
    with store._database.read() as connection:
        raw = connection.connection.driver_connection
        raw.set_progress_handler(lambda: steps.append(1), 100)
    assert store.next_due_at() is not None
    raw.set_progress_handler(None, 0)
    assert len(steps) < 10, "fewer than a thousand steps of SQLite's machine"
