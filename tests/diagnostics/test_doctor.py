"""The doctor names the cause of what is wrong, first and by its code; and a healthy shop has no fault."""

import pytest

from reverb_plugin.diagnostics.finding import Status
from tests.diagnostics.faults import FAULTS, open_healthy


@pytest.fixture
def shop(open_market, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "no-home"))
    shop = open_healthy(open_market, monkeypatch, tmp_path)
    yield shop
    for name in ("held", "closing"):
        if hasattr(shop, name):
            getattr(shop, name).close()
    if shop.scene is not None:
        shop.scene.untouched_store.close()


def test_a_healthy_shop(shop):
    """Every check passes, or makes no sense here."""
    report = shop.diagnose()
    assert [(each.code, each.cause) for each in report.findings if each.status is not Status.PASS] == []
    assert [each.code for each in report.skipped] == []


@pytest.mark.parametrize(("code", "seed"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_seeded_fault_is_named_first(shop, code, seed):
    """What was broken is the first cause, told in a sentence with one thing to do."""
    seed(shop)
    first = shop.diagnose().first_cause
    assert first is not None
    assert first.code == code, first
    assert first.cause
    assert first.cause.endswith(".")
    assert first.next_step
    assert shop.market.simulator.token not in f"{first}"
