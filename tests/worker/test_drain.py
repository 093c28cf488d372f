"""Draining: it sends what is there, keeps to its time and to the pace, and never runs hot while it waits."""

import threading
import time

import pytest

from reverb_plugin.changes import Reason, product_changed, product_deleted, stock_changed
from reverb_plugin.hooks import on_product_saved
from reverb_plugin.host import HookStatus
from reverb_plugin.store import outbox
from reverb_plugin.sync import push
from reverb_plugin.sync.worker import LEASE_SECONDS, THREADS


@pytest.fixture
def refuse_threads(monkeypatch):
    """The host lets us have no thread."""

    start = threading.Thread.start

    def refuse(thread):
        if thread.name.startswith("reverb-plugin"):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)


def skus_created(simulator):
    return [row["sku"] for row in simulator.door.listings() if row["sku"].startswith("SKU-")]


@pytest.fixture
def count_leases(monkeypatch):
    leases, lease = [], outbox.lease
    monkeypatch.setattr(outbox, "lease", lambda *args, **kwargs: leases.append(1) or lease(*args))
    return leases


def test_a_drain_sends_all_and_says_so(configure, simulator, save):
    """Every queued product is a listing afterwards, and the report counts the outcomes."""
    plugin = configure()
    save(plugin, 20)
    report = plugin.drain(60)
    assert dict(report.outcomes) == {"created": 20}
    assert (report.left, report.parked, report.stopped_because) == (0, 0, "")
    assert sorted(skus_created(simulator)) == sorted(f"SKU-{n}" for n in range(20))


def test_urgent_work_goes_first(configure, simulator, save, refuse_threads):
    """Stock changes overtake the saved products that wait already."""
    plugin = configure(requests_per_minute=600)
    save(plugin, 6)
    plugin.store.record([stock_changed("SKU-5", Reason.REFUND), product_changed("SKU-4", Reason.BY_HAND)])
    plugin.drain(30)
    asked = [request.query["sku"] for request in simulator.door.requests("GET", "my/listings")]
    assert asked[0] == "SKU-5"
    assert asked[1:] == ["SKU-0", "SKU-1", "SKU-2", "SKU-3", "SKU-4"]


def test_the_order_of_one_sku_is_kept(configure, simulator, host, save):
    """Changes of one product during its push never overtake each other: the last one wins on Reverb."""
    plugin = configure(worker="thread")
    simulator.door.set(latency_seconds=0.05)
    for price in range(500, 540):
        for number in range(3):
            host.change(f"SKU-{number}", price=price)
            on_product_saved(f"SKU-{number}", plugin=plugin)
        time.sleep(0.05)
    assert plugin.drain(30).left == 0
    simulator.door.set(latency_seconds=0)
    assert [simulator.door.listing(f"SKU-{number}")["price"] for number in range(3)] == ["539.00"] * 3
    of_first = f"/{simulator.door.listing('SKU-0')['id']}"
    puts = [request.body for request in simulator.door.requests("PUT") if request.path.endswith(of_first)]
    sent = [float(body["price"]["amount"]) for body in puts]
    assert len(sent) > 1
    assert sent == sorted(sent)


