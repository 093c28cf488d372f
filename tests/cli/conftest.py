"""A terminal for each test, and one Reverb for all of them."""

import io
from dataclasses import dataclass

import pytest

from reverb_plugin.cli import main
from reverb_plugin.clock import Clock
from reverb_plugin.simulator import Simulator
from reverb_plugin.store.store import open_store
from tests.cli.terminal import Terminal


@pytest.fixture(scope="session")
def session_simulator():
    with Simulator(index_lag_seconds=0, publish_delay_seconds=0, photo_delay_seconds=0) as simulator:
        yield simulator


@pytest.fixture
def terminal(tmp_path):
    """A terminal without a token."""
    return Terminal(tmp_path)


@pytest.fixture
def connected(tmp_path, simulator):
    """A terminal whose token opens the simulator, fast."""
    return Terminal(
        tmp_path,
        REVERB_API_URL=simulator.url,
        REVERB_TOKEN=simulator.token,
        REVERB_REQUESTS_PER_MINUTE="600",
        REVERB_HOST="shop:make_shop",
    )


@dataclass(frozen=True, slots=True)
class Result:
    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


@pytest.fixture
def invoke(tmp_path, monkeypatch, capsys):
    """Runs a command in this process, with an empty database of its own."""
    monkeypatch.setenv("REVERB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "80")
    empty = open_store(tmp_path / "data", "sandbox", Clock())
    empty.queue_status()
    empty.close()

    def run(*arguments: str, stdin: str = "") -> Result:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as end:
            main(arguments, prog_name="reverb-plugin")
        return Result(end.value.code, *capsys.readouterr())

    return run
