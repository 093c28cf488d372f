"""`reverb-plugin mass-sync`: preview, apply, watch, stop."""

import json
import os
import signal
from dataclasses import replace

import pytest

from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.errors import RunActiveError, RunNeedsConfirmationError, RunTooSoonError, TokenRefusedError
from tests.cli.terminal import read_until, wait_until

WRITES = ("POST", "PUT", "DELETE")
CHORUS = {"title": "Chorus Pedal", "make": "Boss", "model": "CH-1", "condition": "Brand New", "price": "99.00"}
FLANGER = "A-2,Flanger,89.00,2,Boss,BF-3,Brand New"


def listing(sku, **fields):
    return CHORUS | {"sku": sku, "inventory": 3, "has_inventory": True} | fields


def products(number, **changed):
    cells = {"price": "99.00", "quantity": 3} | changed
    return [
        f"B-{each:03},Chorus Pedal,{cells['price']},{cells['quantity']},Boss,CH-1,Brand New" for each in range(number)
    ]


def writes(simulator):
    return [request for request in simulator.door.requests() if request.method in WRITES]


def lines(run):
    """The plan and its rows."""
    head, *rows = [json.loads(line) for line in run.stdout.splitlines()]
    return head, rows


def status(terminal):
    return json.loads(terminal.run("mass-sync", "--status", "--json").stdout)


def one_line(text):
    return " ".join(text.split())


