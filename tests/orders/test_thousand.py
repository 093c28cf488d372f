"""Orders of a long outage, while requests fail and processes die: each is in the shop once, and both sides agree."""

import random
import threading
import time

import pytest

FAULTS = ("reset_before", "reset_after", "server_error", "truncate", "rate_limit", "html")
SKUS = 10


class Trouble:
    """About one request in twenty goes wrong, at ten requests a second."""

    def __init__(self, door):
        self._door = door
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._stumble)

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *exc_info):
        self._over.set()
        self._thread.join()
        self._door.clear_faults()

    def _stumble(self):
        numbers = random.Random(5)
        while not self._over.wait(2.0):
            self._door.add_fault(numbers.choice(FAULTS))


def survive(stage, orders, deaths, days=30, longest_seconds=4.0):
    """So many orders over an outage, and so many deaths while they are read and placed."""
    quantity = 2 * orders // SKUS
    stage.offer(**{f"P{number}": quantity for number in range(SKUS)})
    numbers = []
    for number in range(orders):
        stage.go_on(days * 86_400 / orders)
        numbers.append(stage.door.buy(stage.door.listing(f"P{number % SKUS}")["id"]))
    moments = random.Random(orders)
    with Trouble(stage.door):
        while stage.deaths < deaths:
            with stage.start("--seconds", "600") as process:
                assert process.stdout.readline() == "ready\n"
                time.sleep(moments.uniform(0, longest_seconds))
                assert process.poll() is None, "all was done before the last death"
                process.kill()
            stage.deaths += 1
    for _ in range(5):
        stage.go_on(700)
        said = stage.run("--seconds", "600")
        if "left 0" in said:
            break
    assert "left 0" in said
    assert [row[0] for row in stage.shop.orders()] == sorted(numbers)
    left = quantity - orders // SKUS
    assert {stage.both(f"P{number}") for number in range(SKUS)} == {(left, left)}


def test_sixty_orders_and_three_deaths(open_stage):
    """60 orders of 30 days, one request in twenty fails, three processes die."""
    survive(open_stage("ordering"), orders=60, deaths=3, longest_seconds=1.0)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_thousand_orders_and_twenty_deaths(open_stage):
    """1,000 orders of 30 days, one request in twenty fails, twenty processes die."""
    survive(open_stage("ordering"), orders=1000, deaths=20)
