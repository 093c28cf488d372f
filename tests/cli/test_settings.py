"""`reverb-plugin settings`: shown, saved, forgotten; and the token kept out of sight."""

import json
import os

import pytest

from reverb_plugin.cli.exits import ExitCode
from reverb_plugin.redact import MASK
from reverb_plugin.settings import SETTINGS
from tests.cli.terminal import read_until

TOKEN = "d41d8cd98f00b204e9800998ecf8427e"


def show(invoke):
    return {row["name"]: row for row in json.loads(invoke("settings", "show", "--json").stdout)}


def test_all_settings_are_shown(invoke):
    """The table holds every setting with its default and its help, within 80 columns."""
    output = invoke("settings", "show").output

    assert all(name in output for name in SETTINGS)
    assert max(map(len, output.splitlines())) <= 80


def test_json_tells_everything_but_secrets(invoke):
    """The JSON has value, source, default, kind, choices, variable and help of each setting."""
    invoke("settings", "set", "token", stdin=TOKEN)

    rows = show(invoke)

    assert list(rows) == list(SETTINGS)
    assert rows["environment"] == {
        "name": "environment",
        "value": "sandbox",
        "source": "default",
        "default": "sandbox",
        "kind": "choice",
        "choices": ["sandbox", "production"],
        "takes": "sandbox, production",
        "variable": "REVERB_ENVIRONMENT",
        "help": SETTINGS["environment"].help,
    }
    assert (rows["token"]["value"], rows["token"]["source"]) == (MASK, "database")


def test_set_and_unset(invoke):
    """A saved setting is in force until it is forgotten."""
    assert invoke("settings", "set", "price_percent", "-5").output.startswith("price_percent is saved.\nIn force: -5\n")
    assert (show(invoke)["price_percent"]["value"], show(invoke)["price_percent"]["source"]) == ("-5", "database")

    assert invoke("settings", "unset", "price_percent").exit_code == 0
    assert show(invoke)["price_percent"]["source"] == "default"


def test_value_of_several_words(invoke):
    """Blanks in a value need no quotes."""
    invoke("settings", "set", "default_condition", "Very", "Good")

    assert show(invoke)["default_condition"]["value"] == "Very Good"


def test_value_from_standard_input(invoke):
    """`-` reads a long value from standard input."""
    invoke("settings", "set", "condition_map", "-", stdin='{"Neu": "Brand New"}\n')

    assert show(invoke)["condition_map"]["value"] == '{"Neu": "Brand New"}'


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["auto_sync", "perhaps"], "must be on or off"),
        (["price_percent", "much"], "must be a number"),
        (["colour", "red"], "there is no setting of this name"),
        (["auto_sync"], "the value of auto_sync is missing"),
        (["token", "-"], "standard input is empty"),
        (["token"], "standard input is empty"),
    ],
)
def test_value_that_cannot_be_used(arguments, told, invoke):
    """Nonsense is refused with its reason, and nothing is saved."""
    result = invoke("settings", "set", *arguments)

    assert result.exit_code == ExitCode.USAGE
    assert told in result.output
    assert {row["source"] for row in show(invoke).values()} == {"default"}


class TestMap:
    """Settings that translate the shop's words."""

    def test_grows_by_single_entries(self, invoke):
        """NAME=VALUE adds an entry or changes it; what begins with a brace replaces the map."""
        invoke("settings", "set", "condition_map", '{"Neu": "Mint"}')
        invoke("settings", "set", "condition_map", "Gut = gebraucht", "=", "Good")
        invoke("settings", "set", "condition_map", "Neu=Brand New")
        grown = show(invoke)["condition_map"]["value"]
        invoke("settings", "set", "condition_map", '{"Alt": "Fair"}')

        assert json.loads(grown) == {"Neu": "Brand New", "Gut = gebraucht": "Good"}
        assert json.loads(show(invoke)["condition_map"]["value"]) == {"Alt": "Fair"}

    @pytest.mark.parametrize("text", ["Pedals", "=u-1", "Pedals=", "{Pedals: u-1}", '{"Pedals": 1}', "[]"])
    def test_that_is_none(self, text, invoke):
        """What is no map is refused with how one looks."""
        result = invoke("settings", "set", "category_map", text)

        assert result.exit_code == ExitCode.USAGE
        assert """'Pedals=UUID', or all as JSON, '{"Pedals": "UUID"}'""" in result.output
        assert "line 1 column" not in result.output
        assert show(invoke)["category_map"]["source"] == "default"


