"""A hook never raises, whatever is wrong, and what it could not write down is written when the trouble is over."""

import sqlite3

import pytest

from reverb_plugin.store.store import FILE_NAME
from tests.children import finish, run, start


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def database(folder):
    """A database with one waiting change, closed."""
    run("plugin = open_plugin(); on_product_saved('OLD'); plugin.close()", folder)
    return folder / FILE_NAME


def test_before_configure_hooks_are_ignored_and_that_is_told_once(folder):
    """A shop that forgot to configure goes on; the log says so once."""
    script = """
    keep_log()
    events = [OrderPlaced("1", [Line("A")]), OrderCancelled("1", [Line("A")]), Refund("1", [Line("A")]),
              Shipment("1", "UPS", "1Z")]
    hooks = [on_order_placed, on_order_cancelled, on_refund, on_order_shipped]
    results = [on_product_saved("A"), on_product_deleted("A")]
    results += [hook(event) for hook, event in zip(hooks, events)]
    assert [(r.status, r.reason) for r in results] == [("ignored", "not configured")] * 6, results
    print("\\n".join(lines))
    """
    (line,) = run(script, folder)
    assert "configure() has not been called" in line
    assert not folder.exists()


def test_wrong_types_are_ignored_with_the_reason(folder):
    """Whatever a hook is given, it answers; the log names the hook."""
    script = """
    keep_log()
    plugin = open_plugin()
    hooks = on_product_saved, on_product_deleted, on_order_placed, on_order_cancelled, on_refund, on_order_shipped
    for hook in hooks:
        for value in (None, 3, b"x", object(), [], {}, "", " A", "A" * 300, Product, float("nan"), lambda: 1):
            result = hook(value)
            assert result.status == "ignored" and "got" in result.reason, (hook, value, result)
    assert len(lines) == 72 and all(line.startswith("WARNING on_") for line in lines), lines
    assert pending(plugin) == 0
    """
    run(script, folder)


def test_what_a_locked_database_did_not_take_is_written_afterwards(folder, database):
    """While another process holds the database hooks keep no one waiting, and lose nothing; the log has two lines."""
    locker = sqlite3.connect(database, isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    script = """
    keep_log()
    plugin = open_plugin()
    started = time.monotonic()
    results = {on_product_saved(f"SKU-{n}").status for n in range(200)}
    assert results == {"held"}, results
    assert time.monotonic() - started < 1.8, "the first one waits for half a second, the others do not"
    result = on_order_shipped(Shipment("1", "UPS", "1Z"))
    assert result.status == "held" and "locked" in result.reason, result
    say("held")
    input()
    time.sleep(1.1)
    assert on_product_saved("LAST").status == "queued"
    assert pending(plugin) == 202, pending(plugin)
    plugin.close()
    with plugin.store._database.read() as connection:
        assert connection.exec_driver_sql("SELECT tracking_number FROM shipments").fetchall() == [("1Z",)]
    print("\\n".join(lines))
    """
    child = start(script, folder)
    said = child.stdout.readline()
    locker.execute("ROLLBACK")
    locker.close()
    down, up = finish(child)
    assert said == "held\n"
    assert "locked by another process" in down
    assert "can be used again" in up


def test_the_worker_writes_what_was_held(folder, database):
    """With the worker's thread no further hook is needed; the change that was held is written within seconds."""
    locker = sqlite3.connect(database, isolation_level=None)
    locker.execute("BEGIN EXCLUSIVE")
    script = """
    plugin = open_plugin(worker="thread")
    assert on_product_saved("SKU-1").status == "held"
    say("held")
    input()
    give_up = time.monotonic() + 10
    while pending(plugin) < 2 and time.monotonic() < give_up:
        time.sleep(0.1)
    say(pending(plugin))
    """
    child = start(script, folder)
    child.stdout.readline()
    locker.execute("ROLLBACK")
    locker.close()
    assert finish(child) == ["2"]


@pytest.mark.parametrize(("auto_sync", "expected"), [("on", "2"), ("off", "0")])
def test_the_settings_of_an_unreadable_database_are_not_guessed(folder, auto_sync, expected):
    """A shop that starts with an unreadable database keeps its changes until it knows whether they are wanted."""
    run(f"open_plugin().configuration.save('auto_sync', '{auto_sync}')", folder)
    damaged = folder / FILE_NAME
    good = damaged.read_bytes()
    damaged.write_bytes(b"x" * 4096)
    script = """
    del os.environ["REVERB_AUTO_SYNC"]
    plugin = open_plugin()
    assert on_product_saved("SKU-1").status == "held"
    say("held")
    input()
    time.sleep(1.1)
    result = on_product_saved("SKU-2")
    assert result.status == "queued" or result.reason == "the setting auto_sync is off", result
    say(pending(plugin))
    """
    child = start(script, folder)
    child.stdout.readline()
    damaged.write_bytes(good)
    assert finish(child) == [expected]


def test_a_folder_that_cannot_be_made_is_survived(tmp_path):
    """A data folder below a file: hooks hold what they can, and the log says why, once."""
    (tmp_path / "file").write_text("in the way")
    script = """
    keep_log()
    plugin = open_plugin(worker="thread")
    for n in range(50):
        assert on_product_saved(f"SKU-{n}").status == "held"
    time.sleep(1.5)
    plugin.close()
    assert len(lines) == 1 and "Not a directory" in lines[0], lines
    """
    run(script, tmp_path / "file" / "data")


def test_a_full_disk_is_survived(folder):
    """When a file may not grow any more, changes are held, and written when there is space again."""
    script = """
    import resource
    keep_log()
    plugin = open_plugin()
    assert on_product_saved("SKU-0").status == "queued"
    size = max(file.stat().st_size for file in Path(folder).iterdir())
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, unlimited[1]))
    results = [on_product_saved(f"SKU-{n}").status for n in range(500)]
    assert "held" in results and set(results) <= {"held", "queued", "coalesced"}, set(results)
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    time.sleep(1.1)
    assert on_product_saved("LAST").status == "queued"
    assert pending(plugin) == 501, pending(plugin)
    assert len(lines) == 2, lines
    """
    run(script, folder)


def test_memory_is_bounded_while_nothing_can_be_written(tmp_path):
    """Beyond ten thousand held changes the newest are lost, and the log says which."""
    (tmp_path / "file").write_text("in the way")
    script = """
    keep_log()
    plugin = open_plugin()
    results = [on_product_saved(f"SKU-{n}").status for n in range(10_010)]
    assert results == ["held"] * 10_000 + ["ignored"] * 10
    assert sum("lost: ['SKU-10009']" in line for line in lines) == 1
    assert len(lines) == 11
    """
    run(script, tmp_path / "file" / "data")


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 300, None])
def test_a_damaged_or_newer_database_is_survived(folder, database, content):
    """Neither garbage nor a database of a newer plugin gets an exception out of a hook; an empty file is a new one."""
    if content is None:
        connection = sqlite3.connect(database)
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
        connection.close()
    else:
        database.write_bytes(content)
    script = """
    keep_log()
    plugin = open_plugin()
    say(on_product_saved("SKU-1").status, len(lines))
    """
    assert run(script, folder) == ["queued 0" if content == b"" else "held 1"]