def test_no_more_than_a_few_requests_are_under_way(configure, simulator, save):
    """However long the queue and however slow Reverb, there are at most so many threads."""
    plugin = configure()
    simulator.door.set(latency_seconds=0.5)
    save(plugin, 20)
    most, done = [0], threading.Event()

    def watch():
        while not done.wait(0.02):
            names = [thread.name for thread in threading.enumerate()]
            most[0] = max(most[0], names.count("reverb-plugin-sender"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    plugin.drain(4)
    done.set()
    watcher.join()
    simulator.door.set(latency_seconds=0)
    assert 1 < most[0] <= THREADS


@pytest.mark.parametrize("threads", [True, False])
def test_a_drain_keeps_to_its_time(configure, simulator, save, request, threads):
    """A drain is over a second or so after its time, with a slow Reverb and with or without threads."""
    plugin = configure()
    simulator.door.set(latency_seconds=0.4)
    save(plugin, 20)
    if not threads:
        request.getfixturevalue("refuse_threads")
    started_at = time.monotonic()
    report = plugin.drain(2)
    took = time.monotonic() - started_at
    simulator.door.set(latency_seconds=0)
    assert 1.5 < took < 4.0
    assert report.left > 0
    assert report.stopped_because == "the time was over"
    assert plugin.drain(60).left == 0


def test_a_drain_does_not_wait_for_a_hanging_reverb(configure, simulator, save):
    """An answer that takes half a minute holds up the end of the drain by about a second."""
    plugin = configure()
    simulator.door.add_fault("latency", times=None, seconds=20)
    save(plugin, 5)
    started_at = time.monotonic()
    plugin.drain(1)
    assert time.monotonic() - started_at < 4.5, "one second, and two for what is under way"
    simulator.door.clear_faults()


def test_without_threads_the_work_is_done_all_the_same(configure, simulator, save, refuse_threads):
    """A host that lets us have no thread is served one product after the other, none leased in advance."""
    plugin = configure()
    save(plugin, 5)
    report = plugin.drain(30)
    assert (report.left, sorted(skus_created(simulator))) == (0, [f"SKU-{n}" for n in range(5)])


def test_waiting_for_the_pace_costs_next_to_nothing(configure, simulator, save, count_leases):
    """With two requests a minute the rest of the time is slept through: hardly a lease, no slot taken and wasted."""
    plugin = configure(requests_per_minute=2)
    save(plugin, 10)
    started_at = time.process_time()
    plugin.drain(6)
    assert len(count_leases) < 20
    assert time.process_time() - started_at < 1.5
    assert len(simulator.door.requests()) == 1
    next_at = plugin.store.get_remote_state().next_at
    assert next_at - time.time() < 31, "no slot was reserved for requests that did not go"


def test_short_drains_from_cron_make_progress_at_a_slow_pace(configure, simulator, save, clock_that_runs):
    """A drain of 20 seconds each minute, at 6 requests a minute, gets through: none wastes the slots of the next."""
    plugin = configure(requests_per_minute=6, clock=clock_that_runs)
    save(plugin, 4)
    for _ in range(6):
        plugin.drain(20)
        clock_that_runs.sleep(40)
    assert sorted(skus_created(simulator)) == [f"SKU-{n}" for n in range(4)]
    assert plugin.store.queue_status().pending == 0


def test_a_job_waits_for_its_second_request_at_a_slow_pace(configure, simulator, save, clock_that_runs):
    """A product that needs two requests gets both, though the second slot is a minute away."""
    plugin = configure(requests_per_minute=1, clock=clock_that_runs)
    save(plugin, 2)
    assert plugin.drain(400).left == 0
    assert len(simulator.door.requests()) == 4
    assert LEASE_SECONDS > 120


def test_one_process_sends_while_the_other_waits(configure, simulator, save):
    """A drain beside another sender sends nothing itself, and is done when the other is."""
    plugin = configure()
    plugin.store.claim_sender("another-process", "1", 30)
    save(plugin, 3)
    report = plugin.drain(2)
    assert (report.left, report.stopped_because) == (3, "another process is sending")
    assert simulator.door.requests() == []
    plugin.store.give_up_sender("another-process")
    assert plugin.drain(20).left == 0
    assert plugin.store.find_sender() is None, "the next process need not wait for the end of its right"


def test_a_worker_that_lost_its_right_stops(configure, simulator, host, save, clock_that_runs):
    """A machine that slept in the midst of a long queue begins nothing more when another process sends now."""
    plugin = configure(clock=clock_that_runs)
    asleep, find = threading.Lock(), host.find_product

    def find_after_sleeping(sku):
        if asleep.acquire(blocking=False):
            clock_that_runs.leap(60)
            assert plugin.store.claim_sender("another-process", "1", 30)
        return find(sku)

    host.find_product = find_after_sleeping
    save(plugin, 20)
    report = plugin.drain(80)
    assert report.stopped_because == "another process is sending"
    assert report.left >= 20 - THREADS


def test_without_threads_the_house_is_kept_between_two_jobs(configure, save, refuse_threads):
    """One look does one job: the right to send is extended and held changes are written in between."""
    plugin = configure()
    save(plugin, 3)
    worker = plugin._worker()
    worker.tend()
    assert plugin.store.queue_status().pending == 2
    worker.stop()


def test_a_job_of_a_busy_sku_is_not_looked_for_all_the_time(configure, save, count_leases):
    """Work that cannot be begun, because its SKU is at work elsewhere, does not make the worker spin."""
    plugin = configure()
    save(plugin, 1)
    plugin.store.lease("a-worker-that-died", LEASE_SECONDS)
    plugin.store.record([stock_changed("SKU-1", Reason.REFUND)])
    plugin.drain(1)
    del count_leases[:]
    plugin.store.record([product_deleted("SKU-0")])
    plugin.drain(3)
    assert len(count_leases) <= 6


def test_a_hook_fired_by_our_own_call_is_an_echo(configure, host, save):
    """A shop whose find_product calls the hook of the same product is not asked about it for ever."""
    plugin = configure()
    results, find = [], host.find_product

    def find_and_fire(sku):
        results.append(on_product_saved(sku, plugin=plugin))
        results.append(on_product_saved("SKU-19", plugin=plugin))
        return find(sku)

    host.find_product = find_and_fire
    save(plugin, 1)
    assert plugin.drain(20).left == 0
    assert results[0].status is HookStatus.IGNORED
    assert "at work on this product" in results[0].reason
    assert results[1].status is HookStatus.QUEUED, "other products are other news"
    assert len(plugin.store.log_page()) == 2


@pytest.mark.swallows
def test_a_stumble_parks_one_job_and_harms_no_other(configure, save, monkeypatch, clock_that_runs):
    """A bug met with one product is told, tried again with growing waits, and left to a person; the others are sent."""
    make_payload = push.make_payload

    def stumble(product, *args):
        if product.sku == "SKU-1":
            raise ZeroDivisionError("a bug")
        return make_payload(product, *args)

    monkeypatch.setattr(push, "make_payload", stumble)
    plugin = configure(clock=clock_that_runs)
    save(plugin, 3)
    report = plugin.drain(30)
    assert report.left == 1
    entry = next(row for row in plugin.store.log_page() if row.sku == "SKU-1")
    assert "ZeroDivisionError: a bug" in entry.message
