"""Loopback servers and transports that are closed at the end of each test."""

import pytest

from reverb_plugin.redact import Secret
from reverb_plugin.reverb_api.transport import Transport
from reverb_plugin.testing import FrozenClock
from tests.reverb_api.loopback import LoopbackServer

TOKEN = "t0ken-for-tests-only"


class FreePace:
    """A pace that never waits and remembers what it was told."""

    def __init__(self):
        self.waits = 0
        self.answers = []

    def wait(self):
        self.waits += 1

    def answered(self, status, retry_after_seconds):
        self.answers.append((status, retry_after_seconds))


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def serve():
    servers = []

    def start(*replies, certificate=None):
        servers.append(LoopbackServer(list(replies), certificate))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def pace():
    return FreePace()


@pytest.fixture
def connect(clock, pace):
    transports = []

    def make(server_or_url, token=TOKEN, **options):
        url = getattr(server_or_url, "url", server_or_url)
        secret = None if token is None else Secret(token)
        transports.append(Transport(url, secret, clock=clock, pace=pace, **options))
        return transports[-1]

    yield make
    for transport in transports:
        transport.close()
