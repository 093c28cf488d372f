"""Orders on Reverb: the list by checkout, one order with all that can be done about it, and the map of carriers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

from werkzeug.exceptions import NotFound

from reverb_plugin.admin.log_filters import KINDS
from reverb_plugin.admin.order_sheet import (
    Amount,
    OrderLine,
    Reading,
    amounts_of,
    find_lack,
    find_reading,
    make_lines,
)
from reverb_plugin.admin.product_sheet import Trouble
from reverb_plugin.admin.sending import BUSY_SECONDS, Sending, find_sending, refresh_seconds
from reverb_plugin.admin.visit import Answer, Page, Redirect, Route, Visit
from reverb_plugin.changes import Kind
from reverb_plugin.errors import InvalidValueError, OrderError
from reverb_plugin.host import PickedUp, Shipment
from reverb_plugin.settings import OrderMode
from reverb_plugin.store.orders import OrderRow
from reverb_plugin.store.shipments import WAITING, ShipmentRow
from reverb_plugin.store.sync_log import LogEntry
from reverb_plugin.sync.carriers import PROVIDERS, find_provider, words_by_provider
from reverb_plugin.sync.order_steps import asks_restock

ROWS = 25
HISTORY_ROWS = 20
TO_DO = "to-do"

Place = tuple[datetime, str]
"""Where an order stands in the list: when it was made, and its number among those of one moment."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One choice of orders: its words, its address, and whether it is shown."""

    words: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """The list; each of ``bundles`` are the orders of one checkout. ``refresh_seconds`` is None but for the newest."""

    tabs: tuple[Tab, ...]
    is_open: bool
    is_on: bool
    lack: str
    reading: Reading
    sending: Sending
    bundles: tuple[tuple[OrderLine, ...], ...]
    newest_url: str | None
    older_url: str | None
    refresh_seconds: int | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel, and Reverb's name for its carrier."""

    row: ShipmentRow
    provider: str


@dataclass(frozen=True, slots=True)
class ParcelForm:
    """What was entered of a parcel, and what is wrong with it, by field."""

    carriers: tuple[tuple[str, str], ...]
    carrier: str = ""
    tracking_number: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderPage:
    """One order. ``parcel_form`` is None when Reverb takes no parcel for it; ``tells_parcels``: the settings allow it.

    ``asks_restock`` and ``asks_done``: a person has to decide, or to say that it is done.
    """

    line: OrderLine
    amounts: tuple[Amount, ...]
    siblings: tuple[OrderLine, ...]
    parcels: tuple[Parcel, ...]
    parcel_form: ParcelForm | None
    tells_parcels: bool
    asks_restock: bool
    asks_done: bool
    attempts: Sequence[LogEntry]
    kinds: Mapping[str, str]
    sending: Sending
    trouble: Trouble | None
    refresh_seconds: int | None


@dataclass(frozen=True, slots=True)
class CarriersPage:
    """Reverb's names for carriers, each with the words that lead to it; ``own`` are those of the setting."""

    providers: Mapping[str, Sequence[str]]
    own: frozenset[str]


def show(visit: Visit) -> Page:
    """A page of the list."""
    desk, args = visit.desk, visit.request.args
    is_open, before = args.get("show") == TO_DO, _read_place(args.get("before"))
    found = desk.orders.page(is_open=is_open, before=before, limit=ROWS + 1)
    rows = found[:ROWS]
    bundles = [bundle for bundle in desk.orders.bundles(rows).values() if is_open or not _was_before(bundle, before)]
    lines = make_lines(desk, [row for bundle in bundles for row in bundle])
    address = _addresses(visit, is_open=is_open)
    context = OrdersPage(
        tabs=(
            Tab("All", _addresses(visit, is_open=False)(None), not is_open),
            Tab("Something to do", _addresses(visit, is_open=True)(None), is_open),
        ),
        is_open=is_open,
        is_on=desk.settings.orders is not OrderMode.OFF,
        lack=find_lack(desk),
        reading=find_reading(desk),
        sending=find_sending(desk),
        bundles=tuple(tuple(lines[row.number] for row in bundle) for bundle in bundles),
        newest_url=address(None) if before else None,
        older_url=address(_place_of(rows[-1])) if len(found) > ROWS else None,
        refresh_seconds=None if before else refresh_seconds(desk.store.queue_status()),
    )
    return Page("orders.html", context)


def _was_before(bundle: Sequence[OrderRow], before: Place | None) -> bool:
    """Whether the page before has shown it, because it has an order that is newer."""
    return before is not None and any(row.created_at and (row.created_at, row.number) >= before for row in bundle)


def _addresses(visit: Visit, *, is_open: bool) -> Callable[[str | None], str]:
    return lambda before: visit.url("orders", show=TO_DO if is_open else None, before=before)


def _place_of(row: OrderRow) -> str | None:
    return None if row.created_at is None else f"{row.created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}_{row.number}"


def _read_place(text: str | None) -> Place | None:
    """The place in the list; None for anything that is none."""
    moment_text, _, number = (text or "").partition("_")
    try:
        moment = datetime.fromisoformat(moment_text)
        return None if moment.tzinfo is None else (moment.astimezone(UTC), number)
    except (ValueError, OverflowError):
        return None


def show_one(visit: Visit) -> Page:
    """One order."""
    return _one(visit, _find(visit, visit.request.args.get("number", "")))


