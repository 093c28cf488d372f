"""What the settings about orders make happen, seen from outside: setting -> (another value, look)."""

import io
import json

from reverb_plugin.hooks import on_order_shipped
from reverb_plugin.host import Shipment
from tests.orders.counter import Counter
from tests.sync.market import guitar

SECRET = "a-secret-path-that-nobody-guesses"


def _sold(market, mode="orders", **options):
    """A guitar sold on Reverb, and looked for."""
    market.set(**{"orders": mode} if mode else {})
    market.save(guitar())
    market.go_live("STRAT")
    market.drain()
    counter = Counter(market)
    number = counter.buy(**options)
    counter.look()
    return counter, number


def stock_after_a_sale(market):
    return _sold(market, mode="")[0].both()


def looks_of_an_hour(market):
    _sold(market, "stock")
    market.asked()
    market.live_through(3600, step=60)
    return market.asked().count("GET my/orders/selling/all")


def first_seen(market):
    market.save(guitar())
    market.go_live("STRAT")
    market.door.buy(market.listing("STRAT")["id"])
    market.clock.advance(3600)
    market.set(orders="stock")
    market.drain()
    return market.host.find_product("STRAT").quantity


def unpaid_in_the_shop(market):
    return len(_sold(market, status="unpaid", order_type="offer")[0].host.orders)


def stock_after_a_cancellation(market):
    counter, number = _sold(market)
    counter.door.set_order_status(number, "cancelled")
    counter.look()
    return counter.both()


def stock_after_an_edit(market):
    counter, _ = _sold(market, "stock")
    counter.edit(70)
    market.sell("STRAT")
    counter.look()
    return counter.both()


def carrier_sent(market):
    _, number = _sold(market, "orders-and-shipments")
    on_order_shipped(Shipment(number, "the van", "1"), plugin=market.plugin)
    market.drain()
    return [request.body["provider"] for request in market.requests("POST", "/ship")]


def buyer_after_a_week(market):
    counter, number = _sold(market, "stock", buyer="Pat Example")
    counter.look(7 * 86_400)
    return counter.order(number).buyer_name


def received(market):
    body = json.dumps({"order_number": "1"}).encode()
    environ = {
        "PATH_INFO": f"/{SECRET}",
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    said = []
    market.plugin.webhook_receiver(environ, lambda status, headers: said.append(status))
    return said


LOOKS = {
    "orders": ("stock", stock_after_a_sale),
    "orders_poll_minutes": ("20", looks_of_an_hour),
    "orders_since": ("2020-01-01", first_seen),
    "orders_wanted": ("all", unpaid_in_the_shop),
    "restock": ("always", stock_after_a_cancellation),
    "reverb_edits": ("overwrite", stock_after_an_edit),
    "carrier_map": ('{"the van": "UPS"}', carrier_sent),
    "webhook_secret": (SECRET, received),
    "buyer_data_days": ("2", buyer_after_a_week),
}
