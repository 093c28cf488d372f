"""A real Salesman shop, used as its customers and staff would. Import tests.django_project before."""

from django.db import transaction
from salesman.core.utils import get_salesman_model

from reverb_plugin.hosts.salesman.catalogue import make_request
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


def stock(code):
    return next(item.quantity for model in (Guitar, Pedal) for item in model.objects.filter(code=code))


def buy(item, quantity=1):
    """A checkout in the shop, which keeps its stock itself."""
    with transaction.atomic():
        basket = Basket.objects.create()
        basket.add(item, quantity)
        order = Order.objects.create_from_basket(basket, make_request(), status="NEW")
        item.refresh_from_db()
        item.quantity -= quantity
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