class TestPreview:
    """What would be sent."""

    @pytest.fixture
    def mixed(self, connected, simulator):
        """A shop and a Reverb with one of each."""
        simulator.door.add_listings(
            [
                listing("A-1"),
                listing("A-2", title="Flanger", price="80.00"),
                listing("A-4"),
                listing("A-4", state="ended"),
                listing("a 5"),
                listing("X-1"),
                listing("", title="Nameless"),
            ]
        )
        connected.write_products(
            "A-1,Chorus Pedal,99.00,3,Boss,CH-1,Brand New",
            FLANGER,
            "A-3,Phaser,,1,Boss,PH-3,Brand New",
            "A-4,Chorus Pedal,99.00,0,Boss,CH-1,Brand New",
            "A5,Vibrato,99.00,1,Boss,VB-2,Brand New",
            "A-6,Octave,99.00,4,Boss,OC-5,Brand New",
            "A-7,Fuzz,9.00,4,Boss,FZ-5,Brand New",
        )
        connected.variables["REVERB_EXCLUDE_PRICE_BELOW"] = "50"
        return connected

    def test_shows_everything_and_writes_nothing(self, mixed, simulator):
        """Each kind is counted, each row has its reason or its fields old -> new, and no write is sent."""
        run = mixed.run("mass-sync", "--preview", "products.csv")

        assert (run.returncode, run.stderr) == (0, "")
        _, _, plan = run.stdout.partition("Mass sync 1 ")  # before it so much of the progress as was seen
        counts = {name: int(number) for number, name in (line.split()[:2] for line in plan.splitlines()[1:12])}
        assert counts == {
            "end": 1,
            "update": 1,
            "create": 1,
            "unchanged": 1,
            "refused": 1,
            "near": 1,
            "duplicate": 1,
            "skipped": 0,
            "excluded": 1,
            "not": 1,
            "without": 1,
        }
        told = one_line(run.stdout)
        for text in (
            "price: 80.00 USD -> 89.00 USD",
            "inventory: 3 -> 2",
            "inventory: 3 -> 0",
            "price: 99.00 USD, inventory: 4, condition: Brand New, as a draft",
            "price: the shop gives no price",
            "The price 9.00 is below 50.",
            "'a 5'",
            "Nameless",
            "Sending this takes 5 requests",  # two of them look at a listing again
            "`reverb-plugin mass-sync --apply 1` with the same shop or file sends exactly this.",
        ):
            assert text in told, text
        assert writes(simulator) == []

    def test_rows_limits(self, connected):
        """--rows shows so many of a kind and says that there are more; 0 shows none."""
        connected.write_products(*products(3))

        some = connected.run("mass-sync", "--preview", "products.csv", "--rows", "2").stdout
        none = connected.run("mass-sync", "--show", "1", "--rows", "0").stdout

        assert [sku in some for sku in ("B-000", "B-001", "B-002")] == [True, True, False]
        assert "There are more" in some
        assert "B-0" not in none

    def test_json_is_complete(self, mixed):
        """A script gets the plan and each row with the request that would be sent, and nothing else."""
        head, rows = lines(mixed.run("mass-sync", "--preview", "products.csv", "--rows", "0", "--json"))

        assert (head["id"], head["state"], head["requests"], head["counts"]["create"]) == (1, "planned", 5, 1)
        update = next(row for row in rows if row["action"] == "update")
        assert (update["sku"], update["method"], update["body"]["price"]["amount"]) == ("A-2", "PUT", "89.00")
        assert {"field": "price", "old": "80.00 USD", "new": "89.00 USD"} in update["differences"]
        assert len(rows) == 9

    def test_plan_is_opened_again(self, mixed):
        """--show gives the stored plan again without asking Reverb, also without a shop."""
        preview = mixed.run("mass-sync", "--preview", "products.csv", "--json")
        again = mixed.run("mass-sync", "--show", "1", "--json", REVERB_HOST="", REVERB_TOKEN="")

        assert again.stdout == preview.stdout

    def test_no_such_plan(self, connected):
        """A number that is no mass sync is refused; so is the number of a drift check."""
        connected.run("drift")

        assert connected.run("mass-sync", "--show", "1").returncode == ExitCode.NEEDS_A_PERSON
        assert "There is no mass sync 9." in connected.run("mass-sync", "--show", "9").stderr

    def test_file_with_rows_that_cannot_be_read(self, connected):
        """They are named, and the exit code is 1."""
        connected.write_products(",No SKU,1,1,Boss,X,Brand New")

        run = connected.run("mass-sync", "--preview", "products.csv")

        assert run.returncode == ExitCode.NEEDS_A_PERSON
        assert "products.csv: line 2, column sku" in run.stderr

    def test_does_not_wait_for_others(self, connected):
        """It ends when the plan is made, whatever else waits in the queue for its time."""
        with connected.memory() as store:
            store.record([replace(product_changed("A-1", Reason.BY_HAND), delay_seconds=3600)])

        run = connected.run("mass-sync", "--preview")  # or it would run into the time limit of the terminal

        assert run.returncode == 0

    def test_gap_is_named(self, connected, simulator):
        """When Reverb gives fewer listings than it says it has, the plan says so."""
        simulator.door.add_listings([listing(f"B-{number:03}") for number in range(120)])
        simulator.door.set(most_pages=2)
        connected.write_products(*products(120))

        told = one_line(connected.run("mass-sync", "--preview", "products.csv").stdout)

        assert "120 listings but gave 100" in told
        assert "There is nothing to send." in told


