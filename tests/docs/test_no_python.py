"""docs/no-python.md: what it says to type does what it says."""

import pytest

from reverb_plugin.simulator import Simulator
from tests.docs.pages import blocks
from tests.docs.terminal import Terminal
from tests.sync.market import SOLID_BODY

FILE, *_ = blocks("docs/no-python.md", "csv")
_, TRIAL, CHANGE, _, ORDERS, *_ = blocks("docs/no-python.md", "console")
CRON, *_ = blocks("docs/no-python.md", "crontab")


@pytest.fixture(scope="module")
def session_simulator():
    with Simulator(token="made-up", index_lag_seconds=0, publish_delay_seconds=0) as simulator:
        yield simulator


@pytest.fixture
def type_in(simulator, tmp_path):
    """Types lines into a terminal that stands in a folder with the page's file; what came out."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here/products.csv").write_text(FILE)
    terminal = Terminal(tmp_path / "here", simulator)

    def run(text):
        screens = []
        for line in text.replace("http://127.0.0.1:8080", simulator.site).splitlines():
            ended = terminal.type(line)
            assert ended.code == 0, f"{line}\n{ended.screen}"
            screens.append(ended.screen)
        return "\n".join(screens)

    run.folder = terminal.folder
    return run


def prices(simulator):
    return {row["sku"]: (row["price"], row["state"]) for row in simulator.door.listings() if row["sku"]}


def test_the_trial(type_in, simulator):
    """The file of the page becomes two drafts, and its changed price arrives."""
    type_in(TRIAL)
    assert prices(simulator) == {"BOSS-DS1": ("62.99", "draft"), "FEN-JM-65": ("8900.00", "draft")}
    type_in(CHANGE)
    assert prices(simulator)["BOSS-DS1"] == ("59.99", "draft")


def test_what_cron_does(type_in, simulator):
    """Fetched and pushed, the export is on Reverb; the drift check of the night finds nothing."""
    fetch = type_in.folder / "fetch-export"
    fetch.write_text("#!/bin/sh\nsed 's/62.99/61.99/' $1 > new.csv && mv new.csv $1\n")
    fetch.chmod(0o700)
    for line in CRON.splitlines():
        type_in(line.split(maxsplit=5)[5].replace("/home/seller", str(type_in.folder)))
    assert prices(simulator)["BOSS-DS1"][0] == "61.99"


def test_a_sale_is_shown(type_in, simulator):
    """With orders on, what was sold on Reverb stands in the list with what is left to do."""
    turn_on, look = ORDERS.splitlines()
    type_in(f"{turn_on}\nreverb-plugin push products.csv")
    number = simulator.door.buy(publish(simulator, "BOSS-DS1"))
    shown = type_in(f"reverb-plugin orders --look\nreverb-plugin push products.csv\n{look}")
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
