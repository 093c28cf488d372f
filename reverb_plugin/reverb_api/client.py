"""Reverb's calls by name: each asks, reads the answer, and raises one of our exceptions when it is no success."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal, TypeVar
from urllib.parse import quote

from reverb_plugin.errors import (
    NotAllowedError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    ReverbError,
    TokenRefusedError,
    UnavailableError,
)
from reverb_plugin.reverb_api.answer import Answer, UnreadableError
from reverb_plugin.reverb_api.models import (
    Account,
    Category,
    Image,
    Listing,
    Page,
    Written,
    read_rows,
    read_written_listing,
)
from reverb_plugin.reverb_api.orders import Order, OrderPage, RefundRequest
from reverb_plugin.reverb_api.problems import check_written, message_of, not_allowed, problem_from, unreadable
from reverb_plugin.reverb_api.reading import read_flag, read_object
from reverb_plugin.reverb_api.transport import Transport

T = TypeVar("T")
ACCOUNT = "my/account"
SCOPE_QUESTIONS: Mapping[str, tuple[str, str]] = {
    "write_listings": ("PUT", "listings/0"),
    "read_orders": ("GET", "my/orders/selling/all?per_page=1"),
    "write_orders": ("POST", "my/orders/selling/0/ship"),
}
# A SKU has one listing, seldom two: a lookup that goes on for pages ignores the SKU we asked for.
MAX_LOOKUP_PAGES = 20


class ReverbClient:
    """Reverb's API for one shop.

    Every call may raise any :class:`~reverb_plugin.errors.ReverbError`. Reading again is safe; a write is sent once,
    and :class:`~reverb_plugin.errors.AmbiguousError` says that it may have taken effect.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def site_url(self) -> str:
        """Reverb's web site that belongs to the API in use."""
        return self._transport.site_url

    def find_listings(self, sku: str) -> tuple[Listing, ...]:
        """Our listings with exactly this SKU in any state, in Reverb's order; the index lags behind writes."""
        found: dict[str, Listing] = {}
        answer = self._ask("GET", "my/listings", params={"sku": sku, "state": "all"})
        for _ in range(MAX_LOOKUP_PAGES):
            page = _read(answer, Page.read)
            found |= {listing.id: listing for listing in page.listings if listing.sku == sku}
            if page.next_link is None:
                return tuple(found.values())
            answer = self._ask("GET", page.next_link)
        raise UnavailableError(f"The lookup of the SKU has more than {MAX_LOOKUP_PAGES} pages", status=answer.status)

    def get_page(self, link: str | None = None) -> Page:
        """A page of all our listings in any state: the one behind ``link``, or the first.

        50 rows is the most that Reverb gives at once.
        """
        if link is None:
            return _read(self._ask("GET", "my/listings", params={"state": "all", "per_page": "50"}), Page.read)
        return _read(self._ask("GET", link), Page.read)

    def get_listing(self, listing_id: str) -> Listing:
        """The listing as it is now; this is always current."""
        return _read(self._ask("GET", _listing_path(listing_id)), Listing.read)

    def create_listing(self, body: Mapping[str, object]) -> Written:
        """Make a listing; a draft unless ``body`` says ``publish``. The result always holds the listing."""
        return _with_listing(self._write("POST", "listings", body))

    def update_listing(self, link_or_id: str, body: Mapping[str, object]) -> Written:
        """Change the given fields of the listing at its ``self`` link, or with this id."""
        return self._write("PUT", link_or_id if "/" in link_or_id else _listing_path(link_or_id), body)

    def end_listing(self, listing_id: str, reason: Literal["not_sold", "reverb_sale"] = "not_sold") -> Written:
        """Take a published listing down; a draft is refused. ``reverb_sale`` makes Reverb charge its fee."""
        return self._write("PUT", f"my/{_listing_path(listing_id)}/state/end", {"reason": reason})

    def delete_listing(self, listing_id: str) -> Written:
        """Delete a draft; a published listing is refused."""
        return self._write("DELETE", _listing_path(listing_id))

    def get_images(self, listing_id: str) -> tuple[Image, ...]:
        """The photos that Reverb has fetched so far, in their order."""
        answer = self._ask("GET", f"{_listing_path(listing_id)}/images")
        return _read(answer, lambda body: tuple(map(Image.read, read_rows(body, "images"))))

    def delete_image(self, listing_id: str, image_id: str) -> Written:
        """Take one photo away."""
        return self._write("DELETE", f"{_listing_path(listing_id)}/images/{quote(image_id, safe='')}")

    def get_account(self) -> Account:
        """Whose token it is: the cheap check that the token works and that there is a shop."""
        return _read(self._ask("GET", ACCOUNT), Account.read)

    def is_on_vacation(self) -> bool:
        """Whether the shop is on vacation: its listings are not shown, and come back by themselves."""
        answer = self._ask("GET", "shop")
        flag = _read(answer, lambda body: read_flag(read_object(body, "shop").get("on_vacation"), "on_vacation"))
        return bool(flag)

    def may(self, scope: str) -> bool:
        """Whether the token has one of :data:`SCOPE_QUESTIONS`' scopes.

        Reverb does not list a token's scopes. It is asked for something that needs the scope and changes nothing:
        there is no listing 0, and no order 0.
        """
        method, path = SCOPE_QUESTIONS[scope]
        try:
            self._ask(method, path, body=None if method == "GET" else {})
        except NotAllowedError:
            return False
        except (NotFoundError, RefusedError):
            pass  # it was let in
        return True

    def get_categories(self) -> tuple[Category, ...]:
        """All categories, in one answer of some 300 KB; they seldom change."""
        answer = self._ask("GET", "categories/flat")
        return _read(answer, lambda body: tuple(map(Category.read, read_rows(body, "categories"))))

    def get_order_page(self, updated_since: datetime | None = None, link: str | None = None) -> OrderPage:
        """A page of our orders in any state: the one behind ``link``, or the first of those that changed since.

        They are sorted by their creation, the newest first, so that rows only move to later pages.
        """
        if link is not None:
            return _read(self._ask("GET", link), OrderPage.read)
        params = {"per_page": "50"}
        if updated_since is not None:
            params["updated_start_date"] = updated_since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return _read(self._ask("GET", "my/orders/selling/all", params=params), OrderPage.read)

    def get_order(self, order_number: str) -> Order:
        """The order as it is now."""
        return _read(self._ask("GET", _order_path(order_number)), Order.read)

    def ship_order(self, order_number: str, provider: str, tracking_number: str) -> Written:
        """Tell Reverb and the buyer that the parcel has left. ``provider`` is one of Reverb's own names."""
        body = {"provider": provider, "tracking_number": tracking_number, "send_notification": True}
        return self._write("POST", f"{_order_path(order_number)}/ship", body)

    def mark_picked_up(self, order_number: str) -> Written:
        """Tell Reverb that the buyer has collected the order."""
        return self._write("POST", f"{_order_path(order_number)}/mark_picked_up")

    def get_open_refund_requests(self) -> tuple[RefundRequest, ...]:
        """The newest requests that wait for the seller's answer, 50 at the most."""
        params = {"state": "pending_seller_response", "per_page": "50"}
        answer = self._ask("GET", "my/refund_requests/selling", params=params)
        return _read(answer, lambda body: tuple(map(RefundRequest.read, read_rows(body, "refund_requests"))))

    def register_webhook(self, url: str, topic: str) -> Written:
        """Ask to be told; Reverb may allow it to none but registered applications."""
        return self._write("POST", "webhooks/registrations", {"url": url, "topic": topic})

    def _ask(
        self,
        method: str,
        path_or_link: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        answer = self._transport.request(method, path_or_link, params=params, body=body)
        if answer.ok:
            return answer
        problem = self._problem(answer)
        if isinstance(problem, TokenRefusedError) and path_or_link != ACCOUNT:
            raise self._confirmed(answer, problem)
        raise problem

    def _write(self, method: str, path_or_link: str, body: Mapping[str, object] | None = None) -> Written:
        answer = self._ask(method, path_or_link, body=body)
        warnings = check_written(answer)
        message = message_of(answer) if answer.json is not None else ""
        return Written(_read(answer, read_written_listing), message, warnings, answer.status, answer.request_id)

    def _problem(self, answer: Answer) -> ReverbError:
        return problem_from(answer, site_url=self._transport.site_url, now=self._transport.clock.now())

    def _confirmed(self, answer: Answer, problem: TokenRefusedError) -> ReverbError:
        """Reverb says 401 also for what this seller may not do: the token is dead only if the account says so too."""
        check = self._transport.request("GET", ACCOUNT)
        verdict = None if check.ok else self._problem(check)
        if isinstance(verdict, TokenRefusedError):
            return problem
        if isinstance(verdict, UnavailableError | RateLimitedError):
            return verdict  # still open, so the next attempt finds out
        return not_allowed(answer, site_url=self._transport.site_url)


def _listing_path(listing_id: str) -> str:
    return f"listings/{quote(listing_id, safe='')}"


def _order_path(order_number: str) -> str:
    return f"my/orders/selling/{quote(order_number, safe='')}"


def _read(answer: Answer, reader: Callable[[object], T]) -> T:
    """What ``reader`` makes of the body; an answer that makes no sense is lost, whatever its status says."""
    try:
        return reader(answer.json)
    except UnreadableError as error:
        message = f"Reverb's answer to {answer.method} {answer.path} cannot be read: {error}"
        raise unreadable(answer.method, message, status=answer.status, request_id=answer.request_id) from error


def _with_listing(written: Written) -> Written:
    if written.listing is None:
        message = "Reverb accepted the new listing, but its answer does not hold it"
        raise unreadable("POST", message, status=written.status, request_id=written.request_id)
    return written
