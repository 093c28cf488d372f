"""The outbox under any order of events, with two workers of which either may be late or dead."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from reverb_plugin.changes import Reason, product_changed, product_deleted, stock_changed
from reverb_plugin.store.store import Done, Later, Park, open_store
from reverb_plugin.testing import FrozenClock
from tests.store.entries import settlement

LEASE_SECONDS = 300.0
CHANGES = {
    "saved": lambda sku: product_changed(sku, Reason.PRODUCT_SAVED),
    "stock": lambda sku: stock_changed(sku, Reason.ORDER_PLACED),
    "deleted": product_deleted,
}
THENS = {"done": Done(), "later": Later(60.0), "not my fault": Later(60.0, counts=False), "park": Park("f")}


@dataclass
class Row:
    """What a row of the outbox should be. ``is_news`` says that a change came which no lease has seen."""

    state: str
    priority: int
    due_at: datetime
    attempts: int = 0
    is_news: bool = True
    lease_id: str | None = None
    leased_until: datetime | None = None


class OutboxMachine(RuleBasedStateMachine):
    """The real outbox beside a model of it."""

    jobs = Bundle("jobs")

    @initialize()
    def open(self):
        self.folder = Path(tempfile.mkdtemp())
        self.clock = FrozenClock()
        self.store = open_store(self.folder, "sandbox", self.clock)
        self.rows = {}
        self.leases = 0

    def teardown(self):
        self.every_change_leads_to_a_lease()
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(sku=st.sampled_from("ABC"), what=st.sampled_from(sorted(CHANGES)))
    def record(self, sku, what):
        change = CHANGES[what](sku)
        key, now = (change.kind, sku), self.clock.now()
        row = self.rows.get(key)
        assert self.store.record([change]) == [row is not None], "it says whether it joined a row"
        if row is None:
            self.rows[key] = Row("pending", change.priority, now)
            return
        row.is_news = True
        row.priority = min(row.priority, change.priority)
        row.due_at = min(row.due_at, now)
        if row.state == "parked":
            row.state, row.attempts = "pending", 0

    @rule(target=jobs, worker=st.sampled_from(["w1", "w2"]))
    def lease(self, worker):
        self.leases += 1
        busy = {key[1] for key, row in self.rows.items() if row.state == "leased"}
        free = {
            key: row
            for key, row in self.rows.items()
            if row.state == "pending" and row.due_at <= self.clock.now() and key[1] not in busy
        }
        job = self.store.lease(f"{worker}-{self.leases}", LEASE_SECONDS)
        if job is None:
            assert not free
            return multiple()
        row = free[(job.kind, job.key)]
        most_urgent = min((other.priority, other.due_at) for other in free.values())
        assert (row.priority, row.due_at) == most_urgent
        assert job.attempts == row.attempts
        row.state, row.is_news, row.lease_id = "leased", False, job.lease_id
        row.leased_until = self.clock.now() + timedelta(seconds=LEASE_SECONDS)
        return job

    @rule(job=jobs, then=st.sampled_from(sorted(THENS)))
    def settle(self, job, then):
        before = self.dump()
        self.store.settle(job, settlement(THENS[then]))
        row = self.mine(job)
        if row is None:
            assert self.dump() == before, "a worker whose lease is gone changes nothing"
        elif then == "done" and not row.is_news:
            del self.rows[(job.kind, job.key)]
        else:
            self.give_back(row, then)

    def give_back(self, row, then):
        now = self.clock.now()
        row.state, row.lease_id, row.due_at = "pending", None, now
        if then == "done":
            row.attempts = 0
        elif then == "park":
            row.state = "pending" if row.is_news else "parked"
            row.attempts = 0 if row.is_news else row.attempts + 1
        else:
            row.attempts += then == "later"
            row.due_at = now if row.is_news else now + timedelta(seconds=60)

    @rule(job=jobs)
    def release(self, job):
        before = self.dump()
        self.store.release(job)
        row = self.mine(job)
        if row is None:
            assert self.dump() == before
        else:
            row.state, row.lease_id, row.due_at = "pending", None, self.clock.now()

    @rule()
    def reap(self):
        lost = [row for row in self.rows.values() if row.state == "leased" and row.leased_until < self.clock.now()]
        assert self.store.reap() == len(lost)
        for row in lost:
            row.state, row.lease_id, row.due_at = "pending", None, self.clock.now()
            row.attempts += 1

    @rule(sku=st.sampled_from(["A", "B", None]))
    def retry(self, sku):
        woken = [row for key, row in self.rows.items() if row.state == "parked" and sku in (None, key[1])]
        assert self.store.retry(sku) == len(woken)
        for row in woken:
            row.state, row.attempts, row.due_at = "pending", 0, self.clock.now()

    @rule(seconds=st.sampled_from([1, 59, 61, 301, 3600]))
    def time_passes(self, seconds):
        self.clock.advance(seconds)

    @invariant()
    def rows_are_as_they_should_be(self):
        if not hasattr(self, "store"):
            return
        found = {
            (kind, key): (state, priority, attempts, lease_id, datetime.fromisoformat(due))
            for kind, key, state, priority, attempts, lease_id, due in self.query(
                "SELECT kind, key, state, priority, attempts, lease_id, available_at FROM outbox"
            )
        }
        expected = {
            key: (row.state, row.priority, row.attempts, row.lease_id, row.due_at) for key, row in self.rows.items()
        }
        # While a job is leased, when it was due says nothing.
        assert {key: row[:4] for key, row in found.items()} == {key: row[:4] for key, row in expected.items()}
        for key, row in self.rows.items():
            assert row.state == "leased" or found[key][4] == row.due_at

    @invariant()
    def no_sku_is_leased_twice(self):
        if hasattr(self, "store"):
            twice = "SELECT key FROM outbox WHERE state = 'leased' GROUP BY key HAVING count(*) > 1"
            assert self.query(twice) == []

    @invariant()
    def the_next_due_job_can_be_leased(self):
        if not hasattr(self, "store"):
            return
        busy = {key[1] for key, row in self.rows.items() if row.state == "leased"}
        due = [row.due_at for key, row in self.rows.items() if row.state == "pending" and key[1] not in busy]
        assert self.store.next_due_at() == min(due, default=None)

    def every_change_leads_to_a_lease(self):
        """No change is lost: each one that no lease had seen is leased when all is quiet, and then all is done."""
        if not hasattr(self, "store"):
            return
        news = {key for key, row in self.rows.items() if row.is_news}
        self.clock.advance(4000)
        self.store.reap()
        leased = set()
        while job := self.store.lease(f"last-{len(leased)}", LEASE_SECONDS):
            leased.add((job.kind, job.key))
            self.store.settle(job, settlement())
        assert news <= leased
        assert self.store.queue_status().pending + self.store.queue_status().leased == 0

    def mine(self, job):
        row = self.rows.get((job.kind, job.key))
        return row if row is not None and row.lease_id == job.lease_id else None

    def dump(self):
        return self.query("SELECT * FROM outbox ORDER BY id")

    def query(self, statement):
        with self.store._database.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]


TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = settings(max_examples=60, stateful_step_count=40)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_outbox_for_long():
    """The same, for many more orders of events and new ones in each run."""
    run_state_machine_as_test(
        OutboxMachine, settings=settings(max_examples=800, stateful_step_count=80, derandomize=False)
    )
