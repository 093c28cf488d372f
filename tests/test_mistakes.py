"""What a developer or seller gets wrong is told at once, and harms nothing."""

import logging
import sqlite3

import pytest

import reverb_plugin
from reverb_plugin import HookStatus, Shipment
from reverb_plugin.errors import InvalidSettingError, InvalidValueError
from reverb_plugin.hooks import on_order_shipped, on_product_saved
from reverb_plugin.testing import FakeHost


@pytest.fixture
def configure(tmp_path):
    plugins = []

    def configure(**arguments):
        plugin = reverb_plugin.configure(host=FakeHost(), data_dir=tmp_path, **{"worker": "none"} | arguments)
        plugins.append(plugin)
        return plugin

    yield configure
    for plugin in plugins:
        plugin.close()


@pytest.mark.parametrize(
    "arguments",
    [
        {"api_url": "http://shop.example/api"},
        {"environment": "prod"},
        {"worker": "yes"},
        {"host": object()},
        {"token": "two words"},
    ],
)
def test_configure_refuses_what_cannot_be_meant(tmp_path, arguments):
    """An argument that can never work is the developer's to correct, when the shop starts and not later."""
    with pytest.raises(InvalidValueError):
        reverb_plugin.configure(**{"host": FakeHost(), "data_dir": tmp_path} | arguments)


def test_a_typo_in_a_variable_is_told_once(configure, monkeypatch, caplog):
    """A value that cannot be used does not silently bring a default back."""
    monkeypatch.setenv("REVERB_AUTO_SYNC", "disabled")
    monkeypatch.setenv("REVERB_POLICY_PRICE", "Never")
    plugin = configure()
    for _ in range(3):
        plugin.configuration.save("stock_buffer", "1")
        assert plugin.settings.policy_price == "never"

    told = [record.message for record in caplog.records if record.levelno == logging.WARNING]

    assert len(told) == 1
    assert "auto_sync" in told[0]
    assert "'disabled'" in told[0]


@pytest.mark.swallows
def test_a_logging_filter_that_raises_breaks_no_hook(configure):
    """The shop's own logging may fail while a hook tells what was wrong: the shop's request goes on."""

    def refuse(record):
        raise RuntimeError("no logging today")

    configure()
    logger = logging.getLogger("reverb_plugin.hooks._note")
    logger.addFilter(refuse)
    try:
        assert on_product_saved(3).status is HookStatus.IGNORED
    finally:
        logger.removeFilter(refuse)


def test_a_parcel_is_kept_while_the_database_is_locked(configure, tmp_path):
    """A shipment that cannot be written down now is held, and written later, once."""
    plugin = configure()
    assert plugin.store.queue_status().pending == 0
    other = sqlite3.connect(plugin.store.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert on_order_shipped(Shipment("1", "UPS", "1Z")).status is HookStatus.HELD
    other.execute("ROLLBACK")
    plugin.clock.sleep(0.01)

    assert plugin.intake.write_held() == 0
    assert other.execute("SELECT order_id, tracking_number FROM shipments").fetchall() == [("1", "1Z")]
    other.close()


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("default_condition", "Gud", "Brand New"),
        ("condition_map", '{"pre-loved": "Good-ish"}', "Very Good"),
        ("category_map", '{"Pedals": "Effects and Pedals"}', "uuid"),
    ],
)
def test_a_word_that_reverb_does_not_know_is_refused_when_it_is_entered(configure, name, text, told):
    """A setting that can never work is refused with the words that do."""
    with pytest.raises(InvalidSettingError, match=told):
        configure().configuration.save(name, text)
