"""Why a product is on Reverb as it is, or is not: one answer, question by question, with what to do at the end."""

from dataclasses import dataclass

from reverb_plugin.changes import Scope
from reverb_plugin.errors import InvalidValueError, PluginError, ReverbError
from reverb_plugin.host import Product
from reverb_plugin.reverb_api.models import Listing
from reverb_plugin.store.links import Link
from reverb_plugin.store.sync_log import LogFilter
from reverb_plugin.sync.decide import (
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
from reverb_plugin.sync.plan import observe
from reverb_plugin.sync.remote import NotNowError
from reverb_plugin.sync.tools import Tools, read_product


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
    """Everything that decides about one SKU. Asks Reverb once, when there is a token; writes nothing."""
    return _Explainer(tools, sku).run()


class _Explainer:
    def __init__(self, tools: Tools, sku: str) -> None:
        self._tools = tools
        self._sku = sku
        self._answers: list[Answer] = []
        self._fields: tuple[FieldAnswer, ...] = ()
        self._to_do = ""

    def run(self) -> Explanation:
        product = self._in_shop()
        link = self._tools.store.find_link(self._sku)
        listing = self._on_reverb(link)
        if product is not None and not self._is_excluded(product):
            self._would_be_sent(product, link, listing)
        self._last_outcome()
        return Explanation(self._sku, tuple(self._answers), self._fields, self._to_do or "Nothing.")

    def _say(self, question: str, text: str, to_do: str = "") -> None:
        self._answers.append(Answer(question, text, is_obstacle=bool(to_do)))
        self._to_do = self._to_do or to_do

    def _in_shop(self) -> Product | None:
        question = "Is it in the shop?"
        try:
            product = read_product(self._tools.host, self._sku)
        except PluginError as error:
            self._say(question, error.message, error.hint)
            return None
        if product is None:
            self._say(question, "No product has this SKU.", "Check the SKU; capital letters and blanks count.")
            return None
        quantity = "an unknown quantity" if product.quantity is None else f"{product.quantity} in stock"
        price = "no price" if product.price is None else f"{product.price} {product.currency}"
        self._say(question, f"Yes: {product.title}, {price}, {quantity}.")
        return product

    def _is_excluded(self, product: Product) -> bool:
        exclusion = find_exclusion(product, self._tools.settings)
        if exclusion is None:
            self._say("Is it excluded by a rule?", "No.")
            return False
        where = "in the shop" if exclusion.rule == "sync" else f"in the setting {exclusion.rule}"
        self._say("Is it excluded by a rule?", f"Yes. {exclusion.message}", f"Change that {where}, if it is not meant.")
        return True

    def _on_reverb(self, link: Link | None) -> Listing | None:
        question = "Is it on Reverb?"
        if link is not None and link.deleted_at is not None:
            self._say(question, "It was deleted in the shop, and its listing with it.", "Save it in the shop again.")
        if self._tools.settings.token is None:
            self._say(question, "Nobody knows: there is no token.", "Enter the token.")
            return None
        try:
            listings = self._tools.client.find_listings(self._sku)
        except ReverbError as error:
            self._say(question, f"Reverb cannot be asked: {error.message}", error.hint)
            return None
        except NotNowError as error:
            self._say(question, f"Reverb cannot be asked now: {error.cause}.", "Ask again later.")
            return None
        listing = choose_listing(listings)
        if listing is None:
            self._say(question, "No listing has this SKU.")
            return None
        several = f" {len(listings)} listings have this SKU." if len(listings) > 1 else ""
        self._say(
            question,
            f"Yes: listing {listing.id} is {listing.state or 'in an unknown state'}. {listing.web_url or ''}{several}",
            "Remove the surplus listings on Reverb." if several else "",
        )
        return listing

    def _would_be_sent(self, product: Product, link: Link | None, listing: Listing | None) -> None:
        payload = make_payload(product, self._tools.settings, listing.condition_uuid if listing else None)
        if listing is None:
            self._creation(product, payload)
        else:
            self._update(product, payload, link, listing)

    def _creation(self, product: Product, payload: Payload) -> None:
        question = "Would a listing be made?"
        match decide_create(product, payload, self._tools.settings, Scope.ALL):
            case Skip(message):
                self._say(question, f"No. {message}", "Change the setting or the stock, if that is not meant.")
            case Refuse(errors):
                self._say(question, "No. " + "; ".join(map(str, errors)), InvalidValueError.hint)
            case Create(body):
                self._say(question, "Yes, published." if body["publish"] else "Yes, as a draft.", "Save or push it.")
                self._show_fields(payload, body)
        self._left_out(payload, None)

    def _update(self, product: Product, payload: Payload, link: Link | None, listing: Listing) -> None:
        question = "What would be sent?"
        seen = observe(link, payload, product, listing)
        match decide_update(payload, seen, self._tools.settings, Scope.ALL):
            case Unchanged():
                self._say(question, "Nothing: Reverb shows what the shop has, as far as the policies go.")
                self._show_fields(payload, {})
            case Skip(message):
                self._say(question, f"Nothing. {message}")
            case Locked():
                self._say(question, "Nothing: it was sold on Reverb.", "List the next one under a SKU of its own.")
            case Update() as update:
                self._say(question, ", ".join(update.body) or "Photos would be removed.", "Save or push it.")
                self._show_fields(payload, update.body)
        self._left_out(payload, seen)

    def _left_out(self, payload: Payload, link: Link | None) -> None:
        for problem in relevant_problems(payload, self._tools.settings, link):
            self._say("What is left out?", str(problem), InvalidValueError.hint)

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

    def _last_outcome(self) -> None:
        for entry in self._tools.store.log_page(LogFilter(sku=self._sku), limit=1):
            when = f"{entry.created_at:%Y-%m-%d %H:%M} UTC"
            self._say("How did the last attempt end?", f"{when}, {entry.outcome}: {entry.message}")
            return
        self._say("How did the last attempt end?", "There was none.")
