"""A shop's process for tests of several processes and of sudden deaths: ``python -m tests.mass.process FOLDER ...``.

It says ``ready`` as soon as it works. With ``--die`` it kills itself at a chosen moment, as ``kill -9`` would. Its
clock may be ahead, so that what a dead process had leased has run out.
"""

import argparse
import itertools
import os
import signal
import sys
from datetime import timedelta

import reverb_plugin
from reverb_plugin.clock import Clock
from reverb_plugin.errors import RunError
from reverb_plugin.reverb_api.client import ReverbClient
from reverb_plugin.store.run_store import RunStore
from reverb_plugin.store.store import Store
from reverb_plugin.testing import FakeHost
from tests.mass.desk import guitars

MOMENTS = {
    "keeping a page": (RunStore, "keep_page"),
    "keeping the leftovers": (RunStore, "keep_leftovers"),
    "keeping the plan": (RunStore, "keep_compared"),
    "feeding": (RunStore, "feed"),
    "beginning a row": (RunStore, "begin_row"),
    "creating": (ReverbClient, "create_listing"),
    "updating": (ReverbClient, "update_listing"),
    "settling": (Store, "settle"),
    "leasing": (Store, "lease"),
}


class LaterClock(Clock):
    """The real time, and some more."""

    def __init__(self, ahead_seconds):
        self._ahead = timedelta(seconds=ahead_seconds)

    def now(self):
        return super().now() + self._ahead


class DeadlyHost(FakeHost):
    """A shop in whose products one is that kills whoever reads it by itself."""

    deadly = None

    def find_product(self, sku):
        if sku == self.deadly:
            die()
        return super().find_product(sku)


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(moment, when, count):
    """Before or after the call of that number, the process is no more."""
    kind, name = MOMENTS[moment]
    original, numbers = getattr(kind, name), itertools.count(1)

    def deadly(*args, **kwargs):
        number = next(numbers)
        if number == count and when == "before":
            die()
        result = original(*args, **kwargs)
        if number == count and when == "after":
            die()
        return result

    setattr(kind, name, deadly)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("act", choices=["start", "drain", "serve"])
    parser.add_argument("--products", type=int, default=12)
    parser.add_argument("--ahead", type=float, default=0.0)
    parser.add_argument("--die", nargs=3, metavar=("MOMENT", "WHEN", "COUNT"))
    parser.add_argument("--deadly")
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    host = DeadlyHost(guitars(options.products))
    host.deadly = options.deadly
    plugin = reverb_plugin.configure(
        host,
        token=options.token,
        api_url=options.url,
        data_dir=options.folder,
        worker="none",
        clock=LaterClock(options.ahead),
    )
    if options.act == "serve":
        plugin.start_worker()
    say("ready")
    try:
        if options.act == "start":
            say("started", plugin.mass_sync.start())
    except RunError as error:
        say("refused", error.code, error)
        return
    if options.act == "serve":
        signal.pause()
    if options.die:
        moment, when, count = options.die
        die_at(moment, when, int(count))
    report = plugin.drain(options.seconds)
    say("left", report.left)
    plugin.close()


if __name__ == "__main__":
    main()
