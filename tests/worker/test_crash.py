"""kill -9 at any moment loses nothing and doubles nothing.

A lease lasts five minutes, and an unanswered create is looked for during one. A test cannot wait for that, so the
killed process is started again ten minutes later by its own clock, and the simulator is told that its search index had
the time to catch up.
"""

import contextlib
import random
import re
import sqlite3
import subprocess
import sys
import time

import pytest

from reverb_plugin.simulator.door import SimulatorDoor
from reverb_plugin.store.store import FILE_NAME
from tests.children import finish, start

TOKEN = "a-token-for-crashes"
SENDER = """
from reverb_plugin.clock import Clock

token, url, products, round_number, speed = arguments[0], arguments[1], *map(int, arguments[2:])


class LaterClock(Clock):
    def __init__(self):
        self.base, self.first = super().monotonic(), super().now()

    def now(self):
        return self.first + timedelta(minutes=10 * round_number, seconds=self.monotonic() - self.base)

    def monotonic(self):
        return self.base + (super().monotonic() - self.base) * speed

    def sleep(self, seconds):
        super().sleep(seconds / speed)

    def wait(self, event, seconds):
        return super().wait(event, seconds / speed)


def price(n):
    last_change = max((r for r in range(1, round_number + 1) if n in changed(r)), default=0)
    return 1000 + n + last_change


def changed(r):
    return range(r * 3 % products, min(r * 3 % products + 3, products))


host = FakeHost([make_product(n, price(n)) for n in range(products)])
plugin = open_plugin(host, token=token, api_url=url, clock=LaterClock())
for n in changed(round_number) if round_number else range(products):
    assert on_product_saved(f"SKU-{n}").status in ("queued", "coalesced")
say("noted")
report = plugin.drain(2000)
say(report.left, report.parked, *(price(n) for n in range(products)))
plugin.close()
"""
HOOKS = """
plugin = open_plugin()
n = 0
while True:
    n += 1
    if on_product_saved(f"{arguments[0]}-{n}").status == "queued":
        say(f"{arguments[0]}-{n}")
"""


@pytest.fixture
def url():
    """A simulator in its own process; the address of its API."""
    command = [sys.executable, "-m", "reverb_plugin.simulator", "--token", TOKEN, "--latency", "0.03"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield re.search(r"http\S+", process.stdout.readline()).group()
        process.terminate()


def assert_whole(folder):
    with contextlib.closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def kill_while_sending(folder, url, products, kills, seed):
    """Kills the sender so many times at random moments, then lets it finish; what it said, and the listings."""
    door, dice = SimulatorDoor(url.removesuffix("/api") + "/_simulator"), random.Random(seed)
    for number in range(kills):
        child = start(SENDER, folder, TOKEN, url, products, number, 4)
        assert child.stdout.readline() == "noted\n", child.stderr.read()
        time.sleep(dice.uniform(0.0, 0.6))
        child.kill()
        child.communicate()
        assert_whole(folder)
        door.index_now()
    child = start(SENDER, folder, TOKEN, url, products, kills, 4)
    assert child.stdout.readline() == "noted\n"
    (said,) = finish(child, timeout=200)
    return [int(word) for word in said.split()], door


def assert_nothing_lost_or_doubled(folder, url, products, kills, seed):
    (left, parked, *prices), door = kill_while_sending(folder, url, products, kills, seed)
    assert (left, parked) == (0, 0)
    listings = {n: door.listings_of(f"SKU-{n}") for n in range(products)}
    assert {n: len(rows) for n, rows in listings.items()} == dict.fromkeys(range(products), 1)
    assert [float(listings[n][0]["price"]) for n in range(products)] == prices
    assert_whole(folder)


def test_killing_the_sender_loses_and_doubles_nothing(tmp_path, url):
    """Six kills during the push of 40 products: one listing for each, at its last price, and an empty queue."""
    assert_nothing_lost_or_doubled(tmp_path, url, 40, 6, seed=1)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [2, 3])
def test_killing_the_sender_often_loses_and_doubles_nothing(tmp_path, url, seed):
    """The same with thirty kills and 100 products."""
    assert_nothing_lost_or_doubled(tmp_path, url, 100, 30, seed=seed)


def kill_while_noting(folder, kills, seed):
    dice, noted = random.Random(seed), []
    for number in range(kills):
        child = start(HOOKS, folder, f"R{number}")
        first = child.stdout.readline()
        time.sleep(dice.uniform(0.0, 0.3))
        child.kill()
        out, _ = child.communicate()
        noted += [first.strip(), *(line for line in out.split("\n")[:-1])]
        assert_whole(folder)
    with contextlib.closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        kept = {row[0] for row in connection.execute("SELECT key FROM outbox")}
    return noted, kept


def test_what_a_hook_called_queued_survives_the_kill(tmp_path):
    """Each change that a hook called queued is in the outbox after kill -9 of the shop's process."""
    noted, kept = kill_while_noting(tmp_path, 5, seed=4)
    assert len(noted) > 50
    assert set(noted) <= kept


@pytest.mark.long
def test_what_a_hook_called_queued_survives_many_kills(tmp_path):
    """The same with thirty kills."""
    noted, kept = kill_while_noting(tmp_path, 30, seed=5)
    assert set(noted) <= kept
