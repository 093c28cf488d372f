"""Taking over from a process that was killed."""

import os
import socket
import subprocess
import sys
from datetime import timedelta

from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.sync.owner import is_dead, make_owner


def name_of_a_dead_process():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return f"{socket.gethostname()}:{child.pid}:12345678"


def test_only_what_is_surely_dead_counts_as_dead():
    """This process lives, another machine's may, and a name that is none says nothing."""
    assert is_dead(name_of_a_dead_process())
    assert not is_dead(make_owner())
    assert not is_dead(f"another-machine:{os.getpid()}:12345678")
    assert not is_dead("nonsense")
    assert not is_dead(f"{socket.gethostname()}:1:12345678")


def test_a_killed_sender_is_not_waited_for(market):
    """It held the right to send and a job: both are taken over at once, by the next one that looks."""
    dead = name_of_a_dead_process()
    store = market.plugin.store
    store.record([product_changed("GONE", Reason.PRODUCT_SAVED)])
    assert store.claim_sender(dead, "1", 30)
    assert store.lease(f"{dead}:1", 300) is not None
    started_at = market.clock.now()

    report = market.plugin.drain(5)

    assert (report.left, dict(report.outcomes)) == (0, {"skipped": 1})
    assert market.clock.now() - started_at < timedelta(seconds=2)
