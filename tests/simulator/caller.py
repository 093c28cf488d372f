"""A plain caller of the simulator's API, with nothing of the plugin's own client in it."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlencode

BRAND_NEW = "7c3f45de-2ae0-4c81-8400-fdb6b1d74890"
B_STOCK = "9225283f-60c2-4413-ad18-1f5eba7a856f"
MINT_WITH_INVENTORY = "6db7df88-293b-4017-a1c1-cdb5e599fa1a"
EXCELLENT = "df268ad1-c462-4ba6-b6db-e007e23922ea"
SOLID_BODY = "e57deb7a-382b-4e18-a008-67d4fbcb2879"


@dataclass
class Got:
    """An answer: its status, its body (parsed where it is JSON) and its headers."""

    status: int
    body: object
    headers: Message


class Caller:
    """Calls one simulator with its token and version 3.0, unless told otherwise."""

    def __init__(self, simulator):
        self.simulator = simulator
        self.headers = {
            "Authorization": f"Bearer {simulator.token}",
            "Accept-Version": "3.0",
            "Content-Type": "application/hal+json",
        }

    def get(self, path, /, headers=None, **query):
        query = f"?{urlencode(query)}" if query else ""
        return self.ask("GET", path + query, None, headers)

    def post(self, path, body=None, headers=None):
        return self.ask("POST", path, body, headers)

    def put(self, path, body=None, headers=None):
        return self.ask("PUT", path, body, headers)

    def delete(self, path, headers=None):
        return self.ask("DELETE", path, None, headers)

    def ask(self, method, path, body=None, headers=None):
        """One request; a body of bytes is sent as it is, a header of None is left out."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        sent = {name: value for name, value in {**self.headers, **(headers or {})}.items() if value is not None}
        address = path if path.startswith("http") else self.simulator.url + path
        request = urllib.request.Request(address, body, sent, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as response:
                return Got(response.status, _read(response.read()), response.headers)
        except urllib.error.HTTPError as error:
            with error:
                return Got(error.code, _read(error.read()), error.headers)

    def listing(self, listing_id):
        return self.get(f"/listings/{listing_id}").body


def _read(raw):
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode()


def item(**fields):
    """A complete body for POST /listings: a used guitar unless ``fields`` say otherwise."""
    return {
        "title": "Fender Stratocaster 1965",
        "make": "Fender",
        "model": "Stratocaster",
        "finish": "Sunburst",
        "year": "1965",
        "sku": "STRAT-1",
        "condition": {"uuid": EXCELLENT},
        "price": {"amount": "1200.00", "currency": "USD"},
        "categories": [{"uuid": SOLID_BODY}],
        **fields,
    }


def new_item(**fields):
    """A complete body for a brand-new item with five pieces."""
    stock = {"condition": {"uuid": BRAND_NEW}, "has_inventory": True, "inventory": 5, "upc_does_not_apply": True}
    return item(**{**stock, **fields})