def test_values_that_a_setting_takes(invoke):
    """Choices, ranges and the look of a map are shown, taken from where they are checked."""
    takes = {name: row["takes"] for name, row in show(invoke).items()}

    assert takes["auto_sync"] == "on, off"
    assert takes["requests_per_minute"] == "a whole number from 1 to 600"
    assert takes["price_percent"] == "a number from -90 to 1000"
    assert "Pedals=UUID" in takes["category_map"]
    assert "Post=USPS" in takes["carrier_map"]
    assert "As new=Mint" in takes["condition_map"]
    assert "Takes: a whole number from 1 to 600" in " ".join(invoke("settings", "show").output.split())


@pytest.mark.parametrize("name", ["condition_map", "carrier_map"])
def test_example_of_a_map(name, invoke):
    """What is shown as an entry of a map can be set as one, where it needs no uuid of Reverb's."""
    entry = show(invoke)[name]["takes"].split("'")[1]

    assert invoke("settings", "set", name, entry).exit_code == 0


@pytest.mark.parametrize("command", [["set", "auto_snyc", "on"], ["unset", "auto_snyc"]], ids=" ".join)
def test_mistyped_name(command, invoke):
    """A name that is almost one is told which one."""
    assert "do you mean auto_sync?" in invoke("settings", *command).stderr


@pytest.mark.parametrize(
    ("name", "value", "is_told"),
    [
        ("price_percent", "5", True),
        ("stock_buffer", "1", True),
        ("policy_price", "never", True),
        ("auto_sync", "on", False),
    ],
)
def test_when_listings_follow(name, value, is_told, invoke):
    """After a setting that changes what listings show, it is said when they follow."""
    result = invoke("settings", "set", name, value)

    assert result.exit_code == 0
    assert ("`reverb-plugin push --all`" in result.output) is is_told


def test_environment_variable_wins(invoke, monkeypatch):
    """When an environment variable overrides what was saved, it is said at once."""
    monkeypatch.setenv("REVERB_AUTO_PUBLISH", "off")

    result = invoke("settings", "set", "auto_publish", "on")

    assert "REVERB_AUTO_PUBLISH" in result.stderr
    assert show(invoke)["auto_publish"]["source"] == "environment"


def test_variable_that_cannot_be_used_is_told(invoke, monkeypatch):
    """A broken environment variable is passed over and named."""
    monkeypatch.setenv("REVERB_STOCK_BUFFER", "two")

    assert "Not used: stock_buffer" in invoke("settings", "show").stderr


class TestToken:
    """The token."""

    @pytest.mark.parametrize("arguments", [(TOKEN,), (TOKEN, "second-half"), ("--" + TOKEN,), ("-", TOKEN)])
    def test_is_never_an_argument(self, arguments, invoke):
        """As an argument it is refused with the reason, not repeated, and not saved."""
        result = invoke("settings", "set", "token", *arguments)

        assert result.exit_code == ExitCode.USAGE
        assert "shell's history" in result.output
        assert TOKEN not in result.output
        assert "second-half" not in result.output
        assert show(invoke)["token"]["source"] == "default"

    @pytest.mark.parametrize("arguments", [(), ("-",)])
    def test_is_read_from_standard_input(self, arguments, invoke):
        """It may be piped in; what is printed does not hold it."""
        result = invoke("settings", "set", "token", *arguments, stdin=f"{TOKEN}\n")

        assert (result.exit_code, result.output) == (0, "token is saved.\n")
        assert show(invoke)["token"]["value"] == MASK

    def test_that_cannot_be_one_is_not_repeated(self, invoke):
        """What cannot be a token is refused without being shown."""
        result = invoke("settings", "set", "token", stdin=f"{TOKEN} {TOKEN}")

        assert result.exit_code == ExitCode.USAGE
        assert TOKEN not in result.output

    def test_is_asked_for_unseen(self, terminal):
        """On a terminal it is asked for, and what is typed is not shown."""
        person, screen = os.openpty()
        with terminal.started("settings", "set", "token", stdin=screen, stdout=screen, stderr=screen) as process:
            shown = read_until(person, "Token: ")  # the blank is written once the echo is off
            os.write(person, f"{TOKEN}\n".encode())
            shown += read_until(person, "saved")
            assert process.wait(10) == 0
        os.close(screen)
        os.close(person)

        assert TOKEN not in shown
        with terminal.memory() as store:
            assert store.saved_settings() == {"token": TOKEN}

    def test_is_in_no_output(self, terminal, simulator):
        """No command shows it, not even its log and its tracebacks."""
        variables = {"REVERB_API_URL": simulator.url, "REVERB_HOST": "shop:make_shop"}
        terminal.run("settings", "set", "token", stdin=simulator.token)

        commands = (
            ["push", "--all", "--verbose", "--timeout", "20"],
            ["status"],
            ["status", "--json"],
            ["log", "--json"],
        )
        for command in (*commands, ["settings", "show"], ["settings", "show", "--json"]):
            run = terminal.run(*command, **variables)
            assert run.returncode == 0
            assert simulator.token not in run.stdout + run.stderr
