"""What happens in Oscar reaches the plugin: after the commit, once, and only what is news."""

import json

import pytest
from django.db import transaction

from tests.oscar import shop
from tests.oscar.shop import M
from tests.sync.market import SOLID_BODY


@pytest.fixture
def noted(market, monkeypatch):
    """The changes that were written since the last call, one list for each write."""
    writes = []
    record = market.plugin.intake.record

    def recorded(changes, returned=None):
        writes.append(sorted((change.kind.value, change.key, change.reason.value) for change in changes))
        return record(changes, returned)

    monkeypatch.setattr(market.plugin.intake, "record", recorded)

    def take():
        taken = writes.copy()
        writes.clear()
        return taken

    return take


SAVED = ("push_product", "STRAT", "product saved")


def test_a_checkout_is_one_write(noted):
    """An order of two lines, with its stock, is noted in one write after the commit, and nothing before."""
    shop.add("AMP")
    shop.add("STRAT")
    noted()
    with transaction.atomic():
        shop.buy("STRAT", 2, AMP=1)
        assert noted() == []
    assert noted() == [[("push_product", "AMP", "order placed"), ("push_product", "STRAT", "order placed")]]


def test_nothing_is_told_of_what_is_rolled_back(noted):
    """A checkout that fails at its end leaves nothing behind."""
    shop.add("STRAT")
    noted()
    with transaction.atomic():
        shop.buy("STRAT")
        transaction.set_rollback(True)
    assert noted() == []


def test_what_follows_a_rolled_back_savepoint_is_told(noted):
    """News in a savepoint that was rolled back takes nothing of what came after with it."""
    record = shop.add("STRAT")
    noted()
    with transaction.atomic():
        with transaction.atomic():
            record.save()
            transaction.set_rollback(True)
        record.save()
    assert noted() == [[SAVED]]


def test_a_form_of_the_dashboard_is_one_write(noted):
    """A product, its stock, its photo and its categories, saved in one request, are one change."""
    guitars = shop.category("Guitars")
    with transaction.atomic():
        record = shop.add("STRAT", make="Fender")
        M.ProductCategory.objects.create(product=record.product, category=guitars)
        M.ProductImage.objects.create(product=record.product, original="x.jpg")
        record.product.save()
    assert noted() == [[SAVED]]


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.product.save(),
        lambda record: record.save(),
        lambda record: record.product.categories.add(shop.category("Guitars")),
        lambda record: shop.category("Guitars").product_set.add(record.product),
        lambda record: M.ProductCategory.objects.create(product=record.product, category=shop.category("Guitars")),
        lambda record: M.ProductImage.objects.create(product=record.product, original="x.jpg"),
        lambda record: record.allocate(1),
        lambda record: record.cancel_allocation(1),
        lambda record: record.product.attribute_values.get(attribute__code="make").save(),
        lambda record: record.product.attribute_values.get(attribute__code="make").delete(),
    ],
)
def test_each_change_of_a_product_is_told(noted, change):
    """Whatever part of a product changes, its SKU is looked at again."""
    record = shop.add("STRAT", make="Fender")
    noted()
    change(record)
    assert noted() == [[SAVED]]


def test_a_parent_is_told_by_its_variants(noted):
    """Changing a parent changes each of its variants."""
    parent = M.Product.objects.create(structure="parent", title="Strings", product_class=M.ProductClass.objects.get())
    for sku in ("S-10", "S-9"):
        shop.add(sku, product=M.Product.objects.create(structure="child", parent=parent))
    noted()
    parent.save()
    assert noted() == [[("push_product", sku, "product saved") for sku in ("S-10", "S-9")]]


@pytest.mark.parametrize("delete", [lambda record: record.delete(), lambda record: record.product.delete()])
def test_a_deleted_product_is_told(noted, delete):
    """A product, or its last stock record, that is deleted is gone."""
    record = shop.add("STRAT")
    noted()
    with transaction.atomic():
        delete(record)
    assert noted() == [[("end_listing", "STRAT", "product deleted")]]


def test_what_a_supplier_has_is_no_news(noted):
    """A stock record that the shop does not sell from tells nothing of itself, neither saved nor made."""
    record = shop.add("STRAT")
    noted()
    other = shop.add("THEIRS", product=record.product, partner=M.Partner.objects.create(name="A supplier"))
    other.save()
    assert noted() == [[SAVED], [SAVED]]


