"""Runs a module that must not outlive the update that started it. Needs nothing but Python itself.

``leash.py PIPE LOCK FOLDER MODULE [ARGUMENT...]``: when the other end of the pipe is closed, because the update has
ended in whatever way, this process becomes at once the one that brings the old version back.
"""

import os
import runpy
import sys
import threading
from pathlib import Path


def main() -> None:
    """Runs the module with its arguments."""
    pipe, lock, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    threading.Thread(target=_watch, args=(pipe, lock, folder), daemon=True).start()
    sys.argv = sys.argv[4:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _watch(pipe: int, lock: int, folder: str) -> None:
    os.read(pipe, 1)  # nothing is ever written: it ends when the pipe is closed
    os.close(lock)
    recovery = Path(__file__).with_name("__init__.py")
    os.execv(sys.executable, [sys.executable, "-I", str(recovery), folder])  # noqa: S606 - ends all threads at once


if __name__ == "__main__":
    main()
