"""Transactions: they wait for each other, they are whole or nothing, and trouble is told once."""

import contextlib
import logging
import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.clock import Clock
from reverb_plugin.errors import StoreError, StoreLockedError
from reverb_plugin.store.store import open_store

ROUNDS = 8
ENGINE = "reverb_plugin.store.engine"


def change(sku):
    return product_changed(sku, Reason.BY_HAND)


@pytest.fixture
def real_store(tmp_path):
    store = open_store(tmp_path / "data", "sandbox", Clock())
    yield store
    store.close()


@pytest.fixture
def other(real_store):
    """Another program's connection to the same file."""
    real_store.queue_status()
    connection = sqlite3.connect(real_store.path, isolation_level=None, timeout=0, check_same_thread=False)
    yield connection
    connection.close()


def test_a_write_that_reads_first_is_not_refused(real_store, other):
    """A transaction that reads and then writes holds the right to write from its beginning."""
    with real_store._database.write() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        connection.exec_driver_sql("DELETE FROM outbox")


def test_a_write_is_whole_or_nothing(real_store):
    """What a transaction wrote before it failed is not there afterwards."""
    with contextlib.suppress(ZeroDivisionError), real_store._database.write() as connection:
        connection.exec_driver_sql("INSERT INTO settings VALUES ('a', 'b', 'c')")
        raise ZeroDivisionError
    assert real_store.saved_settings() == {}


def test_a_write_waits_for_another_process(real_store, other):
    """A short lock by somebody else is waited for."""
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, other.execute, ["ROLLBACK"])
    timer.start()
    started_at = time.monotonic()
    assert real_store.record([change("A")]) == [False]
    assert time.monotonic() - started_at >= 0.2
    timer.join()


def test_trouble_is_waited_for_and_told_once(real_store, other, caplog):
    """A lasting lock costs the patience once, not at each call; the log has one line down and one up."""
    caplog.set_level(logging.INFO, ENGINE)
    other.execute("BEGIN IMMEDIATE")
    started_at = time.monotonic()
    for _ in range(20):
        with pytest.raises(StoreLockedError):
            real_store.record([change("A")])
        real_store.queue_status()
    assert 1.8 < time.monotonic() - started_at < 3.0
    other.execute("ROLLBACK")
    real_store.record([change("A")])
    real_store.record([change("B")])
    down, up = [record.getMessage() for record in caplog.records]
    assert "cannot be used" in down
    assert "locked by another process" in down
    assert up.endswith("can be used again")


@pytest.mark.parametrize("worker_waits", [False, True])
def test_who_is_in_a_hurry_waits_less(real_store, other, worker_waits):
    """Another process does not keep a hook waiting for long, though a patient thread has begun to wait before it."""
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        if worker_waits:
            patient = pool.submit(real_store.record, [change("A")])
            while real_store._database._user is None:
                time.sleep(0.01)
        started_at = time.monotonic()
        with real_store.hurried(0.1), pytest.raises(StoreLockedError):
            real_store.record([change("B")])
        assert time.monotonic() - started_at < 1.5
        if worker_waits:
            assert isinstance(patient.exception(), StoreLockedError)


def test_a_file_that_was_replaced_is_opened_again(real_store):
    """After trouble with a damaged file the next call works as soon as somebody has removed it."""
    real_store.record([change("A")])
    real_store.close()
    for name in ("-wal", "-shm", ""):
        real_store.path.with_name(real_store.path.name + name).unlink(missing_ok=True)
    real_store.path.write_bytes(b"this is no database" * 500)
    with pytest.raises(StoreError, match="not a database"):
        real_store.record([change("A")])
    real_store.path.unlink()
    assert real_store.record([change("A")]) == [False]


def _open_at_once(folder, barrier, results):
    store = open_store(folder, "sandbox", Clock())
    barrier.wait()
    try:
        store.record([change(str(os.getpid()))])
        results.put("")
    except StoreError as error:
        results.put(repr(error))


def test_processes_may_open_a_fresh_database_at_once(tmp_path):
    """Four processes that meet at a database that is not there yet all get to write, and none makes it twice."""
    context = multiprocessing.get_context("fork")
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        barrier, results = context.Barrier(4), context.Queue()
        children = [context.Process(target=_open_at_once, args=(folder, barrier, results)) for _ in range(4)]
        for child in children:
            child.start()
        assert [results.get(timeout=20) for _ in children] == [""] * 4
        for child in children:
            child.join()
        store = open_store(folder, "sandbox", Clock())
        assert store.queue_status().pending == 4
        store.close()


def test_a_signal_in_the_midst_of_a_write_does_not_join_it(real_store):
    """A hook in a signal handler neither waits for the transaction it interrupts nor is rolled back with it."""
    caught = []

    def handler(number, frame):
        try:
            real_store.record([change("from-the-handler")])
        except StoreError as error:
            caught.append(error)

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with real_store._database.write() as connection:
            connection.exec_driver_sql("INSERT INTO settings VALUES ('a', 'b', 'c')")
            os.kill(os.getpid(), signal.SIGUSR1)
            assert real_store.saved_settings() == {}, "a read in between sees what is committed"
        with real_store._database.read() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar()
            os.kill(os.getpid(), signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert [type(error) for error in caught] == [StoreLockedError], "during the write only"
    assert real_store.saved_settings() == {"a": "b"}
    assert real_store.queue_status().pending == 1


def test_threads_share_one_connection(real_store):
    """Eight threads that write at once lose nothing."""
    threads = [
        threading.Thread(target=lambda n=n: [real_store.record([change(f"{n}-{i}")]) for i in range(25)])
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert real_store.queue_status().pending == 200