class TestApply:
    """Sending what the preview shows."""

    def test_sends_exactly_the_plan(self, connected, simulator):
        """The requests that Reverb gets are those of the preview; --show then says what became of each row."""
        simulator.door.add_listings([listing("A-1", price="80.00")])
        connected.write_products("A-1,Chorus Pedal,99.00,3,Boss,CH-1,Brand New", FLANGER)
        _, rows = lines(connected.run("mass-sync", "--preview", "--json"))

        run = connected.run("mass-sync", "--apply", "1")

        assert (run.returncode, run.stderr) == (0, "")
        assert run.stdout.splitlines()[-1] == "The mass sync 1 is done: 2 done."
        sent = {request.path.removeprefix("/api"): request.body for request in writes(simulator)}
        assert sent == {row["path"]: row["body"] for row in rows}
        _, shown = lines(connected.run("mass-sync", "--show", "1", "--json"))
        assert [row["state"] for row in shown] == ["done", "done"]
        assert "A-2 done Flanger" in one_line(connected.run("mass-sync", "--show", "1").stdout)

    def test_what_moved_is_left(self, connected, simulator):
        """A product that changed since the preview is left alone and named; the others are sent."""
        connected.write_products(*products(2))
        connected.run("mass-sync", "--preview", "products.csv")
        connected.write_products(products(1)[0], products(2, price="1.00")[1])

        run = connected.run("mass-sync", "--apply", "1", "products.csv")

        assert run.returncode == 0
        assert "1 done, 1 changed since the preview and left alone." in run.stdout
        assert "B-001 changed since the preview" in one_line(run.stdout)
        assert [row["sku"] for row in simulator.door.listings()] == ["B-000"]

    def test_failed_rows(self, connected, simulator):
        """A row that Reverb refuses is named with what it said, and the exit code is 1."""
        connected.write_products(*products(2))
        simulator.door.add_fault("answer", "POST", status=412, body={"message": "No [b]good[/b]."})

        run = connected.run("mass-sync", "--yes")

        assert run.returncode == ExitCode.NEEDS_A_PERSON
        assert "1 done, 1 failed." in run.stdout
        assert "No [b]good[/b]." in run.stdout

    def test_refused_before_sending(self, connected):
        """Products that cannot be sent make the exit code 1, and it says where to look."""
        connected.write_products("A-3,Phaser,,1,Boss,PH-3,Brand New")

        run = connected.run("mass-sync", "--yes")

        assert run.returncode == ExitCode.NEEDS_A_PERSON
        assert "1 product cannot be sent; `reverb-plugin mass-sync --show 1` tells why." in run.stdout

    def test_left_out(self, connected):
        """What had to be left out of a listing that was made is told by --show; a second run is none to worry about."""
        connected.variables["REVERB_MASS_SYNC_PAUSE_HOURS"] = "0"
        (connected.folder / "odd.csv").write_text(
            "sku,title,price,quantity,condition,categories\nA-1,Phaser,9.00,1,Brand New,Odd\n"
        )

        runs = [connected.run("mass-sync", "--yes", "odd.csv") for _ in range(2)]

        assert [run.returncode for run in runs] == [0, 0]
        for number in ("1", "2"):
            assert "'Odd' is no category of Reverb" in one_line(connected.run("mass-sync", "--show", number).stdout)

    def test_no_such_plan(self, connected, simulator):
        """Only a plan can be applied, and only once."""
        connected.variables["REVERB_MASS_SYNC_PAUSE_HOURS"] = "0"
        connected.run("mass-sync", "--yes")

        runs = [connected.run("mass-sync", "--apply", number) for number in ("1", "9")]

        assert [run.returncode for run in runs] == [1, 1]
        assert len(simulator.door.listings()) == 1

    def test_cool_down(self, connected, simulator):
        """A second one soon afterwards is refused with 4 and says when; a preview is allowed, applying it is not."""
        connected.run("mass-sync", "--yes")
        connected.write_products(*products(1))

        again = connected.run("mass-sync", "--yes")
        preview = connected.run("mass-sync", "--preview")
        applied = connected.run("mass-sync", "--apply", "2")

        assert [each.returncode for each in (again, preview, applied)] == [4, 0, 4]
        assert RunTooSoonError.hint in applied.stderr
        assert "wait until" in applied.stderr
        assert len(simulator.door.listings()) == 1


