"""Every page of the admin, with an address for each at which it shows something."""

from urllib.parse import urlencode

from reverb_plugin.admin.pages import PAGES, routes_of
from reverb_plugin.admin.sections import SECTIONS
from reverb_plugin.demo.story import MICROPHONE, REFUSED_GUITAR
from reverb_plugin.store.sync_log import LogFilter


def page_routes():
    """The names of all routes that answer a GET with a page."""
    routes = [route.name for page in PAGES for route in routes_of(page) if route.method == "GET"]
    return set(routes) - {"log-export"}


def all_pages(shop, sku=MICROPHONE, refused_sku=REFUSED_GUITAR):
    """The path of each below the prefix, for a shop that has been at work; the names begin with the route's."""
    preview, check = shop.plugin.store.runs.newest(limit=2)
    refused = shop.plugin.store.log_page(LogFilter(sku=refused_sku), 1)[0]
    return {
        "overview": "/",
        "log": "/log",
        "log-entry": f"/log/{refused.id}",
        "products": "/products",
        "product": f"/product?{urlencode({'sku': sku})}",
        "product/explained": f"/product?{urlencode({'sku': sku, 'ask': 'reverb'})}",
        "product/refused": f"/product?{urlencode({'sku': refused_sku})}",
        **order_pages(shop),
        "mass-sync": "/mass-sync",
        "run/preview": f"/mass-sync/{preview.id}",
        "run/drift": f"/mass-sync/{check.id}",
        "settings": "/settings",
        **{f"settings-section/{name}": f"/settings/{name}" for name in list(SECTIONS)[1:]},
        "category-choice": "/settings/categories/choose?word=Guitars",
        "support": "/support",
        "support-bundle": "/support/bundle",
        "first-run": "/start",
        "update": "/update",
    }


def order_pages(shop):
    """The list and the map of carriers; of a shop with orders one that fails, and one that asks for a decision."""
    rows, history = shop.plugin.orders.page(), shop.plugin.store.order_history
    pages = {"orders": "/orders", "order-carriers": "/orders/carriers"}
    if not rows:
        return pages
    failing = next(row for row in rows if history.jobs([row])[row.number])
    called_off = next(row for row in rows if row.is_off)
    return {
        **pages,
        "order": f"/order?number={failing.number}",
        "order/called-off": f"/order?number={called_off.number}",
    }
