"""`reverb-plugin push` and `reverb-plugin drain`: sending while a person or cron waits."""

import os
import signal
from datetime import UTC, datetime

import pytest

from reverb_plugin.changes import Outcome, Priority, Reason, product_changed, product_deleted, stock_changed
from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.cli.sending import read_result
from reverb_plugin.clock import Clock
from reverb_plugin.errors import FieldError, InvalidValueError, NotConfiguredError, TokenRefusedError
from reverb_plugin.store.store import Done, Park, open_store
from reverb_plugin.sync.worker import DrainReport
from tests.cli.attempts import attempt
from tests.cli.terminal import read_until, wait_until

GOOD = ("A-1,Chorus Pedal,99.00,3,Boss,CH-1,Brand New", "A-2,Flanger [new],89.00,2,Boss,BF-3,Brand New")
NO_PRICE = "A-3,Phaser,,1,Boss,PH-3,Brand New"
NOWHERE = "http://127.0.0.1:9/api"


def listed(simulator):
    """The SKUs that Reverb has."""
    return sorted(row["sku"] for row in simulator.door.listings())


class TestProductFile:
    """Pushing a product file."""

    def test_all_of_it(self, connected, simulator):
        """Every product becomes a listing; the second time nothing is sent."""
        connected.write_products(*GOOD)

        first, second = connected.run("push", "products.csv"), connected.run("push", "products.csv")

        assert (first.returncode, first.stdout, first.stderr) == (0, "Sent: 2 created.\n", "")
        assert second.stdout == "Sent: 2 unchanged.\n"
        assert listed(simulator) == ["A-1", "A-2"]

    def test_some_of_it(self, connected, simulator):
        """SKUs behind the file choose; one that the file does not have is told."""
        connected.write_products(*GOOD)

        run = connected.run("push", "products.csv", "A-2", "A-9")

        assert (run.returncode, run.stdout.splitlines()[0]) == (0, "Sent: 1 created, 1 skipped.")
        assert "The shop has no product with this SKU." in run.stdout
        assert listed(simulator) == ["A-2"]

    def test_refused(self, connected):
        """What was refused is told with the reason and what to do next, and the exit code is 1."""
        connected.write_products(*GOOD, NO_PRICE)

        run = connected.run("push", "products.csv")

        assert run.returncode == ExitCode.NEEDS_A_PERSON
        assert "Sent: 2 created, 1 refused." in run.stdout
        assert "- price: the shop gives no price" in run.stdout
        assert InvalidValueError.hint in " ".join(run.stdout.split())

    def test_rows_that_cannot_be_read(self, connected, simulator):
        """They are named by line and column, the others are sent, and the exit code is 1."""
        connected.write_products(GOOD[0], ",No SKU,1,1,Boss,X,Brand New", "A-4,Loud,cheap,1,Boss,X,Brand New", GOOD[1])

        run = connected.run("push", "products.csv", "A-1", "A-2")

        assert run.returncode == ExitCode.NEEDS_A_PERSON
        assert "products.csv: line 3, column sku" in run.stderr
        assert "products.csv: line 4, column price, SKU A-4" in run.stderr
        assert listed(simulator) == ["A-1", "A-2"]

    def test_changes_of_another_shop_wait(self, connected, simulator):
        """What waits for a shop that is a program is not taken for gone: nothing is sent, and the way out is told."""
        connected.write_products(*GOOD)
        with connected.memory() as store:
            store.record([stock_changed(f"SHOP-{number}", Reason.ORDER_PLACED) for number in range(7)])
            store.record([product_deleted("SHOP-7")])

            run = connected.run("push", "products.csv")

            assert run.returncode == ExitCode.USAGE
            told = " ".join(run.stderr.split())
            assert "8 changes wait of products that products.csv does not have: SHOP-0, SHOP-1" in told
            assert "and 3 more" in told
            assert "reverb-plugin drain --host" in told
            assert "--data-dir" in told
            assert store.queue_status().pending == 8
        assert simulator.door.requests() == []

    def test_orders_and_parcels_are_nobody_elses_products(self, connected, simulator):
        """A look for orders and a parcel that waits do not keep a file from being sent."""
        connected.write_products(*GOOD)
        with connected.memory() as store:
            store.orders.ask_for_poll(3600)
            store.record_shipment("90000101", "UPS", "1Z999")

        assert connected.run("push", "products.csv", "--timeout", "30").returncode != ExitCode.USAGE
        assert listed(simulator) == ["A-1", "A-2"]

    def test_changes_of_products_taken_out_of_the_file(self, connected, simulator):
        """A seller who took a waiting product out of the file lets its change go by naming it."""
        connected.write_products(*GOOD)
        connected.run("push", "products.csv", "--timeout", "0")
        connected.write_products(GOOD[0])

        refused = connected.run("push", "products.csv")
        named = connected.run("push", "products.csv", "A-1", "A-2")

        assert refused.returncode == ExitCode.USAGE
        assert "reverb-plugin push products.csv A-2" in refused.stderr
        assert (named.returncode, named.stdout.splitlines()[0]) == (0, "Sent: 1 created, 1 skipped.")
        assert listed(simulator) == ["A-1"]

    def test_parked_changes_of_another_shop_stay_parked(self, connected):
        """What waits for a person is not sent, so it does not stand in the way."""
        with connected.memory() as store:
            attempt(store, "SHOP-1", Park(), Outcome.REFUSED)

            run = connected.run("push", "products.csv")

            assert (run.returncode, run.stdout) == (0, "Sent: 1 created.\n")
            assert [job.key for job in store.parked_jobs()] == ["SHOP-1"]

    def test_run_of_the_whole_shop_is_not_done_with_a_part_of_it(self, connected, simulator):
        """A mass sync is under way: its next step would take the file for all that the shop has."""
        simulator.door.add_listings([{"sku": "A-9", "inventory": 1, "has_inventory": True, "title": "Pedal"}])
        connected.run("mass-sync", "--preview", REVERB_TOKEN="dead")
        simulator.door.clear_requests()

        refused = connected.run("push", "products.csv")
        connected.run("mass-sync", "--cancel")
        pushed = connected.run("push", "products.csv")

        assert refused.returncode == ExitCode.NOT_SENT
        assert "mass sync 1" in refused.stderr
        assert (pushed.returncode, pushed.stdout) == (0, "Sent: 1 created.\n")

    def test_an_order_during_the_push_is_kept(self, connected, simulator):
        """A change that another shop notes while the file is sent is not ended with the file's word."""
        simulator.door.set(latency_seconds=0.3)
        connected.write_products(*(f"A-{number},Pedal {number},9.00,1,Boss,X,Brand New" for number in range(9)))

        with connected.memory() as store, connected.started("push", "products.csv", "--timeout", "6") as process:
            wait_until(simulator.door.requests)
            store.record([stock_changed("SHOP-1", Reason.ORDER_PLACED)])
            process.communicate(timeout=30)

            assert process.returncode == ExitCode.NOT_SENT
            assert store.waiting_skus() == ["SHOP-1"]

    def test_that_is_none(self, connected):
        """A file with other columns is refused with what is expected."""
        (connected.folder / "prices.csv").write_text("colour,taste\nred,sweet\n")

        run = connected.run("push", "prices.csv")

        assert run.returncode == ExitCode.NEEDS_A_PERSON
        assert "is no product CSV" in run.stderr
        assert "save the product again" not in run.stderr

    def test_host_on_the_command_line_makes_it_a_sku(self, connected):
        """With --host given, what ends in .csv is a SKU."""
        run = connected.run("push", "--host", "shop:make_shop", "products.csv")

        assert "Sent: 1 skipped." in run.stdout

    def test_behind_skus(self, connected, simulator):
        """A file that does not come first is no SKU: the right order is told, and nothing is sent."""
        run = connected.run("push", "A-1", "products.csv")

        assert run.returncode == ExitCode.USAGE
        assert "the product file comes first: `reverb-plugin push products.csv ...`" in run.stderr
        assert simulator.door.requests() == []

    def test_currency(self, connected, simulator):
        """The currency of prices can be said."""
        connected.run("push", "products.csv", "--currency", "EUR")

        assert simulator.door.listing("A-1")["currency"] == "EUR"


