"""A real Oscar in a fresh SQLite file, filled by tests as a shop's staff would. Import tests.django_project before."""

import shutil
from pathlib import Path
from types import SimpleNamespace

from django.contrib.auth import get_user_model
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import override_settings
from oscar.apps.catalogue.categories import create_from_breadcrumbs
from oscar.core.loading import get_class, get_model

from examples.oscar_shop.seed import make_tables
from reverb_plugin.hosts.oscar import plugging
from reverb_plugin.hosts.oscar.options import Options
from reverb_plugin.hosts.oscar.shop import OscarShop

ATTRIBUTES = ("make", "model", "year", "finish", "condition", "shipping_profile")
GUITAR = {"title": "Fender Stratocaster", "make": "Fender", "model": "Stratocaster", "condition": "Brand New"}
SITE = "https://shop.example"


M = SimpleNamespace(
    **{
        name: get_model(app, name)
        for app, names in {
            "catalogue": "Product ProductClass ProductAttribute Category ProductImage ProductCategory",
            "partner": "Partner StockRecord",
            "basket": "Basket",
            "order": "Order PaymentEventType ShippingEventType PaymentEvent ShippingEvent ShippingAddress",
            "address": "Country",
        }.items()
        for name in names.split()
    }
)
OrderCreator = get_class("order.utils", "OrderCreator")
EventHandler = get_class("order.processing", "EventHandler")
Selector = get_class("partner.strategy", "Selector")


class Databases:
    """Fresh copies of an empty shop's database; Django is led from one to the next."""

    def __init__(self, folder):
        self._folder = Path(folder)
        self._count = 0
        self._template = self._folder / "template.sqlite3"
        _use(self._template)
        make_empty_shop()
        connections["default"].close()

    def fresh(self):
        """From now on Django uses a new empty shop."""
        self._count += 1
        path = self._folder / f"shop-{self._count}.sqlite3"
        shutil.copyfile(self._template, path)
        _use(path)
        return path

    def use_memory(self):
        """From now on Django uses a new empty shop that is on no disk."""
        self._count += 1
        _use(f"file:shop-{self._count}?mode=memory&cache=shared")
        make_empty_shop()


def _use(path):
    BaseDatabaseWrapper.close(connections["default"])  # its own close() leaves a database in memory open
    connections.settings["default"]["NAME"] = str(path)
    connections["default"].settings_dict["NAME"] = str(path)


def make_empty_shop():
    """What a shop has before its first product."""
    make_tables()
    M.ProductClass.objects.create(name="Gear", track_stock=True)
    M.Partner.objects.create(name="Our own stock")
    gear = M.ProductClass.objects.get()
    for code in ATTRIBUTES:
        M.ProductAttribute.objects.create(product_class=gear, name=code.title(), code=code, type="text")
    for name in ("Shipped", "Returned"):
        M.ShippingEventType.objects.create(name=name)
    M.PaymentEventType.objects.create(name="Refund")
    M.Country.objects.create(iso_3166_1_a2="US", name="USA", printable_name="USA", is_shipping_country=True)


def plug_in(options):
    """The plugin as the shop's settings would have it."""
    with override_settings(REVERB_PLUGIN=options):
        return plugging.plug_in()


def restock(skus, quantity):
    """So many products, each with so many pieces."""
    for number in range(skus):
        record = M.StockRecord.objects.filter(partner_sku=f"SKU-{number}").first() or add(f"SKU-{number}")
        record.num_in_stock, record.num_allocated = quantity, 0
        record.save()


def orders():
    """How many there are."""
    return M.Order.objects.count()


def host(**options):
    return OscarShop(Options(**{"site_url": SITE} | options))


def add(sku, *, title="Chorus Pedal", price="99.00", quantity=3, partner=None, product=None, **fields):
    """A product with a stock record, or a second stock record of ``product``; gives the stock record."""
    if product is None:
        attributes = {name: fields.pop(name) for name in ATTRIBUTES if name in fields}
        product = M.Product(product_class=M.ProductClass.objects.get(name="Gear"), title=title, **fields)
        for name, value in attributes.items():
            setattr(product.attr, name, value)
        product.save()
    return M.StockRecord.objects.create(
        product=product,
        partner=partner or M.Partner.objects.get(name="Our own stock"),
        partner_sku=sku,
        price=price,
        price_currency="USD",
        num_in_stock=quantity,
    )


def add_port_product(product):
    """What the conformance suite asks for."""
    return add(
        product.sku,
        title=product.title,
        price=product.price,
        quantity=product.quantity,
        description=product.description,
        condition=product.condition,
    )


def category(*names):
    """The last of a path of categories."""
    return create_from_breadcrumbs(" > ".join(names))


def stock(sku):
    """What the shop has and what of it is reserved."""
    record = M.StockRecord.objects.get(partner_sku=sku)
    return record.num_in_stock, record.num_allocated or 0


def buy(sku, quantity=1, **more):
    """A checkout in the storefront, of as many pieces of each SKU: the order."""
    with transaction.atomic():
        basket = M.Basket.objects.create()
        basket.strategy = Selector().strategy()
        for each, count in {sku: quantity, **more}.items():
            basket.add_product(M.StockRecord.objects.get(partner_sku=each).product, count)
        method = get_class("shipping.methods", "Free")()
        charge = method.calculate(basket)
        total = get_class("checkout.calculators", "OrderTotalCalculator")().calculate(basket, charge)
        order = OrderCreator().place_order(
            basket=basket, total=total, shipping_method=method, shipping_charge=charge, guest_email="pat@shop.example"
        )
        basket.submit()
        return order


def ship(order, reference="UPS 1Z999", quantity=None, name="Shipped"):
    """Staff ships, as the dashboard does."""
    lines = list(order.lines.all())
    with transaction.atomic():
        return EventHandler().handle_shipping_event(
            order,
            M.ShippingEventType.objects.get(name=name),
            lines,
            [quantity or line.quantity for line in lines],
            reference=reference,
        )


def refund(order, quantity=1, amount="99.00"):
    """Staff refunds pieces of the first line, as the dashboard does."""
    refunds = M.PaymentEventType.objects.get(name="Refund")
    with transaction.atomic():
        return EventHandler().handle_payment_event(order, refunds, amount, [order.lines.first()], [quantity])


def set_status(order, status):
    with transaction.atomic():
        EventHandler().handle_order_status_change(order, status)


def make_staff():
    return get_user_model().objects.create_user("staff", "staff@shop.example", "pw", is_staff=True)