def _one(
    visit: Visit, row: OrderRow, *, trouble: Trouble | None = None, form: ParcelForm | None = None, status: int = 200
) -> Page:
    desk = visit.desk
    bundle = desk.orders.bundles([row])[row.bundle_id or row.number]
    lines = make_lines(desk, bundle)
    line = lines[row.number]
    parcels = desk.store.order_history.parcels(row)
    is_noted = any(parcel.state == WAITING for parcel in parcels)
    is_refused = any(failure.kind is Kind.SHIP_ORDER for failure in line.failures)
    takes_parcel = row.status == "paid" and (is_refused or not is_noted)
    context = OrderPage(
        line=line,
        amounts=amounts_of(row),
        siblings=tuple(each for number, each in lines.items() if number != row.number),
        parcels=tuple(Parcel(each, each.provider or _provider(visit, each.carrier)) for each in parcels),
        parcel_form=(form or ParcelForm(_carriers(visit))) if takes_parcel else None,
        tells_parcels=desk.settings.orders is OrderMode.SHIPMENTS,
        asks_restock=asks_restock(row),
        asks_done=bool(row.note or (row.short and not row.is_off)),
        attempts=desk.store.order_history.attempts(row, HISTORY_ROWS),
        kinds=KINDS,
        sending=find_sending(desk),
        trouble=trouble,
        refresh_seconds=BUSY_SECONDS if line.under_way else None,
    )
    return Page("order.html", context, status)


def _find(visit: Visit, number: str) -> OrderRow:
    row = visit.desk.store.orders.find(number)
    if row is None:
        raise NotFound
    return row


def _carriers(visit: Visit) -> tuple[tuple[str, str], ...]:
    """The seller's own words first, then Reverb's."""
    own = [(word, f"{word} (goes out as {_provider(visit, word)})") for word in visit.desk.settings.carrier_map]
    return ("", "Choose"), *own, *((name, name) for name in PROVIDERS)


def _provider(visit: Visit, carrier: str) -> str:
    return find_provider(carrier, visit.desk.settings.carrier_map) if carrier else ""


def show_carriers(visit: Visit) -> Page:
    """How words for carriers become Reverb's names."""
    own = visit.desk.settings.carrier_map
    return Page("order_carriers.html", CarriersPage(words_by_provider(own), frozenset(own)))


# What a person does


def look(visit: Visit) -> Answer:
    """Has the orders on Reverb read now."""
    if visit.desk.settings.orders is OrderMode.OFF:
        return Redirect("orders", {}, "orders-off")
    visit.desk.orders.look_now()
    return Redirect("orders", {}, "looking")


def restock(visit: Visit) -> Answer:
    """Decides how many pieces go back into the shop's stock."""
    row, form = _sent(visit), visit.request.form
    try:
        visit.desk.orders.restock(row.number, 0 if "nothing" in form else int(form["quantity"]))
    except ValueError:
        return _one(visit, row, trouble=Trouble("That is no number of pieces.", "Enter a whole number."), status=422)
    except OrderError as error:
        return _one(visit, row, trouble=Trouble(error.message, ""), status=HTTPStatus.CONFLICT)
    return Redirect("order", {"number": row.number}, "restocked")


def done(visit: Visit) -> Answer:
    """What the order asked a person to do is done."""
    number = _sent(visit).number
    visit.desk.orders.done(number)
    return Redirect("order", {"number": number}, "order-done")


def by_hand(visit: Visit) -> Answer:
    """The order is in the shop, but not through us."""
    row = _sent(visit)
    try:
        visit.desk.orders.by_hand(row.number)
    except OrderError as error:
        return _one(visit, row, trouble=Trouble(error.message, ""), status=HTTPStatus.CONFLICT)
    return Redirect("order", {"number": row.number}, "order-by-hand")


def retry(visit: Visit) -> Answer:
    """Tries again what failed."""
    number = _sent(visit).number
    return Redirect("order", {"number": number}, "woken" if visit.desk.orders.retry(number) else "nothing-waits")


def ship(visit: Visit) -> Answer:
    """Has Reverb told of a parcel that was shipped by hand."""
    row, form = _sent(visit), visit.request.form
    texts = {name: form.get(name, "").strip() for name in ("carrier", "tracking_number")}
    errors = {name: words for name, words in _PARCEL_WORDS.items() if not texts[name]}
    if errors:
        entered = ParcelForm(_carriers(visit), **texts, errors=errors)
        return _one(visit, row, form=entered, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        shipment = Shipment(row.number, **texts)
    except InvalidValueError as error:
        entered = ParcelForm(_carriers(visit), **texts, errors={error.field: error.message})
        return _one(visit, row, form=entered, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _noted(visit, shipment)


_PARCEL_WORDS = {"carrier": "Choose who carries it.", "tracking_number": "Enter the tracking number."}


def pick_up(visit: Visit) -> Answer:
    """Has Reverb told that the buyer came for it."""
    return _noted(visit, PickedUp(_sent(visit).number))


def _noted(visit: Visit, shipment: Shipment | PickedUp) -> Answer:
    is_new = visit.desk.orders.ship(shipment)
    return Redirect("order", {"number": shipment.order_id}, "parcel-noted" if is_new else "parcel-known")


def _sent(visit: Visit) -> OrderRow:
    """The order that a form is about."""
    return _find(visit, visit.request.form["number"])


ROUTES = (
    Route("/orders", "orders", show),
    Route("/orders/carriers", "order-carriers", show_carriers),
    Route("/orders/look", "orders-look", look, "POST"),
    # The number stands in the query: Reverb decides what it looks like.
    Route("/order", "order", show_one),
    Route("/order/restock", "order-restock", restock, "POST"),
    Route("/order/done", "order-done", done, "POST"),
    Route("/order/by-hand", "order-by-hand", by_hand, "POST"),
    Route("/order/retry", "order-retry", retry, "POST"),
    Route("/order/ship", "order-ship", ship, "POST"),
    Route("/order/pick-up", "order-pick-up", pick_up, "POST"),
)
