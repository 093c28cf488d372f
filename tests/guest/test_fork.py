"""Forks: every process goes on, none loses or doubles a change, none harms the other's database."""

import contextlib
import sqlite3
from collections import Counter

import pytest

from reverb_plugin.simulator import Simulator
from reverb_plugin.store.store import FILE_NAME
from tests.children import run

CONNECTED = """
import reverb_plugin.intake

reverb_plugin.intake.PATIENCE_SECONDS = 20.0  # these processes share a small machine with other tests
host = FakeHost([make_product(n) for n in range(200)])


def connect(worker="thread"):
    return open_plugin(host, worker=worker, token=arguments[0], api_url=arguments[1])


def wait_until_sent(plugin, seconds=40):
    give_up = time.monotonic() + seconds
    while pending(plugin) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert not pending(plugin), plugin.store.queue_status()


def save(numbers):
    for n in numbers:
        result = on_product_saved(f"SKU-{n}")
        assert result.status in ("queued", "coalesced"), result


def end(act):
    try:
        act()
    except BaseException:
        import traceback
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def wait_for(*children):
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


@pytest.fixture(scope="module")
def session_simulator():
    with Simulator(index_lag_seconds=0, publish_delay_seconds=0) as simulator:
        yield simulator


@pytest.fixture
def go(simulator, tmp_path):
    """Runs a script that forks; then every named product has one listing, and the database is whole."""

    def run_it(script, expected):
        lines = run(CONNECTED + _plain(script), tmp_path, simulator.token, simulator.url, timeout=100)
        with contextlib.closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        skus = Counter(row["sku"] for row in simulator.door.listings() if row["sku"].startswith("SKU-"))
        assert skus == Counter({f"SKU-{n}": 1 for n in expected})
        return lines

    return run_it


def _plain(script):
    return "\n".join(line.removeprefix("    ") for line in script.splitlines())


def test_a_fork_while_the_worker_sends(go):
    """Fork with the thread at work: both sides go on noting down, every product is sent once, no line of trouble."""
    script = """
    keep_log()
    plugin = connect()
    save(range(10))
    time.sleep(0.3)
    children = []
    for index in range(3):
        child = os.fork()
        if not child:
            def act():
                save(range(10 + index * 10, 20 + index * 10))
                assert plugin.has_live_worker
                assert not [line for line in lines if line.startswith(("WARNING", "ERROR"))], lines
            end(act)
        children.append(child)
        save([40 + index])
    wait_for(*children)
    time.sleep(0.1)
    wait_until_sent(plugin)
    plugin.close()
    assert not [line for line in lines if line.startswith(("WARNING", "ERROR"))], lines
    """
    go(script, range(43))


def test_children_of_multiprocessing(go):
    """multiprocessing's fork: four workers of a pool note down at once, the parent's thread sends."""
    script = """
    import multiprocessing
    plugin = connect()
    save([0])
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.map(save, [[n] for n in range(1, 30)])
    wait_until_sent(plugin)
    plugin.close()
    """
    go(script, range(30))


def test_prefork_with_one_sender_at_a_time(go):
    """Configured in the master, hooked in four children, as gunicorn does: one process sends, the others wait."""
    script = """
    plugin = connect()

    def serve(index):
        save(range(index * 8, index * 8 + 8))
        wait_until_sent(plugin)
        plugin.close()

    children = []
    for index in range(4):
        child = os.fork()
        if not child:
            end(lambda: serve(index))
        children.append(child)
    senders = set()
    while pending(plugin) or not senders:
        with plugin.store._database.read() as connection:
            rows = connection.exec_driver_sql("SELECT lease_id FROM outbox WHERE lease_id IS NOT NULL").fetchall()
            owners = {row[0].rpartition(":")[0] for row in rows}
            senders |= owners
        assert len(owners) <= 1, owners
    wait_for(*children)
    plugin.close()
    say(len(senders))
    """
    assert int(go(script, range(32))[0]) <= 2


def test_a_double_fork(go):
    """A process that becomes a daemon after configure(): the grandchild sends, the others are gone."""
    script = """
    plugin = connect()
    save(range(5))
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.setsid()
        if os.fork():
            os._exit(0)

        def act():
            save(range(5, 10))
            wait_until_sent(plugin)
            plugin.close()
            os.write(writer, b"done")

        end(act)
    wait_for(child)
    plugin.close()
    assert os.read(reader, 4) == b"done"
    """
    go(script, range(10))


def test_a_fork_waits_for_the_transaction_under_way(go):
    """A fork in the midst of another thread's transaction waits for its end; the child can use the database."""
    script = """
    plugin = connect(worker="none")
    save([0])
    inside = threading.Event()

    def write_slowly():
        with plugin.store._database.write() as connection:
            inside.set()
            time.sleep(1.0)
            connection.exec_driver_sql("INSERT INTO settings VALUES ('title_policy', 'never', '2026')")

    thread = threading.Thread(target=write_slowly)
    thread.start()
    inside.wait()
    child = os.fork()
    if not child:
        end(lambda: save([1]))
    wait_for(child)
    thread.join()
    assert plugin.store.saved_settings() == {"title_policy": "never"}
    assert plugin.drain(20).left == 0
    plugin.close()
    """
    go(script, range(2))


def test_a_fork_that_python_did_not_see(go):
    """After a fork in C, as uWSGI does it, the child keeps off the open database, and says why."""
    script = """
    import ctypes
    keep_log()
    plugin = connect(worker="none")
    save([0])
    child = ctypes.PyDLL(None).fork()
    if not child:
        def act():
            result = on_product_saved("SKU-1")
            assert result.status == "held" and "py-call-uwsgi-fork-hooks" in result.reason, result
            assert len(lines) == 1, lines
        end(act)
    wait_for(child)
    save([2])
    assert plugin.drain(20).left == 0
    plugin.close()
    """
    go(script, [0, 2])
