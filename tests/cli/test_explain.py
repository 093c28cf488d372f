"""`reverb-plugin explain`: one answer about one product."""

import json

import pytest

from reverb_plugin.cli.exits import ExitCode

CHORUS = {"sku": "A-1", "title": "Chorus Pedal", "make": "Boss", "model": "CH-1", "condition": "Brand New"}


def one_line(text):
    return " ".join(text.split())


def test_in_step(connected, simulator):
    """It tells that nothing would be sent, what decides about each field, and the last outcome; nothing is written."""
    simulator.door.add_listings([CHORUS | {"price": "99.00", "inventory": 3, "has_inventory": True}])
    connected.run("push", "A-1")
    simulator.door.clear_requests()

    run = connected.run("explain", "A-1")

    assert run.returncode == 0
    told = one_line(run.stdout)
    for text in (
        "Yes: Chorus Pedal, 99.00 USD, 3 in stock.",
        "is live",
        "Nothing: Reverb shows what the shop has",
        "unchanged: ",
        "What to do Nothing.",
        "price always no 99.00 USD",
        "title create no Chorus Pedal",
    ):
        assert text in told, text
    assert {request.method for request in simulator.door.requests()} == {"GET"}


def test_would_change(connected, simulator):
    """It tells which fields would be sent now, and which not because of their policy."""
    simulator.door.add_listings([CHORUS | {"title": "Old", "price": "80.00", "inventory": 3, "has_inventory": True}])

    told = one_line(connected.run("explain", "products.csv", "A-1").stdout)

    assert "What would be sent? price" in told
    assert "price always yes 99.00 USD" in told
    assert "title create no Chorus Pedal" in told


@pytest.mark.parametrize(
    ("sku", "answer", "to_do"),
    [
        ("A-9", "No product has this SKU.", "Check the SKU"),
        ("A-2", "Yes. The SKU is excluded by 'A-2*'.", "Change that in the setting exclude_skus"),
        ("A-3", "No. price: the shop gives no price", "Correct the named field"),
        ("A-1", "Would a listing be made? Yes, as a draft.", "Save or push it."),
    ],
)
def test_why_it_is_not_listed(sku, answer, to_do, connected):
    """It names what stands in the way, and what to do."""
    connected.write_products(
        "A-1,Chorus Pedal,99.00,3,Boss,CH-1,Brand New",
        "A-2,Flanger,99.00,3,Boss,BF-3,Brand New",
        "A-3,Phaser,,3,Boss,PH-3,Brand New",
    )

    told = one_line(connected.run("explain", sku, REVERB_EXCLUDE_SKUS="A-2*").stdout)

    assert answer in told
    assert f"What to do {to_do}" in told


def test_json(connected):
    """A script gets the answers, the fields and what to do."""
    explanation = json.loads(connected.run("explain", "A-1", "--json").stdout)

    assert list(explanation) == ["sku", "answers", "fields", "to_do", "listings"]
    assert explanation["answers"][0] == {
        "question": "Is it in the shop?",
        "text": "Yes: Chorus Pedal, 99.00 USD, 3 in stock.",
        "is_obstacle": False,
        "url": None,
    }
    assert {"group": "price", "policy": "always", "is_sent": True}.items() <= explanation["fields"][2].items()


def test_without_token(terminal):
    """Without a token the shop's side is explained all the same."""
    run = terminal.run("explain", "products.csv", "A-1")

    assert run.returncode == 0
    assert "there is no token" in run.stdout


def test_reverb_is_away(connected, simulator):
    """While Reverb cannot be asked it says so, each time, and does not fail."""
    simulator.door.go_down()

    runs = [connected.run("explain", "A-1") for _ in range(8)]

    assert {run.returncode for run in runs} == {0}
    assert all("Reverb cannot be asked" in run.stdout for run in runs)


def test_shop_that_fails(connected):
    """A shop that cannot be asked is part of the answer."""
    code = "\n\nclass Tired(Shop):\n    def find_product(self, sku):\n        raise OSError('asleep')\n"
    (connected.folder / "shop.py").write_text((connected.folder / "shop.py").read_text() + code)

    run = connected.run("explain", "--host", "shop:Tired", "A-1")

    assert run.returncode != ExitCode.USAGE
    assert "raised OSError: asleep" in one_line(run.stdout)
