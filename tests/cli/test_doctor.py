"""``reverb-plugin doctor``: in any state of an installation, from a terminal and from a script."""

import json
import sys
import threading
from contextlib import closing

import pytest
from click.testing import CliRunner

import reverb_plugin
from reverb_plugin.cli import main
from reverb_plugin.testing import FakeHost
from tests.sync.market import guitar


class Shop(FakeHost):
    """A shop that a command line can name."""

    def __init__(self):
        super().__init__([guitar("G-1", condition="Wie neu")])


@pytest.fixture
def run(simulator, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("REVERB_API_URL", simulator.url)

    def run(*words):
        return CliRunner().invoke(main, ["doctor", *words])

    return run


@pytest.fixture
def folder(simulator, tmp_path):
    """The data folder of a shop that was connected."""
    folder = tmp_path / "data"
    with closing(reverb_plugin.configure(FakeHost(), data_dir=folder, worker="none")) as plugin:
        plugin.configuration.save("token", simulator.token)
    return folder


def test_on_a_machine_where_nothing_is(run, tmp_path):
    """It says what is missing, what to do, and where more is written; and it leaves nothing behind."""
    result = run("--offline")
    assert result.exit_code == 1
    assert result.stdout.startswith("FAIL  No token has been entered")
    assert "See docs/checks.md#no-token" in result.stdout
    assert "not looked at" not in result.stdout
    assert not (tmp_path / "home").exists()


def test_a_folder_that_was_named(run, tmp_path):
    """One without a database is mostly a typing error."""
    assert "There is no database in" in run("--offline", "--data-dir", str(tmp_path / "nowhere")).stdout.splitlines()[0]


def test_for_a_script(run, folder, simulator):
    """The findings as JSON, the first cause first; never the token."""
    result = run("--json", "--offline", "--data-dir", str(folder))
    told = json.loads(result.stdout)
    assert (result.exit_code, told["offline"]) == (0, True)
    assert {each["status"] for each in told["findings"]} == {"warn", "pass"}
    assert {"code", "name", "status", "cause", "next_step", "docs", "repair"} == set(told["findings"][0])
    assert {"code", "name", "why"} == set(told["skipped"][0])
    assert simulator.token not in result.stdout


def test_all_of_it(run, folder):
    """What is well, and what could not be looked at."""
    lines = run("--all", "--offline", "--data-dir", str(folder)).stdout.splitlines()
    assert any(line.startswith("PASS  Python's SQLite") for line in lines)
    assert any(line.startswith("not looked at: Vacation (vacation): nobody else is asked") for line in lines)


def test_reverb_is_asked(run, folder, simulator):
    """Without --offline; here its account has no listings yet."""
    result = run("--json", "--data-dir", str(folder))
    codes = {each["code"] for each in json.loads(result.stdout)["findings"] if each["status"] == "fail"}
    assert "first-listing-missing" in codes


def test_a_shop_is_named(run, folder):
    """Its products are looked at; a shop that cannot be loaded is a finding."""
    named = run("--offline", "--data-dir", str(folder), "--host", f"{__name__}:Shop")
    assert "Reverb has no condition 'Wie neu'" in named.stdout
    for name in ("no_such_module:shop", f"{__name__}:nothing", "without-colon"):
        assert "The shop cannot be loaded" in run("--offline", "--data-dir", str(folder), "--host", name).stdout


def exits():
    """A shop whose code ends the process."""
    raise SystemExit(3)


def hangs():
    """A shop that waits for what never comes."""
    threading.Event().wait(60)


def test_a_shop_that_cannot_be_loaded(run, folder, monkeypatch):
    """It may end the process, or never come back: the other findings are told all the same."""
    monkeypatch.setattr("reverb_plugin.cli.doctor.LOAD_SECONDS", 0.2)
    for name, told in (("exits", "called exit(3)"), ("hangs", "TimeoutError")):
        result = run("--offline", "--data-dir", str(folder), "--host", f"{__name__}:{name}")
        assert told in result.stdout.splitlines()[0]
        assert "[worker-idle]" in result.stdout


def test_a_package_that_is_missing(run, monkeypatch):
    """No traceback, but what is missing and what to do."""
    monkeypatch.delitem(sys.modules, "reverb_plugin.cli.doctor", raising=False)
    monkeypatch.setitem(sys.modules, "reverb_plugin.diagnostics.doctor", None)
    result = run()
    assert result.exit_code == 1
    assert "doctor cannot be loaded" in result.output
    assert "install reverb-plugin again" in result.output


def test_a_plugin_is_named(run, simulator, tmp_path, monkeypatch):
    """Then what the shop's code has configured counts, such as its token."""
    options = {"token": simulator.token, "data_dir": tmp_path / "own", "api_url": simulator.url, "worker": "none"}
    with closing(reverb_plugin.configure(FakeHost([guitar()]), **options)) as plugin:
        monkeypatch.setattr(f"{__name__}.plugin", plugin, raising=False)
        told = json.loads(run("--json", "--offline", "--host", f"{__name__}:plugin").stdout)
    assert next(each for each in told["findings"] if each["code"] == "no-token")["status"] == "pass"


def test_a_product_file(run, folder, tmp_path):
    """It is a shop, too; anything else behind the options is refused."""
    path = tmp_path / "products.csv"
    path.write_text("sku,title,price,quantity,condition\nA-1,One,9.00,2,Excellent\n")
    assert "1 used product has more than one" in run("--offline", "--data-dir", str(folder), str(path)).stdout
    assert run("nonsense").exit_code == 2


def test_it_repairs_when_asked(run, folder):
    """One thing, by its code; what there is no repair for is refused."""
    (folder / "reverb-plugin.sqlite3").chmod(0o444)
    assert "reverb-plugin doctor --fix database-mode" in run("--offline", "--data-dir", str(folder)).stdout
    assert run("--fix", "database-mode", "--data-dir", str(folder)).exit_code == 0
    assert run("--offline", "--data-dir", str(folder)).exit_code == 0
    refused = run("--fix", "clock-off", "--data-dir", str(folder))
    assert (refused.exit_code, "nothing can be repaired" in refused.output) == (1, True)
    assert run("--fix", "nonsense", "--data-dir", str(folder)).exit_code == 1
