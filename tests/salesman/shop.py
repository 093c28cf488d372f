"""A real Salesman shop, used as its customers and staff would. Import tests.django_project before."""

from django.db import transaction
from django.test.utils import override_settings
from salesman.core.utils import get_salesman_model

from reverb_plugin.hosts.salesman import plugging
from reverb_plugin.hosts.salesman.catalogue import find_item, make_request
from reverb_plugin.hosts.salesman.options import Options
from reverb_plugin.hosts.salesman.shop import SalesmanShop
from tests.salesman.gear.models import Guitar, Pedal

Order = get_salesman_model("Order")
Basket = get_salesman_model("Basket")

MODELS = {"Guitar": Guitar, "Pedal": Pedal}


def host(**options):
    return SalesmanShop(Options(**options))


def add(code, name="Chorus Pedal", kind=Pedal, **fields):
    """A product in the shop."""
    return kind.objects.create(code=code, name=name, **{"price": "99.00", "quantity": 3} | fields)


def add_port_product(product, number=0):
    """What the conformance suite asks for: every other one is a guitar."""
    fields = {name: getattr(product, name) for name in ("price", "quantity", "description", "condition")}
    return add(product.sku, product.title, (Guitar, Pedal)[number % 2], **fields)


def plug_in(options):
    """The plugin as the shop's settings would have it."""
    with override_settings(REVERB_PLUGIN=options):
        return plugging.plug_in()


def restock(skus, quantity):
    """So many products, each with so many pieces."""
    for number in range(skus):
        item = find_item(f"SKU-{number}") or add(f"SKU-{number}")
        item.quantity = quantity
        item.save()


def orders():
    """How many there are."""
    return Order.objects.count()


def stock(code):
    return find_item(code).quantity


def buy(code, quantity=1, **more):
    """A checkout in the shop, which keeps its stock itself, of as many pieces of each code: the order."""
    with transaction.atomic():
        basket = Basket.objects.create()
        items = {find_item(each): count for each, count in {code: quantity, **more}.items()}
        for item, count in items.items():
            basket.add(item, count)
        order = Order.objects.create_from_basket(basket, make_request(), status="NEW")
        for item, count in items.items():
            item.quantity -= count
            item.save()
        return Order.objects.get(pk=order.pk)


def set_status(order, status, **extra):
    """Staff moves an order on."""
    with transaction.atomic():
        fresh = Order.objects.get(pk=order.pk)
        fresh.extra |= extra
        fresh.status = status
        fresh.save()
        return fresh