class TestHost:
    """Pushing from a shop that is a program."""

    def test_all(self, connected, simulator):
        """--all takes every product."""
        connected.write_products(*GOOD)

        assert connected.run("push", "--all").stdout == "Sent: 2 created.\n"
        assert listed(simulator) == ["A-1", "A-2"]

    def test_no_wait(self, connected, simulator):
        """--no-wait only notes the changes; a mass of them goes behind a saved product."""
        connected.write_products(*GOOD)

        run = connected.run("push", "--all", "--no-wait", REVERB_TOKEN="")

        assert (run.returncode, run.stdout) == (0, "2 changes are noted.\n")
        assert simulator.door.requests() == []
        with connected.memory() as store:
            store.record([product_changed("B-1", Reason.PRODUCT_SAVED)])
            assert store.lease("test", 60).key == "B-1"
            assert store.lease("test", 60).reason == Reason.BY_HAND
        assert Priority.SAVED < Priority.MASS

    def test_shop_that_fails(self, connected):
        """An adapter that raises is named, without a traceback."""
        code = "\nclass Tired(Shop):\n    def iter_products(self, after_sku=None):\n        raise OSError('asleep')\n"
        (connected.folder / "shop.py").write_text((connected.folder / "shop.py").read_text() + code)

        run = connected.run("push", "--all", "--host", "shop:Tired")

        assert run.returncode == ExitCode.NEEDS_A_PERSON
        assert "iter_products raised OSError: asleep" in run.stderr
        assert len(run.stderr.splitlines()) == 2


