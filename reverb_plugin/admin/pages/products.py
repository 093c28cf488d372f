"""Products: the list of SKUs with their state on both sides, and one of them with everything that decides about it."""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.exceptions import BadRequest, NotFound

from reverb_plugin.admin.desk import Desk
from reverb_plugin.admin.field_words import FieldWords, field_name
from reverb_plugin.admin.product_list import Choice, ProductRow, ProductRows, find_row, find_rows
from reverb_plugin.admin.product_sheet import EXCLUDE_SKUS, Sheet, Trouble, make_sheet
from reverb_plugin.admin.sending import Sending, find_sending
from reverb_plugin.admin.visit import Answer, Page, Redirect, Route, Visit
from reverb_plugin.adoption import adopt_listing
from reverb_plugin.changes import Reason, product_changed
from reverb_plugin.errors import InvalidValueError, PluginError, RunActiveError, StoreError
from reverb_plugin.host import check_sku
from reverb_plugin.sync.exclusion import pattern_of
from reverb_plugin.sync.explain import Explanation
from reverb_plugin.sync.plan import readable
from reverb_plugin.sync.remote import NotNowError

LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class Tab:
    """One choice of products: its words, its address, and whether it is shown."""

    words: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class ProductsPage:
    """The list. ``exact`` is the row of exactly the SKU that was searched; ``more_url`` is None at the end."""

    tabs: tuple[Tab, ...]
    choice: str
    text: str
    is_search: bool
    exact: ProductRow | None
    rows: tuple[ProductRow, ...]
    trouble: Trouble | None
    looked_at: int
    first_url: str | None
    more_url: str | None


@dataclass(frozen=True, slots=True)
class Side:
    """One group of fields on both sides; ``on_reverb`` is None when there is no listing to be seen."""

    name: str
    in_shop: str
    on_reverb: str | None
    policy: str
    is_sent: bool


@dataclass(frozen=True, slots=True)
class ProductPage:
    """One product. ``explanation`` and ``sides`` are there once Reverb was asked."""

    sheet: Sheet
    sending: Sending
    trouble: Trouble | None
    explanation: Explanation | None
    sides: tuple[Side, ...]
    explain_url: str
    log_url: str


WORDS = {
    Choice.ALL: "All",
    Choice.LISTED: "On Reverb",
    Choice.UNLISTED: "Not on Reverb",
    Choice.WAITING: "Wait for you",
    Choice.EXCLUDED: "Excluded",
    Choice.DELETED: "Deleted in the shop",
}
POLICY_WORDS = {"always": "always", "create": "when the listing is made", "never": "never"}


def show(visit: Visit) -> Page:
    """A page of the list."""
    args = visit.request.args
    choice = Choice(args["show"]) if args.get("show") in list(Choice) else Choice.ALL
    text, after_sku = args.get("q", "").strip()[:LONGEST_TEXT], args.get("after") or None
    found, exact, trouble = _find(visit.desk, choice, text, after_sku)
    address = _addresses(visit, choice, text)
    context = ProductsPage(
        tabs=tuple(Tab(words, _addresses(visit, each, text)(None), each is choice) for each, words in WORDS.items()),
        choice=choice,
        text=text,
        is_search=bool(text) or choice in {Choice.LISTED, Choice.UNLISTED, Choice.EXCLUDED},
        exact=exact,
        rows=tuple(row for row in found.rows if exact is None or row.sku != exact.sku),
        trouble=trouble,
        looked_at=found.looked_at,
        first_url=address(None) if after_sku else None,
        more_url=address(found.after_sku) if found.after_sku else None,
    )
    return Page("products.html", context)


def _find(
    desk: Desk, choice: Choice, text: str, after_sku: str | None
) -> tuple[ProductRows, ProductRow | None, Trouble | None]:
    """The rows, the one of exactly the SKU that was searched, and why the shop does not give them."""
    try:
        exact = find_row(desk, text) if text and after_sku is None and choice is Choice.ALL else None
        return find_rows(desk, choice, text, after_sku), exact, None
    except StoreError:
        raise
    except PluginError as error:
        return ProductRows((), None, 0), None, Trouble(error.message, error.hint)


def _addresses(visit: Visit, choice: Choice, text: str) -> Callable[[str | None], str]:
    shown = None if choice is Choice.ALL else str(choice)
    return lambda after: visit.url("products", show=shown, q=text or None, after=after)


def show_one(visit: Visit) -> Page:
    """Everything about one SKU; with ``ask=reverb`` also what Reverb says now."""
    return _one(visit, visit.request.args.get("sku", ""), asks=visit.request.args.get("ask") == "reverb")


