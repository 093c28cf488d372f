"""What holds for all tests: errors that are kept from the host in production are raised again at a test's end."""

import os
import signal

import pytest
from hypothesis import settings

from reverb_plugin.guard import watched

pytest_plugins = ["tests.sync.fixtures"]

# The same examples in each run, so that a failure is a finding and not a surprise; `make test-long` explores.
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("long", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("quick")


# Started in the background, a shell has us ignore Ctrl-C, and the processes under test would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config):
    config.addinivalue_line("markers", "swallows: the test provokes an error that is kept from the host")


@pytest.fixture(autouse=True)
def swallowed_errors(request):
    """The errors swallowed during the test; only a test marked ``swallows`` may have any, and must have one."""
    errors = []
    with watched(errors.append):
        yield errors
    if request.node.get_closest_marker("swallows") is None:
        for error in errors:
            raise error
    else:
        assert errors, "marked as swallowing, but nothing was swallowed"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch):
    for name in os.environ:
        if name.startswith("REVERB_"):
            monkeypatch.delenv(name)
