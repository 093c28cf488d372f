"""Why a product is on Reverb as it is, or is not: one answer, question by question, with what to do at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from reverb_plugin.changes import Kind, Outcome, Scope
from reverb_plugin.errors import FieldError, InvalidValueError, NotFoundError, PluginError, ReverbError, find_hint
from reverb_plugin.host import Product
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.store.links import Link
from reverb_plugin.store.runs import MASS_SYNC
from reverb_plugin.store.sync_log import LogFilter
from reverb_plugin.sync.decide import (
    DRAFT,
    ENDED,
    ON_SALE_STATES,
    Create,
    Locked,
    Refuse,
    Skip,
    Unchanged,
    Update,
    choose_listing,
    decide_create,
    decide_update,
    relevant_problems,
)
from reverb_plugin.sync.exclusion import find_exclusion
from reverb_plugin.sync.fields import Fields, Group, policy_of
from reverb_plugin.sync.payload import Payload, make_payload
from reverb_plugin.sync.plan import PlanAction, observe, price_text
from reverb_plugin.sync.remote import NotNowError
from reverb_plugin.sync.tools import Tools, read_listing, read_product

BY_HAND = "Push it by hand: the setting auto_sync is off."
SAVE = "Save or push it."
SETTLE = "Run a mass sync, or settle it with `reverb-plugin drift`: a save sends only what the shop has changed."

OFF_SALE: Mapping[str, str] = MappingProxyType(
    {
        DRAFT: "Publish the draft on Reverb, or push it with the setting auto_publish on.",
        ENDED: "Relist it on Reverb, or settle it with `reverb-plugin drift`.",
        "suspended": "Ask Reverb why it suspended the listing.",
    }
)
"""What to do about a listing that is not on sale although the shop has it in stock."""

MAPS: Mapping[str, str] = MappingProxyType({"condition": "condition_map", "categories": "category_map"})
"""The setting that gives Reverb's name for a shop's word in these fields."""


@dataclass(frozen=True, slots=True)
class FieldAnswer:
    """One group of fields: what the shop has, when it is sent, and whether it would be sent now."""

    group: str
    policy: str
    value: Fields
    is_sent: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One question about a product, its answer, and whether it stands in the way."""

    question: str
    text: str
    is_obstacle: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answers in order, the fields, and the one thing to do next."""

    sku: str
    answers: tuple[Answer, ...]
    fields: tuple[FieldAnswer, ...]
    to_do: str


def explain(tools: Tools, sku: str) -> Explanation:
    """Everything that decides about one SKU. Asks Reverb once or twice, when there is a token; writes nothing."""
    return _Explainer(tools, sku).run()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What Reverb has for the SKU, or why nobody knows."""

    listing: Listing | None = None
    count: int = 0
    trouble: str = ""
    to_do: str = ""


