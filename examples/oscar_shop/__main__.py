"""``python -m examples.oscar_shop``: the shop, its dashboard with the plugin's page, and a simulated Reverb."""

import os
import threading
import urllib.request
from collections import Counter
from contextlib import contextmanager, suppress
from importlib import resources
from tempfile import TemporaryDirectory

import click
import django
from werkzeug.serving import WSGIRequestHandler, make_server

from reverb_plugin import demo
from reverb_plugin.default import find_default
from reverb_plugin.demo.telling import Fact, Teller
from reverb_plugin.hosts.csv_shop import CsvShop
from reverb_plugin.simulator import Simulator
from reverb_plugin.webhooks import TOPICS, make_secret

PRODUCTS = 12
DRAFTS = 2
"""So many are left for the person to publish."""

DRAIN_SECONDS = 60.0
WEBHOOKS = "/dashboard/reverb/webhooks/"


class Quiet(WSGIRequestHandler):
    """The terminal is for people."""

    def log(self, *_arguments):
        """Nothing."""


@click.command()
@click.option("--port", default=8000, show_default=True, help="The shop's port; 0 takes any free one.")
@click.option("--once", is_flag=True, help="Prove that everything is there, and end.")
@click.pass_context
def main(ctx, port, once):
    """Run a django-oscar shop that sells on a simulated Reverb, until Ctrl-C. Nothing leaves this machine."""
    teller = Teller(waits=False)
    teller.say("Making a shop: tables, staff, products with pictures ...")
    with TemporaryDirectory(prefix="reverb-plugin-oscar-") as folder, Simulator() as simulator:
        plugin = open_shop(folder, simulator)
        try:
            ctx.exit(show(teller, plugin, simulator, port, once=once))
        finally:
            plugin.close()


def show(teller, plugin, simulator, port, *, once):
    """Serves the shop; the process's exit code."""
    with serve(port) as site:
        hear_of_orders(plugin, simulator, site)
        if once:
            return 0 if teller.prove(look_around(site, simulator)) else 1
        tell(teller, site, simulator)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


def open_shop(folder, simulator):
    """A filled shop in ``folder``, whose products are on Reverb, a few of them as drafts; its plugin."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "examples.oscar_shop.settings",
        "OSCAR_SHOP_FOLDER": folder,
        "OSCAR_SHOP_API_URL": simulator.url,
        "OSCAR_SHOP_SITE": "https://lakeside.example",  # photos on this machine are none that Reverb could fetch
    }
    django.setup()
    from examples.oscar_shop import seed

    plugin = find_default()
    seed.make_tables()
    seed.make_shop()
    seed.set_up(plugin, simulator.token)
    with resources.as_file(resources.files(demo).joinpath("products.csv")) as file:
        products = [product for product in CsvShop(file).iter_products() if product.categories != ("Guitars",)]
    products = products[:: len(products) // PRODUCTS][:PRODUCTS]
    for auto_publish, some in (("on", products[DRAFTS:]), ("off", products[:DRAFTS])):
        plugin.configuration.save("auto_publish", auto_publish)
        seed.add_products(some)
        plugin.drain(DRAIN_SECONDS)
    return plugin


@contextmanager
def serve(port):
    """The shop at scheme, host and port."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application

    application = StaticFilesHandler(get_wsgi_application())
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def hear_of_orders(plugin, simulator, site):
    """Has the simulated Reverb tell of orders at once; a real one wants an https address."""
    simulator.door.set(webhooks_allowed=True)
    secret = make_secret()
    plugin.configuration.save("webhook_secret", secret)
    for topic in TOPICS:
        plugin.client.register_webhook(f"{site}{WEBHOOKS}{secret}", topic)


def look_around(site, simulator):
    """What a first visitor, and a person of the staff, find."""

    def status(path):
        with urllib.request.urlopen(f"{site}{path}", timeout=30) as answer:
            return answer.status

    states = Counter(row["state"] for row in simulator.door.listings())
    return (
        Fact("{} listings on Reverb", states.total(), PRODUCTS),
        Fact("{} of them live", states["live"], PRODUCTS - DRAFTS),
        Fact("the storefront is answered with {}", status("/catalogue/"), 200),
        Fact("the dashboard with {}", status("/dashboard/reverb"), 200),
    )


def tell(teller, site, simulator):
    """Where to go now."""
    from examples.oscar_shop.seed import STAFF_EMAIL, STAFF_PASSWORD

    teller.say("Everything stays up until Ctrl-C. Buy, edit, ship and refund in the shop, and buy on Reverb's pages.")
    teller.places(
        {
            "storefront": f"{site}/",
            "dashboard": f"{site}/dashboard/orders/",
            "the plugin's page": f"{site}/dashboard/reverb",
            "staff": f"{STAFF_EMAIL}, password {STAFF_PASSWORD}",
            "Reverb's pages": f"{simulator.site}/",
        }
    )


if __name__ == "__main__":
    main()
