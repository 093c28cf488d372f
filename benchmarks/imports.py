"""``import reverb_plugin.hooks`` against what it cannot do without, in fresh interpreters, in turn.

They run without ``site``: the path hook of an editable installation, which no shop has, would already have imported
half of what is measured.
"""

import os
import subprocess
import sys
from pathlib import Path

import reverb_plugin
from benchmarks.figure import Figure, percentile

HOOKS = "reverb_plugin.hooks"
NEEDED = "sqlite3, json, dataclasses"
TIMED = "import time; a = time.perf_counter(); import {}; print(time.perf_counter() - a)"


def measure(*, quick: bool) -> list[Figure]:
    """How many times as long it takes."""
    hooks, needed = [], []
    for _ in range(3 if quick else 40):
        hooks.append(_seconds(HOOKS))
        needed.append(_seconds(NEEDED))
    ratio = percentile(hooks, 50) / percentile(needed, 50)
    return [Figure(f"import {HOOKS} against import {NEEDED}, p50", ratio, 2.0, "times")]


def _seconds(modules: str) -> float:
    command = [sys.executable, "-S", "-c", TIMED.format(modules)]
    environ = os.environ | {"PYTHONPATH": str(Path(reverb_plugin.__file__).parent.parent)}
    return float(subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout)
