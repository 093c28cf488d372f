"""`reverb-plugin serve`: the page alone on this machine, for the one browser that has the link."""

import http.client
import re
import signal
import socket
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from reverb_plugin.admin.local_server import LocalServer
from reverb_plugin.changes import Reason, product_changed
from tests.cli.terminal import wait_until


def ask(address, path=None, method="GET", **headers):
    """Status, headers and text of an answer; headers are named with underscores."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path or parts.path or "/", headers=named)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


def enter(link):
    """The cookie that the link is exchanged for."""
    status, headers, _ = ask(link)
    assert status == 200
    return headers["Set-Cookie"]


@contextmanager
def serving(terminal, *words):
    """The command while it runs, with the link that it printed."""
    with terminal.started("serve", "--port", "0", *words) as process:
        told = ""
        while "/enter/" not in told:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            told += line
        yield process, re.search(r"http://127\.0\.0\.1:\d+/enter/\S+", told)[0]


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


@pytest.fixture
def server():
    with LocalServer(hello, 0) as server:
        yield server


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serves_until_a_signal(number, connected, simulator):
    """The link shows the page, what waits is sent meanwhile, and the first signal ends it with 0."""
    with connected.memory() as store:
        store.record([product_changed("A-1", Reason.PRODUCT_SAVED)])
    with serving(connected, "products.csv") as (process, link):
        cookie = enter(link).partition(";")[0]
        status, _, text = ask(link, "/", Cookie=cookie)
        wait_until(simulator.door.listings)
        process.send_signal(number)
        output, log = process.stdout.read(), process.stderr.read()
        process.wait(10)

    assert (status, "Reverb" in text) == (200, True)
    assert (process.returncode, output.splitlines()[-1], log) == (0, "Stopping.", "")


def test_goes_on_with_a_run_that_waits(connected):
    """A run that was under way when the page was last closed is no change of another shop's product."""
    connected.run("mass-sync", "--preview", "products.csv", "--timeout", "0")

    with serving(connected, "products.csv") as (_process, link), connected.memory() as store:
        assert ask(link)[0] == 200
        assert wait_until(lambda: store.runs.newest(limit=1)[0].planned_at) is None


def test_without_a_shop_nothing_is_sent(terminal):
    """Without a shop the page is served, and says that it sends nothing; no product is taken for deleted."""
    with terminal.memory() as store:
        store.record([product_changed("A-1", Reason.PRODUCT_SAVED)])
    with serving(terminal) as (process, link):
        cookie = enter(link).partition(";")[0]
        answers = [ask(link, path, Cookie=cookie)[0] for path in ("/", "/log", "/settings")]
        process.send_signal(signal.SIGTERM)
        output = process.stdout.read()

    assert answers == [200, 200, 200]
    assert "nothing is sent from here" in output
    with terminal.memory() as store:
        assert store.queue_status().pending == 1


def test_port_in_use_is_told(terminal):
    """A port that somebody else has is told in one line."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = terminal.run("serve", "--port", str(taken.getsockname()[1]))

    assert done.returncode == 1
    assert re.fullmatch(r"Error: port \d+ is in use; name another with --port, or 0 for any\n", done.stderr)


def test_what_is_no_product_file_is_refused(terminal):
    """A word that is no product file is told, and nothing is served."""
    done = terminal.run("serve", "products")

    assert done.returncode == 2
    assert "products is no product file" in done.stderr


def test_link_lets_one_browser_in_once(server):
    """The link gives a cookie the first time it is opened; from then on it is dead."""
    cookie = enter(server.link)

    assert ask(server.site, Cookie=cookie.partition(";")[0])[2] == "hello"
    assert ask(server.link)[0] == 403
    assert ask(server.link, Cookie=cookie.partition(";")[0])[2] == "hello"


def test_link_is_used_once_by_many_at_a_time(server):
    """Of browsers that open the link in the same moment one is let in."""
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(ask(server.link)[0])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [200, *[403] * 7]


def test_cookie_stays_with_this_page(server):
    """No script reads the cookie, no other site sends it, and the browser forgets it when it ends."""
    attributes = {each.strip().lower() for each in enter(server.link).split(";")[1:]}

    assert attributes == {"httponly", "path=/", "samesite=strict"}


def test_nobody_else_is_let_in(server):
    """Without the link or the cookie, with a wrong one, or with another page's, nothing is shown."""
    name = enter(server.link).partition("=")[0]

    for headers in ({}, {"Cookie": f"{name}=wrong"}, {"Cookie": f"{name}=Ω".encode()}, {"Cookie": f"{name}="}):
        status, answer, text = ask(server.site, **headers)
        assert (status, "hello" in text) == (403, False)
        assert answer["Cache-Control"] == "no-store"
    assert ask(server.site, "/enter/")[0] == 403
    assert ask(server.site, "/enter/None")[0] == 403
    assert ask(server.site, "/enter/%CE%A9")[0] == 403


def test_question_for_the_link_alone_does_not_use_it_up(server):
    """A program that only looks whether the link answers (HEAD) leaves it alive."""
    ask(server.link, method="HEAD")

    assert enter(server.link)


def test_other_names_are_refused(server):
    """A site that lets its own name point to this machine gets nothing, not even with the link; localhost does."""
    for host in ("evil.example", "127.0.0.1.evil.example:80", "evil.example:8321", "[::1].evil.example"):
        assert ask(server.link, Host=host)[0] == 403
    assert ask(server.link, Host="localhost:9000")[0] == 200