def test_a_stock_record_that_is_made_anew_is_no_deletion(noted):
    """Deleted and made again in one transaction, the product was never gone."""
    record = shop.add("STRAT")
    noted()
    with transaction.atomic():
        record.delete()
        shop.add("STRAT", product=record.product)
    assert noted() == [[SAVED]]


def test_attributes_are_waited_for(market):
    """Oscar writes attributes after the product and without a signal: outside a transaction they are waited for."""
    market.drain()
    record = shop.add("STRAT", make="Fender")
    market.drain()
    record.product.attr.make = "Squier"
    record.product.save()
    due_at = market.plugin.store.next_due_at()
    assert (due_at - market.clock.now()).total_seconds() == pytest.approx(2)
    with transaction.atomic():
        record.product.save()
    assert market.plugin.store.next_due_at() == market.clock.now()


def test_a_cancelled_order_is_told(noted):
    """An order that is called off tells of each of its lines."""
    shop.add("AMP")
    shop.add("STRAT")
    order = shop.buy("STRAT", AMP=2)
    noted()
    shop.set_status(order, "Cancelled")
    cancelled = [("push_product", sku, "order cancelled") for sku in ("AMP", "STRAT")]
    assert cancelled in noted()
    shop.set_status(order, "Cancelled")
    assert noted() == []


def test_a_refund_with_pieces_is_told(noted):
    """A refund of pieces tells of them; one of money alone moves no stock and tells nothing."""
    shop.add("STRAT")
    order = shop.buy("STRAT", 2)
    noted()
    shop.refund(order, 1)
    assert [("push_product", "STRAT", "refund")] in noted()
    shop.EventHandler().handle_payment_event(order, M.PaymentEventType.objects.get(name="Refund"), 10)
    assert noted() == []


def test_an_sku_that_cannot_be_one_spoils_no_others(noted, caplog):
    """A stock record with a blank at its end is passed over, and the log says so."""
    with transaction.atomic():
        shop.add("STRAT ")
        shop.add("STRAT", title="Another")
    assert noted() == [[SAVED]]
    assert "passed over" in caplog.text


def test_a_line_that_cannot_be_known_spoils_no_others(noted, caplog):
    """Of a checkout with such a stock record in it, the other lines are told."""
    shop.add("STRAT ")
    shop.add("AMP")
    noted()
    shop.buy("STRAT ", AMP=1)
    assert noted() == [[("push_product", "AMP", "order placed")]]
    assert "A line of order" in caplog.text


@pytest.mark.swallows
def test_no_error_reaches_the_shop(market, monkeypatch, caplog):
    """Whatever goes wrong in us, the shop's own work is done, and the log tells."""
    monkeypatch.setattr("reverb_plugin.hosts.oscar.batch.records_of", lambda *_: 1 / 0)
    monkeypatch.setattr("reverb_plugin.hosts.oscar.batch.pieces_of", lambda *_: 1 / 0)
    monkeypatch.setattr("reverb_plugin.hosts.oscar.events.pieces_of", lambda *_: 1 / 0)
    monkeypatch.setattr("reverb_plugin.hosts.oscar.signals.read_options", lambda *_: 1 / 0)
    shop.add("STRAT")
    order = shop.buy("STRAT", 2)
    shop.refund(order)
    shop.ship(order, quantity=1)
    shop.set_status(order, "Cancelled")
    assert "could not be noted" in caplog.text
    assert shop.stock("STRAT") == (2, 0)


def test_stock_changed_past_the_signals_is_found_by_the_drift_check(market):
    """``StockRecord.objects.update`` fires no signal; the next drift check finds the difference."""
    shop.add("STRAT", quantity=5, **shop.GUITAR).product.categories.add(shop.category("Guitars"))
    market.set(category_map=json.dumps({"Guitars": SOLID_BODY}))
    market.drain()
    market.go_live("STRAT")
    M.StockRecord.objects.filter(partner_sku="STRAT").update(num_in_stock=2)
    market.drain()
    assert market.listing("STRAT")["inventory"] == 5
    market.plugin.mass_sync.check_drift()
    market.drain(600)
    assert [(row.sku, row.action) for row in market.plugin.drift.rows()] == [("STRAT", "quantity")]
