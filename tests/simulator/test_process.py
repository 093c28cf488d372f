"""The simulator as a process of its own."""

import re
import signal
import subprocess
import sys

import pytest

from reverb_plugin.simulator import SimulatorDoor


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_when_told(ending):
    """One line with URL and token, the door works from another process, and a signal ends it cleanly."""
    command = [sys.executable, "-W", "error", "-m", "reverb_plugin.simulator", "--token", "t0ken", "--index-lag", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        site = re.fullmatch(r"Reverb simulator at (http://127\.0\.0\.1:\d+)/api with the token t0ken\n", line)[1]
        door = SimulatorDoor(f"{site}/_simulator")
        listing_id = door.add_listing(sku="A", price="12.50")
        assert door.listing("A")["id"] == listing_id
        process.send_signal(ending)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
