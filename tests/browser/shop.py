"""Shops for the browser: a whole one in this process, with its Reverb, its page on a real port, and its history."""

import json
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import WSGIRequestHandler, make_server

import reverb_plugin
from reverb_plugin.clock import Clock
from reverb_plugin.demo import stage as demo_stage
from reverb_plugin.demo.categories import make_category_map
from reverb_plugin.demo.shop import SampleShop
from reverb_plugin.demo.story import MICROPHONE, ON_SALE, PEDAL, REFUSED_GUITAR, USED_GUITAR
from reverb_plugin.host import Shipment
from reverb_plugin.hosts.csv_shop import write_products
from reverb_plugin.plugin import Plugin
from reverb_plugin.simulator import Simulator
from reverb_plugin.testing import FrozenClock
from reverb_plugin.version import __version__
from tests.admin.visitor import Visitor

PRODUCTS = Path(demo_stage.__file__).with_name("products.csv")
TWO_WEEKS_AGO = datetime(2026, 11, 10, 9, 12, tzinfo=UTC)
DAYS = 13
DAY_SECONDS = 86_400


class _Quiet(WSGIRequestHandler):
    def log(self, *_):
        pass


@contextmanager
def serve(app):
    """The WSGI application on a port of its own; scheme, host and port."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def mount(app, prefix):
    """The application below ``prefix``, beside a shop that says who it is."""
    return DispatcherMiddleware(_the_shop, {prefix: app}) if prefix else app


def _the_shop(_environ, start_response):
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
    return [b"<!doctype html><title>The shop</title><h1>The shop</h1>"]


@dataclass
class Shop:
    """A shop whose ``host`` is a real one; ``site`` is where its page is."""

    simulator: Simulator
    plugin: Plugin
    site: str
    clock: Clock
    sample: SampleShop | None = None

    @property
    def door(self):
        return self.simulator.door

    def set(self, **texts):
        for name, text in texts.items():
            self.plugin.configuration.save(name, text)

    def drain(self):
        self.plugin.drain(600)


@contextmanager
def open_shop(folder, host, *, clock=None, prefix="", connected=True, **options):
    """A shop with a Reverb of its own; nothing is sent unless a test says so."""
    clock = clock or Clock()
    simulator = Simulator(clock=clock, index_lag_seconds=0, publish_delay_seconds=0, photo_delay_seconds=0)
    given = {"worker": "none"} | options
    with simulator:
        plugin = reverb_plugin.configure(host, api_url=simulator.url, data_dir=folder, clock=clock, **given)
        try:
            plugin.configuration.save("requests_per_minute", "600")
            if connected:
                plugin.configuration.save("token", simulator.token)
            with serve(mount(plugin.admin_app(authorize=lambda _environ: True), prefix)) as site:
                yield Shop(simulator, plugin, site + prefix, clock)
        finally:
            plugin.close()


@contextmanager
def open_sample_shop(folder, *, most=None, **options):
    """The demo's shop, before anything has happened; ``most`` leaves it fewer products."""
    copy = Path(folder, "products.csv")
    shutil.copyfile(PRODUCTS, copy)
    sample = SampleShop(copy)
    if most:
        known = sample.products()
        chosen = dict.fromkeys((*ON_SALE, REFUSED_GUITAR, *known))
        write_products(copy, [known[sku] for sku in list(chosen)[:most]])
    with open_shop(Path(folder, "data"), sample.csv, **options) as shop:
        shop.sample = sample
        yield shop


def live(shop, days=DAYS):
    """Days in the life of a shop, on a clock that need not be waited for, up to a preview that waits."""
    sample, door = shop.sample, shop.door
    categories = make_category_map(shop.plugin.client.get_categories())
    shop.set(category_map=json.dumps(categories), auto_sync="on")
    for sku in sample.products():
        sample.save(sku)
    shop.drain()
    for sku in ON_SALE:
        door.publish(door.listing(sku)["id"])
    door.publish_now()
    for day in range(DAYS - days, DAYS):
        _live_a_day(shop, day)
    _get_out_of_step(shop)
    shop.plugin.mass_sync.check_drift()
    shop.drain()
    shop.plugin.mass_sync.preview()
    shop.drain()
    _sell_on_reverb(shop)
    visitor = Visitor(shop.plugin)
    visitor.send("/settings/connection/try")
    visitor.open("/settings/categories/choose", word="Guitars")
    visitor.send("/support/check")


def _live_a_day(shop, day):
    skus = list(shop.sample.products())
    if day == 5:
        shop.door.go_down()
    for number in range(2 + day * 5 % 7):
        sku = skus[(day * 7 + number * 3) % len(skus)]
        shop.sample.save(sku, price=shop.sample.product(sku).price + Decimal("1.50"))
        shop.clock.advance(1800)
        shop.plugin.drain(20)
    shop.door.come_up()
    if day in {2, 9}:
        shop.sample.sell(f"20{day:02}", MICROPHONE, 1)
    shop.clock.advance(DAY_SECONDS - (shop.clock.now() - TWO_WEEKS_AGO).total_seconds() % DAY_SECONDS)
    shop.plugin.drain(20)


def _get_out_of_step(shop):
    """What nobody has told the plugin of: a sale and an edit on Reverb, prices changed behind the hooks' back."""
    door, csv = shop.door, shop.sample.csv
    door.buy(door.listing(PEDAL)["id"])
    shop.sample.sell("2051", USED_GUITAR, 1)
    for product in list(csv.products().values())[:6]:
        csv.change(product.sku, _dearer)


def _sell_on_reverb(shop):
    """Orders in every state that asks a person for something, and some that ask for nothing."""
    door, plugin = shop.door, shop.plugin
    shop.set(orders="orders-and-shipments")
    shop.drain()
    shop.clock.advance(60)
    skus = [sku for sku in ON_SALE if door.listing(sku)["state"] == "live" and door.listing(sku)["inventory"]]
    first, second, third = (door.listing(skus[number % len(skus)])["id"] for number in range(3))
    buyers = iter(("Ann Lee", "Jörg Weiß", "Mia Rossi", "Ann Lee", "Sam Okoro", "Lena Novak"))
    shipped, refunded, _pending, collected, bundled = (
        door.buy(each, buyer=next(buyers), **options)
        for each, options in (
            (first, {}),
            (second, {"presentment_currency": "EUR", "presentment_rate": "0.92"}),
            (third, {"status": "payment_pending"}),
            (first, {"local_pickup": True}),
            (second, {}),
        )
    )
    door.buy(third, buyer="Sam Okoro", bundle_with=bundled)
    shop.clock.advance(600)
    shop.drain()
    door.set_order_status(refunded, "refunded")
    door.request_refund(collected, reason="It does not fit")
    plugin.orders.ship(Shipment(shipped, "UPS", "1Z999AA10123456784"))
    door.add_fault(
        "answer", "POST", "/ship", status=422, body={"message": "The carrier does not know this tracking number"}
    )
    plugin.orders.ship(Shipment(bundled, "Royal Mail", "RM123456785GB"))
    shop.clock.advance(3600)
    shop.drain()
    door.clear_faults()


def _dearer(product):
    return replace(product, price=(product.price * Decimal("1.05")).quantize(Decimal("0.01")))


@contextmanager
def open_worked_shop(folder, days=DAYS, **options):
    """The demo's shop after some days at work, on a frozen clock."""
    with open_sample_shop(folder, clock=FrozenClock(TWO_WEEKS_AGO), **options) as shop:
        live(shop, days)
        shop.plugin.store.claim_sender(shop.plugin.owner, __version__, DAY_SECONDS)  # as a worker that has just looked
        yield shop
