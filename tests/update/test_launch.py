"""The button of the page: a real shop's process has itself replaced, and outlives the request that asked for it."""

import subprocess
import sys

from reverb_plugin.update.launch import find_launched

SHOP = """
import sys, time
from pathlib import Path
import reverb_plugin
from reverb_plugin.testing import FakeHost
from reverb_plugin.update.launch import find_launched
from werkzeug.test import Client

folder = Path(sys.argv[1])
plugin = reverb_plugin.configure(FakeHost(), data_dir=folder, worker="none")
client = Client(plugin.admin_app(lambda environ: True, update_button=True))
own = {"Sec-Fetch-Site": "same-origin"}
plugin.updates.check()
print("Install it now" in client.get("/update").text)
for version in ("0.1.9", "0.2.0", "0.2.0"):
    answer = client.post("/update/install", data={"version": version}, headers=own)
    print(answer.headers["Location"])
while find_launched(folder).is_under_way:
    time.sleep(0.05)
print(client.get("/update").status_code, "Restart the shop" in client.get("/").text)
"""


def without_container(installed):
    """The machine that runs the tests may be a container, where the page offers no button."""
    module = installed.purelib / "reverb_plugin/update/environment.py"
    text = module.read_text()
    assert "CONTAINER_MARKS = (" in text
    module.write_text(text.replace("CONTAINER_MARKS = (", "CONTAINER_MARKS = () and ("))


def test_the_button(installed):
    """It installs the version that was shown, once, says what it does, and then asks for a restart."""
    without_container(installed)
    printed = installed.run("-c", SHOP, installed.data).splitlines()
    assert printed == [
        "True",
        "/update?notice=update-moved",
        "/update?notice=update-started",
        "/update?notice=update-not-started",
        "503 True",
    ]
    launched = find_launched(installed.data)
    assert launched.version == "0.2.0"
    assert "Updated from 0.1.0 to 0.2.0." in launched.said
    assert installed.run("-c", "import reverb_plugin; print(reverb_plugin.__version__)") == "0.2.0\n"


def test_what_was_started_before(tmp_path):
    """What is left of an older start is told; broken, or never there, it is none."""
    assert find_launched(tmp_path) is None
    (tmp_path / "update").mkdir()
    (tmp_path / "update/launched.txt").write_text("It failed.\n")
    for text in ("", "[]", '{"pid": "x", "version": "1"}'):
        (tmp_path / "update/launched.json").write_text(text)
        assert find_launched(tmp_path) is None
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    (tmp_path / "update/launched.json").write_text(f'{{"pid": {child.pid}, "version": "0.2.0"}}')
    assert find_launched(tmp_path).is_under_way
    child.communicate(b"\n")
    launched = find_launched(tmp_path)
    assert (launched.version, launched.is_under_way, launched.said) == ("0.2.0", False, "It failed.\n")