def _one(visit: Visit, sku: str, *, asks: bool = False, trouble: Trouble | None = None, status: int = 200) -> Page:
    if not sku:
        raise NotFound
    sheet = make_sheet(visit.desk, sku)
    explanation = visit.desk.explain(sku) if asks and trouble is None else None
    context = ProductPage(
        sheet=sheet,
        sending=find_sending(visit.desk),
        trouble=trouble,
        explanation=explanation,
        sides=() if explanation is None else _sides(visit.desk, explanation),
        explain_url=visit.url("product", sku=sku, ask="reverb"),
        log_url=visit.url("log", sku=sku),
    )
    return Page("product.html", context, status if sheet.is_known else NotFound.code or status)


def _sides(desk: Desk, explanation: Explanation) -> tuple[Side, ...]:
    """The groups of fields that either side has something for."""
    words, sides = FieldWords(desk), []
    for field in explanation.fields:
        in_shop = {name: readable(name, value) for name, value in field.value.items()}
        shown = {name: text for name, text in (field.shown or {}).items() if name in in_shop or not in_shop}
        told, told_there = words.together(in_shop), words.together(shown)
        if told or told_there or field.is_sent:
            on_reverb = told_there if field.shown is not None and shown else None
            policy = POLICY_WORDS.get(field.policy, field.policy)
            sides.append(Side(field_name(field.group), told, on_reverb, policy, field.is_sent))
    return tuple(sides)


# What a person does


def sync_now(visit: Visit) -> Answer:
    """Sends it, whatever auto_sync says."""
    sku = _sku(visit)
    visit.desk.store.record([product_changed(sku, Reason.BY_HAND)])
    visit.desk.wake()
    return Redirect("product", {"sku": sku}, "noted")


def try_again(visit: Visit) -> Answer:
    """Wakes what waits for a person."""
    sku = _sku(visit)
    woken = visit.desk.store.retry(sku)
    visit.desk.wake()
    return Redirect("product", {"sku": sku}, "woken" if woken else "nothing-waits")


def exclude(visit: Visit) -> Answer:
    """Leaves it alone from now on."""
    sku = _sku(visit)
    return _change_exclusion(visit, sku, add=pattern_of(sku), notice="excluded")


def include(visit: Visit) -> Answer:
    """Takes it up again."""
    sku = _sku(visit)
    return _change_exclusion(visit, sku, remove=pattern_of(sku), notice="included")


def _change_exclusion(
    visit: Visit, sku: str, *, add: str | None = None, remove: str | None = None, notice: str
) -> Answer:
    if make_sheet(visit.desk, sku).excluding.elsewhere:
        return Redirect("product", {"sku": sku}, "set-elsewhere")
    visit.desk.configuration.change_list(EXCLUDE_SKUS, add=add, remove=remove)
    return Redirect("product", {"sku": sku}, notice)


def adopt(visit: Visit) -> Answer:
    """Links the listing that a person chose; one question to Reverb."""
    sku, desk = _sku(visit), visit.desk
    listing_id = visit.request.form["listing_id"].strip().rstrip("/").rsplit("/", 1)[-1].split("-", 1)[0]
    try:
        if not listing_id.isdecimal():
            raise InvalidValueError("listing", listing_id, "write its number, or its address on Reverb")
        adopt_listing(desk.host, desk.client, desk.store, desk.settings, desk.clock, sku, listing_id)
    except StoreError:
        raise
    except PluginError as error:
        return _one(visit, sku, trouble=Trouble(error.message, error.hint), status=409)
    except NotNowError as error:
        return _one(visit, sku, trouble=Trouble(f"Reverb cannot be asked now: {error.cause}.", "Try again later."))
    return Redirect("product", {"sku": sku}, "adopted")


def settle(visit: Visit) -> Answer:
    """Settles one difference of it, in one direction or the other."""
    sku, kind, direction = _sku(visit), visit.request.form["kind"], visit.request.form["to"]
    try:
        if direction == "shop":
            visit.desk.drift.take_later(sku=sku)
        else:
            visit.desk.drift.send(kind=kind, sku=sku)
    except RunActiveError:
        return Redirect("product", {"sku": sku}, "run-active")
    except StoreError:
        raise
    except PluginError as error:
        return _one(visit, sku, trouble=Trouble(error.message, error.hint), status=409)
    visit.desk.wake()
    return Redirect("product", {"sku": sku}, "settling")


def _sku(visit: Visit) -> str:
    try:
        return check_sku(visit.request.form["sku"])
    except InvalidValueError as error:
        raise BadRequest from error


ROUTES = (
    Route("/products", "products", show),
    # The SKU stands in the query: in the path a browser would make something else of `../up` and `a//b`.
    Route("/product", "product", show_one),
    Route("/product/sync", "product-sync", sync_now, "POST"),
    Route("/product/retry", "product-retry", try_again, "POST"),
    Route("/product/exclude", "product-exclude", exclude, "POST"),
    Route("/product/include", "product-include", include, "POST"),
    Route("/product/adopt", "product-adopt", adopt, "POST"),
    Route("/product/settle", "product-settle", settle, "POST"),
)
