"""Nothing of the host is touched: what is global in its process stays as it was."""

import pytest

from reverb_plugin.simulator import Simulator
from tests.children import run

SNAPSHOT = """
import asyncio, decimal, gc, locale, logging, random, socket, ssl, warnings
import requests, sqlalchemy, sqlite3, urllib3, tenacity, packaging.version  # what libraries do when they are imported


def snapshot():
    root = logging.getLogger()
    return {
        "logging": (root.level, list(root.handlers), list(root.filters), logging.root.manager.disable,
                    logging.raiseExceptions, logging.getLoggerClass(), logging.getLogRecordFactory()),
        "loggers": {name: (item.level, list(item.handlers), item.disabled, item.propagate)
                    for name, item in logging.root.manager.loggerDict.items()
                    if isinstance(item, logging.Logger) and not name.startswith("reverb_plugin")},
        "locale": locale.setlocale(locale.LC_ALL),
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "warnings": list(warnings.filters),
        "timeout": socket.getdefaulttimeout(),
        "hooks": (sys.excepthook, threading.excepthook, sys.unraisablehook, sys.displayhook, sys.breakpointhook),
        "streams": (sys.stdout, sys.stderr, sys.stdin),
        "environ": dict(os.environ),
        "folder": os.getcwd(),
        "path": list(sys.path),
        "argv": list(sys.argv),
        "random": random.getstate() if not RANDOM else None,
        "decimal": str(decimal.getcontext()),
        "limits": (sys.getrecursionlimit(), sys.getswitchinterval(), threading.stack_size(), gc.isenabled(),
                   gc.get_threshold()),
        "tls": ssl._create_default_https_context,
        "trace": (sys.gettrace(), sys.getprofile(), threading.gettrace() if hasattr(threading, "gettrace") else 0),
        "loop": asyncio.get_event_loop_policy(),
        "umask": (os.umask(0o022), os.umask(0o022))[0],
        "row factories": (sqlite3.adapters.copy(), sqlite3.converters.copy()) if hasattr(sqlite3, "adapters") else 0,
    }


RANDOM = True  # jitter is drawn from the process's own generator
"""


@pytest.fixture(scope="module")
def simulator():
    with Simulator(index_lag_seconds=0) as simulator:
        yield simulator


@pytest.mark.parametrize("worker", ["thread", "none"])
def test_nothing_global_is_touched(tmp_path, simulator, worker):
    """Logging, locale, signals, warnings, time-outs, hooks of the interpreter: all as before, after a life's work."""
    script = f"""
    before = snapshot()
    plugin = open_plugin(FakeHost([make_product(1)]), worker={worker!r}, token={simulator.token!r},
                         api_url={simulator.url!r})
    on_product_saved("SKU-1")
    on_product_saved(None)
    report = plugin.drain(20)
    assert report.left == 0, report
    during = snapshot()
    plugin.close()
    after = snapshot()
    for moment in during, after:  # a library may make loggers of its own
        moment["loggers"] = {{name: moment["loggers"][name] for name in before["loggers"]}}
    for name, value in before.items():
        assert during[name] == value, (name, value, during[name])
        assert after[name] == value, (name, value, after[name])
    """
    run(SNAPSHOT + "\n".join(line.removeprefix("    ") for line in script.splitlines()), tmp_path)


def test_all_threads_are_daemons(tmp_path, simulator):
    """No thread of ours keeps the host's process alive."""
    script = """
    mine, host = set(), FakeHost([make_product(n) for n in range(30)])
    find = host.find_product

    def find_and_look(sku):
        mine.update((t.name, t.daemon) for t in threading.enumerate() if "reverb" in t.name)
        return find(sku)

    host.find_product = find_and_look
    plugin = open_plugin(host, worker="thread", token=arguments[0], api_url=arguments[1])
    for n in range(30):
        on_product_saved(f"SKU-{n}")
    plugin.drain(20)
    assert mine == {("reverb-plugin", True), ("reverb-plugin-sender", True)}, mine
    """
    run(script, tmp_path, simulator.token, simulator.url)


def test_a_first_start_says_nothing(tmp_path):
    """A host that logs at INFO finds no line of our libraries in its log after the database was made."""
    script = """
    logging.basicConfig(level=logging.INFO, stream=sys.stdout)
    plugin = open_plugin()
    on_product_saved("A")
    plugin.close()
    """
    assert run(script, tmp_path) == []


def test_uwsgi_without_threads_is_told_to_use_cron(tmp_path):
    """uWSGI starts threads that never run; the plugin does not fall for it and says what to do."""
    script = """
    import types
    sys.modules["uwsgi"] = types.SimpleNamespace(has_threads=0)
    keep_log()
    plugin = open_plugin(worker="thread")
    assert not plugin.has_live_worker
    assert on_product_saved("A").status == "queued"
    plugin.close()
    sys.modules["uwsgi"].has_threads = 1
    assert open_plugin(worker="thread").has_live_worker
    (line,) = lines
    assert "uWSGI runs without enable-threads" in line and "cron" in line, line
    """
    run(script, tmp_path)


def test_a_host_without_threads_is_told_to_use_cron(tmp_path):
    """When no thread can be started, configure() works, hooks write, and a drain sends."""
    script = """
    keep_log()
    start = threading.Thread.start

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    threading.Thread.start = refuse
    plugin = open_plugin(FakeHost([make_product(1)]), worker="thread", token=arguments[0], api_url=arguments[1])
    assert not plugin.has_live_worker
    assert on_product_saved("SKU-1").status == "queued"
    assert plugin.drain(20).left == 0
    plugin.close()
    assert [line for line in lines if "cron" in line] == lines[:1], lines
    """
    with Simulator(index_lag_seconds=0) as simulator:
        run(script, tmp_path, simulator.token, simulator.url)
