"""Real processes: a shop with the plugin in it, that a test may watch, fork, signal and kill."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

PRELUDE = """
import json, logging, os, signal, sys, threading, time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
import reverb_plugin
from reverb_plugin import Line, OrderCancelled, OrderPlaced, Product, Refund, Shipment
from reverb_plugin.hooks import *
from reverb_plugin.testing import FakeHost

folder, arguments = sys.argv[1], sys.argv[2:]


def make_product(number, price=None):
    return Product(f"SKU-{number}", title=f"Guitar {number}", price=Decimal(price or 100 + number), quantity=1,
                   make="Fender", model="Jazzmaster", condition="Excellent")


def say(*words):
    print(*words, flush=True)


def open_plugin(host=None, **options):
    return reverb_plugin.configure(host or FakeHost(), data_dir=folder, **{"worker": "none"} | options)


class Keep(logging.Handler):
    def emit(self, record):
        lines.append(f"{record.levelname} {record.getMessage()}")


def keep_log():
    logging.getLogger("reverb_plugin").addHandler(Keep())
    logging.getLogger("reverb_plugin").setLevel(logging.INFO)


lines = []


def pending(plugin):
    status = plugin.store.queue_status()
    return status.pending + status.leased
"""


def _environ(**more):
    known = {name: text for name, text in os.environ.items() if not name.startswith("REVERB_")}
    folder = Path(__file__).parent.parent
    return known | {"PYTHONPATH": str(folder), "REVERB_AUTO_SYNC": "on", "REVERB_REQUESTS_PER_MINUTE": "600"} | more


def command(script, folder, *arguments):
    """What starts the script in a Python of its own, with warnings as errors."""
    text = PRELUDE + textwrap.dedent(script)
    return [sys.executable, "-W", "error", "-c", text, str(folder), *map(str, arguments)]


def run(script, folder, *arguments, timeout=60, **environ):
    """Runs the script to its end; what it printed, line by line. Fails with its traceback when it failed."""
    done = subprocess.run(
        command(script, folder, *arguments),
        check=False,
        capture_output=True,
        text=True,
        timeout=timeout,
        env=_environ(**environ),
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.splitlines()


def start(script, folder, *arguments, **environ):
    """Starts the script; its output can be read line by line, and it must be ended by the test."""
    return subprocess.Popen(
        command(script, folder, *arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environ(**environ),
    )


def finish(child, told="", timeout=60):
    """Tells the child a last word and waits for its end; what else it printed, line by line."""
    out, err = child.communicate(told + "\n", timeout=timeout)
    assert child.returncode == 0, err
    assert "Traceback" not in err, err
    return out.splitlines()
