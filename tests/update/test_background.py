"""Where newer versions are looked for: in the process that sends, beside its work, and nowhere else."""

from datetime import UTC, datetime, timedelta

import pytest

from reverb_plugin.update.state import State, change_state, read_state
from tests.children import finish, run, start

PAGE = "/simple/reverb-plugin/"
OPEN = "plugin = open_plugin(worker=arguments[0])"


@pytest.fixture
def due(tmp_path, index):
    """A data folder in which a look is due now."""
    now = datetime.now(UTC)
    change_state(tmp_path, now, lambda _: State(index.url, now - timedelta(days=2), now - timedelta(hours=1)))
    return tmp_path


def test_the_worker_of_the_host_looks(due, index):
    """The thread that sends begins it; a look in progress holds up neither it nor the end of the process."""
    script = f"""
    {OPEN}
    while plugin.updates.status().notice is None:
        time.sleep(0.02)
    say(plugin.updates.status().notice.version)
    plugin.close()
    """
    assert run(script, due, "thread", REVERB_UPDATE_INDEX_URL=index.url) == ["0.2.0"]
    assert index.requests.count(PAGE) == 1


def test_a_drain_from_cron_looks(due, index):
    """It waits for the answer before it ends: there would be nobody else to wait for it. The next one asks nobody."""
    script = f"""
    {OPEN}
    plugin.drain(20)
    plugin.drain(20)
    say(plugin.updates.status().notice.version)
    """
    assert run(script, due, "none", REVERB_UPDATE_INDEX_URL=index.url) == ["0.2.0"]
    assert index.requests.count(PAGE) == 1


def test_a_drain_ends_in_time(due, index):
    """An index that never answers does not hold up a drain for longer than it may last."""
    index.fault = lambda _handler: index.stopping.wait(20)
    script = f"""
    {OPEN}
    began = time.monotonic()
    plugin.drain(1.5)
    say(time.monotonic() - began < 8)
    """
    assert run(script, due, "none", REVERB_UPDATE_INDEX_URL=index.url) == ["True"]
    index.reset()


def test_no_request_of_the_host_looks(due, index):
    """Hooks, the page and what a person reads in it ask nobody, though a look is due."""
    script = f"""
    from werkzeug.test import Client
    {OPEN}
    product_saved = make_product(1)
    on_product_saved(product_saved)
    client = Client(plugin.admin_app(authorize=lambda environ: True))
    say([client.get(path).status_code for path in ("/", "/update", "/settings")])
    plugin.updates.wait(5)
    say(plugin.updates.is_looking)
    """
    assert run(script, due, "none", REVERB_UPDATE_INDEX_URL=index.url) == ["[200, 200, 200]", "False"]
    assert index.requests == []


def test_a_shop_on_a_simulator_asks_nobody(due, index):
    """A trial is nobody's customer."""
    script = """
    plugin = open_plugin(api_url="http://127.0.0.1:9/api")
    plugin.drain(2)
    plugin.updates.wait(5)
    """
    run(script, due, REVERB_UPDATE_INDEX_URL=index.url)
    assert index.requests == []
    assert read_state(due, datetime.now(UTC)).checked_at is None


def test_the_end_of_the_host_waits_for_no_index(due, index):
    """An index that never answers does not keep a process alive."""
    index.fault = lambda _handler: index.stopping.wait(20)
    script = f"""
    {OPEN}
    while not plugin.updates.is_looking:
        time.sleep(0.02)
    say("looking")
    sys.stdin.readline()
    """
    child = start(script, due, "thread", REVERB_UPDATE_INDEX_URL=index.url)
    assert child.stdout.readline() == "looking\n"
    assert finish(child, timeout=10) == []
    index.reset()
