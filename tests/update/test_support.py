"""Support learns of newer versions: in the checks and in the bundle."""

import json
import zipfile

import pytest

import reverb_plugin
from reverb_plugin.testing import FakeHost
from tests.browser.news import announce


@pytest.fixture
def plugin(tmp_path):
    plugin = reverb_plugin.configure(FakeHost(), data_dir=tmp_path / "data", worker="none")
    plugin.store.queue_status()
    yield plugin
    plugin.close()


def test_in_the_bundle(plugin, tmp_path):
    """What waits and why, when the index was asked, and the check that tells of it."""
    announce(plugin, "A hole is closed.", "More.")
    plugin.export_bundle(tmp_path / "problem.zip")
    with zipfile.ZipFile(tmp_path / "problem.zip") as bundle:
        updates, checks = (json.loads(bundle.read(name)) for name in ("updates.json", "checks.json"))
    assert updates["words"] == "9.1 is there, a security update"
    assert updates["notice"]["offer"]["sections"][0]["groups"][0]["entries"] == ["A hole is closed."]
    assert updates["passed_over"][0]["version"] == "9.2"
    assert updates["last_update"] is None
    finding = next(each for each in checks["findings"] if each["code"] == "update-waiting")
    assert "9.1" in json.dumps(finding)
    assert finding["status"] == "warn"


def test_nothing_is_known(plugin, tmp_path):
    """Of a shop that never looked, the bundle says so."""
    plugin.export_bundle(tmp_path / "problem.zip")
    with zipfile.ZipFile(tmp_path / "problem.zip") as bundle:
        updates = json.loads(bundle.read("updates.json"))
    assert updates["notice"] is None
    assert updates["words"] == "newer versions were not looked for yet"
