"""docs/no-python.md: what it says to type works, in its order."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reverb_plugin.simulator import Simulator
from tests.sync.market import SOLID_BODY

PAGE = (Path(__file__).parents[2] / "docs/no-python.md").read_text()
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def blocks(section, language="console"):
    return re.findall(rf"```{language}\n(.*?)```", SECTIONS[section], re.DOTALL)


@pytest.fixture(scope="module")
def simulator():
    with Simulator(token="made-up", index_lag_seconds=0, publish_delay_seconds=0) as simulator:
        yield simulator


@pytest.fixture
def type_in(simulator, tmp_path):
    """Types blocks into a terminal that stands in an empty folder; what came out."""

    def run(*texts):
        script = "\n".join(texts).replace("http://127.0.0.1:8080/api", simulator.url)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        environ = {"PATH": path, "HOME": str(tmp_path), "NO_COLOR": "1", "COLUMNS": "120"}
        done = subprocess.run(
            ["bash", "-eu", "-c", script],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_the_trial_can_be_typed(type_in, simulator, tmp_path):
    """The file of the page becomes two drafts, its changed price arrives, and a sale on Reverb is shown."""
    (file,) = blocks("Try it", "csv")
    (tmp_path / "products.csv").write_text(file)
    start, trial, change = blocks("Try it")
    assert start == "reverb-plugin simulator --port 8080 --token made-up\n"
    type_in(trial, change)
    prices = {row["sku"]: (row["price"], row["state"]) for row in simulator.door.listings() if row["sku"]}
    assert prices["BOSS-DS1"] == ("59.99", "draft")
    assert prices["FEN-JM-65"] == ("8900.00", "draft")


def test_a_sale_is_shown(type_in, simulator, tmp_path):
    """With orders on, what was sold on Reverb stands in the list with what is left to do."""
    (tmp_path / "products.csv").write_text(blocks("Try it", "csv")[0])
    export = blocks("Try it")[1].splitlines()[0]
    turn_on, _ = blocks("What is sold on Reverb")[0].splitlines()
    simulator.door.reset()
    type_in(export, turn_on, "reverb-plugin push products.csv")
    number = simulator.door.buy(publish(simulator, "BOSS-DS1"))
    look = ["reverb-plugin orders --look", "reverb-plugin push products.csv"]
    shown = type_in(export, *look, "reverb-plugin orders")
    assert str(number) in shown
    assert "BOSS-DS1" in shown


def publish(simulator, sku):
    """The seller completes and publishes a draft on Reverb's site; the listing's id."""
    listing_id = next(row["id"] for row in simulator.door.listings() if row["sku"] == sku)
    with simulator.reverb.lock:
        listing = simulator.reverb.world.get_listing(listing_id)
        simulator.reverb.world.update_listing(
            listing, {"categories": [{"uuid": SOLID_BODY}]}, None, in_place=False, publish=True
        )
    simulator.door.publish_now()
    return listing_id
