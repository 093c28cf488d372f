"""Whatever is wrong with the plugin, a buyer's checkout goes through."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKOUTS = 25
SCRIPT = """
import json, sys
from benchmarks.checkout import run
from oscar.core.loading import get_model

for name, stage in run(int(sys.argv[1])):
    orders = get_model("order", "Order").objects
    print(json.dumps([name, len(stage.seconds), [repr(error) for error in stage.broken], orders.count()]))
    orders.all().delete()
"""


@pytest.fixture(scope="module")
def checkouts():
    """What became of so many checkouts in each trouble. In a process of its own, whose files may not grow."""
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(CHECKOUTS)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert run.returncode == 0, run.stderr
    return {name: outcome for name, *outcome in map(json.loads, run.stdout.splitlines())}


@pytest.mark.parametrize(
    "trouble",
    [
        "nothing wrong",
        "database locked",
        "disk full",
        "damaged file",
        "not configured",
        "wrong token",
        "thread refused",
    ],
)
def test_no_checkout_breaks(checkouts, trouble):
    """Every buyer has an order; `make bench ARGS=checkout` measures a thousand of them and how long they wait."""
    assert checkouts[trouble] == [CHECKOUTS, [], CHECKOUTS]
