"""`reverb-plugin drift`: what differs, and which side gives way."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.errors import RunNeedsConfirmationError, SettleError
from reverb_plugin.store import sync_log
from tests.store.entries import make_entry

CHORUS = {"title": "Chorus Pedal", "make": "Boss", "model": "CH-1", "condition": "Brand New", "price": "99.00"}

TAKER = """

import csv


class Taker(Shop):
    def set_quantity(self, sku, quantity, reason):
        rows = list(csv.DictReader(open("products.csv")))
        for row in rows:
            if row["sku"] == sku:
                row["quantity"] = str(quantity)
        with open("products.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
"""


def listing(sku, **fields):
    return CHORUS | {"sku": sku, "inventory": 3, "has_inventory": True} | fields


def one_line(text):
    return " ".join(text.split())


def writes(simulator):
    return [request for request in simulator.door.requests() if request.method != "GET"]


def found(terminal):
    """What is not settled: each SKU with its kinds."""
    _, *rows = [
        json.loads(line) for line in terminal.run("drift", "--show", "--json", "--rows", "0").stdout.splitlines()
    ]
    return sorted((row["sku"], row["action"]) for row in rows)


@pytest.fixture
def apart(connected, simulator):
    """Two listings that differ from the shop, one that does not, one too many, one too few."""
    simulator.door.add_listings(
        [
            listing("A-1"),
            listing("A-2", price="80.00", inventory=1),
            listing("A-3", inventory=7),
            listing("X-1"),
        ]
    )
    connected.write_products(
        *(f"A-{number},Chorus Pedal,99.00,3,Boss,CH-1,Brand New" for number in range(1, 5)),
    )
    return connected


class TestCheck:
    """Looking for differences."""

    def test_finds_and_writes_nothing(self, apart, simulator):
        """Each difference is told by its kind, old -> new; nothing is written, and the exit code is 1."""
        run = apart.run("drift", "products.csv")

        assert (run.returncode, run.stderr) == (ExitCode.NEEDS_A_PERSON, "")
        assert writes(simulator) == []
        told = one_line(run.stdout)
        for text in (
            "Drift check 1 sandbox made 20",
            "2 quantity another number",
            "1 price another price",
            "1 missing",
            "1 extra",
            "0 stale-link",
            "inventory: 7 -> 3",
            "price: 80.00 USD -> 99.00 USD",
            "`reverb-plugin drift --settle KIND --to reverb`",
        ):
            assert text in told, text

    def test_kinds_are_told_as_they_are_typed(self, connected, simulator):
        """The heading above rows is the word for --settle; what only Reverb has is nothing to settle."""
        simulator.door.add_listings([listing("A-1"), listing("A-1"), listing("X-1")])
        connected.write_products("A-1,Chorus Pedal,99.00,3,Boss,CH-1,Brand New")

        told = connected.run("drift").stdout

        assert "\nduplicate-sku " in told.partition("locked")[2]
        assert "--settle" not in told

    def test_shown_again(self, apart, simulator):
        """--show tells the last check again without asking Reverb, also without a shop, and ends with 0."""
        checked = apart.run("drift")
        asked = len(simulator.door.requests())

        shown = apart.run("drift", "--show", REVERB_HOST="", REVERB_TOKEN="")

        assert shown.returncode == 0
        assert shown.stdout == checked.stdout[checked.stdout.index("Drift check") :]
        assert len(simulator.door.requests()) == asked

    def test_nothing_differs(self, connected, simulator):
        """When nothing differs, it ends with 0."""
        simulator.door.add_listings([listing("A-1")])

        run = connected.run("drift")

        assert run.returncode == 0
        assert "--settle" not in run.stdout

    def test_json(self, apart):
        """A script gets the check and each difference."""
        head, *rows = [json.loads(line) for line in apart.run("drift", "--json").stdout.splitlines()]

        assert (head["kind"], head["products"]) == ("drift check", 4)
        assert head["counts"] == {"quantity": 2, "price": 1, "missing": 1, "extra": 1}
        assert len(rows) == 5

    def test_never_checked(self, connected):
        """Before the first check it says so."""
        connected.run("settings", "set", "auto_sync", "on")
        assert connected.run("drift", "--show").stdout == "There was no drift check yet.\n"


class TestSchedule:
    """Which commands begin the check that is due."""

    @pytest.fixture
    def due(self, connected):
        """Something was sent two days ago, and never compared."""
        with connected.memory() as store, store._database.write() as connection:
            sync_log.append(connection, make_entry(datetime.now(UTC) - timedelta(days=2)))
        return connected

    @pytest.mark.parametrize("words", [["mass-sync", "--yes"], ["push", "products.csv"], ["push", "A-1"]], ids=" ".join)
    def test_a_command_that_does_not_come_again_begins_none(self, words, due):
        """Nobody would end it: the next mass sync would be refused. And a file may be a part of the shop."""
        due.run(*words)

        with due.memory() as store:
            assert store.runs.newest("drift check") == []
            assert store.runs.find_active() is None

    def test_drain_does(self, due):
        """Cron comes again, and goes on with what this time was too short for."""
        due.run("drain")

        with due.memory() as store:
            assert [run.state for run in store.runs.newest("drift check")] == ["planned"]


class TestSettle:
    """Deciding for one side."""

    def test_one_kind_to_reverb(self, apart, simulator):
        """Reverb gets what the shop has, of this kind only."""
        apart.run("drift")

        run = apart.run("drift", "--settle", "quantity", "--to", "reverb")

        assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "The settlement 2 is done: 2 done.")
        assert [simulator.door.listing(f"A-{number}")["inventory"] for number in (2, 3)] == [3, 3]
        assert simulator.door.listing("A-2")["price"] == "80.00"
        assert found(apart) == [("A-2", "price"), ("A-4", "missing"), ("X-1", "extra")]
        assert "0 quantity another number" in one_line(apart.run("drift", "--show").stdout)

    def test_all_to_reverb(self, apart, simulator):
        """All that can be sent is sent; what the shop does not have is not touched."""
        apart.run("drift")

        assert apart.run("drift", "--settle", "all", "--to", "reverb").returncode == 0
        assert found(apart) == [("X-1", "extra")]
        assert simulator.door.listing("A-4")["state"] == "draft"
        again = apart.run("drift")
        assert "1 extra" in one_line(again.stdout)
        assert found(apart) == [("X-1", "extra")]

    def test_one_sku(self, apart, simulator):
        """--sku settles this one only."""
        apart.run("drift")

        apart.run("drift", "--settle", "quantity", "--sku", "A-3", "--to", "reverb")

        assert [simulator.door.listing(f"A-{number}")["inventory"] for number in (2, 3)] == [1, 3]

    def test_to_shop(self, apart, simulator):
        """The shop takes over the quantities that Reverb shows; Reverb gets nothing."""
        (apart.folder / "shop.py").write_text((apart.folder / "shop.py").read_text() + TAKER)
        apart.variables["REVERB_HOST"] = "shop:Taker"
        apart.run("drift")

        run = apart.run("drift", "--settle", "quantity", "--to", "shop")

        assert (run.returncode, run.stdout) == (0, "The shop has taken over 2 quantities.\n")
        assert "A-3,Chorus Pedal,99.00,7," in (apart.folder / "products.csv").read_text()
        assert writes(simulator) == []
        assert ("A-3", "quantity") not in found(apart)

    def test_shop_that_cannot(self, apart):
        """A shop that cannot take over a quantity is told so."""
        apart.run("drift")

        run = apart.run("drift", "products.csv", "--settle", "quantity", "--to", "shop")

        assert run.returncode == ExitCode.NEEDS_A_PERSON
        assert "its adapter has no set_quantity" in run.stderr

    def test_nothing_of_this_kind(self, apart):
        """Where nothing can be settled, it says so and ends with 1."""
        apart.run("drift")

        run = apart.run("drift", "--settle", "extra", "--to", "reverb")

        assert run.returncode == ExitCode.NEEDS_A_PERSON
        assert "nothing of this kind" in run.stderr
        assert SettleError.hint in run.stderr

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["--settle", "price"], "--to reverb or --to shop"),
            (["--to", "reverb"], "--settle KIND"),
            (["--sku", "A-1"], "--settle KIND"),
        ],
        ids=str,
    )
    def test_half_a_wish(self, words, told, connected):
        """What is not said yet is asked for, by the word that is missing."""
        run = connected.run("drift", *words)

        assert run.returncode == ExitCode.USAGE
        assert told in one_line(run.stderr)

    def test_brake(self, connected, simulator):
        """A settlement that would reprice many live listings needs a person's word, like a mass sync."""
        simulator.door.add_listings([listing(f"B-{number}", price="80.00") for number in range(6)])
        connected.write_products(*(f"B-{number},Chorus Pedal,99.00,3,Boss,CH-1,Brand New" for number in range(6)))
        connected.run("drift")

        held = connected.run("drift", "--settle", "price", "--to", "reverb")
        sent = len(writes(simulator))
        confirmed = connected.run("drift", "--settle", "price", "--to", "reverb", "--confirm-mass-change")

        assert (held.returncode, sent) == (ExitCode.NEEDS_A_PERSON, 0)
        assert RunNeedsConfirmationError.hint in held.stderr
        assert confirmed.returncode == 0
        assert len(writes(simulator)) == 6
