"""A shop to begin with: tables, staff, a dozen products with pictures, and a plugin that has been set up."""

import json

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sites.models import Site
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction
from django.test.utils import override_settings
from oscar.apps.catalogue.categories import create_from_breadcrumbs
from oscar.core.loading import get_model

from examples.oscar_shop.pictures import draw
from reverb_plugin.demo.categories import make_category_map

STAFF_EMAIL = "staff@lakeside.example"
STAFF_PASSWORD = "lakeside"
ATTRIBUTES = ("make", "model", "year", "finish", "condition")
COUNTRIES = {"US": "United States", "CA": "Canada", "GB": "United Kingdom", "DE": "Germany"}
PLUGIN_SETTINGS = {
    "orders": "orders-and-shipments",
    "orders_poll_minutes": "1",
    "restock": "always",
    "requests_per_minute": "600",
}


class NoMigrations:
    """Tables are made from the models at once: that takes a second instead of a quarter of a minute."""

    def __contains__(self, _app):
        return True

    def __getitem__(self, _app):
        return None


def make_tables():
    """The tables of an empty shop; a real one runs its migrations instead."""
    with override_settings(MIGRATION_MODULES=NoMigrations()):
        call_command("migrate", run_syncdb=True, verbosity=0)


def make_shop():
    """What a shop has before its first product."""
    get_user_model().objects.create_superuser("staff", STAFF_EMAIL, STAFF_PASSWORD)
    Site.objects.update_or_create(pk=settings.SITE_ID, defaults={"domain": "lakeside.example", "name": "Lakeside"})
    get_model("partner", "Partner").objects.create(name="Our own stock")
    gear = get_model("catalogue", "ProductClass").objects.create(name="Music gear", track_stock=True)
    for code in ATTRIBUTES:
        gear.attributes.create(name=code.capitalize(), code=code, type="text", required=False)
    for name in ("Shipped", "Returned"):
        get_model("order", "ShippingEventType").objects.create(name=name)
    for name in ("Paid", "Refund"):
        get_model("order", "PaymentEventType").objects.create(name=name)
    for code, name in COUNTRIES.items():
        get_model("address", "Country").objects.create(
            iso_3166_1_a2=code, name=name, printable_name=name, is_shipping_country=True
        )


def set_up(plugin, token):
    """Enters the plugin's settings, as a seller does once."""
    plugin.configuration.save_all({"token": token, **PLUGIN_SETTINGS})
    categories = make_category_map(plugin.client.get_categories())
    plugin.configuration.save("category_map", json.dumps(categories))


def add_products(products):
    """Puts products into the shop; the plugin hears of each as it does when staff saves one."""
    for product in products:
        with transaction.atomic():
            _add(product)


def _add(product):
    made = get_model("catalogue", "Product")(
        product_class=get_model("catalogue", "ProductClass").objects.get(),
        title=product.title,
        description=product.description,
        upc=product.upc or None,
    )
    for name in ATTRIBUTES:
        setattr(made.attr, name, getattr(product, name))
    made.save()
    for name in product.categories:
        made.categories.add(create_from_breadcrumbs(name))
    picture = ContentFile(draw(product.sku, product.categories), f"{product.sku.lower()}.png")
    get_model("catalogue", "ProductImage").objects.create(product=made, original=picture)
    get_model("partner", "StockRecord").objects.create(
        product=made,
        partner=get_model("partner", "Partner").objects.get(),
        partner_sku=product.sku,
        price=product.price,
        price_currency=product.currency,
        num_in_stock=product.quantity,
    )