class TestBrake:
    """A mass change needs a person's word."""

    @pytest.fixture
    def dear(self, connected, simulator):
        """Six live listings, all of which get another price."""
        simulator.door.add_listings([listing(f"B-{number:03}") for number in range(6)])
        connected.write_products(*products(6, price="9.00"))
        return connected

    def test_holds(self, dear, simulator):
        """Neither --yes nor --apply sends anything; both say why, what to do, and end with 1."""
        preview = dear.run("mass-sync", "--yes")
        applied = dear.run("mass-sync", "--apply", "1")

        assert [each.returncode for each in (preview, applied)] == [1, 1]
        assert "The brake holds it: 6 of 6 live listings" in preview.stdout
        assert "`reverb-plugin mass-sync --apply 1 --confirm-mass-change`" in one_line(preview.stdout)
        for run in (preview, applied):
            assert "6 of 6 live listings" in run.stderr
            assert RunNeedsConfirmationError.hint in run.stderr
        assert "It is the mass sync 1: `reverb-plugin mass-sync --apply 1 --confirm-mass-change`" in preview.stderr
        assert writes(simulator) == []

    def test_nothing_to_send_from_half_a_catalogue(self, connected, simulator):
        """Half of the products are gone and the others unchanged: the preview says that the brake holds, and why."""
        simulator.door.add_listings([listing(f"B-{number:03}") for number in range(6)])
        connected.write_products(*products(6))
        connected.run("mass-sync", "--preview")
        connected.write_products(*products(2))

        told = one_line(connected.run("mass-sync", "--preview").stdout)

        assert "There is nothing to send." in told
        assert "The brake holds it: The shop gave 2 products; it gave 6 before." in told
        assert "`reverb-plugin mass-sync --apply 2 --confirm-mass-change`" in told

    @pytest.mark.parametrize("how", [["--yes"], ["--apply", "1"]], ids=" ".join)
    def test_confirmed(self, how, dear, simulator):
        """With --confirm-mass-change it is sent."""
        if how != ["--yes"]:
            dear.run("mass-sync", "--preview")

        run = dear.run("mass-sync", *how, "--confirm-mass-change")

        assert run.returncode == 0
        assert {row["price"] for row in simulator.door.listings()} == {"9.00"}