def test_hooks_work_inside_an_event_loop_and_from_many_threads(folder):
    """A hook may be called from coroutines and from eight threads at once; each change is written."""
    script = """
    import asyncio
    plugin = open_plugin(worker="thread")

    async def save(n):
        return on_product_saved(f"ASYNC-{n}").status

    async def main():
        return await asyncio.gather(*(save(n) for n in range(50)))

    assert set(asyncio.run(main())) == {"queued"}
    results = []
    threads = [
        threading.Thread(target=lambda t=t: results.extend(on_product_saved(f"T{t}-{n}").status for n in range(50)))
        for t in range(8)
    ]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert results == ["queued"] * 400
    say(pending(plugin))
    """
    assert run(script, folder) == ["450"]


def test_hooks_work_in_signal_handlers(folder):
    """A signal that comes in the midst of a hook, hundreds of times, neither hangs it nor loses a change."""
    script = """
    keep_log()
    plugin = open_plugin(worker="thread")
    on_product_saved("WARM-UP")
    results, count = [], [0]

    def handler(number, frame):
        count[0] += 1
        results.append(on_product_saved(f"SIGNAL-{count[0]}").status)
        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0001, 0.003))

    import faulthandler, random
    faulthandler.dump_traceback_later(40, exit=True)
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.001)
    end = time.monotonic() + 3
    n = 0
    while time.monotonic() < end or count[0] < 200:
        n += 1
        results.append(on_product_saved(f"MAIN-{n}").status)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    assert set(results) <= {"queued", "held"}, (set(results), lines)
    time.sleep(1.1)
    on_product_saved("WARM-UP")
    assert pending(plugin) == n + count[0] + 1, (pending(plugin), n, count)
    assert not [line for line in lines if "token" not in line], lines
    """
    run(script, folder)


def test_hooks_work_at_the_end_of_the_process(folder):
    """A hook in the host's own exit handler is written, before or after ours has run."""
    script = """
    import atexit
    atexit.register(lambda: say(on_product_saved("AFTER-OURS").status))  # the last registered runs first
    plugin = open_plugin(worker="thread")
    atexit.register(lambda: say(on_product_saved("BEFORE-OURS").status))

    class Late:
        def __del__(self):
            on_product_saved("IN-THE-RUINS")

    sys.modules["late"] = Late()
    """
    assert run(script, folder) == ["queued", "queued"]
    said = run("say(pending(open_plugin()))", folder)
    assert said[0] in {"2", "3"}


def test_hooks_after_close_are_ignored_and_harmless(folder):
    """After close() the process has no plugin; the one that was closed can still be given by name."""
    script = """
    plugin = open_plugin(worker="thread")
    plugin.close()
    plugin.close()
    assert on_product_saved("A").reason == "not configured"
    assert on_product_saved("A", plugin=plugin).status == "queued"
    assert [t.name for t in threading.enumerate() if "reverb" in t.name] == []
    """
    run(script, folder)


def test_trouble_that_lasts_is_looked_at_less_and_less(tmp_path):
    """Of a minute with a hook each tenth of a second, only a few have to find out that the disk is still broken."""
    (tmp_path / "file").write_text("in the way")
    script = """
    from reverb_plugin.testing import FrozenClock
    clock = FrozenClock()
    plugin = open_plugin(clock=clock)
    tries = []
    open_file = plugin.store._database._open
    plugin.store._database._open = lambda: (tries.append(clock.monotonic()), open_file())[1]
    for n in range(600):
        assert on_product_saved(f"SKU-{n}").status == "held"
        clock.advance(0.1)
    assert 5 <= len(tries) <= 12, tries
    """
    run(script, tmp_path / "file" / "data")
