"""How the command line is called: help, versions, shops, errors."""

import logging
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from reverb_plugin.cli import COMMANDS, main
from reverb_plugin.cli.exits import MEANINGS, ExitCode, exit_code_of
from reverb_plugin.errors import PluginError, find_hint
from reverb_plugin.version import __version__


@pytest.mark.parametrize("name", COMMANDS)
def test_list_of_commands_says_what_their_help_says(name):
    """What the list of commands tells of a command is the first sentence of its own help."""
    command = main.get_command(click.Context(main), name)

    assert command.help.splitlines()[0] == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_command_explains_itself(name):
    """Each command has a help of its own."""
    result = CliRunner().invoke(main, [name, "--help"])

    assert result.exit_code == 0
    assert f"{name} [OPTIONS]" in result.output


def test_mistyped_command_is_told_which_one():
    """A name that is almost a command is told which; another one is not."""
    assert "Did you mean 'status'?" in CliRunner().invoke(main, ["statsu"]).output
    assert "Did you mean" not in CliRunner().invoke(main, ["frobnicate"]).output


def test_help_names_commands_and_exit_codes():
    """The help lists each command and each exit code with its meaning."""
    output = " ".join(CliRunner().invoke(main, ["--help"]).output.split())

    assert all(f"{name} {told}" in output for name, told in COMMANDS.items())
    assert all(f"{int(code)} {meaning}" in output for code, meaning in MEANINGS.items())


def test_help_is_quick():
    """Nobody waits for SQLAlchemy, requests or rich to read the help."""
    heavy = "{'sqlalchemy', 'alembic', 'requests', 'rich', 'werkzeug', 'jinja2'}"
    code = (
        "import sys; from reverb_plugin.cli import main; main(['--help'], standalone_mode=False); "
        f"sys.exit(', '.join({heavy} & set(sys.modules)) or None)"
    )

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (run.returncode, run.stderr) == (0, "")