class TestOneAtATime:
    """A run under way, seen and steered from another process."""

    @pytest.fixture
    def slow(self, connected, simulator):
        """A run that takes a while."""
        simulator.door.set(latency_seconds=0.2)
        connected.write_products(*products(60))
        return connected

    def test_second_start_is_refused(self, slow, simulator):
        """It is told how far the first one is, and ends with 4; the first one goes on."""
        with slow.started("mass-sync", "--yes") as process:
            wait_until(lambda: writes(simulator))
            simulator.door.set(latency_seconds=5.0)  # so that it cannot be through before the others have tried
            refused = [slow.run(*words) for words in (["mass-sync", "--preview"], ["drift"], ["mass-sync", "--yes"])]
            simulator.door.set(latency_seconds=0.0)
            output, _ = process.communicate(timeout=60)

        assert [each.returncode for each in refused] == [4, 4, 4]
        assert "is applying:" in refused[0].stderr
        assert RunActiveError.hint in refused[0].stderr
        assert output.splitlines()[-1] == "The mass sync 1 is done: 60 done."

    def test_status_pause_resume(self, slow, simulator):
        """Another process sees how far it is, holds it, and goes on with it; each product is sent once."""
        with slow.started("mass-sync", "--yes") as process:
            wait_until(lambda: len(writes(simulator)) > 5)
            simulator.door.set(latency_seconds=1.0)  # so that it cannot be through before it is held
            seen = status(slow)
            paused = slow.run("mass-sync", "--pause")
            output, _ = process.communicate(timeout=20)
        simulator.door.set(latency_seconds=0.0)
        held = len(simulator.door.listings())
        resumed = slow.run("mass-sync", "--resume")

        assert (seen["state"], seen["step"]["doing"], seen["step"]["total"]) == ("applying", "Sending", 60)
        assert seen["sender"] is not None
        assert paused.returncode == 0
        assert "is paused" in paused.stdout
        assert process.returncode == ExitCode.NOT_SENT
        assert "is paused" in output
        assert held < 60
        assert (resumed.returncode, resumed.stdout.splitlines()[-1]) == (0, "The mass sync 1 is done: 60 done.")
        assert len(writes(simulator)) == 60
        assert status(slow)["state"] == "done"

    def test_cancel(self, slow, simulator):
        """Cancelled, it ends for good; what was sent stays."""
        with slow.started("mass-sync", "--yes") as process:
            wait_until(lambda: writes(simulator))
            cancelled = slow.run("mass-sync", "--cancel")
            process.communicate(timeout=20)

        assert cancelled.stdout == "The mass sync 1 is cancelled.\n"
        assert process.returncode == ExitCode.NOT_SENT
        assert len(simulator.door.listings()) < 60
        assert "is cancelled" in slow.run("mass-sync", "--status").stdout
        assert slow.run("mass-sync", "--preview").returncode == 0

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_interrupted(self, number, slow, simulator):
        """Interrupted, it says how it goes on, and --resume does: each product is sent once."""
        with slow.started("mass-sync", "--yes") as process:
            wait_until(lambda: writes(simulator))
            process.send_signal(number)
            _, errors = process.communicate(timeout=20)
        resumed = slow.run("mass-sync", "--resume")

        assert process.returncode == ExitCode.INTERRUPTED
        assert "`reverb-plugin mass-sync --resume`" in errors
        assert resumed.returncode == 0
        assert len({row["sku"] for row in simulator.door.listings()}) == len(writes(simulator)) == 60

    @pytest.mark.parametrize("file", [[], ["products.csv"]], ids=["host", "file"])
    @pytest.mark.parametrize("moment", ["reading", "applying"])
    def test_killed(self, moment, file, slow, simulator):
        """After kill -9, --resume with the shop or its file goes on at once: each product is sent once."""
        with slow.started("mass-sync", "--yes", *file) as process:
            wait_until(lambda: writes(simulator) if moment == "applying" else simulator.door.requests())
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=20)
        seen = status(slow)
        told = one_line(slow.run("mass-sync", "--status").stdout)
        resumed = slow.run("mass-sync", "--resume", *file)

        assert process.returncode == -signal.SIGKILL
        assert (seen["sender"], seen["left_seconds"]) == (None, None)
        assert "no process sends now" in told
        assert (resumed.returncode, resumed.stderr) == (0, "")
        assert resumed.stdout.splitlines()[-1] == "The mass sync 1 is done: 60 done."
        skus = [request.body["sku"] for request in writes(simulator) if request.status in {201, 202}]
        assert (len(skus), len(set(skus))) == (60, 60)

    def test_drift_check_is_resumed(self, connected):
        """A drift check that was cut off goes on as well; it is no plan that could be applied."""
        connected.run("drift", REVERB_TOKEN="dead")

        run = connected.run("mass-sync", "--resume")

        assert run.returncode == 0
        last = run.stdout.splitlines()[-1]
        assert last == "The drift check 1 is complete; `reverb-plugin drift --show` shows what it found."
        assert "--apply" not in run.stdout
        assert "missing" in connected.run("drift", "--show").stdout

    def test_time_is_over(self, slow):
        """--timeout ends it with 4; it goes on later."""
        run = slow.run("mass-sync", "--yes", "--timeout", "2")

        assert run.returncode == ExitCode.NOT_SENT
        assert "The time is over." in run.stderr
        assert slow.run("mass-sync", "--resume").returncode == 0

    def test_another_process_sends(self, connected, simulator):
        """While a worker runs, it does the work and this process watches."""
        connected.write_products(*products(3))
        with connected.started("worker") as worker:
            worker.stdout.readline()
            run = connected.run("mass-sync", "--yes")
            assert worker.poll() is None

        assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "The mass sync 1 is done: 3 done.")
        assert len(simulator.door.listings()) == 3

    @pytest.mark.parametrize("what", ["--pause", "--resume", "--cancel"])
    def test_nothing_to_steer(self, what, connected):
        """Without a run under way it says so and ends with 1."""
        connected.run("settings", "set", "auto_sync", "on")
        run = connected.run("mass-sync", what)

        assert run.returncode == ExitCode.NEEDS_A_PERSON
        assert "No mass sync" in run.stderr

    def test_never_run(self, connected):
        """Before the first one, the status says so."""
        connected.run("settings", "set", "auto_sync", "on")
        assert connected.run("mass-sync", "--status").stdout == "There was no mass sync yet.\n"
        assert status(connected) is None


