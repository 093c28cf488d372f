"""``reverb-plugin orders``, ``ship`` and ``webhooks``: what a person sees and enters."""

import json

import pytest

from reverb_plugin.errors import InvalidValueError
from reverb_plugin.host import Shipment
from reverb_plugin.shipment_file import read_shipments
from reverb_plugin.simulator import Simulator
from tests.orders.counter import Counter
from tests.sync.market import guitar


@pytest.fixture(scope="module")
def session_simulator(session_clock):
    """A Reverb with the market's clock."""
    with Simulator(clock=session_clock, index_lag_seconds=0, publish_delay_seconds=1) as simulator:
        yield simulator


@pytest.fixture
def sold(market):
    """Two guitars of one checkout, sold on Reverb."""
    counter = Counter(market)
    counter.offer(guitar(quantity=5), orders="orders-and-shipments")
    first = counter.buy(buyer="Pat Example")
    second = counter.buy(bundle_with=first, buyer="Pat Example")
    counter.look()
    return counter, first, second


@pytest.fixture
def run_on(invoke, monkeypatch):
    """Runs a command on a counter's database; what it printed, and its exit code."""

    def run(counter, command, *words):
        monkeypatch.setattr("reverb_plugin.cli.memory.Clock", lambda: counter.market.clock)
        result = invoke(command, "--data-dir", str(counter.plugin.store.path.parent), *words)
        return result.output, result.exit_code

    return run


def test_orders_say_what_is_left_to_do(sold, run_on):
    """Each order of the checkout stands there with what was done and where to buy the label, without the buyer."""
    counter, first, second = sold
    said, code = run_on(counter, "orders")
    assert code == 0
    words = said.split()
    for word in (first, second, "checkout"):
        assert word in words
    assert "shipping_label" in said
    assert "Example" not in said


def test_orders_as_json(sold, run_on):
    """A script gets one object for each order, without the buyer."""
    counter, first, _ = sold
    said, _ = run_on(counter, "orders", "--json", "--all")
    rows = [json.loads(line) for line in said.splitlines()]
    assert {row["number"] for row in rows} >= {first}
    assert all(row["left_to_do"] for row in rows)
    assert "Pat" not in said


def test_what_does_not_work_is_said(sold, run_on):
    """A shop that takes no order: why, until the person says that it was placed by hand."""
    counter, _, _ = sold
    counter.host.place_order = lambda order: 1 / 0
    number = counter.buy()
    counter.look()
    assert "ZeroDivisionError" in " ".join(run_on(counter, "orders")[0].split())
    assert run_on(counter, "orders", "--by-hand", number)[1] == 0
    counter.market.drain()
    assert "ZeroDivisionError" not in run_on(counter, "orders")[0]
    said, code = run_on(counter, "orders", "--by-hand", number)
    assert (code, "does not wait" in said) == (1, True)


def test_a_person_decides_about_stock(sold, run_on):
    """Pieces go back once; the second time it is said that it was decided."""
    counter, first, _ = sold
    counter.door.set_order_status(first, "cancelled")
    counter.look()
    assert run_on(counter, "orders", "--restock", first, "1")[1] == 0
    said, code = run_on(counter, "orders", "--restock", first, "1")
    assert (code, "decided before" in said) == (1, True)
    counter.look()
    assert counter.both() == (4, 4)


def test_a_parcel_by_hand(sold, run_on):
    """Carrier and number go to Reverb with the next drain."""
    counter, first, _ = sold
    assert "1 parcel noted" in run_on(counter, "ship", first, "ups ground", "1Z999")[0]
    counter.market.drain()
    assert {row["tracking_number"] for row in counter.door.orders()} == {"1Z999", None}


def test_carriers_are_shown(sold, run_on):
    """The map is visible."""
    said, _ = run_on(sold[0], "ship", "--carriers")
    assert "La Poste - Colissimo" in said
    assert "endicia" in said


@pytest.mark.parametrize(
    "text",
    [
        "90000101,UPS,1Z1\n90000102,USPS,9400\n",
        "90000101;UPS;1Z1\r\n90000102;USPS;9400\r\n",
        "Order Number,Carrier,Tracking Number\n90000101,UPS,1Z1\n90000102,USPS,9400\n90000102,USPS,9400\n",
        (
            "\ufeffOrder #,Ship Date,Shipment - Carrier,Shipment - Tracking Number\n"
            "#90000101,1/2/2026,UPS,1Z1\n90000102,1/2/2026,USPS,9400\n90000103,,,\n"
        ),
        "Tracking #\tService\tOrder - Number\n1Z1\tUPS\t90000101\n9400\tUSPS\t90000102\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_shipment_files(tmp_path, text, encoding):
    """Plain columns and exports with names: each parcel once, and what is not shipped yet is passed over."""
    file = tmp_path / "shipments.csv"
    file.write_text(text, encoding=encoding)
    found = [Shipment("90000101", "UPS", "1Z1"), Shipment("90000102", "USPS", "9400")]
    assert read_shipments(file) == (found, [])


def test_a_number_that_a_spreadsheet_has_shortened_is_said(tmp_path, sold, run_on):
    """9.4E+21 is no tracking number: the line is named, the others are taken."""
    file = tmp_path / "shipments.csv"
    file.write_text(f"{sold[1]},USPS,9.4E+21\n{sold[2]},UPS,1Z1\n,UPS,1Z2\n")
    said, code = run_on(sold[0], "ship", "--csv", str(file))
    assert code == 1
    assert "1 parcel noted" in said
    assert "Line 1" in said
    assert "Line 3" in said


def test_a_file_without_these_columns_is_said(tmp_path):
    """Names that lead nowhere are an error, and no silent nothing."""
    file = tmp_path / "shipments.csv"
    file.write_text("Order,Colour\n1,red\n")
    with pytest.raises(InvalidValueError):
        read_shipments(file)


def test_why_there_is_none(market, run_on):
    """Before they were read nobody says that nothing is left to do."""
    market.set(orders="stock")
    market.plugin.store.record_shipment("1", "UPS", "1Z1")
    assert "not read yet" in run_on(Counter(market), "orders")[0]
    Counter(market).look()
    assert "no order on Reverb" in run_on(Counter(market), "orders")[0]


def test_without_orders_it_says_so(market, run_on):
    """While orders are off, the list says what that means."""
    market.save(guitar())
    said, code = run_on(Counter(market), "orders")
    assert (code, "off" in said) == (0, True)
