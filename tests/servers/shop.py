"""A small shop for real servers, WSGI and ASGI: ``/save/7`` saves a product, and the answer names the process.

At its end a process says how long the plugin took for its own.
"""

import atexit
import logging
import os
import sys
import time
from decimal import Decimal

import reverb_plugin
from reverb_plugin import Product
from reverb_plugin.hooks import on_product_saved
from reverb_plugin.testing import FakeHost

PRODUCTS = 24


def make_product(number):
    return Product(
        f"SKU-{number}", f"Guitar {number}", Decimal(100), quantity=1, make="Fender", model="Jazzmaster",
        condition="Excellent",
    )  # fmt: skip


logging.basicConfig(level=logging.WARNING)
plugin = reverb_plugin.configure(
    FakeHost(map(make_product, range(PRODUCTS))),
    data_dir=os.environ["SHOP_FOLDER"],
    token=os.environ["SHOP_TOKEN"],
    api_url=os.environ["SHOP_API_URL"],
)


@atexit.register
def time_the_end():
    """Closes the plugin as its own handler would, a moment later."""
    started_at = time.monotonic()
    plugin.close()
    sys.stderr.write(f"The plugin's end took {time.monotonic() - started_at:.2f} s\n")


def answer(path):
    """What a request gets: the status of the hook where it saves, and the process that did it."""
    _, verb, *number = path.split("/")
    status = on_product_saved(f"SKU-{number[0]}").status if verb == "save" else "here"
    return f"{status} {os.getpid()}".encode()


def application(environ, start_response):
    """The WSGI shop. A request takes a moment, so that more than one process gets some."""
    time.sleep(0.02)
    body = answer(environ["PATH_INFO"])
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


async def asgi(scope, receive, send):
    """The ASGI shop; the hook is called on the event loop."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    body = answer(scope["path"])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})
