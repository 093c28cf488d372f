"""``python -m benchmarks [--quick] [measure ...]``; ends with 1 when a goal is missed."""

import argparse
import importlib
import sys

from rich.console import Console
from rich.table import Table

from benchmarks.figure import Figure

MEASURES = (
    "hook",
    "writers",
    "imports",
    "requests_per_product",
    "drain",
    "memory",
    "mass_sync",
    "log_page",
    "oversell",
    "checkout",
    "bundle",
)


def main() -> int:
    """Measures one after the other, and prints one table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("measures", nargs="*", metavar="measure", help="one of " + ", ".join(MEASURES))
    parser.add_argument("--quick", action="store_true", help="few repetitions: shows that it works, measures nothing")
    options = parser.parse_args()
    if unknown := set(options.measures) - set(MEASURES):
        parser.error(f"there is no measure {', '.join(sorted(unknown))}; known are {', '.join(MEASURES)}")
    console, figures = Console(), []
    for name in options.measures or MEASURES:
        with console.status(f"measuring {name}"):
            figures += importlib.import_module(f"benchmarks.{name}").measure(quick=options.quick)
    console.print(make_table(figures))
    return 0 if all(figure.is_met for figure in figures) else 1


def make_table(figures: list[Figure]) -> Table:
    """One row for each figure; the ratio is the measured to the goal."""
    table = Table("what", "measured", "goal", "ratio", "met")
    for figure in figures:
        sign = "at least" if figure.at_least else "at most"
        table.add_row(
            figure.what,
            f"{figure.measured:.4g} {figure.unit}",
            f"{sign} {figure.goal:g} {figure.unit}",
            f"{figure.ratio:.2f}",
            "yes" if figure.is_met else "NO",
        )
    return table


if __name__ == "__main__":
    sys.exit(main())
