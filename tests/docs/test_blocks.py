"""Every code block of the documentation is run by a test."""

import functools
import itertools
import re
import shutil
from types import SimpleNamespace

import pytest

from reverb_plugin.simulator import Simulator
from tests.docs.pages import PAGES, ROOT, blocks, languages, read
from tests.docs.terminal import Terminal
from tests.sync.market import SOLID_BODY

TESTS = "\n".join(path.read_text() for path in sorted(ROOT.glob("tests/**/test_*.py")))
RUN_ON_ALL_PAGES = {
    "console": "here, line by line",
    "python": "tests/test_docs.py, from the top of the page to its bottom",
}
TAKES_LONG = {
    "make demo": "CI runs it",
    "make test": "CI runs it",
    "make lint": "CI runs it",
    "pip install .": "tests/test_packaging.py builds it, and CI installs that in an empty environment",
    "reverb-plugin demo --once": "tests/demo/test_demo.py",
}


@pytest.mark.parametrize("page", PAGES)
def test_each_block_is_taken_by_a_test(page):
    """A test takes the blocks of this page in this language; and each fence says its language, or nobody could."""
    assert read(page).count("```") == 2 * sum(len(blocks(page, language)) for language in languages(page))
    for language in languages(page) - RUN_ON_ALL_PAGES.keys():
        assert f'blocks("{page}", "{language}")' in TESTS, f"no test runs the blocks in {language} of {page}"


PRODUCTS = """\
sku,title,price,quantity,make,model,condition,categories
FEN-PLST-3TS,Fender Player Stratocaster,799.00,4,Fender,Player Stratocaster,Brand New,Guitars
FEN-AVII-51T,Fender American Vintage II Telecaster,2199.00,3,Fender,AV II 1951 Telecaster,Brand New,Guitars
STRAT-1,Squier Stratocaster,199.00,2,Squier,Stratocaster,nearly new,Guitars
"""
SHIPMENTS = "order number,carrier,tracking number\n90000101,UPS,1Z999AA10123456784\n"
SHOP = """\
from reverb_plugin.hosts.csv_shop import CsvShop
from reverb_plugin.testing import FakeHost

plugin = FakeHost(CsvShop("products.csv").iter_products())
"""
DJANGO = """\
from tests.django_settings import *

DATABASES["default"]["NAME"] = "shop.sqlite3"
REVERB_PLUGIN = {"data_dir": "reverb", "api_url": os.environ["SHOP_API_URL"]}
"""
MANAGE = """\
import os, sys

os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
sys.path.insert(0, "")
from django.core.management import execute_from_command_line

execute_from_command_line(sys.argv)
"""
FILES = {
    "products.csv": PRODUCTS,
    "shipments.csv": SHIPMENTS,
    "categories.json": "{}",
    "shop/__init__.py": SHOP,
    "shop/settings.py": DJANGO,
    "myshop/reverb.py": SHOP,
    "manage.py": MANAGE,
}
BEFORE = f"""\
reverb-plugin settings set category_map 'Guitars={SOLID_BODY}'
reverb-plugin settings set orders stock
reverb-plugin push products.csv
reverb-plugin bundle export --host shop:plugin --sku STRAT-1 reverb-bundle.zip
cp reverb-bundle.zip monday.zip
cp reverb-bundle.zip tuesday.zip
sed -i.bak 's/nearly new/Mint/' products.csv
reverb-plugin push products.csv
"""
"""Two products that are listed, and one whose listing was refused and is there since."""

PRICES = itertools.count(1000)
TELLING = re.compile("reverb-plugin (doctor|drift|mass-sync --resume|bundle replay|update)")
"""Commands that end with 1 or 4 where there is something to tell: no worker runs here, nobody is at the index."""


@pytest.fixture(scope="module")
def simulator():
    with Simulator(token="made-up", index_lag_seconds=0, publish_delay_seconds=0, photo_delay_seconds=0) as simulator:
        simulator.door.set(webhooks_allowed=True)
        yield simulator


@pytest.fixture(scope="module")
def shop(simulator, tmp_path_factory):
    """A folder where everything is that the pages name, and two orders on Reverb, of which one was called off."""
    folder = tmp_path_factory.mktemp("shop") / "here"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    terminal = Terminal(folder, simulator)
    for line in BEFORE.splitlines():
        terminal.type(line)
    listings = {row["sku"]: row["id"] for row in simulator.door.listings()}
    for sku in ("FEN-PLST-3TS", "FEN-AVII-51T"):
        simulator.door.publish(listings[sku])
        simulator.door.publish_now()
    orders = [simulator.door.buy(listings["FEN-PLST-3TS"], 2), simulator.door.buy(listings["FEN-AVII-51T"])]
    look = ("reverb-plugin orders --look", "reverb-plugin drain --host shop:plugin")
    for line in look:
        terminal.type(line)
    simulator.door.set_order_status(orders[0], "cancelled")
    for line in look:
        terminal.type(line)
    return SimpleNamespace(folder=folder, listing=listings["STRAT-1"])


@pytest.mark.parametrize("page", [page for page in PAGES if "console" in languages(page)])
def test_what_a_page_says_to_type(page, shop, simulator, tmp_path):
    """Line by line, in the order of the page, each does what it should."""
    terminal = Terminal(shutil.copytree(shop.folder, tmp_path / "here"), simulator)
    made_up = {"http://127.0.0.1:8080": simulator.site, "/ID ": f"/{shop.listing} "}
    made_up |= dict.fromkeys(("=UUID", "=uuid-from-the-list"), f"={SOLID_BODY}")
    for line in "".join(blocks(page, "console")).replace("\\\n", " ").splitlines():
        if line in TAKES_LONG:
            continue
        here = functools.reduce(lambda text, word: text.replace(word, made_up[word]), made_up, line)
        if "--apply" in line:
            here = re.sub(r"--apply \d+", plan_anew(terminal), here)
        ended = terminal.type(here)
        assert ended.code in ({0, 1, 4} if TELLING.match(line) else {0}), f"{here}\n{ended.screen}"
        assert "Traceback" not in ended.screen


def plan_anew(terminal):
    """A preview with something to send: the words that apply it."""
    products = terminal.folder / "products.csv"
    products.write_text(re.sub(r"\d+(?=\.\d\d,)", str(next(PRICES)), products.read_text()))
    screen = terminal.type("reverb-plugin mass-sync --preview products.csv").screen
    return re.search(r"--apply \d+|$", screen)[0] or pytest.fail(screen)