@pytest.mark.parametrize("command", [["push", "--all"], ["drain"]], ids=" ".join)
class TestTrouble:
    """What stands in the way of sending."""

    def test_no_token(self, command, terminal):
        """Without a token it ends at once with 3 and says how to enter one; nothing is noted."""
        run = terminal.run(*command, REVERB_HOST="shop:make_shop")

        assert run.returncode == ExitCode.NOT_CONFIGURED
        assert NotConfiguredError.hint in run.stderr
        with terminal.memory() as store:
            assert store.queue_status().pending == 0

    def test_refused_token(self, command, connected):
        """A token that Reverb refuses ends it soon with 3, whatever the timeout; the changes stay."""
        connected.run("push", "--all", "--no-wait")

        run = connected.run(*command, "--timeout", "900", REVERB_TOKEN="dead")

        assert run.returncode == ExitCode.NOT_CONFIGURED
        assert TokenRefusedError.hint in run.stderr
        assert "1 change is left in the queue" in run.stderr

    def test_reverb_cannot_be_reached(self, command, connected):
        """When the time is over and work is left, it says why and ends with 4."""
        connected.run("push", "--all", "--no-wait")

        run = connected.run(*command, "--timeout", "4", REVERB_API_URL=NOWHERE)

        assert run.returncode == ExitCode.NOT_SENT
        assert "1 change is left in the queue" in run.stderr
        assert "A-1" in run.stdout
        assert "deferred" in run.stdout

    def test_another_process_sends(self, command, connected):
        """While another process has the right to send, it waits and then says so."""
        connected.run("push", "--all", "--no-wait")
        with connected.memory() as store:
            store.claim_sender("another", "1.0", 30)

            run = connected.run(*command, "--timeout", "1")

        assert run.returncode == ExitCode.NOT_SENT
        assert "another process is sending" in run.stderr

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_interrupted(self, command, number, connected, simulator):
        """Interrupted, it ends with 130, and another process may send at once."""
        simulator.door.set(latency_seconds=0.5)
        connected.write_products(*(f"A-{number},Pedal {number},9.00,1,Boss,X,Brand New" for number in range(30)))
        connected.run("push", "--all", "--no-wait")

        with connected.started(*command) as process:
            wait_until(simulator.door.requests)
            process.send_signal(number)
            _, errors = process.communicate(timeout=10)

        assert (process.returncode, errors) == (ExitCode.INTERRUPTED, "Interrupted.\n")
        with connected.memory() as store:
            assert store.find_sender() is None
            assert store.queue_status().pending > 0


class TestDrain:
    """Draining from cron."""

    def test_empty(self, connected):
        """Nothing to do is 0."""
        run = connected.run("drain")

        assert (run.returncode, run.stdout, run.stderr) == (0, "There was nothing to send.\n", "")

    def test_parked(self, connected):
        """What is refused now is an error and ends it with 1; what was parked before is only mentioned."""
        connected.write_products(NO_PRICE)
        connected.run("push", "--all", "--no-wait")

        first, second = connected.run("drain"), connected.run("drain")

        told = "1 parked; `reverb-plugin status` tells why.\n"
        assert "refused" in first.stdout
        assert (first.returncode, first.stderr) == (ExitCode.NEEDS_A_PERSON, told)
        assert (second.returncode, second.stdout, second.stderr) == (0, f"There was nothing to send.\n{told}", "")

    def test_verbose(self, connected):
        """--verbose shows the plugin's log, on standard error only, before or behind the command's name."""
        connected.run("push", "--all", "--no-wait")

        runs = connected.run("--verbose", "drain"), connected.run("drain", "--verbose")

        assert "reverb_plugin.sync.run: A-1 created" in runs[0].stderr
        assert [run.stdout for run in runs] == ["Sent: 1 created.\n", "There was nothing to send.\n"]


def test_progress_on_a_terminal(connected, simulator):
    """On a terminal a bar tells how far it is; standard output has only the result."""
    simulator.door.set(latency_seconds=0.2)
    connected.write_products(*GOOD)
    person, screen = os.openpty()
    connected.variables |= {"TERM": "xterm-256color"}

    with connected.started("push", "--all", stderr=screen) as process:
        shown = read_until(person, "/2")
        output, _ = process.communicate(timeout=20)
    os.close(screen)
    os.close(person)

    assert "Sending" in shown
    assert output == "Sent: 2 created.\n"


def test_last_attempt_at_a_product_counts(tmp_path, monkeypatch):
    """What came of it is read from the log, page by page: of each product the last attempt, since the start."""
    monkeypatch.setattr("reverb_plugin.cli.sending.PAGE_ROWS", 2)
    store = open_store(tmp_path, "sandbox", Clock())
    attempt(store, "OLD-1", Done(), Outcome.REFUSED)
    started_at = datetime.now(UTC)
    for sku, outcome in [("A-1", Outcome.DEFERRED), ("A-2", Outcome.CREATED), ("A-1", Outcome.UPDATED)]:
        attempt(store, sku, Done(), outcome)
    attempt(store, "A-3", Done(), Outcome.CREATED, errors=(FieldError("make", "was left out"),), code="left-out")

    sent = read_result(store, DrainReport(), started_at, show_skipped=False)
    store.close()

    assert sent.tally == {"updated": 1, "created": 2}
    assert [entry.sku for entry in sent.problems] == ["A-3"]