class _Explainer:
    def __init__(self, tools: Tools, sku: str) -> None:
        self._tools = tools
        self._sku = sku
        self._answers: list[Answer] = []
        self._fields: tuple[FieldAnswer, ...] = ()
        self._to_do = ""
        self._could_do = ""

    def run(self) -> Explanation:
        product = self._in_shop()
        link = self._tools.store.find_link(self._sku)
        seen = self._ask(link)
        if product is not None and not self._is_excluded(product) and not self._is_buried(link):
            self._would_be_sent(product, link, seen)
        self._on_reverb(product, seen)
        self._last_outcome()
        self._waits()
        return Explanation(self._sku, tuple(self._answers), self._fields, self._to_do or self._could_do or "Nothing.")

    def _say(self, question: str, text: str, *, obstacle: str = "", could_do: str = "") -> None:
        """An answer; with what to do about an ``obstacle``, the first one counts, or else what could be done."""
        self._answers.append(Answer(question, text, is_obstacle=bool(obstacle)))
        self._to_do = self._to_do or obstacle
        self._could_do = self._could_do or could_do

    # The shop

    def _in_shop(self) -> Product | None:
        question = "Is it in the shop?"
        try:
            product = read_product(self._tools.host, self._sku)
        except PluginError as error:
            self._say(question, error.message, obstacle=error.hint)
            return None
        if product is None:
            todo = "Check the SKU; capital letters and blanks count."
            self._say(question, "No product has this SKU.", obstacle=todo)
            return None
        quantity = "an unknown quantity" if product.quantity is None else f"{product.quantity} in stock"
        price = "no price" if product.price is None else price_text(product.price, product.currency)
        self._say(question, f"Yes: {product.title}, {price}, {quantity}.")
        return product

    def _is_excluded(self, product: Product) -> bool:
        question = "Is it excluded by a rule?"
        exclusion = find_exclusion(product, self._tools.settings)
        if exclusion is None:
            self._say(question, "No.")
            return False
        where = "in the shop" if exclusion.rule == "sync" else f"in the setting {exclusion.rule}"
        self._say(question, f"Yes. {exclusion.message}", obstacle=f"Change that {where}, if it is not meant.")
        return True

    def _is_buried(self, link: Link | None) -> bool:
        if link is None or link.deleted_at is None:
            return False
        text = f"Yes, {link.deleted_at:%Y-%m-%d %H:%M} UTC; its listing went with it."
        self._say("Was it deleted in the shop?", text, obstacle="Save it in the shop again.")
        return True

    # What would be sent

    def _would_be_sent(self, product: Product, link: Link | None, seen: _Seen) -> None:
        known = seen.listing.condition_uuid if seen.listing else None
        payload = make_payload(product, self._tools.settings, known or (link.condition_uuid if link else None))
        if seen.listing is not None:
            self._update(payload, observe(link, payload, product, seen.listing), link)
        elif seen.trouble and link is not None and link.listing_id is not None:
            self._update(payload, link, link)
        else:
            self._creation(product, payload)

    def _creation(self, product: Product, payload: Payload) -> None:
        question = "Would a listing be made?"
        match decide_create(product, payload, self._tools.settings, Scope.ALL):
            case Skip(message):
                todo = "Change the setting or the stock, if that is not meant."
                self._say(question, f"No. {message}", obstacle=todo)
            case Refuse(errors):
                self._say(question, "No. " + "; ".join(map(str, errors)), obstacle=_correction(errors))
            case Create(body):
                text = "Yes, published." if body["publish"] else "Yes, as a draft."
                self._say(question, text, could_do=self._to_send)
                self._show_fields(payload, body)
        self._left_out(payload, None)

    def _update(self, payload: Payload, seen: Link, link: Link | None) -> None:
        question = "What would be sent?"
        settings = self._tools.settings
        match decide_update(payload, seen, settings, Scope.ALL):
            case Unchanged():
                self._say(question, "Nothing: Reverb shows what the shop has, as far as the policies go.")
                self._show_fields(payload, {})
            case Skip(message):
                self._say(question, f"Nothing. {message}", could_do="List the next one under a SKU of its own.")
            case Locked():
                todo = "List the next one under a SKU of its own."
                self._say(question, "Nothing: it was sold on Reverb.", obstacle=todo)
            case Update() as update:
                is_linked = link is not None and link.listing_id == seen.listing_id
                by_save = link if is_linked and link is not None else seen
                is_news = isinstance(decide_update(payload, by_save, settings, Scope.ALL), Update)
                names = ", ".join(update.body) or "Photos would be removed."
                self._say(question, names, could_do=self._to_send if is_news else SETTLE)
                self._show_fields(payload, update.body)
        self._left_out(payload, seen)

    @property
    def _to_send(self) -> str:
        return SAVE if self._tools.settings.auto_sync else BY_HAND

    def _left_out(self, payload: Payload, link: Link | None) -> None:
        for problem in relevant_problems(payload, self._tools.settings, link):
            self._say("What is left out?", str(problem), obstacle=_correction([problem]))
        if payload.notes:
            self._say("What should be known?", " ".join(payload.notes))

    def _show_fields(self, payload: Payload, body: Fields) -> None:
        self._fields = tuple(
            FieldAnswer(
                group,
                policy_of(self._tools.settings, group),
                payload.groups[group],
                any(name in body for name in payload.groups[group]),
            )
            for group in Group
        )

    # Reverb

    def _ask(self, link: Link | None) -> _Seen:
        if self._tools.settings.token is None:
            return _Seen(trouble="Nobody knows: there is no token.", to_do="Enter the token.")
        try:
            listings = self._tools.client.find_listings(self._sku) or self._ask_for_linked(link)
        except ReverbError as error:
            return _Seen(trouble=f"Reverb cannot be asked: {error.message}", to_do=error.hint)
        except NotNowError as error:
            return _Seen(trouble=f"Reverb cannot be asked now: {error.cause}.", to_do="Ask again later.")
        return _Seen(choose_listing(listings, link), len(listings))

    def _ask_for_linked(self, link: Link | None) -> Sequence[Listing]:
        """The lookup lags behind."""
        if link is None or link.listing_id is None:
            return ()
        try:
            return [read_listing(self._tools.client, link.listing_id)]
        except NotFoundError:
            return ()

    def _on_reverb(self, product: Product | None, seen: _Seen) -> None:
        question, listing = "Is it on Reverb?", seen.listing
        if seen.trouble:
            self._say(question, seen.trouble, obstacle=seen.to_do)
            return
        if listing is None:
            self._say(question, "No listing has this SKU.")
            self._near_miss()
            return
        state = listing.state or "in an unknown state"
        text = f"Yes: listing {listing.id} is {state}. {listing.web_url or ''}".strip()
        obstacle = ""
        if product is not None and product.quantity and listing.state not in ON_SALE_STATES:
            obstacle = OFF_SALE.get(listing.state, "")
        self._say(question, text, obstacle=obstacle)
        if listing.sku != self._sku:
            text = f"Its listing has the SKU {listing.sku!r} on Reverb."
            self._say("Is it the same SKU?", text, obstacle="Make the two SKUs the same.")
        if seen.count > 1:
            todo = "Remove the surplus listings on Reverb, or give them SKUs of their own."
            self._say("Is it the only one?", f"{seen.count} listings have this SKU.", obstacle=todo)

    def _near_miss(self) -> None:
        """Reverb can only be asked for exactly a SKU: what is known is what the last plan found among all listings."""
        runs = self._tools.store.runs
        for run in [run for run in runs.newest(MASS_SYNC) if run.planned_at is not None][:1]:
            for row in runs.rows(run.id, action=PlanAction.NEAR_MISS, sku=self._sku, limit=1):
                text = f"Yes, when the mass sync {run.id} looked, {run.planned_at:%Y-%m-%d %H:%M} UTC: {row.message}"
                self._say("Has one nearly this SKU?", text, obstacle="Make the two SKUs the same.")

    # What happened

    def _last_outcome(self) -> None:
        question = "How did the last attempt end?"
        for entry in self._tools.store.log_page(LogFilter(sku=self._sku), limit=1):
            when = f"{entry.created_at:%Y-%m-%d %H:%M} UTC"
            errors = "".join(f" {error}." for error in entry.errors)
            is_bad = entry.outcome == Outcome.REFUSED
            hint = None if entry.code == InvalidValueError.code else find_hint(entry.code or "")
            obstacle = (hint or _correction(entry.errors)) if is_bad else ""
            self._say(question, f"{when}, {entry.outcome}: {entry.message}{errors}", obstacle=obstacle)
            return
        self._say(question, "There was none.")

    def _waits(self) -> None:
        trouble = self._tools.store.find_trouble(Kind.PUSH_PRODUCT, self._sku)
        if trouble is not None and trouble.is_parked:
            todo = "Correct what the message says, then save it or try again: `reverb-plugin retry`."
            self._say("Does a change wait for a person?", f"Yes: {trouble.message}", obstacle=todo)


def _correction(errors: Sequence[FieldError]) -> str:
    """What to do about values that cannot be sent."""
    settings = dict.fromkeys(MAPS.get(error.field or "", "") for error in errors)
    if not settings or not all(settings):
        return InvalidValueError.hint
    names = " and ".join(settings)
    return f"Say in the setting {names} what the shop's word means on Reverb, or correct the field in the shop."