def test_version():
    """--version tells it."""
    assert CliRunner().invoke(main, ["--version"]).output == f"reverb-plugin {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["dance"],
        ["status", "--colour"],
        ["retry"],
        ["retry", "A-1", "--all"],
        ["push", "--host", "shop:make_shop"],
        ["push", "--host", "shop:make_shop", "--all", "A-1"],
        ["push", "--host", "shop:make_shop", " A-1"],
        ["push", "--host", "shop:make_shop", "--currency", "EUR", "A-1"],
        ["push", "nowhere.csv"],
        ["push", "products.csv", "--no-wait"],
        ["mass-sync"],
        ["mass-sync", "--preview", "--yes"],
        ["mass-sync", "--preview", "--confirm-mass-change"],
        ["mass-sync", "--apply", "0"],
        ["mass-sync", "--preview", "A-1"],
        ["mass-sync", "--preview", "--currency", "EUR"],
        ["drift", "--show", "--settle", "price", "--to", "reverb"],
        ["drift", "--settle", "price"],
        ["drift", "--settle", "glad", "--to", "reverb"],
        ["drift", "--settle", "price", "--to", "shop"],
        ["drift", "--settle", "quantity", "--to", "shop", "--confirm-mass-change"],
        ["drift", "--to", "reverb"],
        ["drift", "--sku", "A-1"],
        ["drift", "A-1"],
        ["explain"],
        ["explain", "products.csv"],
        ["explain", "A-1", "A-2"],
        ["explain", " A-1"],
        ["log", "--outcome", "glad"],
        ["log", "--limit", "0"],
        ["drain", "--timeout", "-1"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(arguments, terminal, invoke, monkeypatch):
    """A call that cannot be meant ends with 2 and changes nothing."""
    monkeypatch.chdir(terminal.folder)

    assert invoke(*arguments).exit_code == ExitCode.USAGE


class TestShop:
    """Naming the shop."""

    def test_none(self, invoke):
        """Without a shop a command that needs one says how to name it, and ends with 3."""
        result = invoke("drain")

        assert result.exit_code == ExitCode.NOT_CONFIGURED
        assert "--host package.module:attribute" in result.output

    @pytest.mark.parametrize("name", ["shop", "shop:", ":make_shop", "shap:make_shop", "shop:nothing", "a.b.c:d"])
    def test_name_that_leads_nowhere(self, name, terminal):
        """A name that leads nowhere is wrong usage, and is repeated."""
        run = terminal.run("drain", "--host", name)

        assert run.returncode == ExitCode.USAGE
        assert name.strip(":").split(":")[0] in run.stderr

    @pytest.mark.parametrize(("name", "meant"), [("shop.py:plugin", "shop:plugin"), ("my/shop.py:a.b", "my.shop:a.b")])
    def test_file_name(self, name, meant, invoke):
        """Who gives a file's name is told how to write it."""
        assert f"write {meant}" in " ".join(invoke("drain", "--host", name).stderr.split())

    @pytest.mark.parametrize("name", ["shop:Shop", "shop:make_shop", "shop:make_plugin"])
    def test_what_can_be_named(self, name, terminal, simulator):
        """A class, a function that makes a host, and one that makes a plugin are all right."""
        plain = {"REVERB_TOKEN": simulator.token}
        if name == "shop:make_plugin":
            plain["REVERB_DATA_DIR"] = ""

        run = terminal.run("drain", "--host", name, **plain)

        assert (run.returncode, run.stdout) == (0, "There was nothing to send.\n")
        assert (terminal.folder / "own-data").exists() is (name == "shop:make_plugin")

    def test_instance(self, terminal, simulator):
        """An instance is all right, also deeper than a module's top."""
        (terminal.folder / "my_site.py").write_text("import shop\nclass app: host = shop.Shop()\n")

        run = terminal.run("drain", "--host", "my_site:app.host", REVERB_TOKEN=simulator.token)

        assert run.returncode == 0

    def test_plugin_keeps_its_own_database(self, terminal):
        """A plugin is not moved to another database or API by options."""
        run = terminal.run("drain", "--host", "shop:make_plugin")

        assert run.returncode == ExitCode.USAGE
        assert "database and an API address of its own" in run.stderr

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("shop:fail", "RuntimeError: the shop's database is away"),
            ("shop:HEADER", "gives str"),
            ("broken:shop", "ZeroDivisionError"),
            ("forgetful:shop", "No module named 'not_installed'"),
        ],
    )
    def test_shop_that_does_not_work(self, name, told, terminal):
        """Trouble in the shop's own code is one line and a hint; the traceback comes with --verbose."""
        (terminal.folder / "shop.py").write_text((terminal.folder / "shop.py").read_text() + "HEADER = 'text'\n")
        (terminal.folder / "broken.py").write_text("1 / 0\n")
        (terminal.folder / "forgetful.py").write_text("import not_installed\n")

        run = terminal.run("drain", "--host", name)

        assert run.returncode == ExitCode.NEEDS_A_PERSON
        assert told in run.stderr
        assert len(run.stderr.splitlines()) == 2
        assert "Traceback" in terminal.run("drain", "--verbose", "--host", name).stderr


@pytest.mark.parametrize("command", [["status"], ["log"], ["retry", "--all"], ["settings", "show"]], ids=" ".join)
def test_database_that_cannot_be_used_ends_with_5(command, invoke, tmp_path):
    """Where the database should be stands something else: one line, a hint, and 5."""
    (tmp_path / "file").write_text("a file")

    result = invoke(*command, "--data-dir", str(tmp_path / "file"))

    assert result.exit_code == ExitCode.NO_DATABASE
    assert "Check that the data folder exists" in result.output
    assert "Traceback" not in result.output


def test_every_error_has_an_exit_code_and_a_hint():
    """No error of ours ends with 0, and each one's hint is found by its code."""
    kinds = {PluginError}
    while new := {kind for each in kinds for kind in each.__subclasses__()} - kinds:
        kinds |= new

    for kind in kinds:
        assert exit_code_of(kind.__new__(kind)) != ExitCode.DONE
        assert find_hint(kind.code) == kind.hint
    assert find_hint("left-out") is None


def test_module_is_the_same_program():
    """`python -m reverb_plugin` is the same program."""
    run = subprocess.run(
        [sys.executable, "-m", "reverb_plugin", "--version"], capture_output=True, text=True, check=True
    )

    assert run.stdout == f"reverb-plugin {__version__}\n"


def test_log_is_shown_by_this_command_alone(invoke):
    """--verbose adds a handler to the plugin's own logger for as long as the command runs, and touches no other."""
    before = [(logger.level, list(logger.handlers)) for logger in (logging.root, logging.getLogger("reverb_plugin"))]

    invoke("status", "--verbose")

    after = [(logger.level, list(logger.handlers)) for logger in (logging.root, logging.getLogger("reverb_plugin"))]
    assert after == before
