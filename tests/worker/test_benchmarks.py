"""The measures can be taken; what they measure is not a test's business."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import MEASURES
from benchmarks.figure import Figure, percentile

ROOT = Path(__file__).parent.parent.parent


def test_all_measures_print_one_table():
    """Each measure runs, in its quick form, and says what it measured against which goal."""
    measures = [name for name in MEASURES if name != "checkout"]  # tests/hosts/test_checkouts.py runs that one
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", *measures],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert "Traceback" not in run.stderr, run.stderr
    assert run.returncode in {0, 1}
    words = ("hook", "processes", "import", "unchanged", "changed", "found", "new", "drain", "memory", "sync log")
    for word in (*words, "oversells", "bundle"):
        assert word in run.stdout


def test_a_peak_is_the_process_s_own():
    """A process that takes little says so, however much its parent took before it."""
    code = "from benchmarks.peak import peak_megabytes; print(peak_megabytes())"
    ballast = bytearray(b"x") * (200 * 1024**2)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert len(ballast) / 1024**2 > 2 * float(run.stdout)


def test_an_unknown_measure_is_an_error():
    """A typing error is not silently nothing."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "hok"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert run.returncode == 2
    assert "there is no measure hok" in run.stderr


@pytest.mark.parametrize(("measured", "at_least", "is_met"), [(1, False, True), (3, False, False), (3, True, True)])
def test_a_goal_is_a_bound(measured, at_least, is_met):
    """A figure meets its goal on the right side of it."""
    assert Figure("x", measured, 2, at_least=at_least).is_met is is_met


def test_percentiles_are_values_that_occurred():
    """The p50 of ten values is the sixth, the p100 the largest."""
    values = list(range(10, 0, -1))
    assert (percentile(values, 50), percentile(values, 99.9), percentile(values, 100)) == (6, 10, 10)
