"""docs/adapter.md: the adapter it builds keeps every promise of the port; docs/hosts.md: so does its SQL."""

import sqlite3

import pytest

from reverb_plugin.host_orders import CancelsOrders, ChangesQuantity, TakesOrders
from tests.docs.pages import blocks

NAMES = {"__name__": __name__}
exec("\n".join(blocks("docs/adapter.md", "python")), NAMES)

TestMyShop = NAMES["TestMyShop"]  # with it, the whole conformance suite runs here


def test_the_last_step_has_each_ability():
    """The suite leaves out what a shop does not offer; the page's offers what it tells of."""
    host = NAMES["TestMyShop"]().make_host([])
    assert all(isinstance(host, ability) for ability in (ChangesQuantity, TakesOrders, CancelsOrders))


def test_a_key_counts_once():
    """The statements of docs/hosts.md change the stock with the first use of a key, and with no other."""
    (statements,) = blocks("docs/hosts.md", "sql")
    insert, update = statements.split(";")[:2]
    change = {"key": "sold 1", "added": -2, "sku": "DS-1"}
    database = sqlite3.connect(":memory:")
    database.executescript(
        "CREATE TABLE reverb_changes (key PRIMARY KEY, added); CREATE TABLE products (sku, quantity);"
        "INSERT INTO products VALUES ('DS-1', 5);"
    )
    with database:
        database.execute(insert, change)
        database.execute(update.partition("\n")[2], change)
    with pytest.raises(sqlite3.IntegrityError), database:
        database.execute(insert, change)
    assert database.execute("SELECT quantity FROM products").fetchall() == [(3,)]
    database.close()
