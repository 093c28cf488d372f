"""The conformance suite finds what is wrong with an adapter, and runs in anybody's tests."""

import subprocess
import sys
import threading
from dataclasses import replace
from decimal import Decimal

import pytest

from reverb_plugin.testing import FakeHost, HostConformance


class IgnoresCase(FakeHost):
    def find_product(self, sku):
        return next((p for p in FakeHost.iter_products(self) if p.sku.lower() == sku.lower()), None)


class IgnoresBlanks(FakeHost):
    def find_product(self, sku):
        return super().find_product(sku.strip())


class FindsPrefixes(FakeHost):
    def find_product(self, sku):
        return next((p for p in FakeHost.iter_products(self) if p.sku.startswith(sku)), None)


class RaisesForUnknown(FakeHost):
    def find_product(self, sku):
        return self._products[sku]


class RaisesForQuotes(FakeHost):
    def find_product(self, sku):
        if "'" in sku:
            raise RuntimeError("syntax error near '")
        return super().find_product(sku)


class SortsWithoutCase(FakeHost):
    def iter_products(self, after_sku=None):
        return iter(sorted(super().iter_products(after_sku), key=lambda product: product.sku.lower()))


class RepeatsTheLast(FakeHost):
    def iter_products(self, after_sku=None):
        if after_sku in self._products:
            yield self._products[after_sku]
        yield from super().iter_products(after_sku)


class StartsAgainForUnknown(FakeHost):
    def iter_products(self, after_sku=None):
        return super().iter_products(after_sku if after_sku in self._products else None)


class NeedsAFirst(FakeHost):
    def iter_products(self, after_sku=None):
        yield self._products[min(self._products)]


class GivesDoubles(FakeHost):
    def iter_products(self, after_sku=None):
        for product in super().iter_products(after_sku):
            yield product
            yield product


class GivesAList(FakeHost):
    def iter_products(self, after_sku=None):
        return list(super().iter_products(after_sku))


class SharesItsPosition(FakeHost):
    def iter_products(self, after_sku=None):
        self.position = after_sku
        while product := self._next_product(self.position):
            self.position = product.sku
            yield product


class RoundsPrices(FakeHost):
    def find_product(self, sku):
        product = super().find_product(sku)
        return product and replace(product, price=Decimal(float(product.price)))


class TakesUnknownForZero(FakeHost):
    def find_product(self, sku):
        product = super().find_product(sku)
        return product and replace(product, quantity=product.quantity or 0)


class TakesZeroForUnknown(FakeHost):
    def find_product(self, sku):
        product = super().find_product(sku)
        return product and replace(product, quantity=product.quantity or None)


class TellsTwoStories(FakeHost):
    def iter_products(self, after_sku=None):
        return (replace(product, quantity=None) for product in super().iter_products(after_sku))


class StripsHtml(FakeHost):
    def find_product(self, sku):
        product = super().find_product(sku)
        return product and replace(product, description=product.description.replace("<p>", ""))


class BelongsToOneThread(FakeHost):
    def __init__(self, products=()):
        super().__init__(products)
        self.owner = threading.get_ident()
        self.ident = threading.get_ident

    def find_product(self, sku):
        if self.ident() != self.owner:
            raise RuntimeError("made in another thread")
        return super().find_product(sku)


class HasNoWalk:
    def __init__(self, products=()):
        pass

    def find_product(self, sku):
        return None


class ForgetsKeys(FakeHost):
    def change_quantity(self, sku, difference, reason, key):
        return super().change_quantity(sku, difference, reason, f"{key}-{len(self.reasons)}")


class ForgetsToSet(FakeHost):
    def set_quantity(self, sku, quantity, reason):
        pass


class PlacesAgain(FakeHost):
    def find_order(self, order_number):
        return None


class CancelsAgain(FakeHost):
    def cancel_order(self, order_id, order, restock):
        self.cancelled.clear()
        super().cancel_order(order_id, order, restock)


@pytest.mark.parametrize(
    ("adapter", "promise"),
    [
        (HasNoWalk, "test_implements_the_host_protocol"),
        (RaisesForQuotes, "test_find_product_finds_each_product"),
        (IgnoresCase, "test_find_product_compares_the_sku_exactly"),
        (IgnoresBlanks, "test_find_product_compares_the_sku_exactly"),
        (FindsPrefixes, "test_find_product_gives_none_for_an_unknown_sku"),
        (RaisesForUnknown, "test_find_product_gives_none_for_an_unknown_sku"),
        (GivesDoubles, "test_iter_products_gives_every_product_once"),
        (SortsWithoutCase, "test_iter_products_ascends_by_sku"),
        (RepeatsTheLast, "test_iter_products_continues_after_a_sku"),
        (StartsAgainForUnknown, "test_iter_products_continues_after_a_sku_that_is_gone"),
        (NeedsAFirst, "test_iter_products_of_an_empty_shop_is_empty"),
        (GivesAList, "test_iter_products_gives_an_iterator_that_can_be_left"),
        (SharesItsPosition, "test_iter_products_gives_an_iterator_that_can_be_left"),
        (TellsTwoStories, "test_both_ways_give_the_same_product"),
        (RoundsPrices, "test_money_is_exact"),
        (TakesZeroForUnknown, "test_quantity_is_what_can_be_sold"),
        (TakesUnknownForZero, "test_unknown_quantity_stays_unknown"),
        (StripsHtml, "test_text_arrives_whole"),
        (BelongsToOneThread, "test_answers_in_other_threads"),
        (ForgetsKeys, "test_changes_of_stock_count_once"),
        (ForgetsToSet, "test_set_quantity_sets_the_quantity"),
        (PlacesAgain, "test_an_order_is_placed_once"),
        (CancelsAgain, "test_an_order_is_called_off_once"),
    ],
)
def test_wrong_adapter_is_found(adapter, promise):
    """Each usual mistake of an adapter breaks the promise that is about it."""

    class Suite(HostConformance):
        def make_host(self, products):
            return adapter(products)

    with pytest.raises((AssertionError, RuntimeError, LookupError, ValueError)):
        getattr(Suite(), promise)()


def test_every_promise_is_tried_on_a_wrong_adapter():
    """No promise of the suite is one that cannot be broken."""
    tried = {promise for _, promise in test_wrong_adapter_is_found.pytestmark[0].args[1]}
    assert tried == {name for name in vars(HostConformance) if name.startswith("test_")}


def test_a_broken_promise_says_what_to_mend():
    """The failure is a sentence for the adapter's author."""

    class Suite(HostConformance):
        def make_host(self, products):
            return IgnoresCase(products)

    with pytest.raises(AssertionError, match="binary collation"):
        Suite().test_find_product_compares_the_sku_exactly()


def test_runs_in_anybodys_tests(tmp_path):
    """A shop's developer subclasses the suite and runs plain pytest; a promise can be taken out."""
    (tmp_path / "test_my_shop.py").write_text(
        "from reverb_plugin.testing import FakeHost, HostConformance\n"
        "class TestMyShop(HostConformance):\n"
        "    test_answers_in_other_threads = None\n"
        "    def make_host(self, products):\n"
        "        return FakeHost(products)\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    promises = sum(1 for name in vars(HostConformance) if name.startswith("test_"))
    assert f"{promises - 1} passed" in run.stdout, run.stdout + run.stderr
