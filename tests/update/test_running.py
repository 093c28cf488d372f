"""Shops that run while the plugin in their environment is replaced."""

import sqlite3
import subprocess
from contextlib import closing

import pytest

from reverb_plugin.store.schema import HEAD
from reverb_plugin.store.store import FILE_NAME
from reverb_plugin.version import __version__
from tests.update.environments import NEXT_HEAD, WAITING

SHOP = """
import logging, sys, threading, time
from pathlib import Path
import reverb_plugin
from reverb_plugin import Product
from reverb_plugin.hooks import on_product_saved
from reverb_plugin.testing import FakeHost



class Hear(logging.Handler):
    def emit(self, record):
        if "sends no more" in record.getMessage():
            told.set()


told = threading.Event()
logging.basicConfig(level=logging.INFO, stream=sys.stderr)
logging.getLogger("reverb_plugin").addHandler(Hear())
plugin = reverb_plugin.configure(FakeHost(), data_dir=sys.argv[1], worker="thread")
page = plugin.admin_app(lambda environ: True)


def status_of_page():
    answered = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SCRIPT_NAME": "", "SERVER_NAME": "localhost",
               "SERVER_PORT": "80", "wsgi.url_scheme": "http", "QUERY_STRING": ""}
    body = b"".join(page(environ, lambda status, headers, exc=None: answered.append(status)))
    return answered[0] + (" restart" if b"Restart the shop" in body else "")


while plugin.store.find_sender() is None:
    time.sleep(0.05)
print("sends", flush=True)
noted, stop = 0, Path(sys.argv[1], "stop")
while not stop.exists():
    noted += on_product_saved(Product(f"NEW-{noted}", title="A guitar"), plugin=plugin).status in ("queued", "held")
    time.sleep(0.05)
while plugin.intake.held:
    time.sleep(0.05)
print(noted, status_of_page(), flush=True)
while not told.is_set():
    time.sleep(0.1)
print(plugin.store.find_sender(), flush=True)
"""


def open_shop(installed):
    """A process of the shop that sends, and notes changes until it is told to stop."""
    shop = subprocess.Popen(
        [installed.python, "-c", SHOP, installed.data],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=installed.environ(REVERB_AUTO_SYNC="on"),
        cwd=installed.folder,  # and not the tree under test
    )
    assert shop.stdout.readline() == "sends\n"
    return shop


def test_a_shop_that_runs(installed, index, migrating):
    """It gives way, notes every change all the while, and stops sending until it is restarted, which its page says."""
    index.add(migrating)
    shop = open_shop(installed)

    printed = installed.update()
    (installed.data / "stop").touch()
    out, log = shop.communicate(timeout=60)

    noted, _, page = out.splitlines()[0].partition(" ")
    assert f"  {shop.pid} (" in printed
    assert installed.versions() == ("0.2.0", NEXT_HEAD)
    assert int(noted) > 10
    assert installed.status()["queue"]["pending"] == WAITING + int(noted)
    assert page == "503 SERVICE UNAVAILABLE restart"
    assert out.splitlines()[1] == "None"
    assert f"version 0.2.0 is installed, this process runs {__version__}: restart it" in log
    assert "Traceback" not in log


@pytest.mark.long
def test_a_shop_that_goes_on_when_it_fails(installed, index, migrating):
    """After an update that failed the shop sends again, and none of its changes is lost."""
    index.add(migrating)
    shop = open_shop(installed)

    installed.update(fault="kill leash.py open site-packages/reverb_plugin/store/ 9", fails=True)
    (installed.data / "stop").touch()
    noted, _, page = shop.stdout.readline().strip().partition(" ")
    shop.kill()
    shop.communicate()

    assert installed.versions() == (__version__, HEAD)
    assert page == "200 OK"
    assert installed.status()["queue"]["pending"] == WAITING + int(noted)


def test_an_older_plugin_refuses_a_newer_database(installed):
    """It says so politely, with what to do, and leaves the database alone."""
    with closing(sqlite3.connect(installed.data / FILE_NAME)) as database, database:
        database.execute(f"UPDATE alembic_version SET version_num = '{NEXT_HEAD}'")

    printed = installed.run("-m", "reverb_plugin", "status", fails=True)

    assert f"the database is of version {NEXT_HEAD}, this plugin knows versions up to {HEAD}" in printed
    assert "Install the newer version again" in printed
    assert "Traceback" not in printed
    assert installed.head() == NEXT_HEAD
