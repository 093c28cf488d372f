"""The near side of the test-only door: a client for tests and for the demo, in this process or another.

It uses the standard library's urllib on purpose: nothing of the plugin's own way to Reverb stands between a test
and the simulator.
"""

import json
import urllib.error
import urllib.request
from decimal import Decimal
from typing import Any, Literal

from reverb_plugin.simulator.recorder import RecordedRequest

TIMEOUT_SECONDS = 60.0


class DoorError(Exception):
    """The simulator could not do what a test asked for."""


class SimulatorDoor:
    """What a test may do behind Reverb's back; ``url`` is the simulator's ``door_url``.

    Every method raises DoorError with the simulator's reason when it cannot be done.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    # What it was asked

    def requests(self, method: str | None = None, path: str | None = None) -> list[RecordedRequest]:
        """The recorded API requests, oldest first; cut to a method and to paths that contain ``path``."""
        recorded = [RecordedRequest(**row) for row in self._ask("requests")]
        return [row for row in recorded if method in (None, row.method) and (path is None or path in row.path)]

    def clear_requests(self) -> None:
        """Forget the recorded requests."""
        self._ask("clear_requests")

    # What goes wrong

    def add_fault(
        self, kind: str, method: str | None = None, path: str | None = None, times: int | None = 1, **options: Any
    ) -> None:
        """Let something go wrong with the next ``times`` matching requests (None: until cleared).

        ``path`` is a regular expression. Kinds and their options: latency and late_answer (seconds), rate_limit
        (retry_after None, "seconds", "date" or a value; seconds), server_error (status, applied), html (status,
        applied), empty (status, applied), answer (status, body, headers, applied), reset_before, reset_after, drip
        (pieces, seconds), truncate (keep, a share), wrong_types (deep). With ``applied`` a request takes effect
        although its answer does not say so.
        """
        self._ask("add_fault", kind=kind, method=method, path=path, times=times, **options)

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self._ask("clear_faults")

    def go_down(self) -> None:
        """Reverb is down for maintenance: every API request is answered 503."""
        self.set(down=True)

    def come_up(self) -> None:
        """Maintenance is over."""
        self.set(down=False)

    def set(self, **values: Any) -> None:
        """Turn switches: the attributes of ``behaviour.Behaviour``, such as latency_seconds or vacation."""
        self._ask("set", **values)

    # Listings

    def listings(self) -> list[dict[str, Any]]:
        """All listings as they are this moment, oldest first."""
        rows: list[dict[str, Any]] = self._ask("listings")
        return rows

    def listings_of(self, sku: str) -> list[dict[str, Any]]:
        """All listings with exactly this SKU, oldest first."""
        rows: list[dict[str, Any]] = self._ask("listings_of_sku", sku=sku)
        return rows

    def find_listing(self, sku: str) -> dict[str, Any] | None:
        """The one listing with this SKU, or None; DoorError when there are several."""
        rows = self.listings_of(sku)
        if len(rows) > 1:
            raise DoorError(f"there are {len(rows)} listings with the SKU {sku}")
        return rows[0] if rows else None

    def listing(self, sku: str) -> dict[str, Any]:
        """The one listing with this SKU; DoorError when there is none or more than one."""
        row = self.find_listing(sku)
        if row is None:
            raise DoorError(f"there is no listing with the SKU {sku}")
        return row

    def add_listing(self, **fields: Any) -> int:
        """Put a listing there, past all rules, and return its id.

        ``fields`` are those of the API's request body; a price may be a plain number and a condition its name.
        ``state`` is live unless given. It is in the index at once and its photos are there.
        """
        return self.add_listings([fields])[0]

    def add_listings(self, rows: list[dict[str, Any]]) -> list[int]:
        """Put many listings there at once; returns their ids."""
        ids: list[int] = self._ask("add_listings", rows=rows)
        return ids

    def publish(self, listing_id: int) -> list[str]:
        """The seller publishes a draft by hand, on the website; it goes live a little later. Returns the warnings."""
        warnings: list[str] = self._ask("publish", listing_id=listing_id)
        return warnings

    # Orders

    def buy(
        self, listing_id: int, quantity: int = 1, *, buyer: dict[str, Any] | str | None = None, **options: Any
    ) -> str:
        """A buyer orders a live listing; returns the order number.

        ``buyer`` is a name or a mapping with name, email and address (None: no address). Options: status, price,
        shipping, bundle_with, created_at, order_type, payment_method, local_pickup, tax_rate,
        tax_responsible_party, bump_fee, presentment_currency, presentment_rate.
        """
        who = {"name": buyer} if isinstance(buyer, str) else buyer
        number: str = self._ask("buy", listing_id=listing_id, quantity=quantity, buyer=who, **options)
        return number

    def orders(self) -> list[dict[str, Any]]:
        """All orders in short, oldest first."""
        rows: list[dict[str, Any]] = self._ask("orders")
        return rows

    def set_order_status(self, order_number: str, status: str) -> None:
        """Move an order to another of Reverb's statuses, with everything that comes with it."""
        self._ask("set_order_status", order_number=order_number, status=status)

    def request_refund(self, order_number: str, **options: Any) -> int:
        """A refund request; options: amount (without: all), state, reason, note_to_seller. Returns its id."""
        refund_id: int = self._ask("request_refund", order_number=order_number, **options)
        return refund_id

    # Time

    def index_now(self) -> None:
        """Let the search index catch up at once."""
        self._run_now("index")

    def publish_now(self) -> None:
        """Let everything that waits for publication go live at once, and the index see it."""
        self._run_now("publish")
        self._run_now("index")

    def fetch_photos_now(self) -> None:
        """Let all photos arrive at once, and the index see them."""
        self._run_now("photo")
        self._run_now("index")

    def deliveries(self) -> list[dict[str, Any]]:
        """Every attempt to tell a webhook: url, topic, body and status (None: nobody answered)."""
        rows: list[dict[str, Any]] = self._ask("deliveries")
        return rows

    def reset(self) -> None:
        """Everything as it was when the simulator started."""
        self._ask("reset")

    def _run_now(self, kind: Literal["index", "publish", "photo"]) -> None:
        self._ask("run_now", kind=kind)

    def _ask(self, action: str, **arguments: Any) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the simulator's own http address
            f"{self._url}/{action}",
            json.dumps(arguments, default=_write).encode(),
            {"Content-Type": "application/json"},
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                return json.loads(response.read())["result"]
        except urllib.error.HTTPError as error:
            with error:
                raise DoorError(json.loads(error.read())["error"]) from None


def _write(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"the door cannot send a {type(value).__name__}")
