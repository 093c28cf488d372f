"""A shop in a file, as real shops are: several processes share it, and what is committed survives any of them."""

import sqlite3
from contextlib import closing
from decimal import Decimal

from reverb_plugin.host import Product

SCHEMA = """
CREATE TABLE IF NOT EXISTS products (sku TEXT PRIMARY KEY, quantity INTEGER CHECK (quantity >= 0));
CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, number TEXT UNIQUE, sku TEXT, quantity INTEGER, off INTEGER);
CREATE TABLE IF NOT EXISTS changes (key TEXT PRIMARY KEY, added INTEGER);
"""


class SettingShop:
    """It can only set its stock."""

    def __init__(self, path):
        self.path = path
        with self._open() as shop:
            shop.executescript(SCHEMA)

    def stock(self, **quantities):
        """Products with these quantities."""
        with self._open() as shop:
            shop.executemany("INSERT INTO products VALUES (?, ?)", quantities.items())

    def find_product(self, sku):
        with self._open() as shop:
            row = shop.execute("SELECT sku, quantity FROM products WHERE sku = ?", [sku]).fetchone()
        return None if row is None else _product(*row)

    def iter_products(self, after_sku=None):
        with self._open() as shop:
            rows = shop.execute("SELECT sku, quantity FROM products WHERE sku > ? ORDER BY sku", [after_sku or ""])
            yield from [_product(*row) for row in rows]

    def set_quantity(self, sku, quantity, reason):
        with self._open() as shop:
            shop.execute("UPDATE products SET quantity = ? WHERE sku = ?", [quantity, sku])

    def sell(self, sku, quantity=1):
        """Somebody buys in the shop; whether there was enough."""
        with self._open() as shop:
            enough = [quantity, sku, quantity]
            done = shop.execute("UPDATE products SET quantity = quantity - ? WHERE sku = ? AND quantity >= ?", enough)
            return done.rowcount == 1

    def orders(self):
        with self._open() as shop:
            return shop.execute("SELECT number, sku, quantity, off FROM orders ORDER BY number").fetchall()

    def _open(self):
        return closing(sqlite3.connect(self.path, timeout=30, factory=_Transaction))


class ChangingShop(SettingShop):
    """It adds to its stock, once for each key."""

    def change_quantity(self, sku, difference, reason, key):
        with self._open() as shop:
            shop.execute("BEGIN IMMEDIATE")
            known = shop.execute("SELECT added FROM changes WHERE key = ?", [key]).fetchone()
            if known is not None:
                return known[0]
            (quantity,) = shop.execute("SELECT quantity FROM products WHERE sku = ?", [sku]).fetchone()
            added = max(difference, -quantity)
            shop.execute("UPDATE products SET quantity = quantity + ? WHERE sku = ?", [added, sku])
            shop.execute("INSERT INTO changes VALUES (?, ?)", [key, added])
            return added


class OrderingShop(ChangingShop):
    """It takes orders over."""

    def find_order(self, order_number):
        with self._open() as shop:
            row = shop.execute("SELECT id FROM orders WHERE number = ?", [order_number]).fetchone()
        return None if row is None else str(row[0])

    def place_order(self, order):
        with self._open() as shop:
            shop.execute("BEGIN IMMEDIATE")
            row = shop.execute("SELECT id FROM orders WHERE number = ?", [order.order_number]).fetchone()
            if row is not None:
                return str(row[0])
            values = [order.order_number, order.sku, order.quantity]
            placed = shop.execute("INSERT INTO orders (number, sku, quantity, off) VALUES (?, ?, ?, 0)", values)
            less = [order.quantity, order.sku]
            shop.execute("UPDATE products SET quantity = max(0, quantity - ?) WHERE sku = ?", less)
            return str(placed.lastrowid)

    def cancel_order(self, order_id, order, restock):
        with self._open() as shop:
            shop.execute("BEGIN IMMEDIATE")
            done = shop.execute("UPDATE orders SET off = 1 WHERE id = ? AND off = 0", [order_id])
            if done.rowcount:
                shop.execute("UPDATE products SET quantity = quantity + ? WHERE sku = ?", [restock, order.sku])


SHOPS = {"setting": SettingShop, "changing": ChangingShop, "ordering": OrderingShop}


class _Transaction(sqlite3.Connection):
    """Commits when it is closed, unless an error flies by."""

    def close(self):
        if self.in_transaction:
            self.commit()
        super().close()


def _product(sku, quantity):
    return Product(
        sku, title=f"Pedal {sku}", price=Decimal("99.00"), quantity=quantity, make="Boss", model="DS-1",
        condition="Brand New", categories=("e57deb7a-382b-4e18-a008-67d4fbcb2879",),
    )  # fmt: skip