class TestTrouble:
    """What stands in the way."""

    def test_no_token(self, terminal):
        """Without a token nothing is started, and it ends with 3."""
        run = terminal.run("mass-sync", "--preview", "products.csv")

        assert run.returncode == ExitCode.NOT_CONFIGURED
        with terminal.memory() as store:
            assert store.runs.find_active() is None

    def test_refused_token(self, connected):
        """With a token that Reverb refuses it ends with 3, and goes on with another one."""
        run = connected.run("mass-sync", "--preview", REVERB_TOKEN="dead")

        assert run.returncode == ExitCode.NOT_CONFIGURED
        assert TokenRefusedError.hint in run.stderr
        assert connected.run("mass-sync", "--resume").returncode == 0

    def test_shop_that_needs_a_person(self, connected):
        """When the shop cannot be read, it says why, in the status as well; mended, --resume goes on."""
        code = (
            "\nfrom reverb_plugin.errors import InvalidValueError\n\n\nclass Odd(Shop):\n"
            "    def iter_products(self, after_sku=None):\n"
            "        raise InvalidValueError('price', 'cheap', 'is odd')\n"
        )
        (connected.folder / "shop.py").write_text((connected.folder / "shop.py").read_text() + code)

        run = connected.run("mass-sync", "--preview", "--host", "shop:Odd")

        assert run.returncode == ExitCode.NEEDS_A_PERSON
        assert "price: is odd" in run.stderr
        assert "price: is odd" in one_line(connected.run("mass-sync", "--status").stdout)
        parked = one_line(connected.run("status").stdout).partition(" Parked ")[2]
        assert "run 1 Run 1: price: is odd" in parked
        assert "Run 1: price: is odd" in one_line(connected.run("log").stdout)
        assert connected.run("log", "--sku", "1", "--json").stdout == ""
        assert connected.run("mass-sync", "--resume").returncode == 0

    def test_resume_without_shop(self, connected):
        """Without a shop, --resume leaves the work to a running worker or the next drain."""
        connected.run("mass-sync", "--preview", REVERB_TOKEN="dead")

        run = connected.run("mass-sync", "--resume", REVERB_HOST="")
        connected.run("drain")

        assert (run.returncode, "is reading" in run.stdout) == (0, True)
        assert status(connected)["state"] == "planned"


class TestProgress:
    """What is seen while it lasts."""

    def test_bar_on_a_terminal(self, connected, simulator):
        """On a terminal a bar tells what it does, how far it is, and how long it takes yet."""
        simulator.door.set(latency_seconds=0.3)
        connected.write_products(*products(40))
        person, screen = os.openpty()
        connected.variables |= {"TERM": "xterm-256color", "COLUMNS": "100"}

        with connected.started("mass-sync", "--yes", stderr=screen) as process:
            shown = read_until(person, "a minute")
            output, _ = process.communicate(timeout=30)
        os.close(screen)
        os.close(person)

        assert "Sending" in shown
        assert "/40" in shown
        assert output == "The mass sync 1 is done: 40 done.\n"

    def test_without_a_network(self, connected):
        """It says what stands in the way, that it goes on by itself and how to end it; what was is told as that."""
        told = "tried again by itself; `reverb-plugin mass-sync --cancel` ends it."
        heard = []
        for words, machine in (["--preview"], "127.0.0.1"), (["--resume"], "localhost"):
            connected.variables["REVERB_API_URL"] = f"http://{machine}:9/api"
            with connected.started("mass-sync", *words) as process:
                lines = iter(process.stdout.readline, "")
                heard.append([next(line for line in lines if told in line)])
                heard[-1] += [next(line for line in lines if told in line)] if words == ["--resume"] else []
                process.kill()

        ((first,), (again, second)) = heard
        assert "at 127.0.0.1" in first
        assert "Last time: " in again
        assert "at localhost" in second

    def test_lines_elsewhere(self, connected, simulator):
        """Elsewhere a line tells when it begins to do something else; standard error stays empty."""
        simulator.door.set(latency_seconds=0.3)
        connected.write_products(*products(20))

        run = connected.run("mass-sync", "--yes")

        first, *_, last = run.stdout.splitlines()
        assert first.startswith("Reading listings: 0")
        assert "Sending: " in run.stdout
        assert last == "The mass sync 1 is done: 20 done."
        assert run.stderr == ""

    def test_environment_is_unmistakable(self, connected):
        """A plan says which Reverb it is for."""
        assert " sandbox " in connected.run("mass-sync", "--preview").stdout
        assert " sandbox " in connected.run("mass-sync", "--status").stdout
