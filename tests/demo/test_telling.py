"""How the demo speaks, and what it reads out of the simulator's records."""

from decimal import Decimal

import pytest

from reverb_plugin import Product
from reverb_plugin.demo.telling import Fact, Teller
from reverb_plugin.demo.views import count_in_step

STOCK = Product("A", title="Strings", price=Decimal("9.90"), quantity=4)
USED = Product("U", title="Guitar", price=Decimal(900), quantity=1)


def listing(sku="A", price="9.90", **fields):
    return {"sku": sku, "price": price, "has_inventory": True, "inventory": 4, "state": "live"} | fields


def test_proof_shows_what_should_have_been(capsys):
    """A proof that fails shows what was found beside what it should have been."""
    assert not Teller(waits=False).prove([Fact("{} lookups", 44, 44), Fact("{} live", 1, 0)])
    assert capsys.readouterr().out == "WRONG     44 lookups, 1 live (it should be 0).\n"


def test_texts_cannot_steer_the_terminal(capsys):
    """Markup and control characters in the texts of products and of Reverb are shown and not obeyed."""
    Teller(waits=False).line("Shop", "[red]Strat[/red] \x1b[2J :guitar:")
    assert capsys.readouterr().out == "Shop      [red]Strat[/red] ?[2J :guitar:\n"


def test_long_lines_hang_beside_their_label(capsys):
    """A long line is broken within 80 columns, and never inside a SKU."""
    Teller(waits=False).line("Shop", "U-GIB-ES335-81 " * 10)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line[10:].startswith("U-GIB-ES335-81") for line in lines)


@pytest.mark.parametrize(
    ("product", "listings", "in_step"),
    [
        pytest.param(STOCK, [listing()], True, id="equal"),
        pytest.param(STOCK, [], False, id="missing"),
        pytest.param(STOCK, [listing(), listing()], False, id="doubled"),
        pytest.param(STOCK, [listing(price="9.80")], False, id="price"),
        pytest.param(STOCK, [listing(inventory=3)], False, id="stock"),
        pytest.param(USED, [listing("U", "900.00", has_inventory=False, inventory=0, state="draft")], True, id="draft"),
        pytest.param(USED, [listing("U", "900.00", has_inventory=False, state="ended")], False, id="ended"),
    ],
)
def test_in_step_means_one_equal_listing(product, listings, in_step):
    """A product is in step when it has exactly one listing with its price and its stock."""
    assert count_in_step({product.sku: product}, listings) == in_step
