"""Put into an environment under test: kills a process, or fills its disk, at a place that ``REVERB_TEST_FAULT`` names.

``WHAT WHO EVENT PART NUMBER``: WHAT is ``kill`` (this process), ``kill-all`` (the update with all it started),
``kill-parent``, ``full`` or ``alter`` (the wheel that was downloaded); WHO is a word of the command line; EVENT, PART
and NUMBER say at which audit event: the NUMBERth of that name with PART in its arguments.
"""

import errno
import os
import signal
import sys
from pathlib import Path


def _arm(what, who, event, part, number):
    seen = 0

    def watch(name, arguments):
        nonlocal seen
        if name == event and part in repr(arguments):
            seen += 1
            if seen == int(number) or (what == "full" and seen > int(number)):
                _strike(what)

    if any(who in word for word in sys.orig_argv):
        sys.addaudithook(watch)


def _strike(what):
    match what:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "kill-parent":
            os.kill(os.getppid(), signal.SIGKILL)
            signal.pause()
        case "kill-all":
            os.killpg(os.getpgrp(), signal.SIGKILL)
            signal.pause()
        case "alter":
            for wheel in Path(os.environ["REVERB_DATA_DIR"], "update/wheels").glob("*.whl"):
                wheel.write_bytes(wheel.read_bytes() + b"x")
        case "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


if "REVERB_TEST_FAULT" in os.environ:
    _arm(*os.environ["REVERB_TEST_FAULT"].split(" "))
