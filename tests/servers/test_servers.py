"""In the servers that shops really run in: one process sends, no job is lost, and the end is soon."""

import re
import subprocess
from collections import Counter

import pytest

from reverb_plugin.simulator import Simulator
from tests.servers.running import BIN, Server, wait_until

PRODUCTS = 24  # those of tests/servers/shop.py, which makes its plugin when it is imported
PROCESSES = 4
SHOP = "tests.servers.shop"
WARNINGS = ("Traceback", "WARNING", "reverb_plugin")
SECONDS_TO_CLOSE = 2

GUNICORN = [
    str(BIN / "gunicorn"), f"{SHOP}:application", "--bind=127.0.0.1:{port}", f"--workers={PROCESSES}", "--threads=4",
]  # fmt: skip
UVICORN = [str(BIN / "uvicorn"), f"{SHOP}:asgi", "--port={port}", "--log-level=warning"]
UWSGI = [
    str(BIN / "uwsgi"), "--http-socket=127.0.0.1:{port}", f"--module={SHOP}:application", "--master", "--die-on-term",
    f"--processes={PROCESSES}",
]  # fmt: skip


def has_uwsgi(*, without_threads=False):
    """Newer ones always have threads, and take enable-threads for granted."""
    if not (BIN / "uwsgi").exists():
        return False
    version = subprocess.run([BIN / "uwsgi", "--version"], capture_output=True, text=True, check=True).stdout
    return not without_threads or tuple(map(int, version.split("."))) < (2, 0, 27)


needs_uwsgi = pytest.mark.skipif(
    not has_uwsgi(), reason="uWSGI is not in this environment: pip install uwsgi, which needs a compiler"
)
needs_uwsgi_without_threads = pytest.mark.skipif(
    not has_uwsgi(without_threads=True), reason="no uWSGI that can be without threads: pip install uwsgi==2.0.26"
)


@pytest.fixture(scope="module")
def session_simulator():
    with Simulator(index_lag_seconds=0, publish_delay_seconds=0) as simulator:
        yield simulator


@pytest.fixture
def serve(tmp_path):
    servers = []

    def start(command, simulator):
        servers.append(Server(command, tmp_path, simulator))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


def expect_soon(server):
    """The plugin's own end is timed: what the server takes for its own is its affair, and the machine's load."""
    server.stop()
    took = [float(seconds) for seconds in re.findall(r"The plugin's end took (\S+) s", server.log())]
    assert all(seconds < SECONDS_TO_CLOSE for seconds in took), server.log()


def expect_each_once(simulator):
    skus = Counter(row["sku"] for row in simulator.door.listings() if row["sku"].startswith("SKU-"))
    assert skus == Counter({f"SKU-{number}": 1 for number in range(PRODUCTS)})


@pytest.mark.parametrize(
    ("command", "processes"),
    [(GUNICORN, PROCESSES), ([*GUNICORN, "--preload"], PROCESSES), (UVICORN, 1)],
    ids=["gunicorn", "gunicorn with preload", "uvicorn"],
)
def test_one_process_sends_all(serve, simulator, command, processes):
    """Products saved in every process become one listing each; at no moment do two processes hold jobs."""
    server = serve(command, simulator)
    server.wait_until_it_serves(processes)
    assert server.save(range(PRODUCTS)) <= {"queued", "coalesced"}

    def all_sent():
        assert len(server.owners()) <= 1
        return server.pending() == 0

    wait_until(all_sent, server.log)
    expect_each_once(simulator)
    expect_soon(server)
    assert not any(word in server.log() for word in WARNINGS), server.log()


@pytest.mark.parametrize("command", [GUNICORN, UVICORN], ids=["gunicorn", "uvicorn"])
def test_the_end_is_soon_though_reverb_hangs(serve, command):
    """With a request under way that takes half a minute, the server is gone in time, and every job is still there."""
    with Simulator(latency_seconds=30) as simulator:
        server = serve(command, simulator)
        server.wait_until_it_serves()
        server.save(range(PRODUCTS))
        wait_until(server.owners, server.log)
        expect_soon(server)
    assert server.pending() == PRODUCTS
    assert "Traceback" not in server.log(), server.log()


@needs_uwsgi_without_threads
@pytest.mark.parametrize("forking", ["--lazy-apps", "--py-call-uwsgi-fork-hooks"])
def test_uwsgi_without_threads(serve, simulator, forking):
    """The plugin says that it gets no thread; what its processes note down is sent by the drain of cron."""
    server = serve([*UWSGI, forking], simulator)
    server.wait_until_it_serves(PROCESSES)
    assert server.save(range(PRODUCTS)) <= {"queued", "coalesced"}
    assert server.pending() == PRODUCTS
    assert "run `reverb-plugin drain` from cron" in server.log()
    cron = [str(BIN / "reverb-plugin"), "drain", "--host", f"{SHOP}:plugin", "--timeout", "50"]
    drained = subprocess.run(
        cron, env=server.environ | {"PYTHONWARNINGS": "error"}, capture_output=True, text=True, timeout=90, check=False
    )
    assert drained.returncode == 0, drained.stdout + drained.stderr
    expect_each_once(simulator)
    assert server.pending() == 0
    expect_soon(server)
    assert "Traceback" not in server.log(), server.log()


@needs_uwsgi
def test_uwsgi_with_threads(serve, simulator):
    """With enable-threads one of its processes sends, as in any other server."""
    server = serve([*UWSGI, "--lazy-apps", "--enable-threads"], simulator)
    server.wait_until_it_serves(PROCESSES)
    server.save(range(PRODUCTS))
    wait_until(lambda: server.pending() == 0, server.log)
    expect_each_once(simulator)
    expect_soon(server)
