"""Whatever is wrong with the plugin, a buyer's checkout goes through."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.checkout import SHOPS, TROUBLES

ROOT = Path(__file__).parents[2]
CHECKOUTS = 25
SCRIPT = """
import json, sys
from benchmarks.checkout import run

for trouble, stage in run(int(sys.argv[1]), sys.argv[2:]):
    print(json.dumps([trouble, len(stage.seconds), [repr(error) for error in stage.broken], stage.shop.orders()]))
"""


@pytest.fixture(scope="module", params=SHOPS)
def checkouts(request):
    """What became of so many checkouts in each trouble. In a process of its own, whose files may not grow."""
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, str(CHECKOUTS), request.param]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert run.returncode == 0, run.stderr
    return {trouble: outcome for trouble, *outcome in map(json.loads, run.stdout.splitlines())}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_no_checkout_breaks(checkouts, trouble):
    """Every buyer has an order; `make bench ARGS=checkout` measures a thousand of them and how long they wait."""
    assert checkouts[trouble] == [CHECKOUTS, [], CHECKOUTS]
